"""Who may work on a node, as a model: generations of one run that take over from each other, in every order of steps.

test_protocol_model.py looks at one job; here whole controllers work on one node: waves and backouts of several
generations, copies of them, and whoever frees the node in the end. Each may stop for ever or for a while between any
two of its steps: that is what dying and freezing are. What they decide is decided by the real `next_step`.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import pytest

from deployplan.remote.job import Attach, Done, Failed, JobFacts, JobState, Start, Wait, next_step
from remote_builders import DIGEST, NIGHT, job_facts

OVER = 99
LOCK, LOOK, FENCE, BUSY, CLAIM, SPAWN, LISTEN, WATCH, NOTE, LET_END = range(10)
ORDERS, T_FENCE, T_VETO, T_JUDGE, T_ORDER, T_JUDGE_AGAIN, T_FIND, T_KILL, T_PROVE = range(20, 29)
SLOTS = tuple((step, attempt) for step in ("deploy", "undo") for attempt in (1, 2, 3))
UNLOCK_SEE, UNLOCK = 40, 41


class Job(NamedTuple):
    """A job's files. claim: whose; pid: None, "veto" or its runner's number; exit: "code", "order" or "fence"."""

    claim: int | None = None
    seq: int = 0
    pid: int | str | None = None
    exit: str | None = None
    proven: bool = False


class Runner(NamedTuple):
    """runner.sh, started for a controller's turn. at: as in test_protocol_model.py."""

    job: int
    turn: int
    at: int = 0
    script: bool = False


class Actor(NamedTuple):
    """A controller. Turns are even for a wave, odd for the backout of the same generation; kinds see `Node.moves`."""

    kind: str
    turn: int
    at: int = LOCK
    job: int = 0
    saw: tuple[int, ...] = ()
    looked: frozenset[int] | None = None
    ended: str = ""


class World(NamedTuple):
    """One node. `turn` holds it unless it is free; `past` is the highest turn that its chain of links remembers."""

    actors: tuple[Actor, ...]
    turn: int = 2
    free: bool = False
    past: int = 2
    jobs: tuple[Job, ...] = (Job(),) * len(SLOTS)
    runners: tuple[Runner, ...] = ()
    launches: tuple[tuple[int, int], ...] = ()

    def actor(self, index: int, **changes: object) -> "World":
        return self._replace(actors=_put(self.actors, index, **changes))

    def runner(self, index: int, **changes: object) -> "World":
        return self._replace(runners=_put(self.runners, index, **changes))

    def job(self, index: int, **changes: object) -> "World":
        return self._replace(jobs=_put(self.jobs, index, **changes))

    def lives(self, job: Job) -> bool:
        return isinstance(job.pid, int) and self.runners[job.pid].at != OVER


def _put(all_: tuple, index: int, **changes: object) -> tuple:  # type: ignore[type-arg]
    return (*all_[:index], all_[index]._replace(**changes), *all_[index + 1 :])


def facts(world: World) -> list[JobFacts]:
    """What facts.sh and its reader make of the node."""
    return [_facts(world, number, job) for number, job in enumerate(world.jobs) if job.claim is not None]


def _facts(world: World, number: int, job: Job) -> JobFacts:
    return _facts_of(number, job, world.lives(job))


@lru_cache(maxsize=100_000)
def _facts_of(number: int, job: Job, lives: bool) -> JobFacts:
    state = JobState.CLAIMED
    if job.exit == "code":
        state = JobState.DONE
    elif job.pid == "veto" or job.proven:
        state = JobState.TERMINATED
    elif job.pid is not None:
        state = JobState.RUNNING if lives else JobState.LOST
    step, attempt = SLOTS[number]
    launched = isinstance(job.pid, int) and not (job.exit == "fence" and job.proven)
    return job_facts(
        state,
        step=step,
        attempt=attempt,
        seq=job.seq,
        generation=f"g{job.claim}",
        started=NIGHT if launched else None,
        fenced=job.exit == "fence",
        seen=(f"g{job.claim}",) if job.proven and job.exit != "fence" else (),
    )


