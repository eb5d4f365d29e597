# Start a job once. Given: dp_base dp_run dp_job dp_component dp_digest dp_step dp_attempt dp_claim dp_script dp_env
# dp_secret dp_runner_text. Every step may be repeated by another start after a crash at any instant, or race with one.
dp_fence "$dp_run"
{ [ -d "$dp_base/jobs" ] && [ -d "$dp_base/seq" ]; } || mkdir -p "$dp_base/jobs" "$dp_base/seq" ||
  dp_fault "cannot make $dp_base/jobs and $dp_base/seq"

dp_busy() { # another job of this component that is not dead
  for dp_kind in deploy undo drain put_back; do for dp_other in "$dp_base/jobs/"????????????-"$dp_component-$dp_kind"-*; do
    [ -d "$dp_other" ] && [ "$dp_other" != "$dp_dir" ] || continue
    case $dp_other in "$dp_base/jobs/${dp_job%%-*}-"*) # claimed, not launched, overtaken by us: it never will be
      [ -f "$dp_other/pid" ] || printf 'pid=0\n' | dp_publish "$dp_other" pid ;;
    esac
    [ -f "$dp_other/pid" ] || continue
    dp_has "$dp_other/exit" exit && continue
    dp_has "$dp_other/pid" boot && [ "$dp_value" = "$dp_boot" ] || continue # a reboot killed it for us
    dp_living=
    if dp_alive "$dp_other"; then
      dp_has "$dp_other/exit" exit && continue # it ended while we looked
      dp_living=$dp_runner
    elif ! tail -n 1 "$dp_other/proof" 2>/dev/null | grep -q -F gone=1; then
      dp_living=$(dp_members "${dp_other##*/}")
      dp_living=${dp_living%%/*} # whoever else carries its mark is not the job
    fi
    [ -n "$dp_living" ] && dp_fault "job ${dp_other##*/} is not dead (processes ${dp_living% }); terminate it before another job of component $dp_component"
  done; done
}

dp_begin_next() { # the job's folder, and with it the next number of this node, for ever its caller's
  dp_seq=0
  for dp_file in "$dp_base"/seq/[0-9]*; do
    [ -d "$dp_file" ] && dp_seq=${dp_file##*/}
  done
  dp_seq=${dp_seq#"${dp_seq%%[!0]*}"}
  dp_tries=0
  while dp_seq=$((dp_seq + 1)) && dp_pad $dp_seq '?????????' && ! dp_begin "$dp_base/seq/$dp_value"; do
    dp_tries=$((dp_tries + 1))
    [ $dp_tries -lt 1000 ] || dp_fault "cannot make a folder in $dp_base/seq"
  done
}

dp_name_host
if ! [ -f "$dp_dir/pid" ]; then
  dp_busy
  if ! [ -f "$dp_dir/claim" ]; then
    dp_begin_next
    dp_add script "$dp_script"
    dp_add env "$dp_env"
    dp_add secret "$dp_secret"
    dp_add runner "$dp_runner_text"
    dp_add claim "$dp_claim
seq=$dp_seq
host=$dp_host"
    dp_make
  fi
fi
for dp_want in "digest=$dp_digest" "component=$dp_component" "step=$dp_step" "attempt=$dp_attempt"; do
  dp_is "$dp_dir/claim" "$dp_want" || dp_fault "$dp_dir was claimed for something else: $dp_want is not in its claim"
done
dp_is "$dp_dir/claim" "host=$dp_host" || { dp_has "$dp_dir/claim" host
  dp_fault "$dp_dir was claimed on host $dp_value, this is $dp_host: base_dir must be local to each node (or the node was renamed: move that folder away)"; }

if ! [ -f "$dp_dir/pid" ]; then
  dp_said=$(dp_launch_taken </dev/null 2>&1)
  [ -f "$dp_dir/pid" ] || dp_said=$(dp_launch_reaper "$(command -v sh)" "$dp_dir/runner" </dev/null 2>&1)
  # A perl or python3 that does not work is no reason: whoever comes second leaves.
  [ -f "$dp_dir/pid" ] || dp_said=$(dp_launch "$(command -v sh)" "$dp_dir/runner" </dev/null 2>&1)
  [ -f "$dp_dir/pid" ] || dp_fault "the job did not start: ${dp_said:-no word why}"
fi
dp_describe "$dp_job"
