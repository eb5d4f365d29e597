"""What a run does, told as the typed entries that it would leave: for a record store that a test prepares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deployplan.evidence.event import Event
from deployplan.evidence.kinds import backout, deploy, end, review, verify, window
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook import task_names
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.timing.past_runs import remember
from deployplan.testing import FrozenClock

SECOND = timedelta(seconds=1)
RUN, EARLIER = "run-2", "run-1"


@dataclass(slots=True)
class Story:
    """A run whose evidence is being told; each entry is a second later than the one before."""

    snapshot: Snapshot
    records: Records
    clock: FrozenClock
    now: datetime
    run_id: str = RUN
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        name, digest = self.snapshot.plan.name, self.snapshot.digest
        self.records.save_snapshot(name, digest, self.snapshot.to_json())
        self.records.open_run(name, self.run_id, digest)
        self.ledger = self.records.run(name, self.run_id).ledger(clock=self.clock)
        self.say(review.PlanFrozen(plan=name, run=self.run_id, digest=digest, triggered_by="tom"))

    @property
    def plan(self) -> str:
        return self.snapshot.plan.name

    @property
    def db(self) -> str:
        return self.snapshot.waves[0].nodes[0]

    @property
    def web(self) -> tuple[str, ...]:
        return tuple(node for wave in self.snapshot.waves[1:] for node in wave.nodes)

    @property
    def generation(self) -> str:
        return f"{self.run_id}#1"

    def say(self, *events: Event) -> None:
        for event in events:
            self.ledger.keep(event)
            self.clock.move_to(self.clock.now() + SECOND)

    def ask(self, task: str, subject: str, *asked: str, until: datetime | None = None, **more: Any) -> None:
        until_text = None if until is None else until.isoformat()
        self.say(verify.CardPut(task=task, people=asked, subject=subject, until=until_text, **more))

    def preflight(self) -> None:
        for node in (self.db, *self.web):
            self.say(review.NodeExamined(node=node, release="1", free_mb=9000, skew=0.1))
        self.say(review.ReviewReady())

    def ask_seat(self, seat: int, *asked: str) -> None:
        self.say(review.SeatAsked(seat=seat, people=asked, digest=self.snapshot.digest))
        subject = f"Approve {self.plan}? Seat {seat} of 2"
        self.ask(task_names.seat(seat), subject, *asked, until=self.now + 5 * timedelta(hours=1))

    def approve_seat(self, seat: int, person: str) -> None:
        task = task_names.seat(seat)
        self.say(
            verify.CardAnswered(task=task, person=person, option="Approve"),
            verify.CardClosed(task=task, person=person, option="Approve"),
            review.SeatApproved(seat=seat, person=person, digest=self.snapshot.digest),
        )

    def approve(self) -> None:
        self.preflight()
        for seat, person in enumerate(("mia", "olga"), 1):
            self.ask_seat(seat, *("mia", "olga")[seat - 1 :])
            self.approve_seat(seat, person)

    def arm(self) -> None:
        self.approve()
        self.say(window.ArmingBegun(generation=1))
        for component, nodes in (("db", (self.db,)), ("web", self.web)):
            for node in nodes:
                point = {"node": node, "component": component, "version": "1", "known_by": "current"}
                self.say(window.RollbackPointKnown.of(point))
        self.say(window.RunArmed(generation=1, nodes=(self.db, *self.web), digest=self.snapshot.digest))

    def begin_wave(self, component: str, number: int, nodes: Iterable[str]) -> None:
        names = tuple(nodes)
        self.say(deploy.WaveStarted(component=component, wave=number, nodes=names, generation=self.generation))
        for node in names:
            self.say(deploy.JobStarted(node=node, job=job_on(node), step="deploy", component=component))

    def end_job(self, node: str, state: str = "done", exit_code: int = 0) -> None:
        self.say(deploy.JobEnded(node=node, job=job_on(node), state=state, exit=exit_code, log_bytes=120))

    def end_wave(self, component: str, number: int, ends: Mapping[str, deploy.NodeEnd], **more: Any) -> None:
        facts = {"component": component, "wave": number, "nodes": ends, "generation": self.generation}
        self.say(deploy.WaveEnded(**{"ok": True, **facts, **more}))

    def do_wave(self, component: str, number: int, nodes: Iterable[str]) -> None:
        names = tuple(nodes)
        self.begin_wave(component, number, names)
        for node in names:
            self.end_job(node)
        self.end_wave(component, number, {node: done(node) for node in names})

    def do_waves(self) -> None:
        self.arm()
        self.do_wave("db", 1, [self.db])
        self.do_wave("web", 1, self.web[:1])
        self.do_wave("web", 2, self.web[1:])

    def fail_wave(self) -> None:
        """The first node of the web fails, and the wave with it."""
        self.arm()
        self.do_wave("db", 1, [self.db])
        node = self.web[0]
        self.begin_wave("web", 1, [node])
        self.end_job(node, "failed", 3)
        self.say(deploy.NodeFailed(node=node, component="web", why="exit 3", state="failed"))

    def back_out(self, *, ok: bool) -> None:
        self.fail_wave()
        node, why = self.web[0], f"{self.web[0]}: exit 3"
        self.end_wave("web", 1, {node: failed(node, "exit 3")}, ok=False, why=why)
        self.say(verify.DecisionMade(decision="back_out", by="policy", why=(f"web wave 1: {why}",)))
        for component, where in (("web", node), ("db", self.db)):
            held = ok or component == "db"
            ends = {where: done(where) if held else failed(where, "exit 9")}
            self.say(
                backout.UndoStarted(component=component, nodes=(where,), generation=self.generation),
                backout.UndoEnded(component=component, ok=held, nodes=ends, generation=self.generation),
            )
        problems = () if ok else (f"{node}: web is not undone: exit 9",)
        self.say(backout.BackoutVerified(ok=ok, problems=problems, readings=3))
        if not ok:
            self.say(backout.NodesFrozen(nodes=(node,), why="not proven undone"))

    def release(self) -> None:
        self.do_waves()
        self.say(
            verify.CriterionRead(criterion="health", node=self.web[0], answer="pass", observed="200", readings=3),
            verify.ReleaseVerified(ok=True),
            verify.ManualAnswer(criterion="orders", passed=True, person="mia"),
            verify.DecisionMade(decision="nothing", by="policy"),
        )

    def end(self, outcome: Outcome, because: str) -> None:
        self.say(end.OutcomeReached(outcome=str(outcome), because=because))
        self.ledger.seal()
        remember(self.records, self.snapshot, self.run_id, self.ledger)
        self.records.close_run(self.plan, self.run_id)


def job_on(node: str) -> str:
    return f"job-{node}"


def done(node: str) -> deploy.NodeEnd:
    return deploy.NodeEnd(state="done", job=job_on(node))


def failed(node: str, why: str) -> deploy.NodeEnd:
    return deploy.NodeEnd(state="failed", why=why, job=job_on(node))
