# Make a job dead and prove it. Given: dp_base dp_run dp_job dp_claim dp_grace (seconds) dp_by. Repeating it is harmless.
dp_fence "$dp_run"
mkdir -p "$dp_base/jobs" || dp_fault "cannot make $dp_base/jobs"
dp_term='' dp_kill=''

dp_put() { # name: stdin becomes that file of the job, or is there already (runs in a pipe: its caller has to exit)
  dp_publish "$dp_dir" "$1"
  [ $? -ne 2 ] || dp_fault "cannot write $dp_dir/$1"
}

dp_forget() { # the secret, if one is there or on its way
  dp_publish "$dp_dir" secret </dev/null
  : >"$dp_dir/secret"
  rm -f "$dp_dir"/.secret.*
  rm -rf "$dp_base/jobs/.new.$dp_job".* # a start that was cut off left it there, too
}

dp_prove() { # gone (1 or 0), launched (1 or 0), survivors: add to the proof
  rm -f "$dp_dir/.proof.$$"
  { [ -f "$dp_dir/proof" ] && cat "$dp_dir/proof"
    printf 'at=%s\tgone=%s\tlaunched=%s\tterm=%s\tkill=%s\tsurvivors=%s\n' "$(date +%s)" "$1" "$2" "$dp_term" "$dp_kill" "$3"
  } >"$dp_dir/.proof.$$" && mv -f "$dp_dir/.proof.$$" "$dp_dir/proof" || dp_fault "cannot write $dp_dir/proof"
}

dp_some() { # numbers: does one of them live, as far as a signal can tell
  for dp_pid in "$@"; do kill -0 "$dp_pid" 2>/dev/null && return 0; done
  return 1
}

dp_pause() { sleep 0.2 2>/dev/null || sleep 1; }

dp_stop() { # stop all before killing any, until a look finds no new one: what forks anew as it dies would slip through
  dp_stops=0 dp_new=1
  while [ $dp_new -eq 1 ] && [ $dp_stops -lt 60 ]; do
    dp_stops=$((dp_stops + 1))
    # shellcheck disable=SC2086
    kill -STOP $dp_left 2>/dev/null
    dp_before=" $dp_left " dp_new=0
    dp_left=$(dp_members "$dp_job")
    for dp_pid in $dp_left; do
      case $dp_before in *" $dp_pid "*) ;; *) dp_new=1 ;; esac
    done
  done
}

dp_wait() { # the grace: until none is left, or the time is over; all processes are gone through only when all found are dead
  dp_deadline=$(($(date +%s) + dp_grace + (dp_grace > 0))) # this second has begun already
  dp_polls=0
  while [ -n "$dp_left" ]; do
    { [ $dp_polls -lt 5 ] && [ "$dp_grace" -gt 1 ]; } || [ "$(date +%s)" -lt $dp_deadline ] || break
    if [ $dp_polls -lt 5 ]; then dp_pause; else sleep 1; fi
    dp_polls=$((dp_polls + 1))
    # shellcheck disable=SC2086
    dp_some $dp_left || dp_left=$(dp_members "$dp_job")
  done
}

# Try TERM, wait, KILL what is left and what it forks meanwhile, until two looks in a row find nothing: one program can
# slip through one look by forking and ending just then. When nothing new was there before the kill, one will do.
dp_end() {
  dp_know_grep
  dp_left=$(dp_members "$dp_job")
  if [ -n "$dp_left" ]; then
    dp_term=$dp_left
    # shellcheck disable=SC2086
    kill -TERM $dp_left 2>/dev/null
    dp_wait
  fi
  dp_looks=1 dp_clear=0
  [ -n "$dp_left" ] || dp_clear=1
  while [ $dp_looks -lt 25 ] && [ $dp_clear -lt 2 ]; do
    if [ -n "$dp_left" ]; then
      dp_stop
      dp_clear=$((dp_stops == 1))
      dp_kill=$dp_kill$dp_left
      # shellcheck disable=SC2086
      kill -KILL $dp_left 2>/dev/null
    fi
    dp_pause
    dp_looks=$((dp_looks + 1))
    dp_left=$(dp_members "$dp_job")
    [ -n "$dp_left" ] || dp_clear=$((dp_clear + 1))
  done
}

if ! [ -f "$dp_dir/claim" ]; then
  dp_name_host
  dp_begin
  dp_add claim "$dp_claim
seq=0
host=$dp_host"
  dp_make
fi
# Take the place of the runner: a job that was never launched now never will be.
printf 'pid=0\n' | dp_put pid || exit 96
if dp_is "$dp_dir/pid" pid=0; then
  dp_forget
  [ -f "$dp_dir/proof" ] || dp_prove 1 0 ""
elif ! dp_has "$dp_dir/exit" exit; then
  printf 'terminated=%s\ngrace=%s\nby=%s\n' "$(date +%s)" "$dp_grace" "$dp_by" | dp_put exit || exit 96
  if ! dp_has "$dp_dir/exit" exit; then # else it ended by itself in this instant, and what it started may live
    dp_end
    dp_forget
    dp_names=
    for dp_pid in $dp_left; do
      dp_names="$dp_names$dp_pid $(ps -o args= -p "$dp_pid" 2>/dev/null | tr '\t\n;' '  ,' | cut -c 1-200);"
    done
    if [ -z "$dp_left" ] && [ $dp_clear -ge 2 ]; then dp_prove 1 1 ""; else dp_prove 0 1 "${dp_names:-new processes kept appearing}"; fi
  fi
fi
dp_describe "$dp_job"
