# Take the rest of a package from stdin. Given: dp_base dp_sha dp_name dp_size, dp_block (of 65536 bytes) to go on from.
# Written at its place, not appended: two senders at once write the same bytes to the same places.
[ -d "$dp_dir" ] || mkdir -p "$dp_dir" || dp_fault "cannot make $dp_dir"
dp_said=$(dd ibs=32768 obs=65536 seek="$dp_block" conv=notrunc of="$dp_dir/part" 2>&1) || {
  rm -f "$dp_dir/part" # a disk that is full must not stay full of us
  dp_fault "cannot write $dp_dir/part: $dp_said"
}
dp_overtaken() { # another sender was faster: its verified bytes are ours
  [ -f "$dp_dir/bytes" ] && dp_finish || return 1
  rm -f "$dp_dir/part"
}
dp_overtaken && exit 0
dp_sum_here=
if [ -f "$dp_dir/part" ]; then dp_sum_here=$(dp_sum "$dp_dir/part") || exit 96; fi # it has said why
if [ "$dp_sum_here" != "$dp_sha" ]; then
  dp_overtaken && exit 0
  dp_got=$(dp_size_of "$dp_dir/part")
  if [ "$dp_got" -lt "$dp_size" ]; then
    printf 'need %s\n' "$dp_got"
    exit 0
  fi
  rm -f "$dp_dir/part"
  printf 'wrong %s\n' "${dp_sum_here:-of a file that went away}"
  exit 0
fi
if mv -f "$dp_dir/part" "$dp_dir/bytes"; then
  dp_verified=1 # just now, under its other name
else
  [ -f "$dp_dir/bytes" ] || dp_fault "cannot make $dp_dir/bytes"
fi
dp_finish || dp_fault "the verified bytes of $dp_name vanished from $dp_dir"
