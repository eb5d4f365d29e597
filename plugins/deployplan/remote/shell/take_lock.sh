# Become the holder of this node. Given: dp_base dp_run dp_plan_line dp_series_line ("" for none) dp_turn dp_thaw (0 or 1)
# dp_holder_text. Free, or ours: we hold it. A later turn of our own series: taken over at once, and whoever had it is
# fenced; with dp_thaw even when frozen, which it stays. The same plan's other run: taken over when it was not frozen and
# no job lives. An earlier turn than one that has held the node is fenced, also when the node is free. Else refused.
dp_kin() { # link: is it of our plan and series
  [ -n "$dp_series_line" ] && dp_is "$1" "$dp_plan_line" && dp_is "$1" "$dp_series_line"
}

dp_passed_by() { # has a later turn of our series had the node, by the links that are kept
  for dp_file in "$dp_base"/lock/holder.[0-9]*; do
    dp_kin "$dp_file" && dp_has "$dp_file" turn || continue
    case $dp_value in '' | *[!0-9]* | ??????????*) continue ;; esac
    [ "$dp_value" -gt "$dp_turn" ] && return 0
  done
  return 1
}

dp_tries=0
while [ $dp_tries -lt 20 ]; do
  dp_tries=$((dp_tries + 1))
  dp_holder
  if dp_passed_by; then
    cat "$dp_held"
    exit 97
  fi
  dp_text=$dp_holder_text
  if [ -n "$dp_held" ] && dp_is "$dp_held" state=held; then
    if dp_is "$dp_held" "run=$dp_run" && dp_is "$dp_held" "$dp_plan_line"; then
      cat "$dp_held"
      exit 0
    fi
    dp_why=
    if dp_has "$dp_held" frozen; then
      if [ "$dp_thaw" = 1 ] && dp_kin "$dp_held"; then
        dp_text=$(printf '%s\nfrozen=%s' "$dp_holder_text" "$dp_value")
      else
        dp_why="frozen: $dp_value"
      fi
    fi
    dp_is "$dp_held" "$dp_plan_line" || dp_why="another plan"
    [ -n "$dp_why" ] || dp_kin "$dp_held" || { dp_list=$(dp_working); [ -n "$dp_list" ] && dp_why="a job still runs: $dp_list"; }
    if [ -n "$dp_why" ]; then
      cat "$dp_held"
      printf 'why=%s\n' "$dp_why"
      exit 98
    fi
  fi
  printf '%s\n' "$dp_text" | dp_next_link
  case $? in
    0) printf '%s\n' "$dp_text" && exit 0 ;;
    96) exit 96 ;;
  esac
done
dp_fault "the lock changes faster than it can be taken"
