# Add one line to the ledger. Given: dp_base dp_run dp_entry, dp_once ("", or what no line may hold yet).
if [ -n "$dp_once" ] && [ -f "$dp_base/ledger.jsonl" ] && grep -q -F -e "$dp_once" "$dp_base/ledger.jsonl"; then exit 0; fi
dp_fence "$dp_run"
dp_file=$dp_base/ledger.jsonl
if [ -s "$dp_file" ] && [ -n "$(tail -c 1 "$dp_file")" ]; then
  printf '\n' >>"$dp_file" || dp_fault "cannot write $dp_file" # the last line was cut short by a full disk
fi
printf '%s\n' "$dp_entry" >>"$dp_file" || dp_fault "cannot write $dp_file"
sync "$dp_file" 2>/dev/null || :
