"""Does a task start as fast with a thousand plans in the folder as with one?

What a worker does for each task: a fresh process, Airflow's own parse of the DAG file for this one task, the modules of
the task's work, up to the first line of that work. CPU seconds and wall time since the process began, in turn.

Run: PYTHONPATH=plugins python bench/task_start.py [PLANS [ROUNDS]]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parse_cost import ROOT, write_plans

TASK = "deploy.web.wave_2"


def start(plan: str) -> None:
    """In a process of its own: parse for the task and stand at its first line; tell what that cost."""
    opened: set[str] = set()
    include = os.environ["DEPLOYPLAN_INCLUDE"]
    sys.addaudithook(
        lambda event, args: opened.add(str(args[0])) if event == "open" and str(args[0]).startswith(include) else None
    )
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager
    from airflow.sdk.execution_time import task_runner  # noqa: F401  (what a task process has loaded by then)

    file = ROOT / "dags" / "deployment_plans.py"
    with _airflow_parsing_context_manager(dag_id=plan, task_id=TASK):
        bag = BundleDagBag(
            dag_folder=file, safe_mode=False, load_op_links=False, bundle_path=file.parent, bundle_name="bench"
        )
    task = bag.dags[plan].task_dict[TASK]
    task._begin()
    born = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    print(time.process_time(), time.clock_gettime(time.CLOCK_BOOTTIME) - born, len(opened), len(bag.dags))


def measure(folder: Path) -> tuple[float, ...]:
    environ = os.environ | {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "DEPLOYPLAN_INCLUDE": str(folder / "include"),
        "DEPLOYPLAN_RECORDS": str(folder / "records"),
        "DEPLOYPLAN_SIGNING_KEY_FILE": str(folder / "signing.key"),
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    done = subprocess.run(
        [sys.executable, __file__, "--child", "shop-0"], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return tuple(map(float, done.stdout.splitlines()[-1].split()))


def main(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folders = {1: Path(temporary, "one"), count: Path(temporary, "many")}
        for plans, folder in folders.items():
            write_plans(folder / "include", plans)
            (folder / "signing.key").write_text("k" * 64)
            measure(folder)  # byte code, Airflow's home
        found: dict[int, list[tuple[float, ...]]] = {plans: [] for plans in folders}
        for _ in range(rounds):
            for plans, folder in folders.items():
                found[plans].append(measure(folder))
    best = {}
    for plans, taken in found.items():
        cpu, wall, opened, dags = (statistics.median(values) for values in zip(*taken, strict=True))
        best[plans] = min(cpu for cpu, *_ in taken)
        print(
            f"{plans:5} plans: {cpu:6.2f} CPU s, {wall:6.2f} s to the first line (medians; least CPU "
            f"{best[plans]:.2f}); {opened:.0f} files of plans opened, {dags:.0f} DAG built"
        )
    print(f"ratio of the least CPU: {best[count] / best[1]:.2f} (goal 1.20)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        start(sys.argv[2])
    else:
        main(*(int(word) for word in (sys.argv[1:] + ["1000", "7"][len(sys.argv) - 1 :])))
