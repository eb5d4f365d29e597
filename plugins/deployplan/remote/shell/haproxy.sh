# Set a server's state in HAProxy over its socket, and wait until it is so. Given in the environment: the socket, the
# backend, the server, the state (drain or ready) and how many seconds it may take. Nothing else is said to HAProxy.
dp_haproxy_perl='use strict; use warnings; use IO::Socket::UNIX; use Socket;
my $s = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $ENV{HAPROXY_SOCKET}) or die "$!\n";
alarm 20; print $s "$ARGV[0]\n"; $s->flush; print while <$s>;'
dp_haproxy_python='import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(os.environ["HAPROXY_SOCKET"])
s.sendall((sys.argv[1] + "\n").encode())
while True:
    data = s.recv(65536)
    if not data: break
    sys.stdout.buffer.write(data)'

dp_haproxy() { # one command of HAProxy: prints what it answers
  if command -v perl >/dev/null; then perl -e "$dp_haproxy_perl" "$1"
  elif command -v python3 >/dev/null; then python3 -c "$dp_haproxy_python" "$1"
  elif command -v socat >/dev/null; then printf '%s\n' "$1" | socat -t 20 - "UNIX-CONNECT:$HAPROXY_SOCKET"
  else
    echo "one of perl, python3 and socat is needed to speak to HAProxy" >&2
    return 1
  fi
}

dp_haproxy_column() { # the server's value in the column of that name
  dp_haproxy 'show stat' | dp_name=$1 awk -F, '
    NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) if ($i == ENVIRON["dp_name"]) column = i; next }
    $1 == ENVIRON["HAPROXY_BACKEND"] && $2 == ENVIRON["HAPROXY_SERVER"] { print $column }'
}

dp_server=$HAPROXY_BACKEND/$HAPROXY_SERVER
dp_said=$(dp_haproxy "set server $dp_server state $HAPROXY_STATE") || exit 1
if [ -n "$dp_said" ]; then
  echo "HAProxy says of $dp_server: $dp_said"
  exit 1
fi
dp_left=$HAPROXY_WITHIN
while :; do
  case $HAPROXY_STATE in
    drain)
      dp_now=$(dp_haproxy_column scur)
      [ "$dp_now" = 0 ] && echo "$dp_server has no session" && exit 0
      dp_told="$dp_server still has ${dp_now:-an unknown number of} sessions" ;;
    *)
      dp_now=$(dp_haproxy_column status)
      case $dp_now in UP | "no check") echo "$dp_server is $dp_now" && exit 0 ;; esac
      dp_told="$dp_server is ${dp_now:-not known} and not up" ;;
  esac
  dp_left=$((dp_left - 1))
  if [ "$dp_left" -lt 0 ]; then
    echo "$dp_told after $HAPROXY_WITHIN s"
    exit 1
  fi
  sleep 1
done
