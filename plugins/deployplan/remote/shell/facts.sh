# Everything the controller wants to know of a node, in one answer; changes nothing. Given: dp_base.
printf 'home %s\nbase %s\nhost %s\n' "$HOME" "$dp_base" "$(uname -n)"
dp_at=$dp_base
while ! [ -d "$dp_at" ] && [ -n "$dp_at" ]; do dp_at=${dp_at%/*}; done
dp_at=${dp_at:-/}
printf 'free %s\n' "$(df -Pk "$dp_at" 2>/dev/null | awk 'NR == 2 { print $4 }')"
[ -w "$dp_at" ] && echo 'writable 1' || echo 'writable 0'
for dp_tool in setsid perl python3 -; do command -v "$dp_tool" >/dev/null 2>&1 && break; done
printf 'detach %s\n' "$dp_tool"
dp_holder
[ -n "$dp_held" ] && awk 'FNR == 1 { print "file lock" } FNR <= 50 { print " " substr($0, 1, 4000) }' "$dp_held"
set --
for dp_job_dir in "$dp_base"/jobs/*/; do
  dp_job_dir=${dp_job_dir%/}
  [ -d "$dp_job_dir" ] && set -- "$@" "${dp_job_dir##*/}"
done
dp_describe "$@"
if [ -f "$dp_base/ledger.jsonl" ]; then
  echo ledger
  tail -n 500 "$dp_base/ledger.jsonl" | tail -c 262144 | sed 's/^/ /'
  echo
fi
echo end
