# The detached half of a job. Given: dp_job, dp_run, dp_base. It takes the job by publishing its own number: whoever does
# that first runs the script, everybody else leaves. So the script runs at most once, whoever dies at whatever instant.
# $1 is "reaper" when all its descendants are kept below it whatever they do. With $2 it is launch.pl, our parent, that has
# taken the job and says how it ended: we only become the script. $3 is the umask of the log-in then, and $4 the shell.
dp_dir=$dp_base/jobs/$dp_job
if [ $# -lt 2 ]; then
  cd "$dp_dir" || dp_fault "cannot enter $dp_dir"
  trap : HUP INT QUIT TERM # outlive a termination, to write down how it ended; the script does not inherit this
  dp_birth $$ || dp_fault "cannot tell when process $$ began"
  dp_publish_text "$dp_dir" pid "pid=$$
born=$dp_born
boot=$dp_boot
ground=${1:-mark}
started=$(date +%s)"
  case $? in
    0) ;;
    1) exit 0 ;;
    *) dp_fault "cannot write $dp_dir/pid" ;;
  esac
  exec >/dev/null 2>&1 # whoever started us waits for this
  sync "$dp_dir/pid" "$dp_dir" "$dp_base/jobs" # a power cut must not make a script that ran look as if it never did
fi

# Look at the lock only after the number is out: a newer holder who saw no number is seen by us here.
if ! dp_held_by "$dp_run"; then
  printf 'terminated=%s\ngrace=0\nby=fence\n' "$(date +%s)" | dp_publish "$dp_dir" exit
  printf 'at=%s\tgone=1\tlaunched=0\n' "$(date +%s)" | dp_publish "$dp_dir" proof
  : >"$dp_dir/secret"
  # It would say that the script has ended well.
  [ $# -lt 2 ] || [ -f "$dp_dir/exit" ] || kill -KILL $PPID
  exit 0
fi

dp_become() { # shell: the script, in the place and with the values that it is to have
  cd || exit 126
  case $dp_cwd in
    "" | "~") ;;
    "~/"*) cd "./${dp_cwd#??}" || exit 126 ;;
    *) cd "$dp_cwd" || exit 126 ;;
  esac
  if [ -n "$dp_lc" ]; then LC_ALL=$dp_lc; else unset LC_ALL; fi
  umask "$dp_umask"
  set -- "${1:-$(command -v sh)}" "$dp_dir/script" "$dp_dir/env" "$dp_dir/secret"
  . "$4" && : >"$4" # emptied, not removed: a slower start must not put it back
  unset OLDPWD
  . "$3"
  # An interpreter that the first line names, as the kernel would, but whether the file may be executed or not.
  IFS= read -r dp_line <"$2" || :
  case $dp_line in
    "#!"*)
      dp_line=${dp_line#"#!"}
      dp_line=${dp_line#"${dp_line%%[! 	]*}"}
      dp_line=${dp_line%"${dp_line##*[! 	]}"}
      dp_value=${dp_line%%[ 	]*} # the program; all that follows is one word
      dp_line=${dp_line#"$dp_value"}
      dp_line=${dp_line#"${dp_line%%[! 	]*}"}
      set -- "${dp_value:-$1}" ${dp_line:+"$dp_line"} "$2"
      ;;
  esac
  unset dp_line dp_value
  exec "$@"
}

if [ $# -gt 1 ]; then
  dp_become "$4" </dev/null >>"$dp_dir/log" 2>&1
  exit $?
fi
(
  trap - HUP INT QUIT TERM
  dp_become ''
) </dev/null >>"$dp_dir/log" 2>&1
dp_exit=$?

dp_tries=0
while :; do
  dp_publish_text "$dp_dir" exit "exit=$dp_exit
ended=$(date +%s)"
  [ $? -ne 2 ] && break
  dp_tries=$((dp_tries + 1)) # a full disk: the result is worth waiting for
  [ $dp_tries -gt 600 ] && exit 1
  sleep 1
done
for dp_file in "$dp_dir"/.secret.* "$dp_base/jobs/.new.$dp_job".*; do # of starts and terminations that were cut off
  [ -e "$dp_file" ] && rm -rf "$dp_file"
done
sync "$dp_dir/exit" "$dp_dir"
