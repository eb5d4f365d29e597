"""What `access` of an environment grants on the DAG of a release, in the words of Airflow's FAB auth manager.

Each grant counts only together with what a role may do at all (deploy/fab/roles.json): to answer a card FAB asks for
the right to edit the DAG, and for that to edit HITL details.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Grants = dict[str, dict[str, set[str]]]

_GRANTS = {
    "engineer": {"DAGs": {"can_read", "can_edit"}, "DAG Runs": {"can_read", "can_create"}},
    "approver": {"DAGs": {"can_read", "can_edit"}, "DAG Runs": {"can_read"}},
    "viewer": {"DAGs": {"can_read"}, "DAG Runs": {"can_read"}},
}
"""By what an environment calls it. Nobody is granted the deletion of a release or of its runs."""


def access_control(access: Mapping[str, str] | None) -> Grants | None:
    """Return the DAG's `access_control`, by role; None leaves what administrators granted as it is."""
    if access is None:
        return None
    return {role: {kind: set(actions) for kind, actions in _GRANTS[may].items()} for role, may in access.items()}
