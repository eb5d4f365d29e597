"""How runs get where they are: one function for each kind of run that a prepared store has."""

from datetime import timedelta
from pathlib import Path

from deployplan.evidence.kinds import backout, deploy, people, review, traffic, verify, window
from deployplan.evidence.waiting import WaitingRun
from deployplan.runbook import task_names
from deployplan.runbook.run.outcome_kinds import Outcome
from run_story import EARLIER, RUN, Story, done, failed

HOUR = timedelta(hours=1)
HOSTILE = "<img src=x onerror='globalThis.harmed=1'> **bold** \u202ereversed"


def in_controls(_: Story) -> None:
    """Nothing has been found yet."""


def asked(story: Story) -> None:
    story.preflight()
    story.ask_seat(1, "mia", "olga")


def half_approved(story: Story) -> None:
    asked(story)
    story.approve_seat(1, "mia")
    story.ask_seat(2, "olga")


def queued(story: Story) -> None:
    story.approve()
    opened = story.now - HOUR
    waits = {"works_on": story.web, "watches": (), "priority": 0, "environment": story.snapshot.plan.environment}
    times = dict.fromkeys(("approved_at", "came_at", "opens_at", "ready_at"), opened)
    first = f"{story.snapshot.plan.scope.release.product}-deploying"
    for plan, started in ((first, True), (story.plan, False)):
        heard = story.now + 24 * HOUR  # whoever looks later in the test still hears of it
        run = WaitingRun(plan=plan, run_id=RUN, **waits, **times, heard_at=heard, started=started)
        story.records.waiting.put(run)


def locked(story: Story) -> None:
    story.approve()
    story.say(window.ArmingBegun(generation=1), window.LockWaited(node=story.db, holder="a person, by hand"))


def deploying(story: Story) -> None:
    story.arm()
    story.do_wave("db", 1, [story.db])
    story.do_wave("web", 1, story.web[:1])
    story.begin_wave("web", 2, story.web[1:])
    story.end_job(story.web[1])


def failing(story: Story) -> None:
    """A node has failed within the budget, and the wave goes on."""
    deploying(story)
    node = story.web[2]
    story.end_job(node, "failed", 3)
    story.say(deploy.NodeFailed(node=node, component="web", why=f"exit 3: {HOSTILE}", state="failed"))


def lost(story: Story) -> None:
    deploying(story)
    story.say(deploy.NodeLost(node=story.web[3], component="web", why="no route to host"))


def stopped(story: Story) -> None:
    story.fail_wave()
    node = story.web[0]
    stop = {"component": "web", "wave": 1, "why": f"{node}: exit 3", "generation": story.generation}
    story.say(deploy.WaveStopped(**stop, nodes={node: failed(node, "exit 3")}))
    options = dict.fromkeys(("Try again", "Leave out", "Back out", "Wait"), ("mia",))
    subject = f"{story.plan}: web wave 1 stopped: {node}: exit 3"
    story.ask(task_names.wave("web", 1), subject, "mia", until=story.now + HOUR, options=options)


def held(story: Story) -> None:
    """The window closed when the first wave was done."""
    story.arm()
    story.do_wave("db", 1, [story.db])
    story.say(deploy.WaveWaited(component="web", wave=1, reason="the window has closed; the rest is for the next one"))


def manual(story: Story) -> None:
    story.do_waves()
    story.say(verify.ReleaseVerified(ok=True))
    story.ask(task_names.manual("orders"), f"{story.plan}: order something and look at it", "mia")


def backing_out(story: Story) -> None:
    story.fail_wave()
    node = story.web[0]
    story.end_wave("web", 1, {node: failed(node, "exit 3")}, ok=False, why=f"{node}: exit 3")
    story.say(
        verify.DecisionMade(decision="back_out", by="policy", why=(f"web wave 1: {node}: exit 3",)),
        backout.UndoStarted(component="web", nodes=(node,), generation=story.generation),
    )


