# What the controller wants to know of a node before it comes to work; changes nothing. Given: dp_base. The records follow.
dp_name_host
printf 'home %s\nhost %s\n' "$HOME" "$dp_host"
dp_at=$dp_base
while ! [ -d "$dp_at" ] && [ -n "$dp_at" ]; do dp_at=${dp_at%/*}; done
dp_at=${dp_at:-/}
df -Pk "$dp_at" 2>/dev/null | {
  read -r dp_line
  read -r dp_line dp_line dp_line dp_free dp_line dp_mount
  printf 'free %s\n' "$dp_free"
  dp_noexec=0
  [ ! -r "$dp_proc/mounts" ] || while read -r dp_line dp_file dp_line dp_value dp_line; do
    if [ "$dp_file" = "$dp_mount" ]; then # the last one mounted there counts
      case ,$dp_value, in *,noexec,*) dp_noexec=1 ;; *) dp_noexec=0 ;; esac
    fi
  done <"$dp_proc/mounts"
  printf 'noexec %s\n' $dp_noexec
}
[ -w "$dp_at" ] && echo 'writable 1' || echo 'writable 0'
for dp_tool in setsid perl python3 -; do command -v "$dp_tool" >/dev/null 2>&1 && break; done
printf 'detach %s\n' "$dp_tool"
dp_tell_now
dp_holder
if [ -n "$dp_held" ]; then
  echo "file lock"
  dp_show "$dp_held" 50
fi
