"""An S3 server (moto's) that counts what it is asked, and can be slow, fail now and then, or be away for a while."""

import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import Any

from werkzeug.serving import make_server

ASIDE = "/-/"
"""Requests below this path are for this server and not for S3."""


@dataclass
class Trouble:
    """What goes wrong: `wait` seconds a request; of so many requests one in `failing`; until when nothing is answered.

    Half of the requests that fail are carried out all the same, and only the answer is lost.
    """

    wait: float = 0.0
    failing: float = 0.0
    away_until: float = 0.0
    dice: Random = field(default_factory=lambda: Random(7))

    def strikes(self) -> str | None:
        """How this request fails: `before` it is carried out or `after`; None when it does not."""
        if time.monotonic() < self.away_until:
            return "before"
        if self.dice.random() >= self.failing:
            return None
        return self.dice.choice(("before", "after"))


class CountingS3:
    """The WSGI application: moto's S3, and what a test asks of it beside that."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._app = DomainDispatcherApplication(create_backend_app)
        self._deciding = Lock()
        self.counts: Counter[str] = Counter()
        self.trouble = Trouble()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(ASIDE):
            return self._aside(environ, start_response)
        self.counts[kind_of(environ)] += 1
        if self.trouble.wait:
            time.sleep(self.trouble.wait)
        strikes = self.trouble.strikes()
        if strikes == "before":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return _refuse(start_response)
        with self._deciding:
            # S3 decides at once who is first; moto looks whether an object is there, and then another may write it.
            if strikes is None:
                return list(self._app(environ, start_response))
            list(self._app(environ, lambda *_: None))
        return _refuse(start_response)

    def _aside(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        asked: dict[str, Any] = json.loads(environ["wsgi.input"].read(length) or b"{}")
        if "load" in asked:
            self._load(asked["bucket"], Path(asked["load"]))
        if "trouble" in asked:
            told = asked["trouble"]
            self.trouble = Trouble(
                told.get("wait", 0.0), told.get("failing", 0.0), time.monotonic() + told.get("away", 0)
            )
        answer = json.dumps(self.counts).encode()
        if asked.get("anew"):
            self.counts = Counter()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [answer]

    def _load(self, bucket: str, folder: Path) -> None:
        """Put every file of a local folder into a bucket, past HTTP."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                backend.put_object(bucket, path.relative_to(folder.parent).as_posix(), path.read_bytes())


def kind_of(environ: dict[str, Any]) -> str:
    """What a request is: GET, LIST, HEAD, PUT or DELETE (of one or of many)."""
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    if method == "GET" and "list-type" in query:
        return "LIST"
    return "DELETE" if method == "POST" and "delete" in query else str(method)


def _refuse(start_response: Any) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "application/xml")])
    return [b"<Error><Code>ServiceUnavailable</Code><Message>try again</Message></Error>"]


@contextmanager
def serve() -> Iterator[tuple[str, CountingS3]]:
    """Serve in a thread of this process; yields the URL and the application."""
    from moto.moto_server.werkzeug_app import create_backend_app  # noqa: F401  (a second to import, before the port)
    from werkzeug.serving import WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: object) -> None:
            """Say nothing."""

    app = CountingS3()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}", app
    server.shutdown()
    serving.join()
    server.server_close()


class S3Process:
    """The same server in a process of its own: the client's CPU is then the client's alone."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def ask(self, **asked: Any) -> dict[str, int]:
        """Tell it something (`load` and `bucket`, `trouble`, `anew`) and return the counts until now."""
        request = urllib.request.Request(self.url + ASIDE, json.dumps(asked).encode())
        with urllib.request.urlopen(request, timeout=600) as answer:
            counts: dict[str, int] = json.load(answer)
            return counts

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def options(url: str) -> dict[str, Any]:
    """What fsspec's driver needs to find it."""
    region = {"region_name": "eu-west-1"}
    return {"key": "testing", "secret": "testing", "endpoint_url": url, "client_kwargs": region}


if __name__ == "__main__":
    with serve() as (url, _):
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        sys.stdin.read()
