"""The notifiers of Slack, PagerDuty, Opsgenie, Jira and Discord tell fake services, to the letter: `make chaos`."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.notifier_channel import NotifierChannel, notifier_of
from notifier_server import a_service
from unit.comms.prepared import a_message
from unit.comms.test_notifier_channel import Connection

pytestmark = [pytest.mark.airflow, pytest.mark.chaos]

PACKAGES = Path(sys.prefix) / "notifiers"
"""Where `make chaos` puts requirements-chaos.txt, beside what Airflow runs on."""
SECRET = "s3cret-of-the-service"
TO_HERE = (
    "import os, pagerduty\n"
    "here = property(lambda self: os.environ['PAGERDUTY_HERE'], lambda self, url: None)\n"
    "pagerduty.EventsApiV2Client.url = here\n"
)
"""PagerDuty's client knows one address only."""

SERVICES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "slack": (
        "slack.notifications.slack.SlackNotifier",
        {"channel": "#releases", "slack_conn_id": "service"},
        {"conn_type": "slack", "password": SECRET, "extra": {"base_url": "URL/api/"}},
        "/api/chat.postMessage",
    ),
    "discord": (
        "discord.notifications.discord.DiscordNotifier",
        {"discord_conn_id": "service"},
        {"conn_type": "discord", "host": "URL", "extra": {"webhook_endpoint": f"webhooks/1/{SECRET}"}},
        f"/webhooks/1/{SECRET}",
    ),
    "pagerduty": (
        "pagerduty.notifications.pagerduty.PagerdutyNotifier",
        {"pagerduty_events_conn_id": "service"},
        {"conn_type": "pagerduty_events", "password": SECRET},
        "/v2/enqueue",
    ),
    "opsgenie": (
        "opsgenie.notifications.opsgenie.OpsgenieNotifier",
        {"opsgenie_conn_id": "service"},
        {"conn_type": "opsgenie", "host": "URL", "password": SECRET},
        "/v2/alerts",
    ),
    "jira": (
        "atlassian.jira.notifications.jira.JiraNotifier",
        {"jira_conn_id": "service", "project_id": 7, "issue_type_id": 3},
        {"conn_type": "jira", "host": "URL", "login": "bot", "password": SECRET},
        "/rest/api/2/issue",
    ),
}


HANDLES = {"mia": {"slack": "U02ABC", "discord": "123456789"}, "zoe": {"slack": "!channel", "discord": "here"}}
CALLED = {"slack": "<@U02ABC> {{ 7 * 7 }} live", "discord": "<@123456789> {{ 7 * 7 }} live"}
"""How those begin whom a question asks, by services that have a word for it; Zoe's handles are no handles."""


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("status", [200, 403])
async def test_a_service_is_told_to_the_letter_or_says_why_not(
    name: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not PACKAGES.is_dir():
        pytest.skip("`make chaos` installs the notifiers")
    path, arguments, connection, asked = SERVICES[name]
    (tmp_path / "sitecustomize.py").write_text(TO_HERE if name == "pagerduty" else "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(PACKAGES)]))
    answer = {"ok": status == 200, "error": "no_such_channel", "status": "success", "dedup_key": "k", "result": "r"}
    with a_service(
        status=status, answer=answer | {"requestId": "r", "took": 0.1, "id": "1", "key": "OPS-1"}
    ) as service:
        monkeypatch.setenv("PAGERDUTY_HERE", service.url)
        monkeypatch.setenv("AIRFLOW_CONN_SERVICE", json.dumps(connection).replace("URL", service.url))
        held = Connection(notifier=f"airflow.providers.{path}", arguments=json.dumps(arguments))
        channel = NotifierChannel({"ops": notifier_of(held)})
        message = a_message(to="#ops", subject="{{ 7 * 7 }} live", body="{% raw %} <!channel>\n", handles=HANDLES)
        if status == 200:
            assert await channel.send(message) == "notifier #ops took it"
        else:
            with pytest.raises(SendError) as caught:
                await channel.send(message)
            assert not caught.value.uncertain, caught.value
            assert SECRET not in str(caught.value)
    method, where, _, body = service.asked[0]
    assert (method, where.partition("?")[0]) == ("POST", asked)
    words = next(filter(lambda each: "live" in each, _texts_in(body)))
    assert words.startswith(CALLED.get(name, "{{ 7 * 7 }} live")), words
    assert ("<@" in body, "<!channel>" in " ".join(_texts_in(body))) == (name in CALLED, name not in CALLED)
    assert "{% raw %}" in body


def _texts_in(body: str) -> list[str]:
    """The texts that a service was told: values of a form, or of JSON, however deep."""
    form = [value for _, value in parse_qsl(body)]
    try:
        return list(_leaves(json.loads(body)))
    except ValueError:
        return form


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
