"""`practice`: the five nodes alone, for an Airflow that runs elsewhere on this machine."""

import shlex
import sys
import threading

from deployplan.clock import SystemClock
from deployplan.local.practice_include import documents_of_practice, write_practice_include
from deployplan.local.practice_layout import practice_layout
from deployplan.local.practice_nodes import practising
from deployplan.local.practice_release import FIRST_RELEASE, install_first_release
from deployplan.local.settings import LocalSettings
from deployplan.local.stopping import StopRequested, stop_on_signals
from deployplan.local.supervisor import Report


def run_practice(settings: LocalSettings, *, report: Report) -> None:
    """Run the practice nodes until Ctrl-C or TERM; print on stdout what Airflow must have in its environment.

    Raises LocalError when they cannot be started.
    """
    layout = practice_layout(settings)
    try:
        with stop_on_signals(), practising(layout):
            include = write_practice_include(layout, documents_of_practice(settings), SystemClock().now())
            install_first_release(layout, include)
            for name, value in {"DEPLOYPLAN_INCLUDE": str(include), **layout.connection_variable()}.items():
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
            sys.stdout.flush()
            for node in layout.nodes:
                report(f"{node.name}: ssh port {node.ssh_port}, http port {node.http_port}, release {FIRST_RELEASE}")
            report("set the variables above where you call `make up`; Ctrl-C stops the nodes")
            threading.Event().wait()
    except StopRequested:
        report("stopped")
