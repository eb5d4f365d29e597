"""What does parsing a plan cost beside a plain Python DAG with the same tasks, and beside dag-factory?

CPU seconds of processes of their own, one after the other in turn; the least of the rounds, since other work on the
machine can only add. What is imported is counted apart. The plain DAG is one Python function called for each plan: no
file is read for it, which is less than anybody's DAG files cost.

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
DEFAULTS = {"owner": "deployplan", "retries": 3, "retry_delay": timedelta(seconds=5)}
TO_READ = ("deployplan.plan.load", "deployplan.plan.readable", "deployplan.runbook.window_choice")
GROUPS = {"review": "1 · Review", "deploy": "3 · Deploy", "verify": "4 · Verify", "backout": "5 · Backout"}


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

    return cpu_of(lambda: __import__("deployplan.airflow_glue.factory"))


def imports_to_read(_: Path) -> float:
    """What is imported besides when a plan has to be read."""
    import deployplan.airflow_glue.factory  # noqa: F401

    return cpu_of(lambda: [__import__(name) for name in TO_READ])


def factory(_: Path) -> float:
    """Every plan read and its DAG built; the cache is as the parent left it."""
    from deployplan.airflow_glue.factory import build_dags

    for name in TO_READ:
        __import__(name)
    return cpu_of(build_dags)


def unchanged(_: Path) -> float:
    """The same when the cache knows every plan."""
    from deployplan.airflow_glue.factory import build_dags

    return cpu_of(build_dags)


def rejected(_: Path) -> float:
    """The second DAG file: every plan's problems."""
    from deployplan.airflow_glue.factory import rejected as problems

    return cpu_of(problems)


def plain(folder: Path) -> float:
    """The same tasks, groups and edges, in plain Python."""
    from airflow.sdk import DAG, BaseOperator, TaskGroup

    table = json.loads((folder / "table.json").read_text())

    class Plain(BaseOperator):
        def __init__(self, *, subject: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.subject = subject

    def build(name: str) -> Any:
        with DAG(
            dag_id=name,
            description=table["summary"],
            doc_md=table["doc_md"],
            schedule=None,
            catchup=False,
            max_active_runs=1,
            tags=table["tags"],
            is_paused_upon_creation=False,
            default_args=DEFAULTS,
        ) as dag:
            groups: dict[str, TaskGroup] = {}
            tasks: dict[str, BaseOperator] = {}
            for task_id, after, rule, title, subject in table["rows"]:
                *path, name = task_id.split(".")
                group = None
                for depth in range(len(path)):
                    key = ".".join(path[: depth + 1])
                    if key not in groups:
                        title_of = GROUPS.get(key, path[depth])
                        groups[key] = TaskGroup(group_id=path[depth], group_display_name=title_of, parent_group=group)
                    group = groups[key]
                task = Plain(task_id=name, task_display_name=title, subject=subject, task_group=group)
                tasks[task_id] = task
                for before in after:
                    tasks[before] >> task
                if rule == "setup":
                    task.as_setup()
                elif rule.startswith("teardown of deploy"):
                    task.as_teardown(setups=tasks["deploy.arm"])
                elif rule.startswith("teardown"):
                    task.as_teardown(on_failure_fail_dagrun=True)
        return dag

    return cpu_of(lambda: [build(f"shop-{number}") for number in range(table["count"])])


def dag_factory(folder: Path) -> float:
    """The same tasks, groups and edges as YAML files of dag-factory; it knows no setup and teardown."""
    from dagfactory import load_yaml_dags

    return cpu_of(lambda: load_yaml_dags(globals_dict={}, dags_folder=str(folder / "dag_factory")))


CHILDREN: dict[str, Callable[[Path], float]] = {
    "imports": imports,
    "plain": plain,
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
            "default_args": {"owner": "deployplan", "retries": 3, "retry_delay_sec": 5, "start_date": "2026-01-01"},
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
    from deployplan.airflow_glue.outline import outline_of
    from deployplan.plan.include import Include
    from deployplan.plan.load import load

    include = Include(folder / "include")
    outline = outline_of(load(include.plan_path("shop-0"), include)).as_json()
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
