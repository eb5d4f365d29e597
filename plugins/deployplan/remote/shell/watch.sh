# Follow a job until it ends. Given: dp_base dp_job dp_offset. Frames on stdout: "D offset length" and that many bytes of
# the log; "H", a sign of life; "E", the end, and what the job's files say. Given besides: dp_streamer, stream.pl.
dp_dir=$dp_base/jobs/$dp_job
[ -f "$dp_dir/claim" ] || dp_fault "there is no job $dp_job here"

dp_settled() { # has the job ended, whichever way
  dp_has "$dp_dir/exit" exit && return 0
  [ -f "$dp_dir/pid" ] || { [ $dp_waited -ge 100 ]; return; } # claimed: its runner is about to appear, or never will
  dp_is "$dp_dir/pid" pid=0 && return 0
  if dp_has "$dp_dir/exit" terminated; then
    dp_ordered=$dp_value
    dp_has "$dp_dir/proof" at && return 0
    dp_alive "$dp_dir" && return 1
    dp_has "$dp_dir/exit" grace
    [ "$(date +%s)" -gt $((dp_ordered + dp_value + 30)) ] # whoever ordered it is gone, too
    return
  fi
  dp_alive "$dp_dir" && return 1
  dp_has "$dp_dir/exit" terminated && return 1
  return 0
}

dp_stream() { # have perl send what is new until the job may have ended; fails when it sent nothing, or cannot
  [ $dp_perl -eq 1 ] && [ -f "$dp_dir/pid" ] && ! [ -e "$dp_dir/exit" ] && dp_alive "$dp_dir" || return 1
  dp_has "$dp_dir/pid" born
  { dp_said=$(PERL5OPT='' perl -C0 -e "$dp_streamer" "$dp_dir" $dp_offset "$dp_proc" "$dp_runner" "$dp_value" 3>&1 >&4 4>&-); } 4>&1
  case $dp_said in
    'b '*) dp_offset=${dp_said#b } ;;
    b*) exit 1 ;; # it was ended in the middle: how much of it was sent is not known
    *) dp_perl=0 && return 1 ;;
  esac
}

dp_perl=0 dp_all=0
command -v perl >/dev/null 2>&1 && dp_perl=1
dp_waited=0 dp_silent=0
while :; do
  dp_over=0
  dp_settled && dp_over=1 # before the size is read: what the job wrote is in the log by now
  [ $dp_over$dp_all = 11 ] && break
  dp_all=0
  if [ $dp_over -eq 0 ] && dp_stream; then
    dp_all=1 # it has looked for the end first and for the size then, too
    continue
  fi
  dp_size=0
  [ -f "$dp_dir/log" ] && dp_size=$(($(wc -c <"$dp_dir/log")))
  while [ $dp_offset -lt $dp_size ]; do
    dp_n=$((dp_size - dp_offset))
    [ $dp_n -gt 1048576 ] && dp_n=1048576
    printf 'D %s %s\n' $dp_offset $dp_n || exit 0
    if [ $dp_offset -eq 0 ]; then
      head -c $dp_n "$dp_dir/log" || exit 0
    elif [ $dp_offset -lt 1048576 ]; then
      tail -c +$((dp_offset + 1)) "$dp_dir/log" | head -c $dp_n || exit 0
    else # not every tail can skip: it would read all that comes before, each time
      dd if="$dp_dir/log" bs=65536 skip=$((dp_offset / 65536)) count=$((dp_n / 65536 + 2)) 2>/dev/null |
        tail -c +$((dp_offset % 65536 + 1)) | head -c $dp_n || exit 0
    fi
    dp_offset=$((dp_offset + dp_n))
    dp_waited=0 dp_silent=0
  done
  [ $dp_over -eq 1 ] && break
  # Look often while it is young or talks, seldom when it is silent for long. Counted in tenths of a second.
  dp_nap=2
  [ $dp_waited -ge 6 ] && dp_nap=5
  [ $dp_waited -ge 150 ] && dp_nap=10
  [ $dp_waited -ge 1200 ] && dp_nap=20
  sleep $((dp_nap / 10)).$((dp_nap % 10)) 2>/dev/null || { sleep 1; dp_nap=10; }
  dp_waited=$((dp_waited + dp_nap))
  dp_silent=$((dp_silent + dp_nap))
  if [ $dp_silent -ge 50 ]; then
    echo H || exit 0
    dp_silent=0
  fi
done
echo E
dp_read_to=$dp_offset
dp_describe "$dp_job"
echo end
