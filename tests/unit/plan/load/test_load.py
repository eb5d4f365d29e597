"""Plan files to snapshots: one bad file hurts nobody else, and what is left out is taken from where it is stated."""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import INFRASTRUCTURE_TEXT, an_include, write_plan
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load, load_all, load_infrastructure
from deployplan.plan.model.script import MAX_BYTES
from deployplan.plan.snapshot import Snapshot, freezes_for
from deployplan.plan.text.problem import PlanRejected

WINDOW = "schedule: {window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}}\n"


def loaded(include: Include, name: str = "shop-2") -> Snapshot:
    return load(include.plan_path(name), include)


def rules(include: Include, name: str = "shop-2") -> list[str]:
    with pytest.raises(PlanRejected) as rejected:
        loaded(include, name)
    return [problem.rule for problem in rejected.value.problems]


def add_to_infrastructure(include: Include, text: str) -> None:
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + text)


def test_a_short_plan_has_sensible_defaults(tmp_path: Path) -> None:
    plan = loaded(an_include(tmp_path, shop_2="")).plan

    assert plan.scope.reason == "feature"
    assert plan.components["web"].timeout == timedelta(minutes=10)
    assert plan.components["web"].waves == ("100%",)
    assert plan.schedule.backout_reserve == timedelta(minutes=30)
    assert plan.approval.within == timedelta(hours=24)
    assert plan.backout.authority == ("mia",)


