"""One person is told by what a service calls them, and a room is told with a mention of whom it is about."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from deployplan.comms.apprise_channel import AppriseChannel, Services
from deployplan.comms.channel import SendError
from deployplan.comms.message import Message
from deployplan.comms.named_channel import ByName, naming
from deployplan.comms.notifier_channel import Notifier, NotifierChannel
from deployplan.comms.webhook_channel import Webhook, WebhookChannel
from unit.comms.prepared import a_message

SLACK = "airflow.providers.slack.notifications.slack.SlackNotifier"
DISCORD = "airflow.providers.discord.notifications.discord.DiscordNotifier"
TELLS_BACK = (
    "import json, sys; order = json.load(sys.stdin); "
    "print(json.dumps({'why': json.dumps(order['arguments']), 'uncertain': False}))"
)
"""Stands where Airflow's notifier would be asked, and says what it was given."""
HANDLES = {"mia": {"slack": "U02ABC", "discord": "123456789"}, "amir": {"dm": "U03DEF"}}


def notifiers(**named: Notifier) -> NotifierChannel:
    return NotifierChannel(named, program=TELLS_BACK)


def about(to: str, handles: Mapping[str, Mapping[str, str]] = HANDLES) -> Message:
    return a_message(to=to, subject="shop 2: waits", body="for you <!channel>\n", handles=handles)


async def given(channel: NotifierChannel, message: Message) -> tuple[str, dict[str, Any]]:
    """The name of the notifier that was asked, and the arguments that it was given."""
    with pytest.raises(SendError) as caught:
        await channel.send(message)
    name, _, arguments = str(caught.value).partition(": ")
    found: dict[str, Any] = json.loads(arguments)
    return name, found


async def test_a_person_is_told_by_the_notifier_that_takes_one_of_their_handles() -> None:
    channel = notifiers(releases=Notifier(SLACK, {"channel": "#releases"}), dm=Notifier(SLACK, {"channel": "{handle}"}))
    for person, handle in (("mia", "U02ABC"), ("amir", "U03DEF")):  # by the service's word, by the notifier's name
        name, arguments = await given(channel, about(f"@{person}"))
        assert (name, arguments["channel"]) == ("notifier #dm", handle)
        assert arguments["text"] == "shop 2: waits\n\nfor you < !channel>\n"


async def test_a_person_without_a_handle_there_is_evidence_in_words_and_nobody_else_is_told() -> None:
    with pytest.raises(SendError, match=r"zoe has no handle of a notifier of operations .*theirs: none; known: #dm"):
        await notifiers(dm=Notifier(SLACK, {"channel": "{handle}"})).send(about("@zoe"))
    with pytest.raises(SendError, match=r"mia has no handle of a notifier .*theirs: discord, slack; known: #releases"):
        await notifiers(releases=Notifier(SLACK, {"channel": "#releases"})).send(about("@mia"))
    with pytest.raises(SendError, match="notifier #dm tells one person by a handle, so warehouse was not told"):
        await notifiers(dm=Notifier(SLACK, {"channel": "{handle}"})).send(about("#dm"))


async def test_a_chat_room_is_told_with_a_mention_of_whom_it_is_about_and_of_nobody_else() -> None:
    room = notifiers(room=Notifier(SLACK, {"channel": "#room"}), talk=Notifier(DISCORD))
    _, slack = await given(room, about("#room"))
    assert slack["text"] == "<@U02ABC> shop 2: waits\n\nfor you < !channel>\n"
    _, discord = await given(room, about("#talk"))
    assert discord["text"].startswith("<@123456789> shop 2: waits")
    for strange in ("!channel", "here", "U02ABC> <!channel", "u02abc"):
        _, slack = await given(room, about("#room", {"mia": {"slack": strange}}))
        assert slack["text"].startswith("shop 2: waits")
    pager = Notifier("acme.Pager", {"x": "{text}"})
    _, told = await given(notifiers(pager=pager), about("#pager"))
    assert told["x"].startswith("shop 2: waits")


async def test_a_webhook_is_given_the_handles_that_stand_under_its_name() -> None:
    channel = WebhookChannel({"dm": Webhook("http://127.0.0.1:1"), "room": Webhook("http://127.0.0.1:1")})
    assert channel.reaches(HANDLES["amir"])
    assert not channel.reaches(HANDLES["mia"])
    name, _ = channel._meant_by(about("@amir"))
    assert name == "dm"
    with pytest.raises(SendError, match="mia has no handle of a webhook"):
        await channel.send(about("@mia"))


async def test_apprise_puts_the_handle_into_the_address_and_quotes_it() -> None:
    channel = AppriseChannel({"dm": Services(("slack://token/{handle}",)), "room": Services(("slack://token/#room",))})
    assert channel._urls_for(about("@amir")) == ("slack://token/U03DEF",)
    assert channel._urls_for(about("@amir", {"amir": {"dm": "a/../b"}})) == ("slack://token/a%2F..%2Fb",)
    with pytest.raises(SendError, match="#dm tells one person by a handle"):
        await channel.send(about("#dm"))
    assert (channel.reaches(HANDLES["amir"]), channel.reaches(HANDLES["mia"])) == (True, False)


async def test_by_name_a_person_goes_to_the_first_channel_that_knows_a_handle_of_theirs() -> None:
    hooks = WebhookChannel({"dm": Webhook("http://127.0.0.1:1")})
    by_name = ByName(naming({"notifier": notifiers(room=Notifier(SLACK, {"channel": "#room"})), "webhook": hooks}))
    with pytest.raises(SendError, match=r"http://127.0.0.1 cannot be reached"):
        await by_name.send(about("@amir"))
    with pytest.raises(SendError, match="mia has no handle of a notifier, webhook or Apprise service"):
        await by_name.send(about("@mia"))
