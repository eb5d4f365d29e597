"""The protocol of one job as a model, and every order in which its steps can happen.

Each step of the shell text that another process can see is one step here. Any process may die before any of its steps;
a runner may die and leave its script alive. All orders are tried: what holds here holds for every one of them. That
the shell text does these steps is for test_start_crashes.py and its neighbours to show.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

OVER = 99


@dataclass(frozen=True)
class Runner:
    """runner.sh. at: 0 not begun, 1 has the job, 2 has seen the lock is its run's, 3 script runs, 4 script over."""

    run: str
    at: int = 0
    script: bool = False

    @property
    def alive(self) -> bool:
        return self.script or self.at != OVER


@dataclass(frozen=True)
class Actor:
    """Somebody's remote command: start.sh, terminate.sh, or a newer run that takes the lock and reads the facts."""

    kind: str
    run: str = "old"
    at: int = 0
    saw: Any = None


@dataclass(frozen=True)
class World:
    """The files, and who is at work. pid: None, "veto" or the runner's number; exit: None, "code" or "order"."""

    actors: tuple[Actor, ...]
    runners: tuple[Runner, ...] = ()
    lock: str = "old"
    pid: Any = None
    exit: str | None = None
    runs: int = 0
    runs_when_proven: int | None = None

    def actor(self, index: int, **changes: Any) -> "World":
        changed = replace(self.actors[index], **changes)
        return replace(self, actors=(*self.actors[:index], changed, *self.actors[index + 1 :]))

    def runner(self, index: int, **changes: Any) -> "World":
        changed = replace(self.runners[index], **changes)
        return replace(self, runners=(*self.runners[:index], changed, *self.runners[index + 1 :]))

    def proven(self) -> "World":
        return self if self.runs_when_proven is not None else replace(self, runs_when_proven=self.runs)


class Protocol:
    """The steps as the shell text does them."""

    def start(self, world: World, index: int, actor: Actor) -> Iterator[World]:
        if actor.at == 0:
            yield world.actor(index, at=1 if world.lock == actor.run else OVER)
        elif actor.at == 1:  # the claim itself may be written by many, it says the same
            yield world.actor(index, at=OVER if world.pid is not None else 2)
        elif actor.at == 2:
            spawned = replace(world, runners=(*world.runners, Runner(actor.run)))
            yield spawned.actor(index, at=3, saw=len(world.runners))
        elif world.runners[actor.saw].at != 0:  # it waits until the runner has let go of its output
            yield world.actor(index, at=OVER, saw="failed" if world.pid is None else "launched")

    def runner(self, world: World, index: int, runner: Runner) -> Iterator[World]:
        if runner.at == 0:
            yield self.take(world, index)
        elif runner.at == 1:
            yield self.look_at_lock(world, index, runner)
        elif runner.at == 2:
            yield replace(world, runs=world.runs + 1).runner(index, at=3, script=True)
        elif runner.at == 3:
            yield world.runner(index, at=4, script=False)
        elif runner.at == 4:
            yield replace(world, exit=world.exit or "code").runner(index, at=OVER)
        elif runner.at == 5:
            yield replace(world, exit=world.exit or "order").runner(index, at=6)
        elif runner.at == 6:
            yield world.proven().runner(index, at=OVER)

    def take(self, world: World, index: int) -> World:
        return world.runner(index, at=OVER) if world.pid is not None else replace(world, pid=index).runner(index, at=1)

    def look_at_lock(self, world: World, index: int, runner: Runner) -> World:
        return world.runner(index, at=2 if world.lock == runner.run else 5)

    def terminate(self, world: World, index: int, actor: Actor) -> Iterator[World]:
        if actor.at == 0:
            yield world.actor(index, at=1 if world.lock == actor.run else OVER)
        elif actor.at == 1:
            yield self.veto(world).actor(index, at=2)
        elif actor.at == 2:
            if world.pid == "veto":
                yield world.proven().actor(index, at=OVER)
            else:
                yield world.actor(index, at=OVER if world.exit == "code" else 3)
        elif actor.at == 3:
            yield replace(world, exit=world.exit or "order").actor(index, at=4)
        elif actor.at == 4:
            yield world.actor(index, at=OVER if world.exit == "code" else 5)
        elif actor.at == 5:  # what a look finds is not what lives when the signal is sent
            found = tuple(number for number, runner in enumerate(world.runners) if runner.alive)
            yield world.actor(index, at=6 if found else 7, saw=found)
        elif actor.at == 6:
            for number in actor.saw:
                world = world.runner(number, at=OVER, script=False)
            yield world.actor(index, at=5, saw=None)
        elif actor.at == 7:
            yield world.proven().actor(index, at=OVER)

    def veto(self, world: World) -> World:
        return replace(world, pid="veto") if world.pid is None else world

    def newer(self, world: World, index: int, actor: Actor) -> Iterator[World]:
        """take_lock.sh of the same plan's next run (not while a job lives), then facts.sh."""
        if actor.at == 0 and not self.working(world):
            yield world.actor(index, at=1)
        elif actor.at == 1:
            yield replace(world, lock="new").actor(index, at=2)
        elif actor.at == 2:
            yield world.actor(index, at=OVER, saw="nothing launched" if world.pid is None else "a job")

    def working(self, world: World) -> bool:
        return isinstance(world.pid, int) and world.exit != "code" and world.runners[world.pid].at != OVER

    def moves(self, world: World) -> Iterator[World]:
        for index, actor in enumerate(world.actors):
            if actor.at != OVER:
                yield from getattr(self, actor.kind)(world, index, actor)
                yield world.actor(index, at=OVER, saw="died")
        for index, runner in enumerate(world.runners):
            if runner.at != OVER:
                yield from self.runner(world, index, runner)
                yield world.runner(index, at=OVER)  # kill -9 of the runner alone: its script lives on
                yield world.runner(index, at=OVER, script=False)
            elif runner.script:
                yield world.runner(index, script=False)


