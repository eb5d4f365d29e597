# Take the rest of a package from stdin. Given: dp_base dp_sha dp_name dp_size, dp_block (of 65536 bytes) to go on from,
# and dp_take when so many bytes of stdin are the package's and what follows them is not; else all are; dp_placer, place.pl.
# Written at its place, not appended: two senders at once write the same bytes to the same places.
[ -d "$dp_dir" ] || mkdir -p "$dp_dir" || dp_fault "cannot make $dp_dir"
dp_how="ibs=32768 conv=notrunc"
if [ -n "$dp_take" ]; then
  dp_how="ibs=$dp_take count=1 iflag=fullblock conv=notrunc"
fi
dp_said=$(dd $dp_how obs=65536 seek="$dp_block" of="$dp_dir/part" 2>&1) || {
  # A dd that cannot count in whole blocks has taken nothing, and changed nothing: whoever sends is told.
  if [ -n "$dp_take" ]; then dd bs=1 count=0 iflag=fullblock </dev/null >/dev/null 2>&1 || exit 95; fi
  rm -f "$dp_dir/part" # a disk that is full must not stay full of us
  dp_fault "cannot write $dp_dir/part: $dp_said"
}
exec </dev/null
dp_overtaken() { # another sender was faster: its verified bytes are ours
  [ -f "$dp_dir/bytes" ] && dp_finish || return 1
  rm -f "$dp_dir/part"
}
dp_overtaken && exit 0
dp_digest=
if [ -f "$dp_dir/part" ]; then dp_sum "$dp_dir/part"; fi
if [ "$dp_digest" != "$dp_sha" ]; then
  dp_overtaken && exit 0
  dp_got=$(dp_size_of "$dp_dir/part")
  if [ "$dp_got" -lt "$dp_size" ]; then
    printf 'need %s\n' "$dp_got"
    exit 0
  fi
  rm -f "$dp_dir/part"
  printf 'wrong %s\n' "${dp_digest:-of a file that went away}"
  exit 0
fi
dp_place_plain() { # in one program
  ! dp_packed && ! [ -d "$dp_dir/content" ] && command -v perl >/dev/null 2>&1 || return 1
  perl -e "$dp_placer" "$dp_dir" "$dp_name" "new.$$" 2>/dev/null
}
if dp_place_plain || mv -f "$dp_dir/part" "$dp_dir/bytes"; then
  dp_verified=1 # just now, under its other name
else
  [ -f "$dp_dir/bytes" ] || dp_fault "cannot make $dp_dir/bytes"
fi
dp_finish || dp_fault "the verified bytes of $dp_name vanished from $dp_dir"
