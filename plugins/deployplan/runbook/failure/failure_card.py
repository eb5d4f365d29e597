"""What do people read about a wave that has stopped, before they decide?"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping

from deployplan.evidence.kinds.deploy import WaveStopped
from deployplan.plan.pages.markdown import code, running_text
from deployplan.plan.pages.readable import expected_reading
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.remote.errors import RemoteError
from deployplan.remote.node_facts import one_line
from deployplan.runbook.failure.question import FailureQuestion, Option, who_may
from deployplan.runbook.failure.question_clock import backout_takes
from deployplan.runbook.run.rehearsal_record import last_rehearsal, with_rehearsal
from deployplan.runbook.run.run import NO_LONGER_HELD, Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.verdict import estimate_of, verdict_of, waves_left
from deployplan.window.wall_time import local

LAST_LINES, LONGEST_LINE = 15, 300
"""Lines of each failed node's output that the card shows, and characters of each."""
MOST_NODES = 8
"""Failed nodes whose output it shows; the others are named."""
READ_WITHIN = 15.0
"""Seconds for which a node is asked for its output: the question does not wait for it."""
_BYTES = 16_384
NOTE_IS_KEPT = "A note to your answer goes into the evidence."


async def last_lines(run: Run, question: FailureQuestion) -> dict[str, list[str]]:
    """The last lines that the scripts of the failed nodes wrote, masked; a node that does not answer says so."""
    ends = question.open.stop.event.nodes
    wanted = [(node, ends[node].job) for node in question.failed][:MOST_NODES]

    async def lines(node: str, job: str | None) -> list[str]:
        if job is None:
            return []
        try:
            async with asyncio.timeout(READ_WITHIN):
                return await _tail(run, node, job)
        except (RemoteError, TimeoutError) as error:
            return [f"its output cannot be read now: {str(error) or 'no answer'}"]

    found = await asyncio.gather(*(lines(*each) for each in wanted))
    return dict(zip((node for node, _ in wanted), found, strict=True))


async def _tail(run: Run, node: str, job: str) -> list[str]:
    text = ""
    facts = await run.fleet.ask(node, lambda client: client.facts())
    if (known := facts.job(job)) is not None and known.log_bytes:
        begin = max(0, known.log_bytes - _BYTES)
        raw = await run.fleet.ask(node, lambda client: client.read_log(job, begin, _BYTES))
        text = run.masks.cut(("…" if begin else "") + raw.decode("utf-8", "replace"))
    return [one_line(line)[:LONGEST_LINE] for line in text.splitlines()[-LAST_LINES:]]


def failure_subject(run: Run, question: FailureQuestion) -> str:
    """The question in one sentence: what failed, and where."""
    stop = question.open.stop.event
    return f"{run.snapshot.plan.name}: {stop.component} wave {stop.wave} stopped: {stop.why}"[:500]


def failure_card(run: Run, state: RunState, question: FailureQuestion, output: Mapping[str, list[str]]) -> str:
    """The card in markdown."""
    return "\n".join(_lines(run, state, question, output))


def _lines(run: Run, state: RunState, question: FailureQuestion, output: Mapping[str, list[str]]) -> Iterator[str]:
    stop = question.open.stop.event
    if (waits := question.open.waits) is not None:
        note = f": {code(waits.event.note)}" if waits.event.note else ""
        yield from (f"**{running_text(waits.event.person or 'silence')}** said that it waits{note}.", "")
    yield f"**{running_text(stop.component)} wave {stop.wave}** stopped: {code(stop.why)}"
    for node in question.failed:
        yield from ("", f"**{running_text(node)}**: {code(stop.nodes[node].why or stop.nodes[node].state)}")
        if lines := output.get(node):
            yield from ("", *(f"- {code(line)}" for line in lines if line.strip()))
    if readings := list(_readings(run, state, stop.criteria)):
        yield from ("", "### Readings", *readings)
    yield from ("", "### Where it stands", *_standing(run, state, question))
    yield from ("", "### What you may choose", *_choices(run, question))
    yield from ("", f"**{running_text(question.clock.told(run.snapshot.timezone))}** {NOTE_IS_KEPT}")


