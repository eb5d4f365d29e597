"""A deployment plan: everything unique that is needed to bring one release into production."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from deployplan.plan.model.backout import Backout, Decision
from deployplan.plan.model.component import Component
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.criterion_shapes import AnyCriterion, ManualCriterion
from deployplan.plan.model.people import Approval, Communication, Delivery, Impact, Risk
from deployplan.plan.model.schedule import Schedule
from deployplan.plan.model.scope import Package, Scope
from deployplan.plan.text.scalars import Text
from deployplan.plan.text.strict import LongName, ShortName, Strict, named

Components = Annotated[dict[ShortName, Component], Field(min_length=1), named]
Criteria = Annotated[dict[ShortName, AnyCriterion], named]


@dataclass(frozen=True, slots=True)
class PersonNamed:
    """Somebody whom a plan names, as what, the path to the place where it does, and of what (` of CRITERION`)."""

    name: str
    role: str
    path: tuple[str | int, ...]
    of: str = ""

    @property
    def told(self) -> str:
        """What messages call them."""
        return f"{self.role} {self.name!r}{self.of}"


class Plan(Strict):
    """A plan merged over its procedure. Sections stand in the order of the practice."""

    name: LongName = Field(alias="plan", description="name of the plan, of its file and of its DAG")
    follows: LongName | None = Field(
        None, description="procedure it is merged over; absent: it states everything itself"
    )
    environment: ShortName = Field(description="names its infrastructure and controls files")
    author: Text = Field(description="user id of the author, who may not approve")
    change: Text | None = Field(None, description="change ticket; absent: none")
    scope: Scope = Field(description="1: what is released and why")
    package: dict[ShortName, Package] = Field(
        {}, description="artifacts by short name; absent: components run scripts only"
    )
    schedule: Schedule = Field(
        Schedule(), description="2: when; absent: in the environment's windows, else at any time"
    )
    components: Components = Field(
        description="2: what is done where, by name; file order among those that may run at once"
    )
    risks: tuple[Risk, ...] = Field((), description="3: risks and issues; absent: none stated")
    impact: Impact = Field(Impact(), description="4: who is affected; absent: not stated")
    approval: Approval = Field(description="5: who may approve")
    delivery: Delivery = Field(Delivery(), description="6 and 7: team, handover, escalation; absent: not stated")
    success: Criteria = Field({}, description="8: how success is known; absent: not at all, if the controls allow it")
    backout: Backout = Field(
        Backout(), description="when and how the previous release comes back; absent: automatically, whatever fails"
    )
    communications: tuple[Communication, ...] = Field((), description="messages to groups; absent: none are sent")

    def machine_criteria(self) -> tuple[MachineCriterion, ...]:
        """Return the criteria that a program reads, in file order."""
        return tuple(criterion for criterion in self.success.values() if isinstance(criterion, MachineCriterion))

    def deciding_criteria(self) -> tuple[MachineCriterion, ...]:
        """Return those of them whose word counts: a shadow's does not."""
        return tuple(criterion for criterion in self.machine_criteria() if not criterion.shadow)

    def manual_criteria(self) -> dict[str, ManualCriterion]:
        """Return the criteria that a person tries, by name, in file order."""
        return {name: each for name, each in self.success.items() if isinstance(each, ManualCriterion)}

    def people_named(self) -> Iterator[PersonNamed]:
        """Yield everybody who has a say in the release, as what, and where that stands."""
        yield PersonNamed(self.author, "author", ("author",))
        for user in self.approval.authorities:
            yield PersonNamed(user, "authority", ("approval", "authorities", user))
        for number, user in enumerate(self.backout.authority):
            yield PersonNamed(user, "backout authority", ("backout", "authority", number))
        for name, criterion in self.manual_criteria().items():
            if criterion.by is not None:
                yield PersonNamed(criterion.by, "tester", ("success", name, "by"), f" of {name}")

    def on_failure(self, component: str) -> Decision:
        """Return who decides when a wave of the component has failed; an older plan says it once for all of them."""
        return self.components[component].on_failure or self.backout.decision("deploy")

    def backout_authority(self) -> tuple[str, ...]:
        """Return who may decide on a backout."""
        return self.backout.authority or tuple(self.approval.authorities)

    def engineers(self) -> tuple[str, ...]:
        """Return those of the delivery team who carry the release out: on call, or deployment engineer by role."""
        team = self.delivery.team.items()
        return tuple(name for name, each in team if each.on_call or each.role.casefold() == "deployment engineer")

    def may_approve(self, *, besides: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the authorities that may approve: never the author, nor anyone named in `besides`."""
        barred = {self.author, *besides}
        return tuple(user for user in self.approval.authorities if user not in barred)
