# Remove what is over and old. Given: dp_base dp_jobs (a list, oldest first) dp_days. Looks again before it removes.
dp_count=0
for dp_job in $dp_jobs; do
  dp_dir=$dp_base/jobs/$dp_job
  [ -d "$dp_dir" ] || continue
  if [ -f "$dp_dir/pid" ] && ! dp_has "$dp_dir/exit" exit && dp_alive "$dp_dir"; then continue; fi
  # Renamed first: nobody sees half a job.
  mv "$dp_dir" "$dp_base/jobs/.gone.$dp_job" && dp_count=$((dp_count + 1))
done
rm -rf "$dp_base"/jobs/.gone.*
printf 'jobs %s\n' "$dp_count"
dp_count=0
for dp_dir in "$dp_base"/packages/* "$dp_base"/scripts/* "$dp_base"/jobs/.new.*; do
  [ -d "$dp_dir" ] || continue
  [ -z "$(find "$dp_dir" "$dp_dir/used" -prune ! -mtime "+$dp_days" 2>/dev/null)" ] || continue
  dp_name=${dp_dir#"$dp_base/"}
  grep -q -F -e "$dp_name" "$dp_base"/jobs/*/env "$dp_base"/jobs/*/runner "$dp_base"/jobs/*/script 2>/dev/null && continue
  rm -rf "$dp_dir" && dp_count=$((dp_count + 1))
done
printf 'folders %s\n' "$dp_count"
dp_all=0
for dp_dir in "$dp_base"/seq/[0-9]*; do [ -d "$dp_dir" ] && dp_all=$((dp_all + 1)); done
for dp_dir in "$dp_base"/seq/[0-9]*; do # far more than any start can be overtaken by
  [ $dp_all -gt 1000 ] || break
  rmdir "$dp_dir" && dp_all=$((dp_all - 1))
done
exit 0
