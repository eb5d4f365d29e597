# Which processes live, and whether one is the one we mean: a number alone is re-used, and starts over after a reboot.
dp_proc=${DEPLOYPLAN_PROC:-/proc}
dp_boot=- dp_grep_z=''
if [ -r "$dp_proc/self/stat" ]; then
  IFS= read -r dp_boot <"$dp_proc/sys/kernel/random/boot_id" || dp_boot=-
else
  dp_proc=
fi

dp_name_host() { # this machine's name, in dp_host
  dp_host=
  [ -z "$dp_proc" ] || { IFS= read -r dp_host <"$dp_proc/sys/kernel/hostname"; } 2>/dev/null
  [ -n "$dp_host" ] || dp_host=$(uname -n)
}

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

dp_know_grep() { # can grep read lines that end in NUL; asked once, before the first of many looks
  if [ -z "$dp_grep_z" ]; then
    if printf 'a\000b\000' | grep -q -z -x -F b 2>/dev/null; then dp_grep_z=1; else dp_grep_z=0; fi
  fi
}

dp_marked() { # job: the processes that carry its mark, its folder, in their environment: numbers, or files of them
  dp_know_grep
  if [ -n "$dp_proc" ] && [ "$dp_grep_z" -eq 1 ]; then
    grep -l -z -x -F "DEPLOYPLAN_JOB=$dp_base/jobs/$1" "$dp_proc"/[0-9]*/environ 2>/dev/null
  elif [ -n "$dp_proc" ]; then
    grep -l -F "DEPLOYPLAN_JOB=$dp_base/jobs/$1" "$dp_proc"/[0-9]*/environ 2>/dev/null | while IFS= read -r dp_file; do
      tr '\000' '\n' <"$dp_file" 2>/dev/null | grep -q -x -F "DEPLOYPLAN_JOB=$dp_base/jobs/$1" || continue
      printf '%s\n' "$dp_file"
    done
  else
    ps axeww 2>/dev/null | awk -v mark="DEPLOYPLAN_JOB=$dp_base/jobs/$1" '{ for (i = 5; i <= NF; i++) if ($i == mark) { print $1; break } }'
  fi
}

dp_table() { # a line for each process, as the system tells it (see dp_members)
  if [ -n "$dp_proc" ]; then cat "$dp_proc"/[0-9]*/stat 2>/dev/null; else ps -A -o pid= -o ppid= -o pgid= -o stat= 2>/dev/null; fi
}

dp_root=0 # a runner that keeps all its descendants, stopped, so that it does; 0 when there is none

dp_members() { # job: all its living processes, then a slash, then those that carry its mark and are not its own
  # Below a root: its descendants. Else the runner's group and session, all their descendants, and the marked, unless a
  # living stranger started them: whom nobody marked, and to whom no orphan goes (those go to our own ancestors).
  dp_group=0
  if [ "$dp_root" -gt 0 ]; then
    :
  elif dp_alive "$dp_base/jobs/$1"; then
    dp_group=$dp_runner
  elif dp_has "$dp_base/jobs/$1/pid" boot && [ "$dp_value" = "$dp_boot" ] && ! dp_birth "$dp_runner"; then
    dp_group=$dp_runner # the runner is gone, its group may live on; had the number been re-used, it would not be ours
  fi
  if [ "$dp_root" -eq 0 ] || [ "${2-}" = strangers ]; then
    # shellcheck disable=SC2046
    set -- $(dp_marked "$1")
  else
    set --
  fi
  # A stat file is: number (name) state parent group session ...
  dp_table | awk -v group="$dp_group" -v root="$dp_root" -v self="$$" -v marked="$*" -v files="${dp_proc:+1}" '
    function spread(  more, p) {
      do { more = 0; for (p in live) if (!(p in ours) && (live[p] in ours)) { ours[p]; more = 1 } } while (more)
    }
    function belongs(p,  steps) {
      while (steps++ < 1000) {
        if ((p in ours) || (p in above) || p <= 1 || !(p in live)) return 1
        if (!(p in mark)) return 0
        p = live[p]
      }
      return 0
    }
    $1 !~ /^[0-9]+$/ { next }
    files { pid = $1; if (!sub(/^.*\) /, "") || $1 ~ /^[ZXx]/) next; parent = $2; of = $3; session = $4 }
    !files { if ($4 ~ /Z/) next; pid = $1; parent = $2; of = session = $3 }
    { live[pid] = parent; if (group > 0 && (of == group || session == group)) ours[pid] }
    END {
      for (p = self; p > 1 && (p in live) && !(p in above); p = live[p]) above[p]
      if (root > 0) ours[root]
      spread()
      n = split(marked, m, " ")
      for (i = 1; i <= n; i++) { sub(/\/environ$/, "", m[i]); sub(/^.*\//, "", m[i]); if (m[i] in live) mark[m[i]] }
      if (root == 0) {
        for (p in mark) if (belongs(p)) found[p]
        for (p in found) ours[p]
        spread()
      }
      for (p in ours) if (p != root && !(p in above)) printf "%s ", p
      printf "/"
      for (p in mark) if (!(p in ours) && !(p in above)) printf "%s ", p
    }'
}
