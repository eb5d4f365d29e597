"""A random schedule of faults and persons' acts, made from its seed alone, and how it is carried out."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from faults.scene import Controller, Scene

POINTS = (
    "launch",
    *(f"{side}-{command}" for side in ("before", "after") for command in ("facts", "lock", "start", "ledger", "seen")),
    *(f"{side}-{command}" for side in ("before", "after") for command in ("terminate", "unlock")),
    "before-watch",
)
LONGEST_WAIT = 1.5
"""Seconds after which a fault strikes although the point it waits for was not reached."""

MARK = 'mark "$DEPLOYPLAN_COMPONENT {step} $DEPLOYPLAN_ATTEMPT"'
# One mark an attempt, and nobody else of the component at work: what breaks that is written down.
# A process that is dead and not yet reaped by its init is at work no more, though `kill -0` still finds it.
SCRIPT = """\
cd || exit 9
me="$DEPLOYPLAN_COMPONENT {step} $DEPLOYPLAN_ATTEMPT"
(set -C; : > "mark $me") 2>/dev/null || echo "TWICE $me" >> steps
busy="at work $DEPLOYPLAN_COMPONENT"
other="/proc/$(cat "$busy" 2>/dev/null)/status"
if grep -q "^State:[[:space:]]*[RSDTtI]" "$other" 2>/dev/null; then echo "OVERLAP $me" >> steps; fi
echo $$ > "$busy"
echo "$me begun" >> steps
sleep {seconds}
[ ! -e "bad $DEPLOYPLAN_COMPONENT {step}" ] || {{ rm -f "$busy"; exit 3; }}
echo {version} > "version $DEPLOYPLAN_COMPONENT"
echo "$me ended" >> steps
rm -f "$busy"
"""


@dataclass(frozen=True)
class Event:
    """What happens, to which node, and the point on that node at which it happens (None: after `after` seconds)."""

    act: str
    node: str
    point: str | None
    after: float


@dataclass(frozen=True)
class Schedule:
    """One random plan with its random misfortunes; `patient` people clear what failed, others back it out."""

    seed: int
    nodes: int
    components: dict[str, dict[str, Any]]
    bad: tuple[tuple[str, str], ...]
    events: tuple[Event, ...]
    patient: bool
    cleared_in_the_end: bool


ACTS = {
    "kill": 4,
    "copy": 2,
    "stop": 2,
    "freeze": 2,
    "restart sshd": 1,
    "cut": 3,
    "reboot": 1,
    "step clock": 1,
    "clear": 3,
    "mark failed": 2,
    "resume": 1,
}


def schedule(seed: int) -> Schedule:
    """The schedule of this seed, the same each time."""
    rng = random.Random(seed)
    names = [f"n{number + 1}" for number in range(rng.choice((1, 1, 2, 3)))]
    components: dict[str, dict[str, Any]] = {}
    for number in range(rng.choice((1, 1, 2))):
        component: dict[str, Any] = {
            "nodes": names if number == 0 else names[:1],
            "deploy": SCRIPT.format(step="deploy", seconds=rng.choice((0, 0.2, 0.6)), version=2),
            "undo": SCRIPT.format(step="undo", seconds=rng.choice((0, 0.2)), version=1),
            "terminate_grace": rng.choice(("0s", "1s")),
            "timeout": "10m",
        }
        if number:
            component["after"] = ["c1"]
        if len(component["nodes"]) > 1 and rng.random() < 0.5:
            component["waves"] = [1, "100%"]
        if rng.random() < 0.2:
            component["max_failures"] = 1
        components[f"c{number + 1}"] = component
    bad = [(rng.choice(names), f"c1 {step}") for step, odds in (("deploy", 0.2), ("undo", 0.1)) if rng.random() < odds]
    events = tuple(_event(rng, names) for _ in range(rng.randint(1, 6)))
    return Schedule(seed, len(names), components, tuple(bad), events, rng.random() < 0.5, rng.random() < 0.2)


def _event(rng: random.Random, names: list[str]) -> Event:
    act = rng.choices(list(ACTS), weights=list(ACTS.values()))[0]
    point = rng.choice(POINTS) if rng.random() < 0.7 else None
    return Event(act, rng.choice(names), point, rng.choice((0.0, 0.1, 0.3, 0.7)))


def criteria(schedule: Schedule) -> dict[str, Any]:
    """Each component's version on each of its nodes."""
    return {
        f"version-{name}": {
            "command": f'cat ~/"version {name}"',
            "expect": {"stdout": "2"},
            "on": component["nodes"],
            "fail_after": 2,
        }
        for name, component in schedule.components.items()
    }