class Node:
    """The steps as the shell text and its callers do them."""

    def may_lock(self, world: World, turn: int) -> bool:
        return turn >= world.past

    def remembers(self, world: World, actor: Actor) -> int:
        return max(world.past, actor.turn | 1)

    def first_of_backout(self) -> int:
        return LOCK

    def after_lock(self, actor: Actor) -> int:
        return LOOK if actor.kind in ("wave", "armed wave") else ORDERS

    def after_orders(self) -> int:
        return LOOK

    def holds(self, world: World, turn: int) -> bool:
        return not world.free and world.turn == turn

    def look_at_lock(self, world: World, runner: Runner) -> bool:
        return self.holds(world, runner.turn)

    def moves(self, world: World) -> Iterator[World]:
        for index, actor in enumerate(world.actors):
            if actor.at != OVER:
                yield from self.act(world, index, actor)
        for index, runner in enumerate(world.runners):
            if runner.at != OVER:
                yield self.run(world, index, runner)

    def run(self, world: World, index: int, runner: Runner) -> World:
        job = world.jobs[runner.job]
        match runner.at:
            case 0:
                if job.pid is not None:
                    return world.runner(index, at=OVER)
                return world.job(runner.job, pid=index).runner(index, at=1)
            case 1:
                return world.runner(index, at=2 if self.look_at_lock(world, runner) else 5)
            case 2:
                launched = world._replace(launches=(*world.launches, (runner.job, runner.turn)))
                return launched.runner(index, at=3, script=True)
            case 3:
                return world.runner(index, at=4, script=False)
            case 4:
                return world.job(runner.job, exit=job.exit or "code").runner(index, at=OVER)
            case 5:
                return world.job(runner.job, exit=job.exit or "fence").runner(index, at=6)
            case _:
                return world.job(runner.job, proven=True).runner(index, at=OVER)

    def act(self, world: World, index: int, actor: Actor) -> Iterator[World]:
        if actor.at == LOCK:
            yield self.lock(world, index, actor)
        elif actor.at in (UNLOCK_SEE, UNLOCK):
            yield self.unlock(world, index, actor)
        elif actor.at >= ORDERS:
            yield self.terminate(world, index, actor)
        elif actor.at == LOOK:
            yield self.look(world, index, actor)
        elif actor.at in (LISTEN, WATCH, LET_END):
            yield from self.wait(world, index, actor)
        elif actor.at == NOTE:
            yield world.actor(index, at=OVER, ended="done" if self.holds(world, actor.turn) else "refused")
        else:
            yield self.start(world, index, actor)

    def lock(self, world: World, index: int, actor: Actor) -> World:
        if not self.may_lock(world, actor.turn):
            return world.actor(index, at=OVER, ended="refused")
        taken = world._replace(turn=actor.turn, free=False, past=max(world.past, actor.turn))
        return taken.actor(index, at=self.after_lock(actor))

    def unlock(self, world: World, index: int, actor: Actor) -> World:
        if actor.at == UNLOCK_SEE:  # whichever turn of its run holds the node, but no later one
            going_on = not world.free and world.turn <= (actor.turn | 1)
            return world.actor(index, at=UNLOCK if going_on else OVER, saw=(world.turn,))
        working = any(world.lives(job) and job.exit != "code" for job in world.jobs)
        if not self.holds(world, actor.saw[0]) or working:
            return world.actor(index, at=OVER)
        return world._replace(free=True, past=self.remembers(world, actor)).actor(index, at=OVER)

    def look(self, world: World, index: int, actor: Actor) -> World:
        """Facts, and what next_step makes of them."""
        step = "deploy" if actor.turn % 2 == 0 else "undo"
        known = facts(world)
        looked = frozenset(number for number, job in enumerate(world.jobs) if job.pid is not None)
        if self.holds(world, actor.turn) and actor.looked is None:
            world = world.actor(index, looked=looked)
        if step == "undo" and not any(job.step == "deploy" and job.launched for job in known):
            return world.actor(index, at=OVER, ended="nothing had begun")
        match next_step(known, digest=DIGEST, component="web", step=step, generation=f"g{actor.turn}"):
            case Start(attempt):
                if (step, attempt) not in SLOTS:
                    return world.actor(index, at=OVER, ended="too many attempts for this model")
                return world.actor(index, at=FENCE, job=SLOTS.index((step, attempt)))
            case Attach(job):
                return world.actor(index, at=WATCH, job=SLOTS.index((job.step, job.attempt)))
            case Wait(job):
                return world.actor(index, at=LET_END, job=SLOTS.index((job.step, job.attempt)))
            case Done():
                return world.actor(index, at=NOTE)
            case Failed():
                return world.actor(index, at=OVER, ended="failed")

    def start(self, world: World, index: int, actor: Actor) -> World:
        job = world.jobs[actor.job]
        if actor.at == FENCE:
            if not self.holds(world, actor.turn):
                return world.actor(index, at=OVER, ended="refused")
            return world.actor(index, at=WATCH if job.pid is not None else BUSY)
        if actor.at == BUSY:
            for number, other in enumerate(world.jobs):
                if number != actor.job and other.claim is not None and other.pid is None:
                    world = world.job(number, pid="veto")
            if any(self.busy(world, other) for other in world.jobs if other is not job):
                ended = "another job is not dead" if self.holds(world, actor.turn) else "refused"
                return world.actor(index, at=OVER, ended=ended)
            return world.actor(index, at=CLAIM)
        if actor.at == CLAIM:
            if job.claim is None:
                seq = 1 + max(each.seq for each in world.jobs)
                world = world.job(actor.job, claim=actor.turn, seq=seq)
            return world.actor(index, at=SPAWN)
        if job.pid is not None:
            return world.actor(index, at=WATCH)
        spawned = world._replace(runners=(*world.runners, Runner(actor.job, actor.turn)))
        return spawned.actor(index, at=LISTEN, saw=(len(world.runners),))

    def busy(self, world: World, job: Job) -> bool:
        if not isinstance(job.pid, int) or job.exit == "code":
            return False
        return world.lives(job) or (not job.proven and world.runners[job.pid].script)

    def wait(self, world: World, index: int, actor: Actor) -> Iterator[World]:
        if actor.at == LISTEN:
            if world.runners[actor.saw[0]].at != 0:
                yield world.actor(index, at=WATCH, saw=())
            return
        state = _facts(world, actor.job, world.jobs[actor.job])
        if not state.state.final:
            return
        if actor.at == LET_END or state.fenced:
            yield world.actor(index, at=LOOK)
        else:
            done = state.state is JobState.DONE
            yield world.actor(index, at=NOTE if done else OVER, ended="" if done else "failed")

    def terminate(self, world: World, index: int, actor: Actor) -> World:
        """Every deploy that may live, one after the other; then on to the undo."""
        if actor.at == ORDERS:
            found = [
                number
                for number, job in enumerate(world.jobs)
                if job.claim is not None
                and SLOTS[number][0] == "deploy"
                and _facts(world, number, job).state in (JobState.CLAIMED, JobState.RUNNING, JobState.LOST)
            ]
            if not found:
                return world.actor(index, at=self.after_orders())
            return world.actor(index, at=T_FENCE, job=found[0])
        job = world.jobs[actor.job]
        match actor.at:
            case 21:
                if self.holds(world, actor.turn) or self.may_use(world, actor):
                    return world.actor(index, at=T_VETO)
                return world.actor(index, at=OVER, ended="refused")
            case 22:
                vetoed = world.job(actor.job, pid="veto") if job.pid is None else world
                return vetoed.actor(index, at=T_JUDGE)
            case 23:
                if job.pid == "veto":
                    return world.job(actor.job, proven=True).actor(index, at=ORDERS)
                return world.actor(index, at=ORDERS if job.exit == "code" else T_ORDER)
            case 24:
                return world.job(actor.job, exit=job.exit or "order").actor(index, at=T_JUDGE_AGAIN)
            case 25:
                return world.actor(index, at=ORDERS if job.exit == "code" else T_FIND)
            case 26:
                mine = tuple(
                    number
                    for number, each in enumerate(world.runners)
                    if number == job.pid and (each.at != OVER or each.script)
                )
                return world.actor(index, at=T_KILL if mine else T_PROVE, saw=mine)
            case 27:
                for number in actor.saw:
                    world = world.runner(number, at=OVER, script=False)
                return world.actor(index, at=T_FIND, saw=())
            case _:
                return world.job(actor.job, proven=True).actor(index, at=ORDERS)

    def may_use(self, world: World, actor: Actor) -> bool:
        """Whether it may act in the name of whoever holds the node."""
        return False


