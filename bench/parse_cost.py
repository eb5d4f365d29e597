"""What does parsing a plan cost beside a plain Python DAG with the same tasks, and beside dag-factory?

CPU seconds of processes of their own, one after the other in turn; the least of the rounds, since other work on the
machine can only add. What is imported is counted apart. The plain DAG is one Python function called for each plan: no
file is read for it, which is less than anybody's DAG files cost. It gives the same tasks the same options, priorities,
parameters and triggers, in the cheapest way that Airflow has; `alike` looks whether it does before anything is timed.
dag-factory, which knows neither triggers nor setup and teardown, is spared them.

Run: PYTHONPATH=plugins python bench/parse_cost.py [PLANS [ROUNDS]]
dag-factory is measured when DAG_FACTORY_PYTHON names a Python that has it beside Airflow:
    python -m venv /tmp/df && /tmp/df/bin/pip install dag-factory apache-airflow==3.3.2
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MODEL = "storefront-4.3.0"
DEFAULTS = {
    "weight_rule": "absolute",
    "retries": 5,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(seconds=60),
}
TO_READ = ("deployplan.plan.load.loading", "deployplan.plan.pages.readable", "deployplan.runbook.timing.chosen_window")
GROUPS = {
    "review": "1 · Review",
    "deploy": "3 · Deploy",
    "verify": "4 · Verify",
    "backout": "5 · Backout (only when needed)",
}
URGENCY = {"review": 1, "window": 10, "deploy": 10, "verify": 10, "backout": 100, "outcome": 100}
STEP = "deployplan.airflow_glue.triggers.StepTrigger"
TRIGGERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "verify.smoke": (STEP, "resume", {}),
    "backout.decide": (STEP, "resume", {}),
    "backout.verify": (STEP, "resume", {}),
}
"""Which tasks begin in the triggerer, and with what; all of backout but `decide` do as `backout.verify` does."""
DAG_FACTS = ("description", "doc_md", "tags", "catchup", "max_active_runs", "default_args", "params")
FACTS = (
    *("task_display_name", "owner", "retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay"),
    *("priority_weight", "weight_rule", "params", "start_from_trigger", "start_trigger_args", "trigger_rule"),
    *("is_setup", "is_teardown", "on_failure_fail_dagrun", "upstream_task_ids", "downstream_task_ids"),
)
"""What must be the same of each task, so that neither side does more than the other."""


def write_plans(folder: Path, count: int) -> None:
    """Copies of the practice plan, each with a name and scripts of its own; procedure and environment are shared."""
    shutil.copytree(ROOT / "include", folder)
    shutil.rmtree(folder / "plans")
    source = ROOT / "include" / "plans"
    text = (source / f"{MODEL}.yaml").read_text()
    for number in range(count):
        (folder / "plans").mkdir(exist_ok=True)
        (folder / "plans" / f"shop-{number}.yaml").write_text(text.replace(f"plan: {MODEL}", f"plan: shop-{number}"))
        shutil.copytree(source / MODEL, folder / "plans" / f"shop-{number}")


# -- what the child processes do; each returns the CPU seconds of its work


def imports(_: Path) -> float:
    """What our factory imports that `import airflow.sdk` has not."""
    from airflow.sdk import DAG, BaseOperator, TaskGroup, get_parsing_context  # noqa: F401

    return cpu_of(lambda: __import__("deployplan.airflow_glue.dags.factory"))


def imports_to_read(_: Path) -> float:
    """What is imported besides when a plan has to be read."""
    import deployplan.airflow_glue.dags.factory  # noqa: F401

    return cpu_of(lambda: [__import__(name) for name in TO_READ])


def factory(_: Path) -> float:
    """Every plan read and its DAG built; the cache is as the parent left it."""
    from deployplan.airflow_glue.dags.factory import build_dags

    for name in TO_READ:
        __import__(name)
    return cpu_of(build_dags)


def unchanged(_: Path) -> float:
    """The same when the cache knows every plan."""
    from deployplan.airflow_glue.dags.factory import build_dags

    return cpu_of(build_dags)


def rejected(_: Path) -> float:
    """The second DAG file: every plan's problems."""
    from deployplan.airflow_glue.dags.factory import rejected_plans as problems

    return cpu_of(problems)


def plain(folder: Path) -> float:
    """The same tasks, groups, edges and options, in plain Python."""
    table = json.loads((folder / "table.json").read_text())
    build = plain_builder(table)
    return cpu_of(lambda: [build(f"shop-{number}") for number in range(table["count"])])