class Carried:
    """A schedule under way: what Airflow would do after each event, and how the run is brought to an end."""

    def __init__(self, scene: Scene, schedule: Schedule) -> None:
        self.scene, self.schedule = scene, schedule
        self.clear = 0
        self.leg: tuple[str, ...] = ("arm", "deploy")
        self.told: list[str] = []

    def carry_out(self) -> None:
        """All events, then to the end of the run."""
        scene, plan = self.scene, self.schedule
        scene.write(plan.components, success=criteria(plan))
        for name, what in plan.bad:
            (scene.nodes[name].node.home / f"bad {what}").touch()
        for gated in scene.nodes.values():
            for component in plan.components:
                (gated.node.home / f"version {component}").write_text("1\n")
        scene.start("approve", *self.leg)
        for event in plan.events:
            self._happen(event)
        scene.open_gates()
        scene.step_clock(0.0)
        self._wake_all()
        for controller in scene.controllers:
            _wait(partial(_is_over, controller), 90.0)
        self._bring_to_an_end()
        if plan.cleared_in_the_end and scene.outcome() == "success":
            self._clear()
            self._bring_to_an_end()

    # -- events

    def _happen(self, event: Event) -> None:
        gated = self.scene.nodes[event.node]
        if event.point is not None and not (gated.gates / f"{event.point}.reached").exists():
            gated.close_gate(event.point)
            _wait(lambda: gated.reached(event.point or "") or not self._working(), LONGEST_WAIT)
        else:
            time.sleep(event.after)
        self.told.append(f"{event} {'reached' if event.point and gated.reached(event.point) else ''}")
        acts: dict[str, Callable[[], object]] = {
            "kill": self._kill,
            "copy": self._again,
            "stop": self._stop,
            "freeze": self._freeze,
            "restart sshd": gated.node.restart,
            "cut": lambda: self.scene.cut(event.node),
            "reboot": lambda: self.scene.reboot(event.node),
            "step clock": lambda: self.scene.step_clock(86_400.0 if event.after else -86_400.0),
            "clear": self._clear,
            "mark failed": self._mark_failed,
            "resume": self._wake_all,
        }
        acts[event.act]()
        if event.after < 0.5:  # else what stands still there does so until the end
            gated.open_gates()

    def _working(self) -> list[Controller]:
        return [controller for controller in self.scene.controllers if controller.alive and not controller.ended]

    def _again(self) -> None:
        """Airflow starts the task once more."""
        self.scene.start(*self.leg, clear=self.clear)

    def _kill(self) -> None:
        for controller in self._working()[-1:]:
            controller.kill()
        self._again()

    def _stop(self) -> None:
        for controller in self._working()[-1:]:
            controller.stop()
        self._again()

    def _freeze(self) -> None:
        for controller in self._working()[-1:]:
            controller.send(signal.SIGSTOP)
        self._again()

    def _clear(self) -> None:
        """A person has repaired what was bad and clears the deploy."""
        for controller in self._working():
            controller.stop()
        for node, what in self.schedule.bad:
            (self.scene.nodes[node].node.home / f"bad {what}").unlink(missing_ok=True)
        self.clear += 1
        self.leg = ("arm", "deploy")
        self._again()

    def _mark_failed(self) -> None:
        """A person marks the task failed: what runs is ended, and the backout begins beside that."""
        for controller in self._working():
            controller.stop(marked=True)
        self.leg = ("backout", "outcome")
        self._again()

    def _wake_all(self) -> None:
        for controller in self.scene.controllers:
            controller.send(signal.SIGCONT)

    # -- the end

    def _bring_to_an_end(self) -> None:
        """What Airflow and people would do until the run has an outcome."""
        for _ in range(8):
            last = self.scene.start(*self.leg, clear=self.clear).wait()
            self.told.append(f"{self.leg} {self.clear}: {last.told}")
            if last.told == "done: " and "outcome" in self.leg:
                return
            if last.told == "done: ":
                self.leg = ("verify", "outcome")
            elif self.leg[0] == "arm" and self.schedule.patient and self.clear < 6:
                self._clear()
                self.scene.controllers[-1].wait()
            elif self.leg[0] == "arm":
                self.leg = ("backout", "outcome")
            else:
                self.leg = ("outcome",)
        raise AssertionError("the run found no end:\n" + "\n".join(self.told))


def _is_over(controller: Controller) -> bool:
    return not controller.alive


def _wait(true: Callable[[], bool], patience: float) -> None:
    """Wait until `true()`, or until the patience is over."""
    deadline = time.monotonic() + patience
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