def taken_back(story: Story) -> None:
    story.release()
    story.end(Outcome.SUCCESS, "every wave is done and every criterion held")
    story.records.open_run(story.plan, story.run_id, story.snapshot.digest)
    until = (story.now + 10 * HOUR).isoformat()
    story.say(backout.BackoutAsked(by="erin", reason="orders are lost", generation=2, until=until))


def released(story: Story) -> None:
    story.release()
    story.say(people.MessageSent(to="warehouse", moment="success", via="log", key="success/warehouse"))
    story.end(Outcome.SUCCESS, "every wave is done and every criterion held")


def with_issues(story: Story) -> None:
    """Of the web one node failed and one was left out, as many as may."""
    story.arm()
    story.do_wave("db", 1, [story.db])
    story.do_wave("web", 1, story.web[:1])
    good, bad, left = story.web[1:]
    story.begin_wave("web", 2, (good, bad))
    story.end_job(good)
    story.end_job(bad, "failed", 3)
    ends = {good: done(good), bad: failed(bad, "exit 3"), left: deploy.NodeEnd(state="not_started", why="left out")}
    story.end_wave("web", 2, ends, excluded=(bad, left))
    story.say(verify.ReleaseVerified(ok=True), verify.ManualAnswer(criterion="orders", passed=True, person="mia"))
    story.end(Outcome.SUCCESS_WITH_ISSUES, f"{bad} (exit 3) and {left} do not have it")


def backed_out(story: Story) -> None:
    story.back_out(ok=True)
    story.end(Outcome.BACKED_OUT, f"web wave 1: {story.web[0]}: exit 3")


def backout_failed(story: Story) -> None:
    story.back_out(ok=False)
    story.end(Outcome.BACKOUT_FAILED, f"{story.web[0]}: web is not undone: exit 9")


def left_drained(story: Story) -> None:
    node = story.web[0]
    story.say(traffic.DrainBegun(node=node, component="web", on="lb-1"))
    story.say(traffic.NodeDrained(node=node, component="web", on="lb-1", job="d"))
    story.back_out(ok=True)
    story.say(traffic.PutBackFailed(node=node, component="web", on="lb-1", why=HOSTILE))
    story.end(Outcome.LEFT_DRAINED, f"backed_out: out of service: {node} ({HOSTILE})")


def rejected(story: Story) -> None:
    asked(story)
    story.say(review.SeatRejected(seat=1, person="mia", digest=story.snapshot.digest, why=HOSTILE))
    story.end(Outcome.REJECTED, f"mia rejected it: {HOSTILE}")


def expired(story: Story) -> None:
    asked(story)
    story.say(review.SeatExpired(seat=1, people=("mia", "olga"), digest=story.snapshot.digest))
    story.end(Outcome.EXPIRED, "nobody answered seat 1 in time")


def not_ready(story: Story) -> None:
    problems = (f"{story.db}: 40 MB are free, 500 are wanted",)
    story.say(review.ReviewNotReady(phase=task_names.PREFLIGHT, problems=problems))
    story.end(Outcome.NOT_READY, problems[0])


def window_missed(story: Story) -> None:
    story.approve()
    story.say(window.WindowPassed(reason="the last window has closed"))
    story.end(Outcome.WINDOW_MISSED, "the last window has closed")


def terminated(story: Story) -> None:
    story.approve()
    did = {"who": "olga", "did": "marked the run as failed", "action": "state", "state": "failed", "accepted": True}
    story.say(people.Intervened.of(did))
    story.end(Outcome.TERMINATED, "olga marked the run as failed")


def unknown(story: Story) -> None:
    lost(story)
    story.say(backout.RestUnproven(nodes={story.web[3]: "no route to host"}))
    story.end(Outcome.UNKNOWN, f"{story.web[3]}: no route to host")


def nothing_to_do(story: Story) -> None:
    story.say(review.NothingToDo(reason="this very plan is on all its nodes", released_by=EARLIER))
    story.end(Outcome.NOTHING_TO_DO, "this very plan is on all its nodes")


def damaged(story: Story) -> None:
    story.arm()
    first = min(Path(str(story.ledger.folder)).glob("*.json*"))
    first.write_bytes(b"{}\n")
