"""What is wrong with a window or a freeze that cannot be?"""

from deployplan.errors import DeployPlanError


class WindowError(DeployPlanError):
    """A window or freeze that cannot be: its zone, rule, order of times, length or calendar text."""
