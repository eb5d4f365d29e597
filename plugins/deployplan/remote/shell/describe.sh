# What the files of jobs say, for the controller to judge. A line of a file is shown with a blank before it.
dp_now=
dp_tell_now() { # the node's time, once
  [ -n "$dp_now" ] || printf 'now %s\n' "${dp_now:=$(date +%s)}"
}

dp_describe() { # jobs; dp_read_to is the size of the one job's log, where that is known
  cd "$dp_base/jobs" 2>/dev/null || return 0
  dp_few=$(($# <= 2)) # a shell reads slowly, but a program costs more than the files of two jobs
  for dp_j in "$@"; do
    shift
    [ -d "$dp_j" ] || continue
    set -- "$@" "$dp_j"
    dp_lives=0
    # The question who lives comes before the reading of the files: so a job that ends meanwhile is seen as ended.
    if [ -f "$dp_j/pid" ] && ! dp_has "$dp_j/exit" exit && dp_alive "$dp_j"; then dp_lives=1; fi
    printf 'job %s %s\n' "$dp_lives" "$dp_j"
    if dp_has "$dp_j/exit" terminated; then dp_tell_now; fi # only that is judged by the time
  done
  for dp_j in "$@"; do
    shift
    for dp_file in claim pid exit proof seen; do
      [ -f "$dp_j/$dp_file" ] || continue
      printf 'file ./%s/%s\n' "$dp_j" "$dp_file" # said here, too: after a power cut a file may be there and empty
      [ $dp_few -eq 1 ] && dp_show "$dp_j/$dp_file" 200
      set -- "$@" "./$dp_j/$dp_file"
    done
  done
  [ $# -gt 0 ] || return 0
  [ $dp_few -eq 1 ] || awk 'FNR == 1 { print "file " FILENAME } FNR <= 200 { print " " substr($0, 1, 4000) }' "$@"
  dp_last=
  for dp_file in "$@"; do
    shift
    dp_file=${dp_file%/*}/log
    [ "$dp_file" != "$dp_last" ] && [ -s "$dp_file" ] && set -- "$@" "$dp_file"
    dp_last=$dp_file
  done
  echo logs
  [ $# -eq 0 ] && return
  if [ -n "${dp_read_to-}" ]; then
    printf ' %s %s\n' "$dp_read_to" "$1"
    return
  fi
  wc -c /dev/null "$@" | while IFS= read -r dp_line; do # one name more, so that every line has its name
    printf ' %s\n' "$dp_line"
  done
}
