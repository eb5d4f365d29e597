"""Any notifier of Airflow: what it is given, and what is told of it. The process itself: tests/airflow/server."""

from typing import Any

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.named_channel import ByName, naming
from deployplan.comms.notifier_channel import Notifier, NotifierChannel, fill_words, notifier_of
from deployplan.comms.webhook_channel import Webhook, WebhookChannel
from deployplan.plan.model.moment import Moment
from unit.comms.prepared import a_message

SLACK = "airflow.providers.slack.notifications.slack.SlackNotifier"
TOOK = "import sys; sys.stdin.read(); print('noise'); print('{\"why\": null, \"uncertain\": false}')"


class Connection:
    """What operations keep, as an Airflow connection does."""

    host = schema = login = password = None
    port = None

    def __init__(self, **extra: Any) -> None:
        self.extra_dejson = extra


def test_the_words_stand_where_the_arguments_say_each_put_in_once() -> None:
    message = a_message(subject="s {body} {{ 7 * 7 }}", body="b {key}\n", moment=Moment.FAILED)
    arguments = {
        "payload": {"message": "{subject}", "tags": ["{moment}", 7, None]},
        "severity": "{severity}",
        "x": "{y}",
    }
    assert fill_words(arguments, message) == {
        "payload": {"message": "s {body} {{ 7 * 7 }}", "tags": ["failed", 7, None]},
        "severity": "critical",
        "x": "{y}",
    }


def test_no_message_calls_a_whole_room_or_passes_a_link_off_as_another() -> None:
    text = fill_words(
        "{text}", a_message(subject="<!channel> @everyone", body="<http://evil.example|click> a@here.example\n")
    )
    assert text == "< !channel> @ everyone\n\n< http://evil.example|click> a@ here.example\n"


def test_what_is_put_into_html_is_text_there() -> None:
    assert fill_words("{html}", a_message(subject="<b>", body="&\n")) == "<pre>&lt;b&gt;\n\n&amp;\n</pre>"


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ({}, "the extra `notifier` of its connection is no path of a class"),
        ({"notifier": "os.system; x"}, "the extra `notifier` of its connection is no path of a class"),
        ({"notifier": SLACK, "arguments": "{"}, "the extra `arguments` of its connection is no mapping"),
        ({"notifier": SLACK, "arguments": ["x"]}, "the extra `arguments` of its connection is no mapping"),
        (
            {"notifier": "acme.Pager", "arguments": {"room": "x"}},
            "none of its arguments takes the message: write {text}, {subject} or {body}",
        ),
        ({"notifier": SLACK}, None),
        ({"notifier": SLACK, "arguments": '{"channel": "#releases"}'}, None),
        ({"notifier": "acme.Pager", "arguments": {"fields": {"a": ["{body}"]}}}, None),
    ],
)
async def test_a_connection_that_names_no_notifier_is_told_when_it_is_needed(
    extra: dict[str, Any], problem: str
) -> None:
    notifier = notifier_of(Connection(**extra))
    assert notifier.problem == problem
    if problem is not None:
        with pytest.raises(SendError, match=f"notifier #room cannot be used: {problem.partition('{')[0]}"):
            await NotifierChannel({"room": notifier}).send(a_message(to="#room"))


async def test_a_name_that_nobody_has_set_is_told_with_those_that_are_known() -> None:
    with pytest.raises(SendError, match=r"'#rom' is no notifier of operations \(known: #room\)") as caught:
        await NotifierChannel({"room": Notifier(SLACK)}).send(a_message(to="#rom"))
    assert not caught.value.uncertain


async def test_what_hangs_is_given_up_and_uncertain() -> None:
    channel = NotifierChannel({"room": Notifier(SLACK)}, timeout=-29.0, program="import time; time.sleep(600)")
    with pytest.raises(SendError, match="notifier #room did not end within 1 s") as caught:
        await channel.send(a_message(to="#room"))
    assert caught.value.uncertain


async def test_a_process_that_dies_is_uncertain_and_what_it_said_is_not_told() -> None:
    channel = NotifierChannel({"room": Notifier(SLACK)}, program="raise SystemExit('token-of-slack')")
    with pytest.raises(SendError, match="the process of notifier #room ended with 1") as caught:
        await channel.send(a_message(to="#room"))
    assert caught.value.uncertain


async def test_a_key_among_the_arguments_is_not_told() -> None:
    said = 'import sys; sys.stdin.read(); print(\'{"why": "no such key: r0ut1ng-key", "uncertain": true}\')'
    channel = NotifierChannel({"room": Notifier(SLACK, {"integration_key": "r0ut1ng-key"})}, program=said)
    with pytest.raises(SendError, match=r"notifier #room: no such key: \*\*\*$"):
        await channel.send(a_message(to="#room"))


async def test_a_name_goes_to_whichever_channel_knows_it() -> None:
    notifiers = NotifierChannel({"room": Notifier(SLACK)}, program=TOOK)
    by_name = ByName(
        naming({"notifier": notifiers, "webhook": WebhookChannel({"hook": Webhook("http://127.0.0.1:1")})})
    )
    assert await by_name.send(a_message(to="#room")) == "notifier #room took it"
    with pytest.raises(SendError, match=r"http://127.0.0.1 cannot be reached"):
        await by_name.send(a_message(to="#hook"))
    with pytest.raises(SendError, match=r"'#x' is no notifier, webhook or Apprise service .*known: #hook, #room"):
        await by_name.send(a_message(to="#x"))
