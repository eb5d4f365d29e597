"""What can go wrong with a run's record?"""

from __future__ import annotations

from deployplan.errors import DeployPlanError


class RecordError(DeployPlanError):
    """A run's record is missing, ambiguous or not readable; the message lists what there is."""


class LedgerDamaged(RecordError):
    """A ledger is not what was written; `problems` says where."""

    def __init__(self, place: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"the evidence in {place} is not intact: {'; '.join(problems)}")
        self.problems = problems


class AlreadyActive(RecordError):
    """Another run of the plan is under way; `run_id` and `digest` name it."""

    def __init__(self, plan: str, run_id: str, digest: str) -> None:
        super().__init__(f"run {run_id!r} of plan {plan!r} is under way with digest {digest[:12]}; it must end first")
        self.run_id = run_id
        self.digest = digest
