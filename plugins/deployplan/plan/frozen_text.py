"""A snapshot as it is kept, and back; who reads one believes nothing that the digest does not vouch for."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from deployplan.plan.digest import FORMAT, disagreement, first_digest
from deployplan.plan.model.controls import Controls
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.script import Script
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.plan.text.strict import frozen

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot


def text_of(snapshot: "Snapshot") -> str:
    """Return the JSON in which a snapshot is kept: what was approved, and what it is made of, in file order."""
    stored = {
        "format": FORMAT,
        "approved": snapshot.approved,
        "plan": snapshot.plan.model_dump(mode="json"),
        "infrastructure": snapshot.infrastructure.model_dump(mode="json"),
        "controls": snapshot.controls.model_dump(mode="json"),
        "scripts": [script.model_dump(mode="json") for script in snapshot.scripts],
    }
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def snapshot_in(text: str | bytes, digest: str | None) -> "Snapshot":
    """Return the snapshot that a text holds, which must have this digest; None takes whatever it has.

    Raises SnapshotDamaged when the text is none, or anything in it is not what its digest stands for.
    """
    try:
        text = text if isinstance(text, str) else text.decode()
        stored = json.loads(text)
        version = stored.get("format", 1)
        if version not in (1, FORMAT):
            raise SnapshotDamaged(f"the frozen plan has format {version!r}; this version reads 1 and {FORMAT}")
        found = _first(stored, digest) if version == 1 else _second(stored, digest)
        found.__dict__["kept"] = text  # a later version would write more; frozen again, it must stay what was approved
        return found
    except SnapshotDamaged:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SnapshotDamaged(f"the frozen plan cannot be read: {type(error).__name__}: {error}") from error


def _second(stored: dict[str, Any], digest: str | None) -> "Snapshot":
    text = stored["approved"]
    found = hashlib.sha256(text.encode()).hexdigest()
    if digest is not None and found != digest:
        raise SnapshotDamaged(f"the frozen plan has digest {found[:12]}, asked for was {digest[:12]}")
    snapshot = _made_of(stored)
    if part := disagreement(json.loads(text), stored, snapshot):
        raise SnapshotDamaged(f"{part} in the frozen plan {found[:12]} is not what was approved")
    snapshot.__dict__["approved"] = text
    return snapshot


def _first(stored: dict[str, Any], digest: str | None) -> "Snapshot":
    """The first format kept the models alone; its digest left out what equals its default."""
    snapshot = _made_of(stored)
    found = first_digest(snapshot.plan, snapshot.nodes(), snapshot.scripts)
    if digest is not None and found != digest:
        raise SnapshotDamaged(
            f"the frozen plan, of the first format, has digest {found[:12]}, asked for was {digest[:12]}"
        )
    snapshot.__dict__["digest"] = found
    return snapshot


def _made_of(stored: dict[str, Any]) -> "Snapshot":
    from deployplan.plan.snapshot import Snapshot

    scripts = tuple(Script.model_validate(frozen(each)) for each in stored["scripts"])
    for script in scripts:
        if hashlib.sha256(script.content).hexdigest() != script.sha256:
            raise SnapshotDamaged(f"script {script.path} in the frozen plan is not what was approved")
    return Snapshot(
        plan=Plan.model_validate(frozen(stored["plan"])),
        infrastructure=Infrastructure.model_validate(frozen(stored["infrastructure"])),
        controls=Controls.model_validate(frozen(stored["controls"])),
        scripts=scripts,
    )
