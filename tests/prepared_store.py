"""A record store of 60 runs in every phase and with every outcome, by typed entries, as the runs would have left it.

Two teams have the same kinds of runs: shop in production and till in staging. Each run has nodes of its own, but where
its kind says otherwise; the plans beside them have no run, or cannot be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import run_kinds
from builders import PROCEDURE_TEXT, an_include, write_plan
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.testing import FrozenClock
from run_story import EARLIER, Story

KEY = b"k" * 32
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
TEAMS = (("shop", "production"), ("till", "staging"))
WEB_NODES = 4
COMPONENTS = """\
components:
  db: {{nodes: [{db}], deploy: ./up.sh, undo: ./down.sh}}
  web: {{nodes: [{web}], after: [db], waves: [1, 100%], deploy: ./up.sh, undo: ./down.sh, max_failures: 2}}
approval: {{authorities: {{mia: deployment manager, olga: operations}}, quorum: 2}}
success:
  health: {{http: "http://{{node}}/health"}}
  orders: {{manual: order something and look at it}}
backout: {{authority: [mia], until: 12h}}
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run: what its evidence says, when its window opens from now, and what people are to see of it.

    `nodes_of` is the kind on whose nodes it works, when those are not its own; `outcome` is None while it goes on.
    """

    name: str
    tell: Callable[[Story], None]
    lane: str
    phase: int | None
    outcome: Outcome | None = None
    opens: timedelta = -HOUR
    nodes_of: str | None = None
    has_earlier_run: bool = False


SOON, OVER = 2 * HOUR, -8 * HOUR
ASKS, RUNS, WAITS, ENDED = "needs you", "running", "waiting", "ended in 24 h"
KINDS = (
    Kind("controls", run_kinds.in_controls, WAITS, 1, opens=SOON),
    Kind("asked", run_kinds.asked, ASKS, 1, opens=SOON, has_earlier_run=True),
    Kind("half-approved", run_kinds.half_approved, ASKS, 1, opens=3 * HOUR),
    Kind("approved", Story.approve, WAITS, 2, opens=SOON, nodes_of="planned", has_earlier_run=True),
    Kind("queued", run_kinds.queued, WAITS, 2, nodes_of="deploying"),
    Kind("frozen", Story.approve, WAITS, 2),
    Kind("locked", run_kinds.locked, WAITS, 2),
    Kind("deploying", run_kinds.deploying, RUNS, 3),
    Kind("failing", run_kinds.failing, RUNS, 3),
    Kind("lost", run_kinds.lost, RUNS, 3),
    Kind("stopped", run_kinds.stopped, ASKS, 3),
    Kind("held", run_kinds.held, RUNS, 3),
    Kind("verifying", Story.do_waves, RUNS, 4),
    Kind("manual", run_kinds.manual, ASKS, 4),
    Kind("backing-out", run_kinds.backing_out, RUNS, 5),
    Kind("taken-back", run_kinds.taken_back, RUNS, 5),
    *(
        Kind(name, tell, ENDED, 6, outcome, OVER)
        for name, tell, outcome in (
            ("released", run_kinds.released, Outcome.SUCCESS),
            ("with-issues", run_kinds.with_issues, Outcome.SUCCESS_WITH_ISSUES),
            ("backed-out", run_kinds.backed_out, Outcome.BACKED_OUT),
            ("backout-failed", run_kinds.backout_failed, Outcome.BACKOUT_FAILED),
            ("left-drained", run_kinds.left_drained, Outcome.LEFT_DRAINED),
            ("rejected", run_kinds.rejected, Outcome.REJECTED),
            ("expired", run_kinds.expired, Outcome.EXPIRED),
            ("not-ready", run_kinds.not_ready, Outcome.NOT_READY),
            ("window-missed", run_kinds.window_missed, Outcome.WINDOW_MISSED),
            ("terminated", run_kinds.terminated, Outcome.TERMINATED),
            ("unknown", run_kinds.unknown, Outcome.UNKNOWN),
            ("nothing-to-do", run_kinds.nothing_to_do, Outcome.NOTHING_TO_DO),
        )
    ),
    Kind("damaged", run_kinds.damaged, ASKS, None),
)
PLANNED = (("planned", SOON), ("later", 30 * HOUR), ("missed", OVER))
"""Plans without a run, and when their windows open; `planned` wants the nodes of `approved`."""
MISSPELT = "shop-misspelt"
"""A plan whose file cannot be read as one."""


@dataclass(frozen=True, slots=True)
class PreparedStore:
    """The store as it is at `now`: an include folder, the records, and of which kind each plan's run is.

    `folder` holds `include`, `records` and `signing.key`.
    """

    folder: Path
    include: Include
    records: Records
    now: datetime
    kinds: Mapping[str, Kind]


def prepare(folder: Path, now: datetime) -> PreparedStore:
    """Write plans and runs below `folder`, the key beside them; each run ended, or has come so far, shortly before."""
    now = now.astimezone(UTC).replace(second=0, microsecond=0)
    include = an_include(folder / "include")
    records = Records(folder / "records", key=KEY)
    (folder / "signing.key").write_bytes(KEY)
    for product, environment in TEAMS:
        write_environment(include, product, environment, now)
    db, web = nodes_for("shop", "planned")
    misspelt = f"plan: {MISSPELT}\nfollows: shop\nquorum: 3\n{COMPONENTS.format(db=db, web=', '.join(web))}"
    (include.plans / f"{MISSPELT}.yaml").write_text(misspelt)
    records.ends.built()
    kinds = {}
    for product, environment in TEAMS:
        for name, opens in PLANNED:
            _write(include, f"{product}-{name}", product, environment, opens=opens, now=now, nodes_of=name)
        for kind in KINDS:
            plan = f"{product}-{kind.name}"
            nodes_of = kind.nodes_of or kind.name
            at = {"opens": kind.opens, "now": now, "nodes_of": nodes_of}
            snapshot = _write(include, plan, product, environment, **at)
            if kind.has_earlier_run:
                before = FrozenClock(now - timedelta(days=14))
                run_kinds.backed_out(Story(snapshot, records, before, before.now(), EARLIER))
            since = now - (6 * HOUR if kind.outcome else 40 * MINUTE)
            kind.tell(Story(snapshot, records, FrozenClock(since), now))
            kinds[plan] = kind
    return PreparedStore(folder, include, records, now, kinds)


def nodes_for(product: str, kind: str) -> tuple[str, tuple[str, ...]]:
    """The database's node and those of the web."""
    return f"{product}-{kind}-db", tuple(f"{product}-{kind}-web-{number}" for number in range(1, WEB_NODES + 1))


