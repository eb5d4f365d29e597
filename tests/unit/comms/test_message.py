import pytest

from deployplan.comms.message import Message, render
from deployplan.plan.model.moment import Moment
from unit.comms.prepared import a_communication, a_snapshot


def written(moment: str, to: str = "warehouse", value: str | None = None, **facts: object) -> Message:
    return render(a_communication(to, value=value), a_snapshot(), moment, facts)


def test_an_announcement_says_what_why_when_where_and_whom_to_ask() -> None:
    message = written("announced", value="orders the same day")
    assert message.subject == "storefront 4.3.0: planned"
    assert message.body == (
        "storefront 4.3.0 is planned for production.\n"
        "\n"
        "When: 2026-11-28 22:00 to 2026-11-29 02:00 Europe/Paris\n"
        "\n"
        "What: Customers can schedule an order for later.\n"
        "For you: orders the same day\n"
        "Features: F-17: Schedule an order for later\n"
        "Not part of it: billing\n"
        "Where: Lyon\n"
        "How: https://wiki.example/storefront\n"
        "\n"
        "You will notice: read-only for 10 minutes\n"
        "Downtime: 5 minutes\n"
        "\n"
        "Talk about it: #storefront-release\n"
        "Support: desk; ops\n"
        "\n"
        "Plan: storefront-4.3.0\n"
        "Change: CHG0041\n"
    )


def test_success_says_what_went_live_and_where_the_proof_is() -> None:
    message = written("success", outcome="success_with_issues", issues=["web-3 left out"], head="2d58", run="manual__1")
    assert message.subject == "storefront 4.3.0: live"
    for line in (
        "storefront 4.3.0 is live in production.",
        "Outcome: success_with_issues",
        "Known issues: web-3 left out",
        "What: Customers can schedule an order for later.",
        "Run: manual__1",
        "Evidence head: 2d58",
    ):
        assert f"{line}\n" in message.body
    assert "You will notice" not in message.body


def test_a_backout_says_which_release_is_back_and_why_and_promises_nothing() -> None:
    body = written("backed_out", reason="health on web-1: fail", found=["web is '4.2.1' on web-1"]).body
    assert "storefront 4.3.0 was taken back in production.\n" in body
    assert "Found there: web is '4.2.1' on web-1\n" in body
    assert "Why: health on web-1: fail\n" in body
    assert "For you" not in body
    assert "Features" not in body


def test_that_the_previous_release_is_back_is_not_said_where_nobody_looked() -> None:
    body = written("backed_out", reason="health on web-1: fail").body
    assert "4.2.1" not in body
    assert "Found there" not in body


def test_a_hold_says_that_nothing_is_changed_and_when_it_continues() -> None:
    body = written("on_hold", reason="frozen by year end", next_open="2026-12-01 22:00 CET").body
    assert "storefront 4.3.0 waits; nothing is being changed in production.\n" in body
    assert "Why: frozen by year end\nContinues: 2026-12-01 22:00 CET\n" in body


@pytest.mark.parametrize("moment", list(Moment))
def test_there_is_something_to_say_at_every_moment_even_without_facts(moment: Moment) -> None:
    message = render(a_communication(), a_snapshot(impact={}, delivery={}, change=None), moment)
    assert message.moment is moment
    assert message.subject.startswith("storefront 4.3.0: ")
    assert "None" not in message.subject + message.body
    assert "\n\n\n" not in message.body


def test_the_window_in_the_readers_words_beats_the_plans() -> None:
    assert "When: tonight\n" in written("announced", window="tonight").body


def test_a_plan_with_several_windows_does_not_pick_one() -> None:
    two = {"opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "Europe/Paris"}
    message = render(a_communication(), a_snapshot(schedule={"windows": (two, two)}), "announced")
    assert "When:" not in message.body


@pytest.mark.parametrize(
    ("to", "contact"),
    [
        ("warehouse", "warehouse@acme.example"),
        ("chen", "chen@acme.example"),
        ("dana", "dana"),
        ("boss@acme.example", "boss@acme.example"),
        ("#releases", "#releases"),
        ("https://hooks.example/T1", "https://hooks.example/T1"),
    ],
)
def test_a_message_goes_to_the_groups_contact(to: str, contact: str) -> None:
    message = written("success", to=to)
    assert (message.to, message.group) == (contact, to)


def test_the_same_message_made_again_has_the_same_key_though_its_words_differ() -> None:
    assert written("success", run="r1").key == written("success", run="r1", head="2d58").key


@pytest.mark.parametrize(
    "other",
    [
        written("failed", run="r1"),
        written("success", run="r2"),
        written("success", to="chen", run="r1"),
        written("success", run="r1", occasion=2),
        render(a_communication(), a_snapshot(plan="storefront-4.4.0"), "success", {"run": "r1"}),
    ],
)
def test_another_message_has_another_key(other: Message) -> None:
    assert other.key != written("success", run="r1").key


def test_a_key_can_stand_in_a_header() -> None:
    assert written("success", run="r1\r\nBcc: eve").key.isalnum()


def test_a_line_break_in_a_name_does_not_reach_the_subject() -> None:
    snapshot = a_snapshot(
        scope={"release": {"product": "store\r\nBcc: eve@x.example", "version": "1"}, "summary": "Orders."}
    )
    assert "\n" not in render(a_communication(), snapshot, "success").subject
