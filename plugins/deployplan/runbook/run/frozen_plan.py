"""The plan that a run froze, by its digest: the one way in which a worker, a trigger or a command reads it."""

from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.snapshot_error import SnapshotDamaged


def frozen_plan(records: Records, plan: str, digest: str) -> Snapshot:
    """Return the plan with this digest.

    Raises RecordError when there is none, SnapshotDamaged when what is kept under the digest is not what it stands for.
    """
    return snapshot_of(records.snapshot(plan, digest), plan, digest)


def snapshot_of(text: str, plan: str, digest: str) -> Snapshot:
    """Return the plan that a text from the record store holds; raises as `frozen_plan` does."""
    found = Snapshot.from_json(text, digest)
    if found.plan.name != plan:
        raise SnapshotDamaged(f"the frozen plan {digest[:12]} is {found.plan.name!r}, asked for was {plan!r}")
    return found
