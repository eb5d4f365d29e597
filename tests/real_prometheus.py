"""A Prometheus of the test's own: Debian's, on a port of its own, over samples that the test has written."""

import math
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import httpx
import pytest

PATIENCE = 60.0
"""Seconds in which it must be ready; it takes one, and the machine may be busy."""
_SPELLED = {math.inf: "+Inf", -math.inf: "-Inf"}
_LISTENS = re.compile(r'msg="Listening on" address=127\.0\.0\.1:(\d+)')


@dataclass(frozen=True, slots=True)
class Written:
    """A series: its name and labels as text, and its value by second since 1970, where it has one."""

    series: str
    kind: str
    values: Callable[[int], float | None]


def require_prometheus() -> None:
    """Skip the test where no Prometheus is installed; where everything must run, that is a failure."""
    if which("prometheus") and which("promtool"):
        return
    told = "no prometheus here: no metric was read from a real server (apt-get install prometheus)"
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told)


@contextmanager
def prometheus_over(folder: Path, written: list[Written], times: range) -> Iterator[str]:
    """Run one whose storage holds the series at these times; yields its address."""
    samples = folder / "samples"
    samples.write_text("".join(_lines(written, times)))
    made = ("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(samples), str(folder / "data"))
    done = subprocess.run(made, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    with _running(folder, "global: {}\n") as url:
        yield url


@contextmanager
def prometheus_scraping(folder: Path, port: int) -> Iterator[str]:
    """Run one that reads /metrics of a port on 127.0.0.1 each second; yields its address."""
    job = f"{{job_name: shop, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}"
    with _running(folder, f"global: {{scrape_interval: 1s}}\nscrape_configs: [{job}]\n") as url:
        yield url


@contextmanager
def _running(folder: Path, configuration: str) -> Iterator[str]:
    (folder / "prometheus.yml").write_text(configuration)
    options = (
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y",
        "--web.listen-address=127.0.0.1:0",
    )
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(("prometheus", *options), stdout=output, stderr=output)
    try:
        yield _when_ready(server, log)
    finally:
        server.kill()
        server.wait()


def _when_ready(server: "subprocess.Popen[bytes]", log: Path) -> str:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and server.poll() is None:
        if found := _LISTENS.search(log.read_text()):
            url = f"http://127.0.0.1:{found[1]}"
            try:
                if httpx.get(f"{url}/-/ready", trust_env=False).status_code == 200:
                    return url
            except httpx.HTTPError:
                pass
        time.sleep(0.05)
    raise RuntimeError(f"prometheus does not listen: {log.read_text()}")


def _lines(written: list[Written], times: range) -> Iterator[str]:
    """The text of OpenMetrics; samples of one name stand together."""
    by_name: dict[str, list[Written]] = {}
    for each in written:
        by_name.setdefault(each.series.partition("{")[0], []).append(each)
    for name, some in by_name.items():
        yield f"# TYPE {name.removesuffix('_total')} {some[0].kind}\n"
        for each in some:
            for second in times:
                value = each.values(second)
                if value is not None:
                    yield f"{each.series} {_SPELLED.get(value, value)} {second}\n"
    yield "# EOF\n"
