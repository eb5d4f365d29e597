"""What do a thousand simulated runs of a four-hour release to 20 nodes cost, each criterion read every 10 s?

Run: PYTHONPATH=plugins python bench/simulate.py [RUNS]
"""

import os
import resource
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

os.environ["_AIRFLOW__AS_LIBRARY"] = "1"  # of Airflow only classes are used: no settings, no database

from deployplan.airflow_glue.what_if.faults import Faults
from deployplan.airflow_glue.what_if.many import simulate_many
from deployplan.airflow_glue.what_if.world import Scene
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.runbook.run.directory import Directory

RUNS, GOAL = 1000, 60.0
NODES = [f"web-{number}" for number in range(1, 21)]
ENVIRONMENT = f"connection: ssh\ntimezone: UTC\nnodes: {{{', '.join(f'{name}: 10.0.0.1' for name in NODES)}}}\n"
PLAN = f"""\
plan: shop-2
environment: production
author: erin
scope: {{release: {{product: shop, version: "2", previous: "1"}}, summary: The shop}}
schedule: {{window: {{opens: 2030-11-30 22:00, closes: 2030-12-01 06:00, timezone: UTC}}, backout_reserve: 30m}}
components:
  web:
    nodes: [{", ".join(NODES)}]
    waves: [1, 25%, 50%, 75%, 100%]
    deploy: install
    undo: restore
    timeout: 50m
    bake: 15m
    max_failures: 1
    on_failure: ask
approval: {{authorities: {{mia: deployment manager}}}}
backout: {{authority: [mia]}}
success: {{health: {{http: "http://{{node}}/health", "on": [{", ".join(NODES)}], for: 15m, every: 10s}}}}
"""


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as folder:
        include = Include(Path(folder))
        for path in (include.plans, include.infrastructure):
            path.mkdir(parents=True)
        (include.infrastructure / "production.yaml").write_text(ENVIRONMENT)
        plan = include.plan_path("shop-2")
        plan.write_text(PLAN)
        scene = Scene(load(plan, include), include, datetime.fromisoformat("2030-11-30T21:00+00:00"), Directory())
        wall, cpu = time.perf_counter(), _cpu()
        many = simulate_many(scene, Faults(), 1, runs)
        wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    hours = sum(end.took.total_seconds() for end in many.ends) / 3600
    print(f"{runs} runs, {hours:.0f} hours of releases: {many.counts}")
    print(
        f"wall {wall:.1f} s, CPU {cpu:.1f} s of {len(os.sched_getaffinity(0))} cores: {1000 * cpu / runs:.0f} ms a run"
    )
    print(
        f"goal: {RUNS} runs in {GOAL:.0f} s; by these: {wall * RUNS / runs:.0f} s, or {cpu * RUNS / runs:.0f} s of CPU"
    )


def _cpu() -> float:
    """Seconds of CPU of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
