"""Why a first document cannot be written."""

from deployplan.errors import DeployPlanError


class NotDrafted(DeployPlanError):
    """What a first document is to be made of cannot be read wholly, or is not there."""
