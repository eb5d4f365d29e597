"""Airflow's pages in a real browser: how a test starts it, who looks, and what a page must never do."""

import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from time import monotonic, sleep
from typing import Any

import pytest

from signed_in import login_token

ROOT = Path(__file__).parents[1]
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
WITHIN = 180_000
"""Milliseconds: Airflow's pages are 7 MB of script, and the machine may be busy."""
POLICY = b"script-src 'self'; worker-src 'self' blob:"
"""Airflow's own page makes a worker of a blob; ours makes none, and needs no more than files of this server."""
DESK, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}
TOO_WIDE = (
    "[document.documentElement, document.querySelector('main')]"
    ".filter(each => each.scrollWidth > each.clientWidth).length"
)
"""How many of them scroll sideways."""
MOVES = (
    "[...document.querySelectorAll('main *')].filter(each => {"
    " const style = getComputedStyle(each);"
    " return [style.transitionDuration, style.animationDuration].join().split(',').some(time => parseFloat(time) > 0)"
    "}).map(each => each.outerHTML.slice(0, 200))"
)
"""What of a page moves by itself or when it changes."""
HOSTILE = "<img src=x onerror='globalThis.harmed=1'> <script>globalThis.harmed=1</script>"


@contextmanager
def a_browser() -> Iterator[Any]:
    """A chromium; where there is none the test is skipped, and fails in CI, which installs it."""
    if CHROMIUM is None:
        told = "no chromium here: the page was not looked at in a browser (apt-get install chromium)"
        if os.environ.get("CI") == "true":  # .ci/run installs it
            pytest.fail(told)
        pytest.skip(told)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=arguments, timeout=WITHIN)
        yield chromium
        chromium.close()


@contextmanager
def a_served_airflow(application: Any) -> Iterator[str]:
    """Where Airflow's API server listens, in this process."""
    import uvicorn

    app = OwnScriptsAlone(application)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = monotonic() + WITHIN / 1000
    while not server.started:
        assert thread.is_alive(), "the API server did not start"
        assert monotonic() < until, "the API server did not start in time"
        sleep(0.1)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


class OwnScriptsAlone:
    """Airflow as behind a proxy that lets a page run no script but files of this server."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                if b"content-security-policy" not in {name.lower() for name, _ in headers}:
                    message = {**message, "headers": [*headers, (b"content-security-policy", POLICY)]}
            await send(message)

        await self._app(scope, receive, with_policy)


class Seen:
    """A page as somebody sees it; `asked` are the addresses that it asked, `broken` the errors that nobody caught.

    `refused` is what the browser did not run, as no page may run a script that is not a file of this server.
    """

    def __init__(
        self,
        browser: Any,
        address: str,
        *,
        who: str,
        role: str,
        size: dict[str, int] = DESK,
        dark: bool = False,
        **context: Any,
    ) -> None:
        self.asked: list[str] = []
        self.broken: list[str] = []
        self.refused: list[str] = []
        self.context = browser.new_context(viewport=size, **({"timezone_id": "Europe/Berlin"} | context))
        self.context.add_cookies([{"name": "_token", "value": login_token(who, role), "url": address}])
        if dark:
            self.context.add_init_script("localStorage.setItem('theme', 'dark')")
        self.page = self.context.new_page()
        self.page.set_default_timeout(WITHIN)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda told: "Content Security Policy" in told.text and self.refused.append(told.text))
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))
        self.address = address

    def open(self, path: str = "/plugin/releases") -> Any:
        self.page.goto(self.address + path, wait_until="commit")
        return self.page

    def expect_no_violations(self) -> None:
        """Let axe look at our part of the page; where it is not installed, say so."""
        if not AXE.exists():
            warnings.warn("axe is not here (`make node`): what it would find was not looked for", stacklevel=2)
            return
        self.page.evaluate(AXE.read_text())
        rules = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}"
        found = self.page.evaluate(f"axe.run('main', {rules})")
        assert [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]] == []

    def expect_to_stand_at_twice_the_size(self) -> None:
        """At 1280 pixels and 200 % nothing is lost to the side, and whoever wants no motion gets none."""
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 640, "height": 512})
        self.page.emulate_media(reduced_motion="reduce")
        self.page.wait_for_function(f"{TOO_WIDE} === 0")
        assert self.page.evaluate(MOVES) == []
        self.page.emulate_media(reduced_motion="no-preference")
        self.page.set_viewport_size(size)

    def picture(self, name: str) -> None:
        if (folder := os.environ.get("PICTURES")) is not None:
            self.page.screenshot(path=ROOT / folder / f"{name}.png")


def names_not_given(page: Any) -> list[list[str]]:
    """What the bundle takes from Airflow's page and does not find there: every name that it takes is on one line."""
    bundle = (ROOT / "plugins" / "deployplan" / "ui" / "bundle" / "releases.js").read_text()
    wanted = [
        (host, name)
        for short, host, rest in re.findall(r"([\w$]+) = globalThis\.(\w+) \?\? \{\}(?=(.*))", bundle)
        for name in re.findall(rf"[\w$]+ = {re.escape(short)}\.(\w+)", rest)
    ]
    assert {host for host, _ in wanted} >= {"React", "ChakraUI", "ReactRouterDOM"}
    return page.evaluate("wanted => wanted.filter(([host, name]) => globalThis[host]?.[name] === undefined)", wanted)