def broken_promise(world: World) -> str | None:
    """Which promise this world breaks."""
    scripts = sum(runner.script for runner in world.runners)
    if world.runs > 1:
        return "the script ran twice"
    if world.exit == "code" and (scripts or not world.runs):
        return "a result without an end"
    if world.runs_when_proven is not None and (scripts or world.runs != world.runs_when_proven):
        return "alive after it was proven dead"
    for actor in world.actors:
        if actor.saw == "nothing launched" and world.runs:
            return "launched by an old run after a new one saw nothing"
        if actor.saw == "launched" and world.pid is None:
            return "said to be launched, and is not"
    return None


def all_worlds(protocol: Protocol, *actors: Actor, limit: int = 2_000_000) -> Iterator[World]:
    """Every world that can come to be, each once."""
    first = World(actors)
    known, waiting = {first}, [first]
    while waiting:
        world = waiting.pop()
        yield world
        for following in protocol.moves(world):
            if following not in known:
                known.add(following)
                waiting.append(following)
        assert len(known) < limit


SCENES = {
    "two controllers start": (Actor("start"), Actor("start")),
    "three controllers start": (Actor("start"), Actor("start"), Actor("start")),
    "one starts while one terminates": (Actor("start"), Actor("terminate")),
    "two start while one terminates": (Actor("start"), Actor("start"), Actor("terminate")),
    "one starts while two terminate": (Actor("start"), Actor("terminate"), Actor("terminate")),
    "a newer run takes over while one starts": (Actor("start"), Actor("newer", "new")),
    "a newer run takes over while two start": (Actor("start"), Actor("start"), Actor("newer", "new")),
    "a newer run takes over while one starts and one terminates": (
        Actor("start"),
        Actor("terminate"),
        Actor("newer", "new"),
    ),
}


@pytest.mark.parametrize("scene", SCENES)
def test_no_order_of_steps_and_deaths_breaks_a_promise(scene: str) -> None:
    count = 0
    for world in all_worlds(Protocol(), *SCENES[scene]):
        count += 1
        assert (broken_promise(world), world if broken_promise(world) else None) == (None, None)
    assert count > 100


@pytest.mark.parametrize("scene", ["two controllers start", "one starts while one terminates"])
def test_from_wherever_everybody_died_one_more_start_finds_the_job_or_runs_it_once(scene: str) -> None:
    ends = 0
    for world in all_worlds(Protocol(), *SCENES[scene]):
        if all(actor.at == OVER for actor in world.actors) and not any(runner.alive for runner in world.runners):
            ends += 1
            after = undisturbed(replace(world, actors=(Actor("start"),)))
            assert broken_promise(after) is None
            if world.pid is None:
                assert (after.runs, after.exit) == (1, "code")
            else:
                assert after == replace(world, actors=after.actors)
    assert ends > 10


def undisturbed(world: World) -> World:
    """Let everybody go on to the end, without a death."""
    protocol = Protocol()
    while True:
        steps = [
            step
            for index, actor in enumerate(world.actors)
            if actor.at != OVER
            for step in getattr(protocol, actor.kind)(world, index, actor)
        ]
        steps += [step for index, runner in enumerate(world.runners) for step in protocol.runner(world, index, runner)]
        if not steps:
            return world
        world = steps[0]


class TakenWithoutExclusion(Protocol):
    """A runner that writes its number over another's: mkdir as the claim, and a launch whenever there is no number."""

    def take(self, world: World, index: int) -> World:
        return replace(world, pid=index).runner(index, at=1)


class LockSeenFirst(Protocol):
    """A runner that relies on the fence its start has passed."""

    def look_at_lock(self, world: World, index: int, runner: Runner) -> World:
        return world.runner(index, at=2)


class WithoutVeto(Protocol):
    """A termination that only kills what it finds."""

    def veto(self, world: World) -> World:
        return world


@pytest.mark.parametrize(
    ("protocol", "scene", "promise"),
    [
        (TakenWithoutExclusion(), "two controllers start", "the script ran twice"),
        (
            LockSeenFirst(),
            "a newer run takes over while one starts",
            "launched by an old run after a new one saw nothing",
        ),
        (WithoutVeto(), "one starts while one terminates", "alive after it was proven dead"),
    ],
)
def test_the_model_finds_what_each_step_is_there_for(protocol: Protocol, scene: str, promise: str) -> None:
    assert promise in {broken_promise(world) for world in all_worlds(protocol, *SCENES[scene])}
