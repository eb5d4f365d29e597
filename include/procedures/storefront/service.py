"""Serves a release folder: /health tells its version, and whether all it needs is there.

    python3 service.py start FOLDER PORT     start it as a daemon and wait until it answers
    python3 service.py stop FOLDER           stop it; nothing to do when it does not run

FOLDER/VERSION holds the version, FOLDER/NEEDS the names of files the service cannot work without.
"""

import fcntl
import http.client
import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WAIT = 20.0


class Health(BaseHTTPRequestHandler):
    """Answers for the folder that the service was started with."""

    folder: Path

    def log_message(self, *_):
        """Keep quiet: health is asked every second."""

    def do_GET(self):
        version = (self.folder / "VERSION").read_text(encoding="utf-8").strip()
        missing = [name for name in needs(self.folder) if not (self.folder / name).exists()]
        answer = {"status": "error" if missing else "ok", "version": version}
        if missing:
            answer["missing"] = missing
        body = json.dumps(answer).encode()
        self.send_response(500 if missing else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def needs(folder):
    file = folder / "NEEDS"
    return file.read_text(encoding="utf-8").split() if file.exists() else []


def serve(folder, port):
    """Run until told to stop; the lock on the pid file tells everybody that it runs."""
    # The release may be replaced or removed under a service that runs: it keeps to the folder it was started in.
    Health.folder = folder.resolve()
    pid_file = open_pid_file(folder)
    fcntl.flock(pid_file, fcntl.LOCK_EX)
    os.ftruncate(pid_file, 0)
    os.pwrite(pid_file, str(os.getpid()).encode(), 0)
    ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()


def start(folder, port):
    """Start the service as a daemon: out of this session, with nothing of this script's environment or files."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            become_daemon(folder, port)
        os._exit(0)
    os.wait()
    deadline = time.monotonic() + WAIT
    while not answers(port):
        if time.monotonic() > deadline:
            sys.exit(f"no answer on port {port} within {WAIT:.0f} s; see {log_of(folder)}")
        time.sleep(0.05)


def become_daemon(folder, port):
    os.chdir(folder.parent)
    log = os.open(log_of(folder), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    kept = ("HOME", "PATH", "USER", "LANG", "DEPLOYPLAN_PRACTICE_NODE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    words = [sys.executable, str(Path(__file__).resolve()), "serve", str(folder), str(port)]
    os.execve(sys.executable, words, environment)


def stop(folder):
    """Ask the service to stop, insist after ten seconds, and return when it is gone."""
    pid_file = open_pid_file(folder)
    for number in (signal.SIGTERM, signal.SIGKILL):
        if unlocked(pid_file):
            return
        os.kill(pid_in(pid_file), number)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if unlocked(pid_file):
                return
            time.sleep(0.05)
    sys.exit(f"the service of {folder} does not stop")


def open_pid_file(folder):
    return os.open(folder.parent / f"{folder.name}.pid", os.O_RDWR | os.O_CREAT, 0o600)


def pid_in(pid_file):
    """The number in the file; whoever has the lock writes it at once, but not in the same instant."""
    while not (content := os.pread(pid_file, 20, 0)):
        time.sleep(0.01)
    return int(content)


def unlocked(pid_file):
    try:
        fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(pid_file, fcntl.LOCK_UN)
    return True


def log_of(folder):
    return folder.parent / f"{folder.name}.log"


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def main(verb, folder, *port):
    folder = Path(folder).absolute()
    if verb == "stop":
        stop(folder)
    elif verb == "start":
        start(folder, int(port[0]))
    elif verb == "serve":
        serve(folder, int(port[0]))
    else:
        sys.exit(f"{verb!r} is not a verb; verbs are start, stop, serve")


if __name__ == "__main__":
    main(*sys.argv[1:])
