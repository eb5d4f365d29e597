"""Airflow's own notifiers send what a plan wrote, to the letter; what goes wrong is told without a secret."""

import email
import email.policy
import json
import os
import sys
from pathlib import Path

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.notifier_channel import Notifier, NotifierChannel
from notifier_server import a_service
from unit.comms.prepared import a_message
from unit.runbook.telling.told_runs import a_post

pytestmark = pytest.mark.airflow

SMTP = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
OURS = """
from airflow.sdk import BaseHook
from airflow.sdk.bases.notifier import BaseNotifier

class Pager(BaseNotifier):
    template_fields = ("text", "conn_id")
    template_ext = (".txt",)

    def __init__(self, text, conn_id):
        super().__init__()
        self.text, self.conn_id = text, conn_id

    def notify(self, context):
        import httpx
        connection = BaseHook.get_connection(self.conn_id)
        headers = {"Authorization": connection.password}
        answer = httpx.post(connection.host, json={"text": self.text}, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"{connection.password} was refused at {connection.host}")

class Broken(Pager):
    def notify(self, context):
        super().notify(context)
        raise RuntimeError(f"lost after {BaseHook.get_connection(self.conn_id).password}")
"""


async def test_a_template_in_a_message_arrives_to_the_letter_by_airflows_own_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_post() as post:
        connection = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": post.port,
            "extra": {"disable_tls": True, "disable_ssl": True, "from_email": "r@acme.example"},
        }
        monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps(connection))
        notifier = Notifier(SMTP, {"to": "ops@acme.example", "smtp_conn_id": "mail"})
        message = a_message(to="#ops", subject="{{ 7 * 7 }} live", body="{% raw %} <b> {{ macros }}\n")
        assert await NotifierChannel({"ops": notifier}).send(message) == "notifier #ops took it"
        assert post.subjects() == ["{{ 7 * 7 }} live"]
        content = post.taken[0].content
        assert isinstance(content, bytes)
        (part,) = email.message_from_bytes(content, policy=email.policy.default).iter_parts()
        assert "{% raw %} &lt;b&gt; {{ macros }}" in part.get_content()


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "acme_pager.py").write_text(OURS)
    (tmp_path / "secret.txt").write_text("what no message may bring out")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    return "acme_pager.Pager"


@pytest.mark.parametrize(
    ("kind", "status", "why"),
    [
        ("Pager", 200, None),
        ("Pager", 403, "RuntimeError: *** was refused at http://127.0.0.1"),
        ("Broken", 200, "RuntimeError: lost after ***"),
    ],
)
async def test_a_notifier_of_operations_own_is_told_and_its_secrets_are_not(
    pager: str, monkeypatch: pytest.MonkeyPatch, kind: str, status: int, why: str | None
) -> None:
    with a_service(status=status) as service:
        connection = {"conn_type": "http", "host": f"{service.url}/hooks/t0ken-of-it", "password": "s3cret-of-pager"}
        monkeypatch.setenv("AIRFLOW_CONN_PAGER", json.dumps(connection))
        notifier = Notifier(f"acme_pager.{kind}", {"text": "{subject}", "conn_id": "pager"})
        channel = NotifierChannel({"ops": notifier})
        if why is None:
            await channel.send(a_message(to="#ops", subject="secret.txt"))
        else:
            with pytest.raises(SendError) as caught:
                await channel.send(a_message(to="#ops", subject="secret.txt"))
            assert why in str(caught.value)
            assert "t0ken-of-it" not in str(caught.value)
            assert caught.value.uncertain
    assert [json.loads(body) for _, _, _, body in service.asked] == [{"text": "secret.txt"}]


async def test_what_was_never_handed_over_is_known_to_be_so(pager: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "http", "host": "http://127.0.0.1:1/", "password": "s3cret-of-pager"}
    monkeypatch.setenv("AIRFLOW_CONN_PAGER", json.dumps(connection))
    for path, conn_id in ((pager, "pager"), (pager, "nowhere"), ("acme_pager.BaseHook", "pager")):
        channel = NotifierChannel({"ops": Notifier(path, {"text": "{text}", "conn_id": conn_id})})
        with pytest.raises(SendError) as caught:
            await channel.send(a_message(to="#ops"))
        assert not caught.value.uncertain, caught.value
