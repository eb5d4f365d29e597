# Packages on the node: packages/<sha256, 16 digits>/ holds `part` while bytes arrive, `bytes` when they are verified,
# and `content`, what the scripts see. Given: dp_base dp_sha dp_name.
dp_cut "$dp_sha" '????????????????'
dp_dir=$dp_base/packages/$dp_value
dp_verified=0

dp_sum() { # file: its sha256, in dp_digest
  if command -v sha256sum >/dev/null 2>&1; then
    dp_digest=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    dp_digest=$(shasum -a 256 <"$1")
  elif command -v openssl >/dev/null 2>&1; then
    dp_digest=$(openssl dgst -sha256 -r <"$1")
  else
    dp_fault "no sha256sum, shasum or openssl on this node"
  fi
  dp_digest=${dp_digest%%[!0-9a-f]*}
}

dp_size_of() { # file: bytes in it, 0 when it is not there
  if [ -f "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi
}

dp_packed() { # is it an archive, by its name
  case $dp_name in *.tar | *.tar.* | *.tgz | *.txz | *.tbz2 | *.zip) ;; *) return 1 ;; esac
}

dp_unpack() { # file, folder
  case $dp_name in
    *.tar.gz | *.tgz) tar -x -z -o -f "$1" -C "$2" ;;
    *.tar.xz | *.txz) tar -x -J -o -f "$1" -C "$2" ;;
    *.tar.bz2 | *.tbz2) tar -x -j -o -f "$1" -C "$2" ;;
    *.tar) tar -x -o -f "$1" -C "$2" ;;
    *.zip)
      if command -v unzip >/dev/null 2>&1; then
        unzip -q "$1" -d "$2"
      elif command -v bsdtar >/dev/null 2>&1; then
        bsdtar -x -f "$1" -C "$2"
      else
        python3 -m zipfile -e "$1" "$2"
      fi
      ;;
    # Where there is install, one program less.
    *) install -m 700 "$1" "$2/$dp_name" 2>/dev/null || { cp "$1" "$2/$dp_name" && chmod 700 "$2/$dp_name"; } ;;
  esac </dev/null
}

dp_finish() { # fails when the verified bytes are not here; else sees to it that their content is, and says where
  [ -f "$dp_dir/bytes" ] || return 1
  if [ "$dp_verified" != 1 ]; then
    dp_sum "$dp_dir/bytes"
    [ "$dp_digest" = "$dp_sha" ] || return 1
  fi
  if ! [ -d "$dp_dir/content" ]; then
    dp_new=$dp_dir/new.$$
    if [ -e "$dp_new" ]; then rm -rf "$dp_new"; fi
    mkdir "$dp_new" && dp_unpack "$dp_dir/bytes" "$dp_new" || {
      rm -rf "$dp_new"
      dp_fault "cannot unpack $dp_name in $dp_dir"
    }
    # On the disk before it has its name: a power cut must not leave files without what is in them. The bytes need no
    # sync, they are compared each time.
    if dp_packed; then sync -f "$dp_new" 2>/dev/null || sync; else sync "$dp_new/$dp_name" 2>/dev/null; fi
    # Two at once: mv puts the slower one's folder into the faster one's, from where it is removed.
    mv "$dp_new" "$dp_dir/content" 2>/dev/null || [ -d "$dp_dir/content" ] || dp_fault "cannot make $dp_dir/content"
    for dp_file in "$dp_dir/content/new.$$" "$dp_new"; do
      if [ -e "$dp_file" ]; then rm -rf "$dp_file"; fi
    done
  fi
  # The same bytes, another name.
  dp_packed || [ -f "$dp_dir/content/$dp_name" ] || dp_unpack "$dp_dir/bytes" "$dp_dir/content"
  { echo >"$dp_dir/used"; } 2>/dev/null || touch "$dp_dir" # for prune, and without a program
  printf 'have %s\n' "$dp_dir/content"
}
