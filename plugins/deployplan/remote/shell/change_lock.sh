# Give the lock back, or freeze it. Given: dp_base dp_run dp_next_text dp_force (0 or 1) dp_release (0 or 1).
dp_tries=0
while [ $dp_tries -lt 20 ]; do
  dp_tries=$((dp_tries + 1))
  dp_holder
  if [ "$dp_release" = 1 ] && { [ -z "$dp_held" ] || dp_is "$dp_held" state=free; }; then exit 0; fi
  dp_is "$dp_held" state=held && dp_is "$dp_held" "run=$dp_run" || { [ -n "$dp_held" ] && cat "$dp_held"; exit 97; }
  if [ "$dp_release" = 1 ] && [ "$dp_force" = 0 ]; then
    dp_why=
    dp_has "$dp_held" frozen && dp_why="frozen: $dp_value"
    [ -n "$dp_why" ] || { dp_list=$(dp_working); [ -n "$dp_list" ] && dp_why="a job still runs: $dp_list"; }
    if [ -n "$dp_why" ]; then
      cat "$dp_held"
      printf 'why=%s\n' "$dp_why"
      exit 98
    fi
  fi
  printf '%s\n' "$dp_next_text" | dp_next_link
  dp_status=$?
  case $dp_status in 0 | 96) exit $dp_status ;; esac
done
dp_fault "the lock changes faster than it can be changed"
