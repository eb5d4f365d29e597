"""Does everybody whom a plan names have the role that the controls want of them, by include/people.yaml?"""

from collections.abc import Iterator

from deployplan.plan.model.controls import Controls
from deployplan.plan.model.plan import PersonNamed, Plan
from deployplan.plan.model.roster import Roster


def strangers(plan: Plan, controls: Controls, roster: Roster | None) -> Iterator[PersonNamed]:
    """Yield whom a plan names to approve or decide in a role that they do not have; nobody where that is not asked.

    Without a roster nobody has a role. `of` of each says which role is lacking.
    """
    asked = controls.documented
    if asked.approvers != "people":
        return
    held = {name: set(person.roles) for name, person in roster.people.items()} if roster is not None else {}
    for each in plan.people_named():
        mine = held.get(each.name, set())
        if each.role == "authority":
            role = plan.approval.authorities[each.name]
            if role not in mine:
                yield PersonNamed(each.name, each.role, each.path, f" has not the role {role!r}")
        elif each.role == "backout authority" and not (mine & set(asked.roles) if asked.roles else mine):
            wanted = " or ".join(map(repr, asked.roles)) or "any"
            yield PersonNamed(each.name, each.role, each.path, f" has not the role {wanted}")
