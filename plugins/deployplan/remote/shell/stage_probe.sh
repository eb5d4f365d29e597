# Is the package here, and if not, how much of it? Given: dp_base dp_sha dp_name.
dp_finish && exit 0
printf 'need %s\n' "$(dp_size_of "$dp_dir/part")"
