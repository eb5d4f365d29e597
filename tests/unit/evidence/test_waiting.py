"""What waiting runs say of themselves is kept for as long as they are not over, and never stops another run."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deployplan.evidence.record import Records
from deployplan.evidence.waiting import WaitingRun

AT = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
RUN = WaitingRun(
    plan="shop-2",
    run_id="run-1",
    environment="production",
    works_on=("web-1",),
    watches=("db-1",),
    priority=5,
    approved_at=AT,
    came_at=AT,
    opens_at=AT,
    ready_at=AT,
    heard_at=AT,
)


def test_what_a_run_says_is_read_by_others_and_replaced_by_what_it_says_next(tmp_path: Path) -> None:
    waiting = Records(str(tmp_path)).waiting
    waiting.put(RUN)
    assert Records(str(tmp_path)).waiting.all() == (RUN,)
    waiting.put(replace(RUN, started=True, expected=False))
    assert waiting.of("shop-2") == replace(RUN, started=True, expected=False)


def test_it_is_forgotten_when_the_run_is_over_and_not_by_another_run(tmp_path: Path) -> None:
    records = Records(str(tmp_path))
    records.open_run("shop-2", "run-1", "d" * 64)
    records.waiting.put(RUN)
    records.waiting.remove("shop-2", "run-0")
    assert records.waiting.all() == (RUN,)
    records.close_run("shop-2", "run-1")
    assert records.waiting.all() == ()


def test_a_file_that_is_none_of_ours_is_left_out(tmp_path: Path) -> None:
    waiting = Records(str(tmp_path)).waiting
    waiting.put(RUN)
    for name, text in (("a.json", "{"), ("b.json", '{"plan": "b"}'), ("c.txt", "?"), (".d.json", "{}")):
        (tmp_path / "waiting" / name).write_text(text)
    assert waiting.all() == (RUN,)
    assert waiting.of("nobody") is None
