"""An answer counts when it comes from somebody whom the card was put to, whatever Airflow let through."""

from pathlib import Path

import pytest

from deployplan.runbook.run.answers import require_asked
from deployplan.runbook.run.run import Refused
from unit.runbook.runs import a_run, freeze

CARDS = ("review.approve_1", "verify.manual_order", "backout.decide")


@pytest.mark.parametrize("task", CARDS)
@pytest.mark.parametrize("person", ["Anonymous", "erin", "", None])
def test_an_answer_of_somebody_who_was_not_asked_counts_for_nothing(
    tmp_path: Path, task: str, person: str | None
) -> None:
    run = a_run(tmp_path)
    freeze(run)
    run.ledger.record("card_put", task=task, clear=0, people=["amir", "mia"], subject="?")
    with pytest.raises(Refused, match=rf"the answer to {task} came from .*; asked were amir, mia: it counts"):
        require_asked(run, task, person)
    require_asked(run, task, "mia")


def test_only_the_latest_card_of_the_task_says_who_was_asked(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    run.ledger.record("card_put", task="backout.decide", clear=0, people=["amir"], subject="?")
    run.ledger.record("card_put", task="backout.decide", clear=1, people=["mia"], subject="?")
    with pytest.raises(Refused):
        require_asked(run, "backout.decide", "amir")


def test_a_card_that_was_never_put_is_answered_by_nobody(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="asked were nobody"):
        require_asked(a_run(tmp_path), "backout.decide", "mia")