def broken_promise(world: World) -> str | None:
    """Which promise this world breaks."""
    jobs = [job for job, _ in world.launches]
    turns = [turn for _, turn in world.launches]
    if len(set(jobs)) != len(jobs):
        return "a script ran twice"
    if sum(runner.script for runner in world.runners) > 1:
        return "two scripts at once"
    if turns != sorted(turns):
        return "launched for an older generation after a newer one's script"
    before = None
    for job in jobs:
        if SLOTS[job][0] == "deploy":
            if before is not None and world.jobs[before].exit == "code":
                return "deployed again what was done"
            before = job
        else:
            before = None
    for actor in world.actors:
        if actor.kind == "backout" and hindered(world, actor):
            return "a backout hindered by a deploy"
        if actor.looked is not None and any(
            turn < actor.turn and job not in actor.looked for job, turn in world.launches
        ):
            return "launched for an older generation after a newer one had looked"
    return None


def hindered(world: World, actor: Actor) -> bool:
    """Whether a backout that holds the node waits for a deploy's script, or was refused because of one."""
    if world.turn != actor.turn:
        return False
    pid = world.jobs[actor.job].pid
    waits = actor.at == LET_END and isinstance(pid, int) and world.runners[pid].script
    return waits or actor.ended == "another job is not dead"


