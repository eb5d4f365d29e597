"""A wave that asks is killed at every boundary, with SIGKILL: nothing is done that nobody chose, and nothing twice."""

from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.ledger import Ledger
from faults.controller import KEY
from faults.gates import until
from faults.scene import BEGIN, END, UNDO, Controller, Scene, Wires
from faults.zygote import Zygote

Death = tuple[str, str]
ALIVE: Death = ("", "")
TASK = "deploy.app.wave_1"
SILENCE = "silence"
FAILING = BEGIN + "[ ! -e broken ] || exit 3; " + END


def around(*kinds: str) -> list[Death]:
    return [(side, kind) for kind in kinds for side in ("before", "after")]


ANSWERED = around("card_closed", "failure_answered")
DEATHS = {
    "Try again": [*ANSWERED, *around("wave_started", "job_started", "wave_ended")],
    "Leave them out and go on": [*ANSWERED, *around("wave_started", "wave_ended")],
    "Back out": [*ANSWERED, *around("decision", "wave_ended")],
    "Wait": [*ANSWERED, *around("card_put")],
    SILENCE: around("failure_answered", "decision", "wave_ended"),
}
"""By answer, at which entries the process is killed that has to do with it."""
ALWAYS = [("after", "wave_stopped", "worker", "Try again", "after", "failure_answered")]
"""What `make test` tries: the question is recorded and not put up; the answer is recorded and not acted on."""
ASKING = [
    (*death, leg, "Try again", *ALIVE)
    for leg in ("worker", "triggerer")
    for death in (around("wave_stopped") + (around("card_put") if leg == "worker" else []))
]
ANSWERING = [(*ALIVE, "worker", answer, *death) for answer, deaths in DEATHS.items() for death in deaths]
CELLS = [
    *(pytest.param(*cell, id="-".join(filter(None, cell))) for cell in ALWAYS),
    *(pytest.param(*cell, id="-".join(filter(None, cell)), marks=pytest.mark.chaos) for cell in ASKING + ANSWERING),
]


@pytest.mark.airflow
@pytest.mark.parametrize(("side", "kind", "leg", "answer", "then", "of"), CELLS)
def test_a_wave_that_asks_and_is_killed_does_what_was_chosen_once(
    side: str, kind: str, leg: str, answer: str, then: str, of: str, tmp_path: Path, zygote: Zygote, wires: Wires
) -> None:
    with Scene(tmp_path / "scene", zygote, wires, nodes=2) as scene:
        app = {"nodes": ["n1", "n2"], "deploy": FAILING, "undo": UNDO, "on_failure": "ask", "terminate_grace": "0s"}
        scene.write({"app": app}, backout={"authority": ["mia"], "decide_within": "15m"})
        (scene.nodes["n2"].node.home / "broken").touch()
        first = scene.start("approve", "arm", "wave", death=(side, kind), in_triggerer=leg == "triggerer")
        if kind:
            _dies(first)
        else:
            assert first.wait().told.startswith("Parked")
        if leg == "triggerer":
            assert scene.start("wave", in_triggerer=True).wait().told.startswith("WorkerCalled")
        if kind:
            assert scene.start("wave").wait().told.startswith("Parked")
        assert len(scene.evidence("wave_stopped")) == 1
        assert not scene.evidence("failure_answered", "decision")
        _answer(scene, answer)
        if of:
            _dies(scene.start("wave", death=(then, of)))
        _see(scene, answer, scene.start("wave").wait().told)


def _dies(controller: Controller) -> None:
    until("the process is killed", lambda: not controller.alive)
    assert not controller.ended, controller.told


def _answer(scene: Scene, answer: str) -> None:
    """What the API server keeps of an answer; or the clock of the card runs out."""
    if answer == SILENCE:
        scene.step_clock(3600)
        return
    if answer == "Try again":
        (scene.nodes["n2"].node.home / "broken").unlink()
    facts: dict[str, Any] = {"person": "mia", "option": answer, "user": "mia", "login": "mia"}
    Ledger(scene.folder / "records", key=KEY).record("card_answered", task=TASK, **facts)


def _see(scene: Scene, answer: str, told: str) -> None:
    (answered,) = scene.evidence("failure_answered")
    assert answered.facts["person"] == (None if answer == SILENCE else "mia")
    begun = {name: sum("begun" in line for line in scene.steps(name)) for name in scene.nodes}
    assert begun == {"n1": 1, "n2": 2 if answer == "Try again" else 1}
    assert "TWICE" not in [line for name in scene.nodes for line in scene.steps(name)]
    if answer == "Wait":
        assert told.startswith("Parked")
        assert not scene.evidence("decision", "wave_ended")
        return
    if answer in ("Back out", SILENCE):
        assert told.startswith("StepFailed"), told
        assert scene.start("decide").wait().told == "done: "
        (decided,) = scene.evidence("decision")
        assert decided.facts["by"] == ("silence" if answer == SILENCE else "mia")
        scene.start("backout", "outcome").wait()
        assert (scene.outcome(), scene.version("n1"), scene.version("n2")) == ("backed_out", "1", "1")
        return
    assert told == "done: "
    scene.start("verify", "outcome").wait()
    assert not scene.evidence("decision") or scene.evidence("decision")[0].facts["decision"] == "nothing"
    expected = ("success", "2") if answer == "Try again" else ("success_with_issues", "1")
    assert (scene.outcome(), scene.version("n2")) == expected
