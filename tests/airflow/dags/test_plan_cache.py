"""Plans that have not changed are not read anew, and one that has is never taken for what it was."""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import an_archive, an_include, write_plan
from deployplan.airflow_glue.dags import plan_cache, plans
from deployplan.airflow_glue.dags.dag_spec import Outline
from deployplan.airflow_glue.dags.plan_cache import PlanCache
from deployplan.airflow_glue.settings import Settings
from deployplan.plan.include import Include
from deployplan.plan.load.fingerprints import Looks
from deployplan.plan.load.loading import load_all

pytestmark = pytest.mark.airflow

PACKAGE = an_archive("install.sh")
PLAN = f"""\
package: {{web: {{file: shop-2.tar, sha256: {hashlib.sha256(PACKAGE).hexdigest()}}}}}
"""
CONTROLS = "environment: production\n"
FREEZES = "freezes: [{name: changes, calendar: changes.ics}]\n"
CALENDAR = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//EN\nEND:VCALENDAR\n"


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Include:
    found = an_include(tmp_path / "include", shop_2=PLAN, shop_3="")
    settings = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key", tmp_path / "cache")
    settings.key_file.write_bytes(b"k" * 32)
    monkeypatch.setattr(plans, "settings", lambda: settings)
    (found.plans / "shop-2").mkdir()
    (found.plans / "shop-2" / "own.sh").write_text("exit 0\n")
    (found.controls / "production.yaml").write_text(CONTROLS)
    environment = found.infrastructure / "production.yaml"
    environment.write_text(environment.read_text() + FREEZES)
    (found.infrastructure / "changes.ics").write_text(CALENDAR)
    return found


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The plans that each load has read."""
    seen: list[set[str]] = []

    def loaded(documents: Include, *, but: Any = ()) -> Any:
        seen.append({path.stem for path in documents.plan_paths() if path not in but})
        return load_all(documents, but=but)

    monkeypatch.setattr("deployplan.plan.load.loading.load_all", loaded)
    return seen


def entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*/*.json"))


def parse() -> tuple[dict[str, str], list[str]]:
    """What a parse finds: the digest of each plan, and the rules of all problems."""
    found = plans.catalogue()
    return {name: each.digest for name, each in found.outlines.items()}, [each.rule for each in found.problems]


def test_unchanged_plans_are_not_read_a_second_time(include: Include, loads: list[set[str]]) -> None:
    first = plans.catalogue()
    assert plans.catalogue() == first
    assert loads == [{"shop-2", "shop-3"}]
    assert set(first.outlines) == {"shop-2", "shop-3"}


def test_the_outline_of_a_plan_survives_being_kept(include: Include, loads: list[set[str]]) -> None:
    for each in plans.catalogue().outlines.values():
        assert Outline.of_json(each.as_json()) == each


def change_text(path: str, old: str, new: str) -> Callable[[Include], None]:
    def change(include: Include) -> None:
        file = include.root / path
        text = file.read_text()
        assert old in text
        facts = file.stat()
        file.write_text(text.replace(old, new))
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # content counts, not time

    return change


def new_file(path: str, content: str = "exit 0\n") -> Callable[[Include], None]:
    return lambda include: (include.root / path).write_text(content) and None


DIGEST_CHANGES = {
    "the plan": change_text("plans/shop-2.yaml", "follows: shop", "change: CHG1\nfollows: shop"),
    "its procedure": change_text("procedures/shop.yaml", "second edition", "third edition"),
    "its infrastructure": change_text("infrastructure/production.yaml", "10.0.0.1", "10.0.0.3"),
    "a script of the procedure": change_text("procedures/shop/up.sh", "exit 0", "exit 1"),
    "a script of its own": change_text("plans/shop-2/own.sh", "exit 0", "exit 1"),
    "a new script of its own": new_file("plans/shop-2/new.sh"),
    "a new script of the procedure": new_file("procedures/shop/new.sh"),
    "a removed script": lambda include: (include.plans / "shop-2" / "own.sh").unlink(),
    "a script that hides the procedure's": new_file("plans/shop-2/up.sh", "exit 2\n"),
}
PROBLEMS = {
    "a broken plan": (change_text("plans/shop-2.yaml", "follows", "folows"), "shop-2"),
    "a broken procedure": (change_text("procedures/shop.yaml", "author:", "auhtor:"), "shop-2"),
    "broken controls": (change_text("controls/production.yaml", "environment", "enviroment"), "shop-2"),
    "a broken calendar": (change_text("infrastructure/changes.ics", "BEGIN:VCALENDAR", "BEGIN"), "shop-2"),
    "a calendar that is gone": (lambda include: (include.infrastructure / "changes.ics").unlink(), "shop-2"),
    "a package with other bytes": (lambda include: (include.packages / "shop-2.tar").write_bytes(b"x"), "shop-2"),
    "a package that is gone": (lambda include: (include.packages / "shop-2.tar").unlink(), "shop-2"),
    "a script that is gone": (lambda include: (include.procedures / "shop" / "up.sh").unlink(), "shop-2"),
    "a procedure that is gone": (lambda include: (include.procedures / "shop.yaml").unlink(), "shop-2"),
}


@pytest.mark.parametrize("change", DIGEST_CHANGES.values(), ids=DIGEST_CHANGES)
def test_an_edit_of_any_file_that_the_plan_uses_shows_at_the_next_parse(
    include: Include, change: Callable[[Include], None]
) -> None:
    before, _ = parse()
    change(include)
    after, problems = parse()
    assert problems == []
    assert after["shop-2"] != before["shop-2"]
    assert after["shop-2"] == load_all(include).snapshots["shop-2"].digest


@pytest.mark.parametrize(("change", "plan"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_mistake_in_any_file_that_the_plan_uses_shows_at_the_next_parse(
    include: Include, change: Callable[[Include], None], plan: str
) -> None:
    assert parse()[1] == []
    change(include)
    digests, problems = parse()
    assert problems
    assert plan not in digests
    assert parse() == (digests, problems), "a plan with problems is read at every parse"


def test_controls_that_are_written_later_show_at_the_next_parse(include: Include) -> None:
    (include.controls / "production.yaml").unlink()
    assert parse()[1] == []
    (include.controls / "production.yml").write_text("mistake: true\n")
    assert parse()[1] != []


def test_a_plan_that_is_removed_leaves_no_entry(include: Include, tmp_path: Path) -> None:
    parse()
    assert [path.stem for path in entries(tmp_path)] == ["shop-2", "shop-3"]
    include.plan_path("shop-3").unlink()
    write_plan(include, "shop-4")
    parse()
    assert [path.stem for path in entries(tmp_path)] == ["shop-2", "shop-4"]


def test_two_files_of_one_name_are_both_out_although_one_was_known(include: Include) -> None:
    assert set(parse()[0]) == {"shop-2", "shop-3"}
    (include.plans / "shop-3.yml").write_text(include.plan_path("shop-3").read_text())
    digests, problems = parse()
    assert set(digests) == {"shop-2"}
    assert set(problems) == {"plan-twice"}


def test_a_file_that_claims_the_name_of_a_known_plan_takes_both_out(include: Include) -> None:
    assert set(parse()[0]) == {"shop-2", "shop-3"}
    write_plan(include, "shop-5", "plan: shop-3\nfollows: shop\n")
    assert set(parse()[0]) == {"shop-2"}


def tampered(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"review.approve_1", b"review.approve_9"))


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "tampered with": tampered,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:200]),
    "empty": lambda path: path.write_bytes(b""),
    "not of ours": lambda path: path.write_bytes(b"0" * 64 + b"\n{}"),
    "no file": lambda path: (path.unlink(), path.mkdir()),
    "another plan's": lambda path: path.write_bytes((path.parent / "shop-3.json").read_bytes()),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_an_entry_that_is_not_ours_is_no_entry(
    include: Include, tmp_path: Path, loads: list[set[str]], damage: Callable[[Path], Any]
) -> None:
    whole = plans.catalogue()
    damage(entries(tmp_path)[0])
    assert plans.catalogue() == whole
    assert loads == [{"shop-2", "shop-3"}, {"shop-2"}]


def test_an_entry_signed_with_another_key_is_no_entry(include: Include, loads: list[set[str]]) -> None:
    parse()
    plans.settings().key_file.write_bytes(b"o" * 32)
    parse()
    assert len(loads) == 2


def test_an_entry_of_another_version_is_no_entry(
    include: Include, loads: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    parse()
    monkeypatch.setattr(plan_cache, "code_fingerprint", lambda: "a later version")
    parse()
    assert len(loads) == 2


def test_without_a_key_or_a_folder_every_plan_is_read(
    include: Include, loads: list[set[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans.settings().key_file.unlink()
    assert parse() == parse()
    off = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key", None)
    monkeypatch.setattr(plans, "settings", lambda: off)
    parse()
    assert len(loads) == 3
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_others_can_write_is_not_used(include: Include, loads: list[set[str]], tmp_path: Path) -> None:
    parse()
    (folder,) = (tmp_path / "cache").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in entries(tmp_path))
    folder.chmod(0o770)
    parse()
    assert len(loads) == 2


def test_a_folder_that_cannot_be_made_costs_time_and_nothing_else(
    include: Include, tmp_path: Path, loads: list[set[str]]
) -> None:
    (tmp_path / "cache").write_text("in the way")
    assert parse() == parse()
    assert len(loads) == 2


def test_parses_at_the_same_time_leave_whole_entries(include: Include, tmp_path: Path) -> None:
    outlines = plans.catalogue().outlines
    (folder,) = (tmp_path / "cache").iterdir()
    cache = PlanCache(folder, b"k" * 32)
    reads = {f"file:{include.plan_path('shop-2')}": Looks()._look(f"file:{include.plan_path('shop-2')}")}
    writers = [
        threading.Thread(target=lambda: [cache.put("shop-2", outlines["shop-2"], reads) for _ in range(50)])
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    found = [cache.get("shop-2", Looks()) for _ in range(100)]
    for writer in writers:
        writer.join()
    assert set(map(repr, found)) == {repr(outlines["shop-2"])}
    assert sorted(path.name for path in folder.iterdir()) == ["shop-2.json", "shop-3.json"]


def test_what_a_run_froze_is_taken_from_the_cache_as_well_and_never_after_it_has_changed(
    include: Include, loads: list[set[str]], tmp_path: Path
) -> None:
    frozen = load_all(include).snapshots["shop-3"]
    records = plans.settings().record_store()
    records.save_snapshot("shop-3", frozen.digest, frozen.to_json())
    records.open_run("shop-3", "run-1", frozen.digest)
    change_text("plans/shop-3.yaml", "follows: shop", "change: CHG1\nfollows: shop")(include)
    assert parse()[0]["shop-3"] == frozen.digest
    assert parse()[0]["shop-3"] == frozen.digest
    assert "shop-3@run" in {path.stem for path in entries(tmp_path)}
    records.close_run("shop-3", "run-1")
    assert parse()[0]["shop-3"] != frozen.digest
