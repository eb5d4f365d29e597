"""What is raised for a frozen plan that is not what was approved; whoever parses DAGs imports this and no models."""

from deployplan.errors import DeployPlanError


class SnapshotDamaged(DeployPlanError, ValueError):
    """A frozen plan is not what was approved, or not readable; nothing of it may run."""
