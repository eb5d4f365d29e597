# Note that the end of a job was reported to somebody. Given: dp_base dp_job dp_generation.
dp_dir=$dp_base/jobs/$dp_job
[ -d "$dp_dir" ] || dp_fault "there is no job $dp_job here"
dp_is "$dp_dir/seen" "$dp_generation" || printf '%s\n' "$dp_generation" >>"$dp_dir/seen" || dp_fault "cannot write $dp_dir/seen"
