"""A real, small HTTP server for the checks to ask."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Event, Thread

from deployplan.plan.model.reach import Reach, parse_allowed

Respond = Callable[[BaseHTTPRequestHandler], None]


HERE = Reach(frozenset(), tuple(map(parse_allowed, ("127.0.0.1", "::1", "localhost", "web-9.invalid"))))
"""A reach with this machine in it."""


class Anywhere(dict[str, Respond]):
    """The same answer under every address: a body, or what writes one."""

    def __init__(self, answer: bytes | Respond, status: int = 200) -> None:
        super().__init__()

        def respond(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.end_headers()
            request.wfile.write(answer if isinstance(answer, bytes) else b"")

        self._respond = respond if isinstance(answer, bytes) else answer

    def __missing__(self, path: str) -> Respond:
        return self._respond


class Site:
    """What the server says for each path, and what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Respond] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.released = Event()
        self.port = 0

    def url(self, path: str = "/health") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def says(self, body: bytes | str = b"", *, path: str = "/health", status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body

        def respond(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)

        self.pages[path] = respond


@contextmanager
def serving(site: Site, tls: SSLContext | None = None) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append(dict(self.headers))
            site.pages[self.path](self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.port = server.server_address[1]
    try:
        yield site
    finally:
        site.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
