# Put scripts into a folder of their own. Given: dp_base dp_sha dp_list ("sha256  ./name" lines); a tar archive on stdin.
# A folder that is there is used when its files are still what they were, else left alone: a job may be at work in it.
dp_try() { # folder: are the files there exactly these
  [ -d "$1" ] || return 1
  [ "$(cd "$1" && printf '%s\n' "$dp_list" | while IFS= read -r dp_line; do
    dp_file=${dp_line#*  }
    [ -f "$dp_file" ] && dp_sum "$dp_file" && printf '%s  %s\n' "$dp_digest" "$dp_file"
  done)" = "$dp_list" ]
}
mkdir -p "$dp_base/scripts" || dp_fault "cannot make $dp_base/scripts"
dp_new=$dp_base/scripts/.new.$$
rm -rf "$dp_new"
dp_cut "$dp_sha" '????????????????'
dp_first=$dp_base/scripts/$dp_value
for dp_more in "" .2 .3 .4 .5 .6 .7 .8 .9; do
  dp_at=$dp_first$dp_more
  if ! [ -d "$dp_at" ]; then
    mkdir "$dp_new" && { [ -z "$dp_list" ] || tar -x -o -f - -C "$dp_new"; } || {
      rm -rf "$dp_new"
      dp_fault "cannot unpack scripts in $dp_base/scripts"
    }
    dp_try "$dp_new" || [ -z "$dp_list" ] || dp_fault "the scripts did not arrive in $dp_base/scripts as they were sent"
    mv "$dp_new" "$dp_at" || [ -d "$dp_at" ] || dp_fault "cannot make $dp_at"
    rm -rf "$dp_at/.new.$$" "$dp_new"
  fi
  if dp_try "$dp_at" || [ -z "$dp_list" ]; then
    touch "$dp_at"
    printf '%s\n' "$dp_at"
    exit 0
  fi
done
dp_fault "all copies in $dp_first were changed; remove those that no job uses"
