# What this node has recorded of jobs and releases; changes nothing. Given: dp_base.
printf 'base %s\n' "$dp_base"
set --
for dp_job_dir in "$dp_base"/jobs/*/; do
  dp_job_dir=${dp_job_dir%/}
  [ -d "$dp_job_dir" ] && set -- "$@" "${dp_job_dir##*/}"
done
[ $# -eq 0 ] || dp_tell_now # whose age may matter
dp_describe "$@"
if [ -f "$dp_base/ledger.jsonl" ]; then
  echo ledger
  tail -n 500 "$dp_base/ledger.jsonl" | tail -c 262144 | sed 's/^/ /'
  echo
fi
echo end