def test_a_window_has_the_zone_of_its_environment(tmp_path: Path) -> None:
    (window,) = loaded(an_include(tmp_path, shop_2=WINDOW)).plan.schedule.windows()

    (interval,) = window.occurrences(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    assert interval.start == datetime(2026, 11, 28, 21, tzinfo=UTC)


def test_a_windows_own_zone_wins(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2=WINDOW.replace("02:00}", "02:00, timezone: Asia/Tokyo}"))

    assert loaded(include).plan.schedule.windows()[0].zone == "Asia/Tokyo"


def test_an_instant_needs_no_zone(tmp_path: Path) -> None:
    text = "schedule: {window: {opens: 2026-11-28T22:00:00Z, closes: 2026-11-29T02:00:00Z}}\n"
    include = an_include(tmp_path, shop_2=text)
    path = include.infrastructure / "production.yaml"
    path.write_text(path.read_text().replace("timezone: Europe/Paris\n", ""))

    (window,) = loaded(include).plan.schedule.windows()

    (interval,) = window.occurrences(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    assert interval.end == datetime(2026, 11, 29, 2, tzinfo=UTC)


def test_a_plan_without_a_window_has_those_of_its_environment(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="", own=WINDOW)
    add_to_infrastructure(include, "windows: [{name: sunday, opens: 2026-11-29 06:00, closes: 2026-11-29 08:00}]\n")

    assert [window.name for window in loaded(include).plan.schedule.windows()] == ["sunday"]
    assert [window.name for window in loaded(include, "own").plan.schedule.windows()] == ["release window"]


def test_the_environments_windows_are_part_of_what_is_approved(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    before = loaded(include).digest
    add_to_infrastructure(include, "windows: [{opens: 2026-11-29 06:00, closes: 2026-11-29 08:00}]\n")

    assert loaded(include).digest != before


def test_without_any_window_a_plan_may_start_at_any_time(tmp_path: Path) -> None:
    assert loaded(an_include(tmp_path, shop_2="")).plan.schedule.windows() == ()


def test_the_reserve_is_what_a_backout_takes_unless_it_is_stated(tmp_path: Path) -> None:
    include = an_include(
        tmp_path,
        shop_2="backout: {expected_duration: 25m}\n",
        stated="backout: {expected_duration: 25m}\nschedule: {backout_reserve: 1h}\n",
    )

    assert loaded(include).plan.schedule.backout_reserve == timedelta(minutes=25)
    assert loaded(include, "stated").plan.schedule.backout_reserve == timedelta(hours=1)


def test_a_freeze_holds_the_products_it_names(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    add_to_infrastructure(
        include,
        "freezes:\n"
        "  - {name: year end, from: 2026-12-20 00:00, to: 2027-01-04 06:00}\n"
        "  - {name: audit, from: 2026-12-20 00:00, products: [billing]}\n"
        "  - {name: flood, from: 2026-12-20 00:00, products: [shop]}\n",
    )
    snapshot = loaded(include)

    freezes = freezes_for(load_infrastructure("production", include), snapshot)

    assert [freeze.name for freeze in freezes] == ["year end", "flood"]


def test_a_node_is_written_as_address_or_name_or_mapping(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    path = include.infrastructure / "production.yaml"
    path.write_text(
        "connection: c\nnodes:\n  web-1:\n  web-2: 10.0.0.2\n  db-1: {port: 2222, vars: {port: 8080, tier: on}}\n"
    )

    nodes = load_infrastructure("production", include).nodes

    assert [(node.name, node.host, node.port) for node in nodes.values()] == [
        ("web-1", "web-1", None),
        ("web-2", "10.0.0.2", None),
        ("db-1", "db-1", 2222),
    ]
    assert nodes["db-1"].vars == {"port": 8080, "tier": "on"}


def test_an_environment_that_is_missing_or_wrong_is_refused(tmp_path: Path) -> None:
    include = an_include(tmp_path)
    add_to_infrastructure(include, "groups: {}\n")

    for name in ("production", "staging"):
        with pytest.raises(PlanRejected):
            load_infrastructure(name, include)


def test_missing_controls_are_the_default_controls(tmp_path: Path) -> None:
    assert loaded(an_include(tmp_path, shop_2="")).controls.documented.quorum == 1


def test_controls_are_read_and_their_mistakes_reject_the_plan(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    controls = include.controls / "production.yaml"
    controls.write_text("documented: {quorum: 2}\n")
    assert loaded(include).controls.documented.quorum == 2

    controls.write_text("environment: staging\ndocumented: {quorom: 2}\n")
    assert sorted(rules(include)) == ["file-name", "unknown-key"]


def test_controls_may_ask_for_no_machine_criterion(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="success: {health: {http: null, manual: Look at it}}\n")
    assert rules(include) == ["machine-criterion"]

    (include.controls / "production.yaml").write_text("components: {machine_criteria: none}\n")
    assert loaded(include).plan.machine_criteria() == ()


def test_a_plans_scripts_win_over_those_of_its_procedure(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    own = include.plans / "shop-2"
    (own / "sql").mkdir(parents=True)
    (own / "up.sh").write_text("exit 7\n")
    (own / "sql" / "up.sql").write_text("select 1;\n")
    (own / ".hidden").write_text("no")

    scripts = {script.path: script.content for script in loaded(include).scripts}

    assert scripts == {
        "up.sh": b"exit 7\n",
        "sql/up.sql": b"select 1;\n",
        "down.sh": b"exit 0\n",
        "locks.sh": b"exit 0\n",
    }


def test_scripts_that_are_too_large_for_a_record_are_refused(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    (include.procedures / "shop" / "data.bin").write_bytes(b"x" * MAX_BYTES)

    assert "script-size" in rules(include)


def test_one_bad_plan_among_hundreds_hurts_nobody_else(tmp_path: Path) -> None:
    include = an_include(tmp_path, **{f"shop_{number}": "" for number in range(300)}, bad="skope: {}\n")

    result = load_all(include)

    assert len(result.snapshots) == 300
    assert [(Path(problem.path).name, problem.line) for problem in result.problems] == [("bad.yaml", 3)]


def test_a_mistake_in_a_procedure_is_told_once_for_all_its_plans(tmp_path: Path) -> None:
    include = an_include(tmp_path, one="", two="")
    procedure = include.procedures / "shop.yaml"
    procedure.write_text(procedure.read_text().replace("deploy: ./up.sh", "deploi: ./up.sh"))

    result = load_all(include)

    assert result.snapshots == {}
    assert [(Path(problem.path).name, problem.rule) for problem in result.problems] == [("shop.yaml", "unknown-key")]


def test_two_files_of_the_same_name_are_both_refused_and_both_named(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="", other="")
    shutil.copy(include.plans / "shop-2.yaml", include.plans / "shop-2.yml")

    result = load_all(include)

    assert list(result.snapshots) == ["other"]
    assert [problem.rule for problem in result.problems] == ["plan-twice", "plan-twice"]
    assert [Path(problem.path).suffix for problem in result.problems] == [".yaml", ".yml"]
    assert "shop-2.yml" in result.problems[0].message


def test_hidden_files_and_folders_are_no_plans(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    (include.plans / ".draft.yaml").write_text("nonsense")
    (include.plans / "folder.yaml").mkdir()

    assert list(load_all(include).snapshots) == ["shop-2"]


def test_a_missing_include_folder_has_no_plans(tmp_path: Path) -> None:
    assert load_all(Include(tmp_path / "nowhere")).snapshots == {}


def test_all_problems_are_told_in_one_go(tmp_path: Path) -> None:
    include = an_include(tmp_path)
    text = "sckope: {}\nauthor: ann\napproval: {quorum: 5}\n"
    text += "components: {web: {nodes: [web-9], after: [api], timeout: soon}}\n"
    write_plan(include, "shop-2", text)

    assert sorted(rules(include)) == ["approval-seats", "component-known", "duration", "node-known", "unknown-key"]


def test_a_hundred_plans_are_loaded_in_a_second(tmp_path: Path) -> None:
    """A DAG processor loads them all every half minute; a fifth of this is usual."""
    include = an_include(tmp_path, **{f"shop_{number}": WINDOW for number in range(100)})
    load_all(include)
    before = time.process_time()

    load_all(include)

    assert time.process_time() - before < 1


def test_loading_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    program = (
        "import sys; import deployplan.plan.load.loading\n"
        "heavy = {'airflow', 'asyncssh', 'httpx', 'typer', 'rich', 'holidays', 'icalendar', 'upath', 'tenacity'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


def test_of_a_fleet_a_misspelt_node_names_a_few_and_the_one_that_was_probably_meant(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="components: {web: {nodes: [node-7O], deploy: ./up.sh, undo: ./down.sh}}\n")
    nodes = "".join(f"  node-{number}: 10.0.1.{number}\n" for number in range(1, 201))
    fleet = INFRASTRUCTURE_TEXT.replace(
        "nodes: {web-1: 10.0.0.1, web-2: 10.0.0.2, db-1: 10.0.0.9}\n", f"nodes:\n{nodes}"
    )
    (include.infrastructure / "production.yaml").write_text(fleet.replace("[web-1, web-2]", "[node-1]"))
    with pytest.raises(PlanRejected) as rejected:
        loaded(include)
    (problem,) = (each for each in rejected.value.problems if each.rule == "node-known" and "node-7O" in each.message)
    assert problem.message.endswith(", node-20 and 180 more")
    assert str(problem.hint).startswith("did you mean 'node-7")