def write_environment(include: Include, product: str, environment: str, now: datetime) -> None:
    names = {kind.nodes_of or kind.name for kind in KINDS} | {name for name, _ in PLANNED}
    nodes = [node for name in sorted(names) for db, web in [nodes_for(product, name)] for node in (db, *web)]
    listed = "\n".join(f"  {node}: 10.0.{at // 250}.{at % 250 + 1}" for at, node in enumerate(nodes))
    db, web = nodes_for(product, "frozen")
    freeze = f"from: {_wall(now - HOUR)}, to: {_wall(now + timedelta(days=1))}, nodes: [{', '.join((db, *web))}]"
    night = f"rule: FREQ=WEEKLY;BYDAY=SA, first: {_wall(now - timedelta(days=30))}, duration: 4h"
    (include.infrastructure / f"{environment}.yaml").write_text(
        f"connection: ssh_{environment}\ntimezone: UTC\nnodes:\n{listed}\n"
        f"windows:\n  - {{name: saturday night, {night}}}\n"
        f"freezes:\n  - {{name: audit of the books, {freeze}}}\n"
    )
    procedure = PROCEDURE_TEXT.replace("product: shop", f"product: {product}").replace("production", environment)
    (include.procedures / f"{product}.yaml").write_text(procedure)
    (include.procedures / product).mkdir(exist_ok=True)
    for script in ("up.sh", "down.sh"):
        (include.procedures / product / script).write_text("exit 0\n")


def _write(
    include: Include,
    name: str,
    product: str,
    environment: str,
    *,
    opens: timedelta,
    now: datetime,
    nodes_of: str,
) -> Snapshot:
    db, web = nodes_for(product, nodes_of)
    at = now + opens
    times = f"opens: {_wall(at)}, closes: {_wall(at + 4 * HOUR)}, timezone: UTC"
    text = f"follows: {product}\nschedule: {{window: {{{times}}}}}\n{COMPONENTS.format(db=db, web=', '.join(web))}"
    write_plan(include, name, text)
    return load(include.plan_path(name), include)


def _wall(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
