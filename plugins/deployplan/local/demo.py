"""The demo: two releases carried to five practice nodes by a real Airflow, one well, one with a fault."""

import sys
import threading
from contextlib import ExitStack
from dataclasses import replace

from rich.console import Console

from deployplan.clock import SystemClock
from deployplan.local.carry import Carrier
from deployplan.local.demo_home import begin_afresh
from deployplan.local.practice_include import documents_of_practice, write_practice_include
from deployplan.local.practice_layout import practice_layout
from deployplan.local.practice_nodes import practising
from deployplan.local.practice_release import FIRST_RELEASE, install_first_release
from deployplan.local.progress import progress_on
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalSettings
from deployplan.local.stopping import StopRequested, stop_on_signals
from deployplan.local.supervisor import running
from deployplan.runbook.run.outcome_kinds import Outcome

EXPECTED = {"storefront-4.3.0": Outcome.SUCCESS, "storefront-4.4.0": Outcome.BACKED_OUT}
ENGINEER, APPROVERS = "erin", ("amir", "mia")
RUN_ID = "demo"
MAILS_TO_THE_LOG = {
    "DEPLOYPLAN_MAIL_CONNECTION": "demo_mail",
    "AIRFLOW_CONN_DEMO_MAIL": '{"conn_type": "smtp", "host": "log"}',
}
"""Nobody of the demo has a mailbox: what they are told stands in the log of the API server."""


def run_demo(settings: LocalSettings, *, once: bool) -> bool:
    """Run the demo; tell its progress on stderr and the outcomes, at the very end, on stdout.

    once: stop everything at the end instead of waiting for Ctrl-C.
    Returns whether both plans ended as they should. Raises LocalError when something could not be started.
    """
    console = Console(stderr=True, highlight=False)
    outcomes: dict[str, str] = {}
    try:
        with stop_on_signals() as finish, ExitStack() as stack:
            airflow = _start(settings, console, stack)
            _carry_both(airflow, console, outcomes)
            for line in _where_to_look(airflow):
                console.print(line, soft_wrap=True)
            if not once:
                console.print("Airflow stays up; Ctrl-C stops everything")
                threading.Event().wait()
            console.print("stopping")
            finish()
    except StopRequested:
        console.print("stopped")
    for plan in EXPECTED:
        sys.stdout.write(f"{plan} {outcomes.get(plan, 'not_finished')}\n")
    sys.stdout.flush()
    return outcomes == EXPECTED


def _start(settings: LocalSettings, console: Console, stack: ExitStack) -> RunningAirflow:
    def report(line: str) -> None:
        console.print(line, soft_wrap=True)

    begin_afresh(settings.home)
    layout = practice_layout(settings)
    report(f"starting {len(layout.nodes)} practice nodes with release {FIRST_RELEASE}")
    stack.enter_context(practising(layout))
    include = write_practice_include(layout, documents_of_practice(settings), SystemClock().now())
    install_first_release(layout, include)
    ours = replace(settings, include=include, environ={**MAILS_TO_THE_LOG, **settings.environ})
    ours = ours.with_environ(**layout.connection_variable())
    return stack.enter_context(running(ours, report=report, afresh=True))


def _carry_both(airflow: RunningAirflow, console: Console, outcomes: dict[str, str]) -> None:
    people = {name: airflow.login(name) for name in APPROVERS}
    for plan, expected in EXPECTED.items():
        carrier = Carrier(airflow.login(ENGINEER), people, airflow.settings.records)
        with progress_on(console) as progress:
            outcomes[plan] = carrier.carry(plan, RUN_ID, progress)
        console.print(f"{plan}: {outcomes[plan]}", style="bold green" if outcomes[plan] == expected else "bold red")
        if outcomes[plan] != expected:
            return


def _where_to_look(airflow: RunningAirflow) -> tuple[str, ...]:
    settings = airflow.settings
    return (
        f"look at {settings.url}/plugin/releases as {ENGINEER}, {' or '.join(APPROVERS)}; "
        f"passwords are in {settings.users}",
        *(f"  {settings.url}/dags/{plan}/runs/{RUN_ID}" for plan in EXPECTED),
        f"evidence: {settings.records}; logs: {settings.logs}",
    )