def all_worlds(node: Node, first: World, limit: int = 400_000) -> Iterator[World]:
    """Every world that can come to be, each once."""
    known, waiting = {first}, [first]
    while waiting:
        world = waiting.pop()
        yield world
        for following in node.moves(world):
            if following not in known:
                known.add(following)
                waiting.append(following)
        assert len(known) < limit


def backout(turn: int) -> Actor:
    return Actor("backout", turn)


WAVE = Actor("wave", 2, LOOK)  # a wave of the generation that holds the node
CLEARED = Actor("armed wave", 4)  # a person's clear: a new generation arms, then its wave works
SCENES = {
    "a wave, and its copy by Airflow": (WAVE, WAVE),
    "a wave, and the next generation": (WAVE, CLEARED),
    "a wave, its copy, and the next generation": (WAVE, WAVE, CLEARED),
    "a wave and its backout": (WAVE, backout(3)),
    "a wave, its backout, and a copy of the backout": (WAVE, backout(3), backout(3)),
    "a wave, its backout, and the next generation": (WAVE, backout(3), CLEARED),
    "a wave, the next generation, and the backout of that": (WAVE, CLEARED, backout(5)),
    "two clears, one after the other": (CLEARED, Actor("armed wave", 6)),
    "a wave, the end of its run, and an arming that slept": (
        WAVE,
        Actor("end", 2, UNLOCK_SEE),
        Actor("armed wave", 2),
    ),
    "a backout, the end of its run, and an arming that slept": (
        backout(3),
        Actor("end", 2, UNLOCK_SEE),
        Actor("armed wave", 2),
    ),
}


@pytest.mark.parametrize("scene", SCENES)
def test_no_order_of_steps_breaks_a_promise(scene: str) -> None:
    count = 0
    for world in all_worlds(Node(), World(SCENES[scene])):
        count += 1
        broken = broken_promise(world)
        assert (broken, world if broken else None) == (None, None)
    assert count > 100


class MortalRunners(Node):
    """A node on which runners are killed, each alone (its script lives on) or with its script."""

    def moves(self, world: World) -> Iterator[World]:
        yield from super().moves(world)
        for index, runner in enumerate(world.runners):
            if runner.at != OVER:
                yield world.runner(index, at=OVER)
                if runner.script:
                    yield world.runner(index, at=OVER, script=False)


