"""What tests cost, by file: CPU seconds of the test process and of all that it starts. `pytest --cpu` prints the table.

A cost counts where it arises: the world that the tests of a lane share is paid by the first of them, and what its
processes do in the meantime by the test that runs. What has detached itself from its parent is not seen.
"""

import resource
from collections import Counter
from collections.abc import Generator

import psutil
import pytest

_COST = "cpu seconds"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cpu", action="store_true", help="print the CPU seconds of each test file")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("cpu"):
        config.pluginmanager.register(_Costs())


class _Costs:
    def __init__(self) -> None:
        self._by_file: Counter[str] = Counter()
        self._last = _cpu_seconds()
        self._is_last = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        self._is_last = nextitem is None or nextitem.path != item.path

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The report of a file's last teardown carries the cost from a worker to where the table is printed."""
        report = yield
        if call.when == "teardown" and self._is_last:
            now = _cpu_seconds()
            report.user_properties = [(_COST, max(0.0, now - self._last))]
            self._last = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path = report.nodeid.partition("::")[0]
        self._by_file[path] += sum(cost for name, cost in report.user_properties if name == _COST)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("CPU seconds by file")
        for path, cost in self._by_file.most_common():
            if cost >= 0.5:
                terminalreporter.line(f"{cost:8.1f}  {path}")
        terminalreporter.line(f"{self._by_file.total():8.1f}  in all")


def _cpu_seconds() -> float:
    """Of this process, of the children that have ended, and of all that live below it."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in own) + sum(map(_of_process, _below()))


def _below() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _of_process(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system
