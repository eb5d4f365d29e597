# Launch the runner of a job, in a session of its own, so that all its descendants stay below it. Given: dp_dir.
dp_launch() { # words: run them in a session of their own
  [ -n "$dp_lc" ] && LC_ALL=$dp_lc || unset LC_ALL
  umask "$dp_umask"
  DEPLOYPLAN_JOB=$dp_dir # the folder: two nodes may be accounts of one machine, and both have a job of this id
  export DEPLOYPLAN_JOB
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

dp_launch_reaper() { # words: launch them, told "reaper" when every orphan below them becomes their child (Linux 3.4 and newer)
  dp_prctl=0
  if command -v perl >/dev/null 2>&1; then
    case $(uname -sm) in
      "Linux x86_64") dp_prctl=157 ;;
      "Linux aarch64" | "Linux riscv64" | "Linux loongarch64") dp_prctl=167 ;;
      "Linux ppc"*) dp_prctl=171 ;;
      "Linux i"?86 | "Linux arm"* | "Linux s390"*) dp_prctl=172 ;;
    esac
  fi
  # 36 sets it, 37 asks whether it holds; it outlives exec. Perl costs 2 ms, Python 14.
  if [ $dp_prctl -gt 0 ]; then
    set -- perl -e 'my $call = shift; my $on = pack "i", 0;
syscall $call, 36, 1, 0, 0, 0; syscall $call, 37, $on, 0, 0, 0;
push @ARGV, "reaper" if unpack "i", $on; exec { $ARGV[0] } @ARGV' $dp_prctl "$@"
  elif command -v python3 >/dev/null 2>&1; then
    set -- python3 -I -S -c 'import ctypes, os, signal, sys
for name in ("SIGPIPE", "SIGXFSZ"): signal.signal(getattr(signal, name), signal.SIG_DFL)
words, on = sys.argv[1:], ctypes.c_int(0)
try:
    libc = ctypes.CDLL(None)
    libc.prctl(36, 1, 0, 0, 0), libc.prctl(37, ctypes.byref(on), 0, 0, 0)
except Exception:
    pass
os.execv(words[0], words + ["reaper"] * bool(on.value))' "$@"
  fi
  dp_launch "$@"
}