def _readings(run: Run, state: RunState, criteria: Iterable[str]) -> Iterator[str]:
    for name in criteria:
        criterion = run.snapshot.plan.success.get(name)
        wanted = f" (wanted: {expected_reading(criterion)})" if criterion is not None else ""
        for (of, node), reading in state.since_armed.readings.items():
            if of == name and reading.answer != "pass":
                where = f" on {running_text(node)}" if node else ""
                seen = code(reading.observed or "nothing") + (f", {code(reading.drawn)}" if reading.drawn else "")
                yield f"- {running_text(name)}{where}: {reading.answer}, {seen}{wanted}; {code(reading.why or '')}"


def _standing(run: Run, state: RunState, question: FailureQuestion) -> Iterator[str]:
    stop, left = question.open.stop.event, waves_left(run)
    done = [wave for wave in run.snapshot.waves if wave not in left]
    here = [node for node, end in stop.nodes.items() if end.is_done]
    yield f"- done: {_named(done) or 'no wave'}; of this one: {', '.join(map(running_text, here)) or 'no node'}"
    yield f"- left: {_named(left)}; {running_text(estimate_of(run).told)}"
    allowed = run.snapshot.plan.components[stop.component].max_failures
    out = ", ".join(map(running_text, state.since_armed.left_out))
    yield f"- budget: {allowed} nodes of {running_text(stop.component)} may fail" + (
        f"; left out already: {out}" if out else ""
    )


def _named(some: Iterable[object]) -> str:
    return ", ".join(f"{running_text(wave.component)} wave {wave.number} of {wave.of}" for wave in some)  # type: ignore[attr-defined]


def _choices(run: Run, question: FailureQuestion) -> Iterator[str]:
    offered = question.options
    for option, people in who_may(run.snapshot.plan, offered).items():
        yield f"- **{option}** ({', '.join(map(running_text, people))}): {_meaning(run, question, Option(option))}"


def _meaning(run: Run, question: FailureQuestion, option: Option) -> str:
    zone, stop = run.snapshot.timezone, question.open.stop.event
    match option:
        case Option.TRY_AGAIN if question.again:
            lost = [node for node in question.again if NO_LONGER_HELD in (stop.nodes[node].why or "")]
            held = f"; {', '.join(map(running_text, lost))}: locked again first, unless somebody else is or was there"
            again = f"its script once more on {', '.join(map(running_text, question.again))}; what is done stays"
            return again + (held if lost else "") + _must_fit(run, stop)
        case Option.TRY_AGAIN if not stop.criteria:
            return "goes on where it stopped; what is done stays" + _must_fit(run, stop)
        case Option.TRY_AGAIN:
            read = ", ".join(map(running_text, stop.criteria))
            return f"read {read or 'again'} once more; no script runs again{_must_fit(run, stop)}"
        case Option.LEAVE_OUT:
            named = ", ".join(map(running_text, question.leave))
            return f"{named} will not have this release, nor what comes after it there; the wave goes on without"
        case Option.WAIT:
            until = local(question.waits_until, zone) if question.waits_until else ""
            return f"everything stays as it is, nodes locked; it is asked again {until}, and may be answered before"
        case _:
            return backing_out(run)


def _must_fit(run: Run, stop: WaveStopped) -> str:
    """That the window is asked before the wave begins once more, and what it says now when that is no."""
    plan, left = run.snapshot.plan, waves_left(run)
    if not plan.schedule.windows():
        return ""
    if plan.schedule.on_close == "finish_wave":
        left = tuple(wave for wave in left if (wave.component, wave.number) == (stop.component, stop.wave))
    found = verdict_of(run, remaining=left)
    now = "" if found.open else f"; not now: {running_text(found.reason)}"
    return f"; it begins only while what is left fits the window{now}"


def backing_out(run: Run) -> str:
    """What a backout undoes, how long it takes, and when it was tried, in words for a card."""
    judged = with_rehearsal(run.snapshot, last_rehearsal(run.records, run.snapshot))
    return told_of_backout(judged, run.read_state().review.begun, running_text)


def told_of_backout(snapshot: Snapshot, begun: Iterable[str], spell: Callable[[str], str] = str) -> str:
    """The same of a plan of which these components have begun; `spell` writes a name for the place where it stands."""
    names, backout = list(begun), snapshot.plan.backout
    told = f"undoes {', '.join(map(spell, names)) or 'nothing'}"
    final = [name for name in names if snapshot.plan.components[name].irreversible]
    if final:
        told += f"; {', '.join(map(spell, final))} cannot be undone"
    told += f"; takes up to {spell_duration(backout_takes(snapshot))}"
    tested = backout.tested
    return told + (f"; tested in {spell(tested.environment)} on {tested.at}" if tested else "; never tested")
