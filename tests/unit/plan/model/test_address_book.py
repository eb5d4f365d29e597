"""Who is told by which channel: `via` decides for every audience, and whom nobody can reach is named."""

from datetime import UTC, datetime
from typing import Any

from builders import a_plan
from deployplan.plan.model.address_book import AddressBook
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.roster import Roster
from deployplan.plan.text.strict import freeze_lists

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
APPROVAL = {"authorities": {"mia": "manager", "amir": "owner", "zoe": "owner"}}
PEOPLE = {"mia": {"mail": "mia@acme.example", "handles": {"slack": "U02ABC"}}, "amir": {"handles": {"slack": "U03DEF"}}}


def a_book(people: dict[str, Any] | None, **keys: Any) -> AddressBook:
    roster = None if people is None else Roster.model_validate(freeze_lists({"people": people}))
    return AddressBook(a_plan(approval=APPROVAL, **keys), roster)


def to_approvers(*via: str, to: str = "approvers") -> dict[str, Any]:
    return {"communications": [{"to": to, "on": ["announced"], "via": list(via)}]}


def told(book: AddressBook) -> list[tuple[str, str, str]]:
    (communication,) = book.plan.communications
    return [(each.group, each.to, each.via) for each in book.told_by(communication)]


def test_a_group_is_told_person_by_person_on_the_channels_that_the_plan_names_and_on_no_other() -> None:
    assert told(a_book(PEOPLE, **to_approvers("mail"))) == [("mia", "mia@acme.example", "mail")]
    assert told(a_book(PEOPLE, **to_approvers("notifier"))) == [
        ("mia", "@mia", "notifier"),
        ("amir", "@amir", "notifier"),
    ]
    assert told(a_book(PEOPLE, **to_approvers("log", "mail", "webhook"))) == [
        ("approvers", "approvers", "log"),
        ("mia", "mia@acme.example", "mail"),
        ("mia", "@mia", "webhook"),
        ("amir", "@amir", "webhook"),
    ]


def test_who_has_no_address_on_a_channel_is_named_with_the_place_in_the_plan() -> None:
    def unreached(book: AddressBook) -> list[tuple[object, str]]:
        return [(each.path, each.told) for each in book.unreached()]

    assert unreached(a_book(PEOPLE, **to_approvers("log"))) == []
    assert unreached(a_book(PEOPLE, **to_approvers("mail", "notifier"))) == [
        (("communications", 0, "via", 0), "amir, zoe of approvers: nobody knows a mail address of theirs"),
        (
            ("communications", 0, "via", 1),
            "zoe of approvers: nobody knows a handle of theirs, so that notifier tells them nothing",
        ),
    ]
    room = a_book(None, **to_approvers("mail", "notifier", to="#room"))
    assert [each.path for each in room.unreached()] == [("communications", 0, "via", 0)]
    desk = a_book(None, **to_approvers("mail", "webhook", "log", to="desk@acme.example"))
    assert [each.path for each in desk.unreached()] == [("communications", 0, "via", 1)]


def test_a_contact_of_the_escalation_without_any_address_is_named_and_the_others_are_not() -> None:
    contacts = ["mia", "amir", "zoe", "nobody", "#pager", "duty@acme.example", "ops", "chen", "approvers"]
    delivery = {
        "team": {"chen": {"role": "developer", "mail": "chen@acme.example"}},
        "escalation": [{"after": "10m", "contact": each} for each in contacts],
    }
    roster = {"people": PEOPLE, "on_call": {"ops": {"pager": "pd"}}}
    book = AddressBook(a_plan(approval=APPROVAL, delivery=delivery), Roster.model_validate(freeze_lists(roster)))
    assert [each.path[2] for each in book.unreached()] == [contacts.index("zoe"), contacts.index("nobody")]


def test_who_has_no_mail_address_is_reached_by_a_handle() -> None:
    book = a_book(PEOPLE)
    found = [[(each.to, each.via) for each in book.reach(name, NIGHT)] for name in ("mia", "amir", "zoe")]
    assert found == [[("mia@acme.example", "mail")], [("@amir", "named")], []]


def test_a_plan_of_its_own_is_enough_where_there_is_no_people_file() -> None:
    team = {"team": {"mia": {"role": "manager", "mail": "mia@team.example"}}}
    plan: Plan = a_plan(approval=APPROVAL, delivery=team, **to_approvers("mail"))
    assert told(AddressBook(plan)) == [("mia", "mia@team.example", "mail")]
