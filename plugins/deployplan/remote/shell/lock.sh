# Who holds this node. Given: dp_base. The lock is a chain of files, lock/holder.000001 and so on; the highest is the
# truth. The next link is made with ln, which fails if somebody else made it first: so every change is a
# compare-and-set, and no change can be built on a holder who is no longer there.
dp_holder() { # the file of the present holder in dp_held ("" when nobody ever held it), its number in dp_link
  dp_held=
  dp_link=0
  for dp_file in "$dp_base"/lock/holder.[0-9]*; do
    [ -f "$dp_file" ] && dp_held=$dp_file
  done
  if [ -n "$dp_held" ]; then
    dp_link=${dp_held##*.}
    dp_link=${dp_link#"${dp_link%%[!0]*}"} # 000010 would be read as octal
  fi
}

dp_held_by() { # run: is this run the holder
  dp_holder
  [ -n "$dp_held" ] && dp_is "$dp_held" state=held && dp_is "$dp_held" "run=$1"
}

dp_fence() { # run: go on only while this run holds the node
  dp_held_by "$1" && return 0
  [ -n "$dp_held" ] && cat "$dp_held"
  exit 97
}

dp_next_link() { # stdin: what the next link says; 0 done, 1 somebody was first, 96 could not
  # And what the first start would have to make: whoever takes the lock comes to work.
  mkdir -p "$dp_base/lock" "$dp_base/jobs" "$dp_base/seq" || dp_fault "cannot make $dp_base/lock, jobs and seq"
  dp_publish "$dp_base/lock" "$(printf 'holder.%06d' $((dp_link + 1)))"
  case $? in
    0) ;;
    1) return 1 ;;
    *) dp_fault "cannot write in $dp_base/lock" ;;
  esac
  dp_old=$((dp_link - 20)) # history for people; far more than one change can be overtaken by
  while [ $dp_old -gt 0 ] && dp_file=$dp_base/lock/$(printf 'holder.%06d' $dp_old) && [ -f "$dp_file" ]; do
    rm -f "$dp_file"
    dp_old=$((dp_old - 1))
  done
}

dp_working() { # the jobs that live, or whose termination is not proven, one a line
  for dp_job_dir in "$dp_base"/jobs/*/; do
    dp_job_dir=${dp_job_dir%/}
    [ -f "$dp_job_dir/pid" ] || continue
    dp_has "$dp_job_dir/exit" exit && continue
    dp_alive "$dp_job_dir" && ! dp_has "$dp_job_dir/exit" exit && printf '%s\n' "${dp_job_dir##*/}"
  done
}
