"""What the evidence proves, and what is missing in it: a task's colour proves nothing."""

from collections.abc import Iterable

from deployplan.evidence.entry import Entry
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import Wave
from deployplan.runbook.run.facts import by_node, text_in, texts_in, wave_of
from deployplan.runbook.run.outcome_kinds import RELEASED
from deployplan.runbook.run.run import last, since


def missing_waves(snapshot: Snapshot, this_pass: tuple[Entry, ...]) -> tuple[list[str], set[str]]:
    """The waves without evidence that they ended well, none undone since; and the nodes left out of the other waves."""
    ended: dict[tuple[str, int], Entry] = {}
    for entry in this_pass:
        if entry.kind == "wave_ended":
            ended[wave_of(entry)] = entry
        elif entry.kind == "undo_ended":
            ended = {key: value for key, value in ended.items() if key[0] != entry.facts["component"]}
    missing: list[str] = []
    excluded: set[str] = set()
    for wave in snapshot.waves:
        proof = ended.get((wave.component, wave.number))
        if proof is None or not (proof.facts["ok"] or _only_criteria_failed(proof)):
            missing.append(f"{wave.component} wave {wave.number}")
        else:
            excluded |= set(texts_in(proof, "excluded"))
    return missing, excluded


def left_half_done(entries: Iterable[Entry]) -> str | None:
    """Say what the run has begun and neither released nor undone since, in any of its passes; None when nothing."""
    begun: dict[str, None] = {}
    proven = True
    for entry in entries:
        if entry.kind == "wave_started":
            begun[text_in(entry, "component")] = None
        elif entry.kind == "undo_ended" and entry.facts["ok"]:
            begun.pop(text_in(entry, "component"), None)
        elif entry.kind == "backout_verified":
            proven = bool(entry.facts["ok"])
        elif entry.kind == "outcome" and entry.facts["outcome"] in RELEASED:
            begun, proven = {}, True
    if begun:
        return f"{', '.join(begun)} was begun and neither released nor undone"
    return None if proven else "a backout was tried and not proven"


def waves_to_do(snapshot: Snapshot, this_pass: tuple[Entry, ...]) -> tuple[Wave, ...]:
    """The waves that did not end well, or were undone since, in the order they run."""
    done: set[tuple[str, int]] = set()
    for entry in this_pass:
        if entry.kind == "wave_ended":
            done = done | {wave_of(entry)} if entry.facts["ok"] else done - {wave_of(entry)}
        elif entry.kind == "undo_ended":
            done = {key for key in done if key[0] != entry.facts["component"]}
    return tuple(wave for wave in snapshot.waves if (wave.component, wave.number) not in done)


def _only_criteria_failed(entry: Entry) -> bool:
    """Whether the wave's scripts all ended well and only its gate did not hold: that can be accepted by a person."""
    return all(result["state"] == "done" for result in by_node(entry).values())


def unverified_criteria(snapshot: Snapshot, this_pass: tuple[Entry, ...]) -> list[str]:
    """The criteria without evidence that they held after the last wave."""
    proof = since(this_pass, "wave_ended")
    verified = last(proof, "verified")
    missing = [] if verified is not None and verified.facts["ok"] else ["the machine criteria"]
    return missing + [name for name in snapshot.plan.manual_criteria() if not passed_by_hand(proof, name)]


def passed_by_hand(entries: Iterable[Entry], criterion: str) -> bool:
    """Whether a person has said that this criterion holds, and nobody else since."""
    answers = (each for each in entries if each.kind == "manual_answer" and each.facts["criterion"] == criterion)
    answer = last(answers, "manual_answer")
    return answer is not None and bool(answer.facts["passed"])


def gate_held(entries: Iterable[Entry], wave: Wave) -> bool:
    """Whether the wave's criteria have held since its component was last undone; then they need not be read again."""
    held = False
    for entry in entries:
        if entry.kind == "wave_ended" and wave_of(entry) == (wave.component, wave.number):
            held = bool(entry.facts["ok"])
        elif entry.kind == "undo_ended" and entry.facts["component"] == wave.component:
            held = False
    return held
