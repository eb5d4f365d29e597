"""`deployplan ack`, `messages`, `hold` and `close` at a terminal, as a person, against the real API application."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from command_line import deployplan
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.evidence.kinds.people import MessageBegun, MessageFailed, MessageSent
from deployplan.evidence.record import RunRecord
from signed_in import login_token
from unit.runbook.telling.test_calls import DECIDE
from unit.runbook.telling.told_runs import KEY, begin

pytestmark = pytest.mark.airflow

UNCERTAIN, SENT = "bbbbbb1c" * 4, "aaaaaa1c" * 4
As = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunRecord:
    """A run under way, with a mail that was sent and one that may have arrived."""
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "include").mkdir()
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(tmp_path / "include"))
    settings.cache_clear()
    record, _ = begin(tmp_path / "records", SystemClock())
    names = {"to": "warehouse", "moment": "started", "via": "mail"}
    for key, end in (
        (SENT, MessageSent(key=SENT, attempt="1", receipt="250 OK", **names)),
        (UNCERTAIN, MessageFailed(key=UNCERTAIN, attempt="1", why="it went away", uncertain=True, **names)),
    ):
        record.ledger().keep(MessageBegun(key=key, attempt="1", **names))
        record.ledger().keep(end)
    return record


@pytest.fixture
def as_user(served_api: str, run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> As:
    """Run a command with somebody's token; without a name with no login."""

    def act(name: str | None, *words: str, role: str = "USER") -> Result:
        for variable in ("DEPLOYPLAN_USER", "DEPLOYPLAN_TOKEN", "DEPLOYPLAN_PASSWORD"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("DEPLOYPLAN_URL", served_api)
        if name is not None:
            monkeypatch.setenv("DEPLOYPLAN_TOKEN", login_token(name, role))
        return deployplan(*words)

    return act


def last(record: RunRecord) -> tuple[str, object]:
    entry = record.ledger().entries()[-1]
    return entry.kind, entry.facts.get("by")


def test_ack_stands_in_the_evidence_in_the_name_of_who_logged_in_and_says_what_needed_somebody(
    as_user: As, run: RunRecord
) -> None:
    nothing = as_user("amir", "ack", "shop-2")
    assert (nothing.exit_code, "no run of shop-2 needs anybody now" in nothing.stderr) == (1, True)
    run.ledger().keep(DECIDE)
    said = as_user("amir", "ack", "shop-2", "--note", "on my way")
    told = "amir has shop-2/run-1 in hand, nobody else is called: shop-2: back out?\n"
    assert (said.exit_code, told in said.stdout) == (0, True)  # the server's own log comes there, too
    entry = run.ledger().entries()[-1]
    assert (entry.kind, entry.facts["by"], entry.facts["note"]) == ("acknowledged", "amir", "on my way")
    refused = as_user("vic", "ack", "shop-2", role="VIEWER")
    assert (refused.exit_code, "vic may not take a run in hand" in refused.stderr) == (1, True)
    assert last(run) == ("acknowledged", "amir")


def test_what_became_of_each_message_is_printed_and_the_exit_code_says_that_not_all_arrived(as_user: As) -> None:
    told = as_user(None, "messages", "shop-2", "--run", "run-1")
    assert told.exit_code == 1, told.output
    rows = [line.split() for line in told.stdout.splitlines()]
    assert [(row[0], row[1]) for row in rows[1:]] == [(SENT, "sent"), (UNCERTAIN, "uncertain")]


def test_what_is_uncertain_is_sent_again_in_the_name_of_who_logged_in_and_of_nobody_else(
    as_user: As, run: RunRecord
) -> None:
    resend = ("messages", "shop-2", "--run", "run-1", "--resend", UNCERTAIN[:6])
    for name, role, code, why in (
        (None, "USER", 2, "nobody is logged in"),
        ("vic", "VIEWER", 1, "vic may not have messages of a run sent again"),
    ):
        refused = as_user(name, *resend, role=role)
        assert (refused.exit_code, why in refused.stderr) == (code, True), refused.output
    unknown, why = as_user("olga", *resend[:-1], "dddddd"), "shop-2/run-1 has a key that begins with 'dddddd'"
    assert (unknown.exit_code, why in unknown.stderr) == (1, True)
    assert last(run) == ("message_failed", None)
    done = as_user("olga", *resend)
    assert (done.exit_code, "1 is sent again within seconds, as olga wants\n" in done.stdout) == (0, True)
    entry = run.ledger().entries()[-1]
    assert (entry.kind, entry.facts["by"], entry.facts["key"]) == ("send_again", "olga", UNCERTAIN)
    for key, why in ((UNCERTAIN, "it waits to be sent again already"), (SENT, "it was sent, and there is no doubt")):
        refused = as_user("olga", *resend[:-1], key)
        assert (refused.exit_code, why in refused.stderr) == (1, True), refused.output
    assert run.ledger().entries()[-1] == entry


def test_a_hold_with_a_login_is_that_persons_and_one_without_says_that_nobody_logged_in(
    as_user: As, run: RunRecord
) -> None:
    assert as_user("erin", "hold", "--reason", "network works").exit_code == 0
    assert last(run) == ("all_held", "erin")
    assert as_user(None, "resume").exit_code == 0
    kind, by = last(run)
    assert (kind, str(by).startswith("os user "), str(by).endswith(" (no login)")) == ("all_resumed", True, True)


def test_a_record_is_closed_in_the_name_of_the_login_which_must_have_the_right(as_user: As, run: RunRecord) -> None:
    words = ("close", "shop-2", "--reason", "its frozen plan was changed", "--yes")
    refused = as_user("vic", *words, role="VIEWER")
    assert (refused.exit_code, "vic may not close the record of a run" in refused.stderr) == (1, True)
    assert as_user("mia", *words).exit_code == 0
    (outcome,) = [entry for entry in run.ledger().entries() if entry.kind == "outcome"]
    assert outcome.facts["because"] == "closed by mia: its frozen plan was changed"
    assert outcome.at - run.ledger().entries()[0].at < timedelta(minutes=10)
