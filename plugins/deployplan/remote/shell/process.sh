# Which processes live, and whether one is the one we mean: a number alone is re-used, and starts over after a reboot.
dp_proc=${DEPLOYPLAN_PROC:-/proc}
dp_boot=-
if [ -r "$dp_proc/self/stat" ]; then
  IFS= read -r dp_boot <"$dp_proc/sys/kernel/random/boot_id" || dp_boot=-
else
  dp_proc=
fi

dp_birth() { # number: when that process began, in dp_born; fails when there is none, or only its remains
  case $1 in '' | *[!0-9]* | 0) return 1 ;; esac
  if [ -n "$dp_proc" ]; then
    dp_stat=
    { IFS= read -r dp_stat <"$dp_proc/$1/stat"; } 2>/dev/null || return 1
    dp_stat=${dp_stat##*') '}
    case $dp_stat in [ZXx]*) return 1 ;; esac
    # shellcheck disable=SC2086
    set -- $dp_stat
    dp_born=${20} # field 22 of the whole line
  else
    case $(ps -o stat= -p "$1" 2>/dev/null) in '' | *Z*) return 1 ;; esac
    dp_born=$(TZ=UTC0 ps -o lstart= -p "$1" 2>/dev/null)
  fi
  [ -n "$dp_born" ]
}

dp_alive() { # job folder: does its runner live; leaves its number in dp_runner
  dp_runner=0
  dp_has "$1/pid" pid && dp_runner=$dp_value
  dp_birth "$dp_runner" && dp_has "$1/pid" born && [ "$dp_value" = "$dp_born" ] &&
    dp_has "$1/pid" boot && [ "$dp_value" = "$dp_boot" ]
}

dp_marked() { # job: numbers of the processes that carry its mark, its folder, in their environment
  if [ -n "$dp_proc" ] && printf 'a\000b\000' | grep -q -z -x -F b 2>/dev/null; then
    grep -l -z -x -F "DEPLOYPLAN_JOB=$dp_base/jobs/$1" "$dp_proc"/[0-9]*/environ 2>/dev/null | sed 's|/environ$||; s|.*/||' | tr '\n' ' '
  elif [ -n "$dp_proc" ]; then
    grep -l -F "DEPLOYPLAN_JOB=$dp_base/jobs/$1" "$dp_proc"/[0-9]*/environ 2>/dev/null | while IFS= read -r dp_file; do
      tr '\000' '\n' <"$dp_file" 2>/dev/null | grep -q -x -F "DEPLOYPLAN_JOB=$dp_base/jobs/$1" || continue
      dp_file=${dp_file%/environ}
      printf '%s ' "${dp_file##*/}"
    done
  else
    ps axeww 2>/dev/null | awk -v mark="DEPLOYPLAN_JOB=$dp_base/jobs/$1" '{ for (i = 5; i <= NF; i++) if ($i == mark) { printf "%s ", $1; break } }'
  fi
}

dp_table() { # one line a living process: number parent group session
  if [ -n "$dp_proc" ]; then
    cat "$dp_proc"/[0-9]*/stat 2>/dev/null | awk '
      $1 ~ /^[0-9]+$/ { pid = $1; if (!sub(/^.*\) /, "")) next; if ($1 !~ /^[ZXx]/) print pid, $2, $3, $4 }'
  else
    ps -A -o pid= -o ppid= -o pgid= -o stat= 2>/dev/null | awk '$4 !~ /Z/ { print $1, $2, $3, $3 }'
  fi
}

dp_members() { # job: all its living processes: the runner's group and session, the marked, and all their descendants
  dp_group=0
  if dp_alive "$dp_base/jobs/$1"; then
    dp_group=$dp_runner
  elif dp_has "$dp_base/jobs/$1/pid" boot && [ "$dp_value" = "$dp_boot" ] && ! dp_birth "$dp_runner"; then
    dp_group=$dp_runner # the runner is gone, its group may live on; had the number been re-used, it would not be ours
  fi
  dp_table | awk -v group="$dp_group" -v marked="$(dp_marked "$1")" '
    { live[$1] = $2; if (group > 0 && ($3 == group || $4 == group)) ours[$1] }
    END {
      n = split(marked, m, " "); for (i = 1; i <= n; i++) if (m[i] in live) ours[m[i]]
      do { more = 0; for (p in live) if (!(p in ours) && (live[p] in ours)) { ours[p]; more = 1 } } while (more)
      for (p in ours) print p
    }' | sort -n | tr '\n' ' '
}
