# Launch the runner of a job, in a session of its own, so that all its descendants stay below it. Given: dp_dir, and
# dp_launcher, launch.pl.
dp_outside() { # what a script finds around it: the log-in's, and the job's mark
  [ -n "$dp_lc" ] && LC_ALL=$dp_lc || unset LC_ALL
  umask "$dp_umask"
  DEPLOYPLAN_JOB=$dp_dir # the folder: two nodes may be accounts of one machine, and both have a job of this id
  export DEPLOYPLAN_JOB
}

dp_launch_taken() { # one perl takes the job and becomes its runner, which keeps all its descendants (Linux 3.4 and newer)
  [ -n "$dp_proc" ] && command -v perl >/dev/null 2>&1 || return 0
  dp_outside
  exec perl -e "$dp_launcher" "$dp_dir" "$dp_proc" "$dp_boot" "$(command -v sh)"
}

dp_launch() { # words: run them in a session of their own
  dp_outside
  # Not every setsid goes into the background by itself.
  if command -v setsid >/dev/null 2>&1 && setsid -f "$@"; then return; fi
  (dp_detach "$@") &
}

dp_detach() { # words: become them, in a session of their own
  # What a shell puts in the background ignores INT and QUIT, and so would every service the script starts: undo that.
  if command -v setsid >/dev/null 2>&1; then
    if env --default-signal=INT,QUIT true 2>/dev/null; then exec setsid env --default-signal=INT,QUIT "$@"; fi
    exec setsid "$@"
  elif command -v perl >/dev/null 2>&1; then
    exec perl -e 'use POSIX; $SIG{INT} = $SIG{QUIT} = "DEFAULT"; POSIX::setsid(); exec @ARGV' "$@"
  else
    exec python3 -c 'import os, signal, sys
for s in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE): signal.signal(s, signal.SIG_DFL)
os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
  fi
}

dp_launch_reaper() { # words: launch them, told "reaper" when every orphan below them becomes their child
  # 36 sets it, 37 asks whether it holds; it outlives exec. Perl costs 2 ms, Python 14.
  command -v python3 >/dev/null 2>&1 && set -- python3 -I -S -c 'import ctypes, os, signal, sys
for name in ("SIGPIPE", "SIGXFSZ"): signal.signal(getattr(signal, name), signal.SIG_DFL)
words, on = sys.argv[1:], ctypes.c_int(0)
try:
    libc = ctypes.CDLL(None)
    libc.prctl(36, 1, 0, 0, 0), libc.prctl(37, ctypes.byref(on), 0, 0, 0)
except Exception:
    pass
os.execv(words[0], words + ["reaper"] * bool(on.value))' "$@"
  dp_launch "$@"
}
