# A piece of a job's output. Given: dp_base dp_job dp_offset dp_limit.
dp_file=$dp_base/jobs/$dp_job/log
[ -d "$dp_base/jobs/$dp_job" ] || dp_fault "there is no job $dp_job here"
[ -f "$dp_file" ] || exit 0
dd if="$dp_file" bs=65536 skip=$((dp_offset / 65536)) count=$((dp_limit / 65536 + 2)) 2>/dev/null |
  tail -c +$((dp_offset % 65536 + 1)) | head -c "$dp_limit"
