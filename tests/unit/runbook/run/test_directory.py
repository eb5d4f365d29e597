"""One person is one person, whatever the auth manager calls them; whom nobody can tell from others is nobody."""

from pathlib import Path

import pytest

from builders import an_include
from deployplan.plan.load.roster_file import load_roster
from deployplan.runbook.run.directory import Directory

PEOPLE = """people:
  mia: {ids: ["3"]}
  amir: {ids: ["7"], logins: [amir.k, amir]}
  kay: {ids: ["2f6c1b9e-0d0b-4a7e-9d53-6a4d1f0c2b11", "9"]}
  erin:
"""


@pytest.fixture
def fab(tmp_path: Path) -> Directory:
    """FAB: ids are numbers, logins are user names."""
    include = an_include(tmp_path)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    return Directory(load_roster(include), ids_are_logins=False)


def test_without_a_roster_the_simple_auth_managers_names_are_peoples_names() -> None:
    simple = Directory()

    assert (simple.name_of("mia", "mia"), simple.name_of("mia", None)) == ("mia", "mia")
    assert (simple.name_of_login("mia"), simple.users_of("mia")) == ("mia", ("mia",))
    assert simple.reason(["mia"]) is None


def test_an_id_and_a_login_that_differ_are_nobodys_without_a_roster() -> None:
    """An authority called `3` would else be whoever has that number."""
    assert Directory().name_of("3", "mia") is None
    assert Directory().told("3", "mia") == "user 3 (mia)"


def test_where_ids_are_no_logins_nobody_is_known_without_a_roster() -> None:
    unmapped = Directory(ids_are_logins=False)

    assert (unmapped.name_of("mia", "mia"), unmapped.name_of_login("mia"), unmapped.users_of("mia")) == (None, None, ())
    assert "there is no include/people.yaml" in str(unmapped.reason(["mia"]))


def test_a_person_of_the_roster_is_found_by_id_and_by_login(fab: Directory) -> None:
    assert (fab.name_of("3", "mia"), fab.name_of("3", None), fab.name_of_login("mia")) == ("mia", "mia", "mia")
    assert (fab.name_of("7", "amir.k"), fab.name_of("7", "amir"), fab.name_of_login("amir.k")) == ("amir",) * 3
    assert fab.name_of("9", "kay") == "kay"
    assert fab.users_of("amir") == ("7",)
    assert fab.users_of("kay") == ("2f6c1b9e-0d0b-4a7e-9d53-6a4d1f0c2b11", "9")


@pytest.mark.parametrize(
    ("user", "login"),
    [
        ("3", "amir"),  # an administrator gave mia's number amir's name, or the other way round
        ("7", "mia"),
        ("3", "mia.new"),  # renamed, and the roster does not know it
        ("mia", "mia"),  # a name is no id here
        ("8", "mia"),
        ("3", "Mia"),
        ("3", "m\u0456a"),
        (" 3", "mia"),
        ("03", "mia"),
        ("", "mia"),
        (None, "mia"),
    ],
)
def test_two_names_of_one_user_are_never_two_people_and_a_look_alike_is_nobody(
    fab: Directory, user: str | None, login: str
) -> None:
    assert fab.name_of(user, login) is None


def test_what_evidence_calls_an_unknown_user_is_nobodys_name(fab: Directory) -> None:
    assert fab.told("8", "mia") == "user 8 (mia)"


def test_of_a_roster_that_cannot_be_read_nobody_is_anybody() -> None:
    torn = Directory(trouble="include/people.yaml cannot be used: 3:1")

    assert (torn.name_of("mia", "mia"), torn.name_of_login("mia"), torn.users_of("mia")) == (None, None, ())
    assert torn.reason(["mia"]) == torn.reason([]) == "include/people.yaml cannot be used: 3:1"


def test_the_reason_names_whom_nobody_knows(fab: Directory) -> None:
    assert fab.reason(["zoe", "Mia"]) == "zoe, Mia: nobody of include/people.yaml"
    assert fab.reason(["zoe", "mia"]) is None
    assert fab.known(["zoe", "mia", "erin"]) == ("mia", "erin")
