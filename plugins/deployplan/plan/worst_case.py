"""How long a plan may take by its own word, and what may go wrong at most, in sentences for those who approve."""

from datetime import timedelta

from deployplan.plan.model.component import Component
from deployplan.plan.service import draining_time, service_words
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.plan.waves import component_order


def declared_work(snapshot: Snapshot) -> timedelta:
    """Return the longest the plan may take by its own word: each wave's timeout and bake, then the longest soak."""
    components = snapshot.plan.components
    deploying = sum(
        (components[wave.component].timeout + components[wave.component].bake for wave in snapshot.waves), timedelta()
    )
    deploying += sum((_traffic_time(components[wave.component]) for wave in snapshot.waves), timedelta())
    soaking = max((criterion.for_ for criterion in snapshot.plan.machine_criteria()), default=timedelta())
    return deploying + soaking


def _traffic_time(component: Component) -> timedelta:
    """Return how long a wave may be taken out of service and be put back, by the plan's own word."""
    return draining_time(component) + (component.traffic.timeout if component.traffic else timedelta())


def worst_case(snapshot: Snapshot) -> list[str]:
    """Return what may go wrong at most, in sentences for the people who approve."""
    sentences = []
    for name in component_order(snapshot.plan.components):
        component = snapshot.plan.components[name]
        parts = [wave.nodes for wave in snapshot.waves if wave.component == name]
        total, failed, touched = sum(map(len, parts)), *_most_failed(parts, component.max_failures)
        sizes = ", ".join(str(len(part)) for part in parts)
        waved = f"{_count(len(parts), 'wave')} of {sizes}" if len(parts) > 1 else "one wave"
        if component.max_failures:
            stops = f"at most {failed} may fail before it stops, with {touched} of {total} touched"
        else:
            stops = f"the first failure stops it, with at most {failed} failed and {touched} of {total} touched"
        sentences.append(f"{name}: {_count(total, 'node')} in {waved}; {stops}")
        if component.traffic is not None:
            sentences.append(service_words(snapshot, name))
        if component.irreversible:
            sentences.append(f"{name} cannot be undone: {component.irreversible}")
        elif not component.undo_needs_previous:
            sentences.append(f"{name}: its undo brings no release back, it removes what was installed")
    sentences += _asking(snapshot)
    sentences.append(f"by its own timeouts the work takes at most {spell_duration(declared_work(snapshot))}")
    expected = snapshot.plan.backout.expected_duration
    if expected:
        sentences.append(f"a backout is expected to take {spell_duration(expected)}")
    return sentences


def _asking(snapshot: Snapshot) -> list[str]:
    """Who is asked in the middle of the work, and what becomes of it when nobody answers."""
    return [*_asking_after_failure(snapshot), *_asking_when_unknown(snapshot)]


def _asking_when_unknown(snapshot: Snapshot) -> list[str]:
    """Who is asked when nobody can tell whether a criterion holds, for those that then decide nothing."""
    plan = snapshot.plan
    names = [criterion.name for criterion in plan.deciding_criteria() if not criterion.decides_unknown]
    if not names:
        return []
    people = ", ".join(dict.fromkeys([*plan.backout_authority(), *plan.engineers()]))
    listed = ", ".join(names)
    return [f"when {listed} gives no answer, it holds without a deadline until it is said how it goes on, by {people}"]


def _asking_after_failure(snapshot: Snapshot) -> list[str]:
    """Who is asked when a wave has failed."""
    plan = snapshot.plan
    names = [name for name in component_order(plan.components) if plan.on_failure(name) == "ask"]
    if not names:
        return []
    people = ", ".join(dict.fromkeys([*plan.backout_authority(), *plan.engineers()]))
    within = spell_duration(plan.backout.decide_within)
    silence = f"is backed out after {within}" if plan.backout.on_silence == "back_out" else "waits"
    return [f"when a wave of {', '.join(names)} has failed, {people} are asked first; without an answer it {silence}"]


def _most_failed(parts: list[tuple[str, ...]], tolerated: int) -> tuple[int, int]:
    """Return how many nodes can fail before the component stops, and how many are touched by then.

    A wave's nodes are worked on at once, so the wave that breaks the budget can fail as a whole.
    """
    worst, before = (0, 0), 0
    for part in parts:
        worst = max(worst, (min(tolerated, before) + len(part), before + len(part)))
        before += len(part)
    return worst


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
