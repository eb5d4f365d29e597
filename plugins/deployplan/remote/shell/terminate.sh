# Make a job dead and prove it. Given: dp_base dp_run dp_job dp_claim dp_grace (seconds) dp_by. Repeating it is harmless.
dp_fence "$dp_run"
mkdir -p "$dp_base/jobs" || dp_fault "cannot make $dp_base/jobs"

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
    printf 'at=%s\tgone=%s\tlaunched=%s\tterm=%s\tkill=%s\tsurvivors=%s\tground=%s\tstrangers=%s\n' \
      "$(date +%s)" "$1" "$2" "$dp_term" "$dp_kill" "$3" "$dp_ground" "${4-}"
  } >"$dp_dir/.proof.$$" && mv -f "$dp_dir/.proof.$$" "$dp_dir/proof" || dp_fault "cannot write $dp_dir/proof"
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
    # shellcheck disable=SC2086
    dp_named $dp_strange
    dp_others=$dp_names
    # shellcheck disable=SC2086
    dp_named $dp_left
    if [ -z "$dp_left" ] && [ $dp_clear -ge 2 ]; then
      dp_prove 1 1 "" "$dp_others"
    else
      dp_prove 0 1 "${dp_names:-new processes kept appearing}" "$dp_others"
    fi
  fi
fi
dp_tell_now
dp_describe "$dp_job"
