"""An http criterion is read from the controller: only on nodes of the environment, and where operations allow it.

Anything else is refused when it is read, and counts as unknown. `reach` of the infrastructure allows host names,
addresses and networks; this machine (127.0.0.1, localhost) and its link only when they are named there as such.
Where a name in `reach` allows the URL's host, `host` must be named there too.

PASS
    success:
      health: {http: "http://{host}:8080/health"}

FAIL
    success:
      health: {http: "http://{host}:8080/health"}
      billing: {http: "http://127.0.0.1:8080/health", neighbour: true}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.criterion_shapes import HttpCriterion
from deployplan.plan.model.endpoint import NoEndpoint
from deployplan.plan.model.reach import Reach
from deployplan.plan.text.problem import Problem

ID: Final = "reach-allows"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None:
        return
    reach = draft.environment.model.reachable()
    for criterion in draft.plan.machine_criteria():
        if criterion.from_node:
            continue
        refused = (_refused(reach, criterion, question) for question in draft.questions(criterion))
        for host in dict.fromkeys(host for host in refused if host):
            message = (
                f"criterion {criterion.name!r} reads {host}: no node of {draft.plan.environment}, and not in its reach"
            )
            hint = f"have operations write `reach: [{host}]` into include/infrastructure/{draft.plan.environment}.yaml"
            place = draft.tree.place("success", criterion.name, criterion.kind)
            yield Problem.at(place, ID, message, hint, SEVERITY)
        yield from _asked_for(draft, reach, criterion)


def _asked_for(draft: Draft, reach: Reach, criterion: MachineCriterion) -> Iterator[Problem]:
    """`host` of a criterion, where it would be asked for at what only a name in reach opens."""
    if not isinstance(criterion, HttpCriterion) or (asked := criterion.host) is None:
        return
    for question in draft.questions(criterion):
        try:
            found = criterion.endpoint(question)
        except NoEndpoint:
            continue
        if reach.may_take(found.host, found.port) and not reach.may_take_for(asked, found.host, found.port):
            message = f"criterion {criterion.name!r} asks {found.host} for {asked}, and reach names the first alone"
            name = asked.partition(":")[0]
            hint = f"have operations write `reach: [{name}]` into include/infrastructure/{draft.plan.environment}.yaml"
            yield Problem.at(draft.tree.place("success", criterion.name, "host"), ID, message, hint, SEVERITY)
            return


def _refused(reach: Reach, criterion: MachineCriterion, question: str) -> str | None:
    """The host that would be refused; None also for what is no address, which others tell."""
    try:
        found = criterion.endpoint(question)
    except NoEndpoint:
        return None
    return None if found is None or reach.may_take(found.host, found.port) else found.host
