# After the records: is the package here, too? Given besides: dp_sha dp_name, dp_first (the job's id without its attempt).
# Asked only before a first attempt: a node at work must not read a package that nobody needs now.
set -- "$dp_base/jobs/$dp_first"-*
[ -d "$1" ] && exit 0
if ! [ -f "$dp_dir/bytes" ] && ! [ -f "$dp_dir/part" ]; then # without another process
  printf 'package need 0\n'
  exit 0
fi
dp_said=$( (dp_finish || printf 'need %s\n' "$(dp_size_of "$dp_dir/part")") 2>/dev/null) && printf 'package %s\n' "$dp_said"
exit 0
