# End every process of a job. Given: dp_base dp_job dp_dir dp_grace. What was done is in dp_term and dp_kill, what that
# rests on in dp_ground, what is left in dp_left, who was left alone in dp_strange.
dp_term='' dp_kill='' dp_ground='' dp_left='' dp_strange=''

dp_some() { # numbers: does one of them live
  for dp_pid in "$@"; do
    # The dead whom their parent, which is stopped, has not taken off yet would still take a signal.
    if [ -n "$dp_proc" ]; then dp_birth "$dp_pid" && return 0; else kill -0 "$dp_pid" 2>/dev/null && return 0; fi
  done
  return 1
}

dp_look() { # what lives of the job, in dp_left; with "strangers", who only carries its mark, in dp_strange
  if [ "$dp_root" -gt 0 ] && ! dp_birth "$dp_root"; then dp_root=0 dp_ground=mark; fi
  dp_found=$(dp_members "$dp_job" "$@")
  dp_left=${dp_found%%/*} dp_strange=${dp_found#*/}
}

dp_named() { # numbers: each with its command line
  dp_names=
  for dp_pid in "$@"; do
    dp_names="$dp_names$dp_pid $(ps -o args= -p "$dp_pid" 2>/dev/null | tr '\t\n;' '  ,' | cut -c 1-200);"
  done
}

dp_keep() { # when the runner keeps all its descendants, see to it that it stays until the last of them is gone
  dp_ground=mark
  dp_alive "$dp_dir" && dp_has "$dp_dir/pid" ground && [ "$dp_value" = reaper ] || return 0
  kill -STOP "$dp_runner" 2>/dev/null && dp_root=$dp_runner dp_ground=reaper
}

dp_let_go() { # the runner, which has nothing left to do
  kill -KILL "$dp_root" 2>/dev/null
  dp_polls=0
  while dp_birth "$dp_root" && [ $dp_polls -lt 25 ]; do
    dp_pause
    dp_polls=$((dp_polls + 1))
  done
  dp_birth "$dp_root" && dp_left="$dp_root "
}

dp_pause() { sleep 0.2 2>/dev/null || sleep 1; }

dp_stop() { # stop all before killing any, until a look finds no new one: what forks anew as it dies would slip through
  dp_stops=0 dp_new=1
  while [ $dp_new -eq 1 ] && [ $dp_stops -lt 60 ]; do
    dp_stops=$((dp_stops + 1))
    # shellcheck disable=SC2086
    kill -STOP $dp_left 2>/dev/null
    dp_before=" $dp_left " dp_new=0
    dp_look
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
    dp_some $dp_left || dp_look
  done
}

# Try TERM, wait, KILL what is left and what it forks meanwhile, until two looks in a row find nothing: one program can
# slip through one look by forking and ending just then. When nothing new was there before the kill, one will do.
dp_end() {
  dp_know_grep
  dp_keep
  dp_look
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
    dp_look
    [ -n "$dp_left" ] || dp_clear=$((dp_clear + 1))
  done
  [ "$dp_root" -eq 0 ] || dp_look strangers
  [ "$dp_root" -eq 0 ] || [ -n "$dp_left" ] || dp_let_go
}
