# Become the holder of this node. Given: dp_base dp_run dp_plan_line dp_holder_text.
# Free, or ours: we hold it. The same plan's other run: taken over when it was not frozen and no job lives. Else refused.
dp_tries=0
while [ $dp_tries -lt 20 ]; do
  dp_tries=$((dp_tries + 1))
  dp_holder
  if [ -n "$dp_held" ] && dp_is "$dp_held" state=held; then
    if dp_is "$dp_held" "run=$dp_run"; then
      cat "$dp_held"
      exit 0
    fi
    dp_why=
    dp_has "$dp_held" frozen && dp_why="frozen: $dp_value"
    dp_is "$dp_held" "$dp_plan_line" || dp_why="another plan"
    [ -n "$dp_why" ] || { dp_list=$(dp_working); [ -n "$dp_list" ] && dp_why="a job still runs: $dp_list"; }
    if [ -n "$dp_why" ]; then
      cat "$dp_held"
      printf 'why=%s\n' "$dp_why"
      exit 98
    fi
  fi
  printf '%s\n' "$dp_holder_text" | dp_next_link
  case $? in
    0) printf '%s\n' "$dp_holder_text" && exit 0 ;;
    96) exit 96 ;;
  esac
done
dp_fault "the lock changes faster than it can be taken"