@pytest.mark.parametrize("scene", ["a wave, and the next generation", "a wave and its backout"])
def test_no_order_of_steps_breaks_a_promise_even_if_runners_are_killed(scene: str) -> None:
    for world in all_worlds(MortalRunners(), World(SCENES[scene])):
        broken = broken_promise(world)
        assert (broken, world if broken else None) == (None, None)


@pytest.mark.parametrize("scene", ["a wave, and the next generation", "a wave, its copy, and the next generation"])
def test_wherever_the_older_controllers_stop_the_next_generation_ends_well_with_one_run_of_the_script(
    scene: str,
) -> None:
    starts = 0
    for world in all_worlds(Node(), World(SCENES[scene])):
        if world.turn == 4 and world.actors[-1].at == LOOK and world.actors[-1].looked is None:
            starts += 1
            frozen = world._replace(actors=(*(each._replace(at=OVER) for each in world.actors[:-1]), world.actors[-1]))
            after = undisturbed(frozen)
            assert (after.actors[-1].ended, len(after.launches)) == ("done", 1), after
    assert starts > 10


@pytest.mark.parametrize("scene", ["a wave and its backout"])
def test_wherever_the_wave_stops_its_backout_undoes_what_it_had_started_and_nothing_else(scene: str) -> None:
    for world in all_worlds(Node(), World(SCENES[scene])):
        if world.actors[1].at == LOCK:
            after = undisturbed(world._replace(actors=(world.actors[0]._replace(at=OVER), world.actors[1])))
            undone = any(SLOTS[job][0] == "undo" for job, _ in after.launches)
            deployed = any(SLOTS[job][0] == "deploy" for job, _ in after.launches)
            taken = any(isinstance(job.pid, int) and job.exit != "fence" for job in after.jobs[:3])
            assert after.actors[1].ended == ("done" if taken else "nothing had begun"), after
            assert undone == taken
            assert not deployed or undone


def undisturbed(world: World) -> World:
    """Let everybody go on to the end."""
    node = Node()
    while (following := next(node.moves(world), None)) is not None:
        world = following
    return world


class OlderTakesBack(Node):
    """A node that compares the run, but not who is the later of two generations."""

    def may_lock(self, world: World, turn: int) -> bool:
        return True


class StartTrusted(Node):
    """A runner that relies on the fence its start has passed."""

    def look_at_lock(self, world: World, runner: Runner) -> bool:
        return True


class KillsFirst(Node):
    """A backout that makes the deploy dead before it takes the node from it."""

    def act(self, world: World, index: int, actor: Actor) -> Iterator[World]:
        if actor.kind == "backout" and actor.at == LOCK and not actor.ended:
            yield world.actor(index, at=ORDERS, ended="kills first")
        else:
            yield from super().act(world, index, actor)

    def may_use(self, world: World, actor: Actor) -> bool:
        return not world.free and world.turn <= actor.turn

    def after_orders(self) -> int:
        return LOCK

    def after_lock(self, actor: Actor) -> int:
        return LOOK


class ForgetsWhoFreed(Node):
    """A free node that anybody may have, as if nobody had ever been done with it."""

    def unlock(self, world: World, index: int, actor: Actor) -> World:
        after = super().unlock(world, index, actor)
        return after._replace(past=0) if after.free else after


@pytest.mark.parametrize(
    ("node", "scene", "promise"),
    [
        (OlderTakesBack(), "a wave, the next generation, and the backout of that", "older generation"),
        (StartTrusted(), "a wave, and the next generation", "older generation"),
        (StartTrusted(), "a wave and its backout", "older generation"),
        (KillsFirst(), "a wave and its backout", "hindered by a deploy"),
        (ForgetsWhoFreed(), "a backout, the end of its run, and an arming that slept", "older generation"),
    ],
)
def test_the_model_finds_what_each_rule_is_there_for(node: Node, scene: str, promise: str) -> None:
    found = set()
    for world in all_worlds(node, World(SCENES[scene])):
        found.add(broken := broken_promise(world) or "")
        if promise in broken:
            return
    raise AssertionError(f"no world breaks {promise!r}, but {found}")