def plain_builder(table: dict[str, Any]) -> Callable[[str], Any]:
    """A function that makes the DAG of one plan as a person would write it; `alike` holds it against ours."""
    from airflow.sdk import DAG, BaseOperator, Param, TaskGroup
    from airflow.sdk.definitions.param import ParamsDict
    from airflow.triggers.base import StartTriggerArgs

    from deployplan.airflow_glue.dags.schedule import WHAT_REDEPLOY_IS
    from deployplan.airflow_glue.dags.timetable import ReleaseTimetable
    from deployplan.airflow_glue.tasks.operators import kind_of
    from deployplan.airflow_glue.tasks.retries import RETRIES_WITH_CARDS

    class Plain(BaseOperator):
        def __init__(self, *, subject: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.subject = subject

    class Triggered(BaseOperator):
        start_from_trigger = True

        def __init__(self, *, subject: Any, trigger: str, method: str, facts: dict[str, str], **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.subject = subject
            # Cheaper than params=…, which Airflow merges and copies.
            self.params = ParamsDict({"window": Param(None, type=["null", "string"])})
            self.start_trigger_args = StartTriggerArgs(trigger, next_method=method, trigger_kwargs=facts)

    def begun_by_a_trigger(task_id: str, plan: str) -> dict[str, Any]:
        trigger, method, facts = TRIGGERS[task_id if task_id in TRIGGERS else "backout.verify"]
        facts = {"plan": plan, "digest": table["digest"], **facts}
        return {"trigger": trigger, "method": method, "facts": facts}

    def build(name: str) -> Any:
        with DAG(
            dag_id=name,
            description=table["summary"],
            doc_md=table["doc_md"],
            schedule=ReleaseTimetable(),
            catchup=False,
            max_active_runs=1,
            tags=table["tags"],
            is_paused_upon_creation=False,
            default_args=DEFAULTS | {"owner": table["author"]},
        ) as dag:
            groups: dict[str, TaskGroup] = {}
            tasks: dict[str, BaseOperator] = {}
            for task_id, after, rule, title, subject in table["rows"]:
                *path, last = task_id.split(".")
                group = None
                for depth in range(len(path)):
                    key = ".".join(path[: depth + 1])
                    if key not in groups:
                        title_of = GROUPS.get(key, path[depth])
                        groups[key] = TaskGroup(group_id=path[depth], group_display_name=title_of, parent_group=group)
                    group = groups[key]
                options = {"task_display_name": title, "subject": subject, "task_group": group}
                options["priority_weight"] = URGENCY[task_id.split(".")[0]]
                if kind_of(task_id).asks_again:
                    options["retries"] = RETRIES_WITH_CARDS
                if task_id in TRIGGERS or task_id.startswith("backout."):
                    task = Triggered(task_id=last, **options, **begun_by_a_trigger(task_id, name))
                else:
                    task = Plain(task_id=last, **options)
                tasks[task_id] = task
                for before in after:
                    tasks[before] >> task
                if rule == "setup":
                    task.as_setup()
                elif rule.startswith("teardown of deploy"):
                    task.as_teardown(setups=tasks["deploy.arm"])
                elif rule.startswith("teardown"):
                    task.as_teardown(on_failure_fail_dagrun=True)
        # Cheaper than DAG(params=…), of which each task would get a copy.
        openings = table["offer"]["openings"]
        values, labels = [each[0] for each in openings], {each[0]: each[1] for each in openings}
        dag.params["window"] = Param(
            values[0],
            type="string",
            enum=values,
            values_display=labels,
            title="Release window",
            description="The opening in which the release is to start.",
        )
        dag.params["redeploy"] = Param(False, type="boolean", title="Redeploy", description=WHAT_REDEPLOY_IS)
        return dag

    return build


def alike(folder: Path) -> float:
    """Stops the bench when a plain DAG is not what ours is: then the comparison would be worth nothing."""
    from deployplan.airflow_glue.dags.factory import build_dags

    table = json.loads((folder / "table.json").read_text())
    ours, other = build_dags()["shop-0"], plain_builder(table)("shop-0")
    assert list(ours.task_dict) == list(other.task_dict)
    assert list(ours.task_group.get_task_group_dict()) == list(other.task_group.get_task_group_dict())
    pairs = [(ours, other, DAG_FACTS), *((task, other.task_dict[key], FACTS) for key, task in ours.task_dict.items())]
    for one, two, names in pairs:
        unlike = [name for name in names if getattr(one, name, None) != getattr(two, name, None)]
        assert not unlike, f"{one} and the plain one are unlike in {unlike}"
    return 0.0


def dag_factory(folder: Path) -> float:
    """The same tasks, groups and edges as YAML files of dag-factory; it knows no setup and teardown."""
    from dagfactory import load_yaml_dags

    return cpu_of(lambda: load_yaml_dags(globals_dict={}, dags_folder=str(folder / "dag_factory")))


CHILDREN: dict[str, Callable[[Path], float]] = {
    "imports": imports,
    "plain": plain,
    "alike": alike,
    "imports_to_read": imports_to_read,
    "factory": factory,
    "unchanged": unchanged,
    "rejected": rejected,
    "dag_factory": dag_factory,
}


def cpu_of(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


# -- the parent


def write_dag_factory(folder: Path, table: dict[str, Any]) -> None:
    """The YAML of dag-factory, one file a DAG."""
    import yaml

    (folder / "dag_factory").mkdir()
    for number in range(table["count"]):
        tasks, groups = [], {}
        for task_id, after, _, _, _ in table["rows"]:
            *path, _ = task_id.split(".")
            task = {"task_id": task_id.replace(".", "_"), "operator": "airflow.sdk.BaseOperator"}
            task["dependencies"] = [each.replace(".", "_") for each in after]
            if path:
                groups["_".join(path)] = {"tooltip": "a group"}
                task["task_group_name"] = "_".join(path)
            tasks.append(task)
        dag = {
            "default_args": {"owner": "deployplan", "retries": 5, "retry_delay_sec": 5, "start_date": "2026-01-01"},
            "schedule": None,
            "catchup": False,
            "description": table["summary"],
            "doc_md": table["doc_md"],
            "tags": list(table["tags"]),
            "task_groups": [{"group_name": name, **facts} for name, facts in groups.items()],
            "tasks": tasks,
        }
        (folder / "dag_factory" / f"shop-{number}.yaml").write_text(yaml.safe_dump({f"shop-{number}": dag}))


def run(name: str, folder: Path, python: str = sys.executable, **environ: str) -> float:
    done = subprocess.run(
        [python, __file__, "--child", name, str(folder)],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    return float(done.stdout.splitlines()[-1])


def prepare(folder: Path, count: int) -> dict[str, str]:
    """Write the plans, their table for the others, a signing key; return the environment of the children."""
    write_plans(folder / "include", count)
    (folder / "signing.key").write_text("k" * 64)
    environ = {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "DEPLOYPLAN_INCLUDE": str(folder / "include"),
        "DEPLOYPLAN_RECORDS": str(folder / "records"),
        "DEPLOYPLAN_SIGNING_KEY_FILE": str(folder / "signing.key"),
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    os.environ.update(environ)
    from deployplan.airflow_glue.dags.dag_spec import outline_of
    from deployplan.clock import SystemClock
    from deployplan.plan.include import Include
    from deployplan.plan.load.loading import load

    include = Include(folder / "include")
    outline = outline_of(load(include.plan_path("shop-0"), include), SystemClock().now()).as_json()
    (folder / "table.json").write_text(json.dumps(outline | {"count": count}))
    write_dag_factory(folder, outline | {"count": count})
    return environ


def main(count: int, rounds: int) -> None:
    other = os.environ.get("DAG_FACTORY_PYTHON")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environ = prepare(folder, count)
        cached = environ | {"DEPLOYPLAN_CACHE": str(folder / "cache")}
        nothing = environ | {"DEPLOYPLAN_CACHE": ""}
        run("alike", folder, **nothing)
        run("factory", folder, **cached)  # fills the cache, and the byte code of all modules
        found: dict[str, list[float]] = {}
        for _ in range(rounds):
            taken = {
                "plain": run("plain", folder, **nothing),
                "factory, no cache": run("factory", folder, **nothing),
                "factory, unchanged plans": run("unchanged", folder, **cached),
                "rejected plans, unchanged": run("rejected", folder, **cached),
                "imports": run("imports", folder, **nothing),
                "imports to read": run("imports_to_read", folder, **nothing),
            }
            shutil.rmtree(folder / "cache")
            taken["factory, filling the cache"] = run("factory", folder, **cached)
            if other:
                taken["dag-factory"] = run("dag_factory", folder, other, **environ)
            for name, seconds in taken.items():
                found.setdefault(name, []).append(seconds)
    report({name: min(values) for name, values in found.items()}, count)


def report(least: dict[str, float], count: int) -> None:
    imported, to_read = least.pop("imports"), least.pop("imports to read")
    print(f"{count} plans of 16 tasks; CPU milliseconds a plan")
    for name, seconds in least.items():
        beside = f"{seconds / least['plain']:6.2f} x plain"
        if "dag-factory" in least:
            beside += f"{seconds / least['dag-factory']:8.2f} x dag-factory"
        print(f"  {name:28} {seconds / count * 1000:7.2f} {beside}")
    if "dag-factory" not in least:
        print("  dag-factory                  not measured: DAG_FACTORY_PYTHON is not set")
    print(f"our imports over airflow.sdk: {imported:.3f} CPU seconds; {to_read:.3f} more where a plan has to be read")
    print("goals: 1.70 x plain without cache, 1.15 unchanged, 0.35 x dag-factory; imports 0.15")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(CHILDREN[sys.argv[2]](Path(sys.argv[3])))
    else:
        main(*(int(word) for word in (sys.argv[1:] + ["200", "5"][len(sys.argv) - 1 :])))
