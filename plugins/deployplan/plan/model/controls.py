"""Release controls: the gates every plan for an environment must pass, owned by the deployment manager."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from deployplan.plan.model.component import Share
from deployplan.plan.text.scalars import Count, Duration, Flag, Positive, Text
from deployplan.plan.text.strict import ShortName, Strict

Section = Literal["risks", "impact", "delivery", "communications", "test_evidence", "security_impact"]
GateName = Literal["documented", "components", "package", "configuration", "customer", "backout", "handover"]


def _people_by_role(value: Any) -> Any:
    """A list of roles says nothing of the people."""
    return dict.fromkeys(value, ()) if isinstance(value, list | tuple) else value


class Documented(Strict):
    """Gate 1: the plan is documented and reviewed."""

    change_required: Flag = Field(False, description="a change ticket must be named")
    window_required: Flag = Field(False, description="a window must be stated, by the plan or by the environment")
    sections: tuple[Section, ...] = Field((), description="parts that must be stated; absent: none")
    quorum: Positive = Field(1, description="least number of authorities that must approve")
    roles: Annotated[dict[Text, tuple[Text, ...]], BeforeValidator(_people_by_role)] = Field(
        {},
        description="roles of which each must be among the authorities, as a list; with the user ids of those who may"
        " approve in each, `{product owner: [amir]}`, nobody else may approve or decide on a backout; absent: none",
    )

    approvers: Literal["plan", "people"] = Field(
        "plan",
        description="`people`: an authority must have the role in which it approves in include/people.yaml, and who "
        "decides on a backout one of `roles`; `plan`: whom `roles` names, else whom the plan names",
    )
    authors: Literal["plan", "repository"] = Field(
        "plan",
        description="who counts as author and cannot approve: whom the plan names; or also everybody whose commits "
        "touched the plan, its procedure, their scripts or a package of it since the product was released last",
    )
    unknown_authors: Literal["refuse", "tell"] = Field(
        "refuse",
        description="with `authors: repository`, when the history is not there, or names an address of nobody in "
        "include/people.yaml: the release is not ready; or the approver's card says so",
    )
    signed: Flag = Field(
        False,
        description="with `authors: repository`, each commit must be signed by an SSH key of include/allowed_signers; "
        "who signed it counts as author, too",
    )
    machines: tuple[Text, ...] = Field(
        (),
        description="addresses that commit what others wrote, as noreply@github.com; they count as nobody where they "
        "are the committer; absent: none",
    )

    @property
    def named_approvers(self) -> frozenset[tuple[str, str]]:
        """Who may approve, each in a role; empty when the controls leave that to the plan."""
        return frozenset((user, role) for role, people in self.roles.items() for user in people)


class ComponentGate(Strict):
    """Gate 2: components are defined, integrated, compatible."""

    machine_criteria: Literal["none", "one", "every_component"] = Field(
        "one",
        description="criteria a program can read: none needed, at least one, or one on the nodes of every component",
    )
    max_failures: Count | None = Field(
        None, description="most node failures a component may tolerate; absent: no limit"
    )


class PackageGate(Strict):
    """Gate 3: the integrity of the package is verified and kept."""

    required: Flag = Field(False, description="every component must install a package with a sha256")
    source_required: Flag = Field(False, description="every package must name the tag or commit it was built from")


class ConfigurationGate(Strict):
    """Gate 4: configuration items."""

    items_required: Flag = Field(False, description="the configuration items affected must be listed")
    ticket_for_fix: Flag = Field(
        True, description="a release with reason `fix` must name a ticket (`change` or `scope.fixes`)"
    )


class CustomerGate(Strict):
    """Gate 5: the customer confirms that users are ready."""

    customer_required: Flag = Field(False, description="the customer must be stated")
    end_users_required: Flag = Field(False, description="end users must be stated")
    training_before_window: Flag = Field(
        True, description="training that is needed must be dated before the window opens"
    )


class BackoutGate(Strict):
    """Gate 6: the release can be backed out without harm to the rest."""

    allow_irreversible: Flag = Field(True, description="a component may say why it has no undo")
    tested: Flag = Field(False, description="the backout must have been tested")
    tested_within: Duration | None = Field(
        None, description="the test may be this old when the window opens; absent: any age"
    )
    previous_required: Flag = Field(False, description="the release to go back to must be named")
    neighbour_required: Flag = Field(False, description="at least one neighbour must be watched")


class HandoverGate(Strict):
    """Gate 7: operations and support have it in hand, with documents."""

    support_tiers: Count = Field(0, description="how many support tiers must be named")
    docs_required: Flag = Field(False, description="support documents must be named")
    escalation_required: Flag = Field(False, description="an escalation ladder must be stated")


class Emergency(Strict):
    """What changes for a release with reason `emergency`: fewer papers, more eyes."""

    waives: tuple[GateName, ...] = Field((), description="gates that an emergency release need not pass; absent: none")
    quorum: Positive | None = Field(None, description="quorum of an emergency release; absent: that of `documented`")
    second_authority: tuple[Text, ...] = Field(
        (),
        description="user ids; an emergency release that cannot be approved without one of them passes freezes; "
        "absent: freezes hold emergencies too",
    )


class Controls(Strict):
    """The minimum that the deployment manager asks of every plan for an environment. Every key may be absent."""

    environment: ShortName | None = Field(
        None, description="name of the environment, = the file's name; absent: the file's name"
    )
    documented: Documented = Field(Documented(), description="gate 1; absent: its defaults")
    components: ComponentGate = Field(ComponentGate(), description="gate 2; absent: its defaults")
    package: PackageGate = Field(PackageGate(), description="gate 3; absent: its defaults")
    configuration: ConfigurationGate = Field(ConfigurationGate(), description="gate 4; absent: its defaults")
    customer: CustomerGate = Field(CustomerGate(), description="gate 5; absent: its defaults")
    backout: BackoutGate = Field(BackoutGate(), description="gate 6; absent: its defaults")
    handover: HandoverGate = Field(HandoverGate(), description="gate 7; absent: its defaults")
    min_in_service: Share | None = Field(
        None,
        description="how many nodes of a component with `traffic` stay in service, count or percentage (rounded up); "
        "absent: no limit but the waves",
    )
    emergency: Emergency = Field(
        Emergency(), description="rules for `reason: emergency`; absent: the same as for others"
    )
