"""The facts of an evidence entry read as what they meant; and the entries that count."""

from pathlib import Path

from deployplan.runbook.run.facts import by_node, number_in, text_in, texts_in, wave_of
from deployplan.runbook.run.run import last, since
from unit.runbook.runs import a_run, node_result


def test_facts_are_read_as_what_the_step_meant(tmp_path: Path) -> None:
    entry = a_run(tmp_path).record("wave_ended", component="web", wave=2, excluded=["n1"], nodes={"n2": node_result()})
    assert text_in(entry, "component") == "web"
    assert number_in(entry, "wave") == 2
    assert wave_of(entry) == ("web", 2)
    assert texts_in(entry, "excluded") == ["n1"]
    assert by_node(entry)["n2"]["state"] == "done"


def test_a_list_that_is_absent_or_something_else_is_empty(tmp_path: Path) -> None:
    entry = a_run(tmp_path).record("wave_ended", excluded="n1", nodes=["n1"])
    assert texts_in(entry, "nothing") == []
    assert texts_in(entry, "excluded") == []
    assert by_node(entry) == {}


def test_the_last_entry_of_several_kinds_is_the_one_that_came_last(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    for kind in ("armed", "arming", "armed", "decision"):
        run.record(kind)
    entries = run.ledger.entries()
    assert [entry.seq for entry in (last(entries, "armed", "arming"), last(entries, "arming")) if entry] == [3, 2]
    assert last(entries, "outcome") is None


def test_since_begins_with_the_last_of_its_kind_and_is_everything_when_there_is_none(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    for kind in ("armed", "decision", "armed", "outcome"):
        run.record(kind)
    entries = run.ledger.entries()
    assert [entry.seq for entry in since(entries, "armed")] == [3, 4]
    assert since(entries, "sealed") == entries
