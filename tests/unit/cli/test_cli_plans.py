"""`deployplan lint`, `show` and `schema` as their users meet them."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import Result

from builders import an_include, write_plan
from command_line import deployplan
from deployplan import __version__
from deployplan.cli import lint as lint_command
from deployplan.plan.load.loading import load

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)


def run(*words: str, **environment: str) -> Result:
    return deployplan(*words, env=environment)


def test_lint_of_sound_plans_prints_nothing_and_exits_with_0() -> None:
    an_include(Path("include"), shop_2="")

    result = run("lint")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 plan, no problems\n"


def test_lint_prints_place_source_line_caret_and_hint_and_exits_with_1() -> None:
    an_include(Path("include"), shop_2="components: {web: {nodes: [web-3]}}\n")

    result = run("lint")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "include/plans/shop-2.yaml:3:28: component 'web' names node 'web-3'; there are web-1, web-2, db-1 [node-known]",
        "3 | components: {web: {nodes: [web-3]}}",
        "  |                            ^~~~~",
        "hint: did you mean 'web-2'?",
    ]
    assert result.stderr == "1 plan, 1 error\n"


def test_warnings_exit_with_0_unless_strict() -> None:
    an_include(Path("include"), shop_2="components: {web: {max_failures: 1}}\n")

    relaxed, strict = run("lint"), run("lint", "--strict")

    assert (relaxed.exit_code, strict.exit_code) == (0, 1)
    assert "warning: component 'web' tolerates 1 failed nodes" in relaxed.stdout
    assert relaxed.stderr == "1 plan, 1 warning\n"


def test_lint_waits_for_a_record_store_that_does_not_answer_no_longer_than_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = "schedule: {window: {opens: '2099-11-28 22:00', closes: '2099-11-29 02:00', timezone: UTC}}\n"
    an_include(Path("include"), one=night, two=night)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # object storage that takes connections, and says nothing
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.setenv("DEPLOYPLAN_RECORDS", "s3://bucket/records")
        assert lint_command.STORE_ANSWERS_WITHIN == 10
        monkeypatch.setattr(lint_command, "STORE_ANSWERS_WITHIN", 1)
        began = time.monotonic()
        result = run("lint")
        assert time.monotonic() - began < 60  # for ever, it would be
    assert "which plans were released is not known, so they count as to come: no answer within 1 s\n" in result.stderr
    assert "plans-collide" in result.stdout
    assert result.exit_code == 0


def test_lint_takes_files_and_folders() -> None:
    include = an_include(Path("include"), good="", bad="skope: {}\n")

    assert run("lint", str(include.plan_path("good"))).exit_code == 0
    assert run("lint", str(include.plan_path("good")), str(include.plan_path("bad"))).exit_code == 1
    assert run("lint", "include/plans").stderr == "2 plans, 1 error\n"
    assert run("lint", "include").stderr == "2 plans, 1 error\n"


def test_a_folder_without_plans_is_wrong_usage_and_a_plan_elsewhere_is_not() -> None:
    include = an_include(Path("include"), shop_2="")
    include.plan_path("shop-2").rename("shop-2.yaml")
    include.plans.rmdir()

    assert run("lint").exit_code == 2
    assert run("lint", "shop-2.yaml").exit_code == 0


def test_lint_for_programs_is_one_json_document() -> None:
    an_include(Path("include"), bad="skope: {}\n")

    (problem,) = json.loads(run("lint", "--format", "json").stdout)

    assert (problem["line"], problem["column"], problem["rule"]) == (3, 1, "unknown-key")


def test_lint_for_programs_prints_an_empty_list_when_all_is_well() -> None:
    an_include(Path("include"), good="")

    assert json.loads(run("lint", "--format", "json").stdout) == []


def test_lint_for_github_prints_workflow_commands() -> None:
    an_include(Path("include"), bad="skope: {}\n")

    assert run("lint", "--format", "github").stdout.startswith("::error file=include/plans/bad.yaml,line=3,col=1,")


@pytest.mark.parametrize(
    "words",
    [["lint", "absent.yaml"], ["lint", "--format", "xml"], ["lint", "--include", "absent"], ["lint", "--nonsense"]],
)
def test_wrong_usage_exits_with_2_and_prints_to_stderr_alone(words: list[str]) -> None:
    an_include(Path("include"))

    result = run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_the_include_folder_is_named_by_option_or_environment() -> None:
    an_include(Path("elsewhere"), shop_2="")

    assert run("lint").exit_code == 2
    assert run("lint", "--include", "elsewhere").exit_code == 0
    assert run("lint", DEPLOYPLAN_INCLUDE="elsewhere").exit_code == 0


def test_show_prints_the_merged_plan_as_a_document() -> None:
    an_include(Path("include"), shop_2="components: {web: {nodes: [web-2]}}\n")

    result = run("show", "shop-2")

    assert result.exit_code == 0
    assert result.stdout.startswith("# shop-2\n")
    assert "- **deploy**: `./up.sh`" in result.stdout
    assert "(web-2)" in result.stdout


def test_show_for_programs_has_plan_digest_nodes_and_waves() -> None:
    include = an_include(Path("include"), shop_2="")
    snapshot = load(include.plan_path("shop-2"), include)

    facts = json.loads(run("show", "include/plans/shop-2.yaml", "--json").stdout)

    assert facts["digest"] == snapshot.digest
    assert facts["plan"]["components"]["web"]["timeout"] == "10m"
    assert facts["waves"] == [{"component": "web", "number": 1, "of": 1, "nodes": ["web-1"]}]
    assert list(facts["nodes"]) == ["web-1"]
    assert set(facts["scripts"]) == {"up.sh", "down.sh", "locks.sh"}


def test_show_of_a_bad_plan_tells_its_problems_on_stderr_and_exits_with_1() -> None:
    an_include(Path("include"), shop_2="skope: {}\n")

    result = run("show", "shop-2")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "include/plans/shop-2.yaml:3:1: unknown key 'skope'" in result.stderr


def test_show_of_an_unknown_plan_names_those_there_are() -> None:
    an_include(Path("include"), shop_2="")

    result = run("show", "shop-1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: there is no plan 'shop-1'; there are shop-2\nhint: did you mean 'shop-2'?\n"


@pytest.mark.parametrize("document", ["plan", "procedure", "infrastructure", "controls"])
def test_schema_prints_the_committed_schema(document: str) -> None:
    assert run("schema", document).stdout == (ROOT / f"include/schema/{document}.schema.json").read_text()


def test_references_are_printed_for_the_documentation() -> None:
    assert run("schema", "--markdown").stdout == (ROOT / "docs/reference/plan.md").read_text()
    assert run("lint", "--rules").stdout == (ROOT / "docs/reference/rules.md").read_text()


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize("verb", ["lint", "show", "schema"])
def test_help_has_examples(verb: str) -> None:
    result = run(verb, "--help")

    assert result.exit_code == 0
    assert "Examples:" in result.stdout


def test_the_module_runs_as_a_program() -> None:
    include = an_include(Path("include"))
    write_plan(include, "shop-2", "skope: {}\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}

    ran = subprocess.run(
        [sys.executable, "-m", "deployplan", "lint"], env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert "\x1b" not in ran.stdout
    assert "[unknown-key]" in ran.stdout


def test_the_plans_of_this_repository_are_sound() -> None:
    result = run("lint", "--include", str(ROOT / "include"))

    assert (result.exit_code, result.stdout) == (0, "")
