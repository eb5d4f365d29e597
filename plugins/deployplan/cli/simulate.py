"""`deployplan simulate`: what would become of a run, if this and that went wrong?"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployplan.cli.moments import instant_of
from deployplan.cli.options import DEFAULT_INCLUDE, AsJson, IncludeFolder, include_at
from deployplan.cli.record_store import Store, records_at, signing_key
from deployplan.cli.render import fail
from deployplan.cli.targets import load_or_fail
from deployplan.clock import SystemClock
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_infrastructure
from deployplan.runbook.run.directory import directory_at
from deployplan.runbook.timing.past_runs import MOST_RUNS, history_of
from deployplan.runbook.timing.upcoming import upcoming

if TYPE_CHECKING:
    from deployplan.airflow_glue.what_if.faults import Faults
    from deployplan.airflow_glue.what_if.world import Scene
    from deployplan.evidence.ledger import Ledger

app = typer.Typer()
BAD = 1
_ALONE = "_AIRFLOW__AS_LIBRARY"
AHEAD = timedelta(hours=1)
"""So long before the next opening a run begins of which nobody says when."""


@app.command()
def simulate(
    plan: Annotated[str, typer.Argument(help="Name of a plan, or its file.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="When its review begins: an ISO instant, or a wall time. Default: an hour before the next opening.",
        ),
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", metavar="NODE:STEP:KIND", help="What goes wrong; may be repeated.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="Leave what goes wrong to chance, by this seed.")
    ] = None,
    runs: Annotated[int, typer.Option("--runs", metavar="COUNT", min=1, max=100_000, help="So many by chance.")] = 1,
    include: IncludeFolder = DEFAULT_INCLUDE,
    records: Store = None,
    as_json: AsJson = False,
) -> None:
    """Carry a plan out by the real decisions, with a clock, nodes and people that are made up.

    Prints what would happen when, which cards would ask whom until when, and until when each wave may start. Nothing
    is asked or changed: no node, no service, nobody. Scripts take as long as in earlier runs, else half their timeout.

    A fault is NODE:STEP:KIND; NODE is a node, * for each, or `people`, and it holds each time the step is done.

    Steps deploy and undo: exit=3, silent, takes=40m, and in the middle of the script unreachable=5m and reboot=3m. Step
    verify, also of a criterion instead of a node: fails, fails@10m (so long after the deploy), unknown. Step preflight:
    unreachable=5m. Of people: approve:after=2h, approve:never, approve:reject; test:after=1h, test:fail, test:never;
    answer:after=10m, answer:never, answer:back-out, answer:try-again, answer:leave-out, answer:accept, answer:wait.

    With --seed faults, durations and delays are made up by chance; with --runs so many times, with the seeds from N
    on, and the worst are told with the seed that repeats each.

    Exit code 0: no run ended worse than backed out, or with a script still running when its window had closed; 1: one
    did, or waits for ever, or the plan has problems; 2: wrong usage.

    Examples: deployplan simulate storefront-4.3.0 --at 2030-11-30T20:00Z --fault web-2:deploy:exit=3;
    deployplan simulate storefront-4.3.0 --seed 1 --runs 1000 --json
    """
    if runs > 1 and seed is None:
        fail("--runs without --seed would carry out the same run again and again", "add --seed 1")
    scene = _scene(plan, at, include_at(include), records)
    from deployplan.airflow_glue.what_if.faults import BadFault, Faults, parse_fault

    try:
        stated = Faults(tuple(parse_fault(text, scene.snapshot) for text in fault or ()))
    except BadFault as error:
        fail(str(error), "see deployplan simulate --help")
    raise typer.Exit(BAD if _tell(scene, stated, seed, runs, as_json) else 0)


def _scene(plan: str, at: str | None, folder: Include, store: str | None) -> Scene:
    """What is the same in each run: the plan and its environment as they are now, and what earlier runs say."""
    snapshot = load_or_fail(plan, folder)
    directed = [component.name for component in snapshot.plan.components.values() if component.traffic is not None]
    if directed:
        fail(
            f"`traffic` of {', '.join(directed)} cannot be simulated: no balancer and none of its jobs are made up",
            "see docs/guides/what-if.md",
        )
    environment, product = snapshot.plan.environment, snapshot.plan.scope.release.product
    found = records_at(store, None)
    past, today = history_of(found, environment, product), load_infrastructure(environment, folder)
    begins = SystemClock().now() if at is None else instant_of(at, "--at", snapshot.timezone)
    if at is None and (openings := upcoming(snapshot, today, at=begins, count=1, past=past)):
        begins = max(begins, openings[0].opens - AHEAD)
    _import_airflow_alone()
    from deployplan.airflow_glue.what_if.world import Scene

    rehearsed = rehearsals_in(store, snapshot.plan.name)
    ends = found.ends.of_product(environment, product, MOST_RUNS)
    return Scene(snapshot, folder, begins, directory_at(folder, ids_are_logins=True), past, ends, today, rehearsed)


def rehearsals_in(store: str | None, plan: str) -> tuple[Ledger, ...]:
    """The rehearsals of a plan, to be checked with this installation's key; none without it, which is said on stderr.

    A run counts none that its key has not signed.
    """
    key = signing_key(None)
    found = records_at(store, key).rehearsals(plan)
    if key is None and found:
        typer.echo("no rehearsal is counted: no key to check them with (DEPLOYPLAN_SIGNING_KEY_FILE)", err=True)
    return () if key is None else found


def _import_airflow_alone() -> None:
    """Import what is used of Airflow, its classes: it is neither to look for its database nor to write its settings.

    Its own variable says so as it is imported, and must not be left to processes that are started later.
    """
    if "airflow" in sys.modules:
        return
    os.environ[_ALONE] = "1"
    try:
        import deployplan.airflow_glue.what_if.walk  # noqa: F401
    finally:
        del os.environ[_ALONE]


def _tell(scene: Scene, stated: Faults, seed: int | None, runs: int, as_json: bool) -> bool:
    """Carry out and print; whether a run ended badly."""
    from deployplan.airflow_glue.what_if import many, report
    from deployplan.airflow_glue.what_if.simulate import simulate as simulate_one

    if runs > 1 and seed is not None:
        found = many.simulate_many(scene, stated, seed, runs)
        _print(report.many_as_json(found, scene), report.many_as_text(found, scene), as_json)
        return any(end.bad for end in found.ends)
    run = simulate_one(scene, stated) if seed is None else many.by_chance(scene, stated, seed)
    _print(report.simulated_as_json(run, scene), report.simulated_as_text(run, scene), as_json)
    return run.is_bad


def _print(told: dict[str, Any], lines: Iterable[str], as_json: bool) -> None:
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))
