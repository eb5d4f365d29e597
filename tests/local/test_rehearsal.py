"""A plan is rehearsed with its real scripts on practice nodes: deploy, backout, their times, and what failed."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from builders import an_include
from deployplan.evidence.kinds.backout import PlanRehearsed
from deployplan.evidence.record import Records
from deployplan.local.rehearsal import _refuse_elsewhere, rehearse_on
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.places import SHIPPED
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load, load_infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.rehearsal_record import last_rehearsal

pytestmark = pytest.mark.ssh
KEY = b"k" * 32
PLAN = """\
plan: shop-2
environment: practice
author: erin
scope: {release: {product: shop, version: 2, previous: 1}, reason: feature, summary: more}
components:
  app:
    nodes: [web-1]
    deploy: echo 2 > version
    undo: ./undo.sh
    current: cat version
    terminate_grace: 0s
schedule: {window: {opens: 2030-11-30 22:00, closes: 2030-12-01 02:00, timezone: UTC}}
approval: {authorities: {mia: deployment manager}}
success: {version: {command: cat version, "on": web-1}}
"""


def rehearse(settings: LocalSettings, include: Include, undo: str, prepare: Path) -> tuple[Snapshot, PlanRehearsed]:
    (include.plans / "shop-2" / "undo.sh").write_text(f"#!/bin/sh\n{undo}\n")
    (include.plans / "shop-2" / "undo.sh").chmod(0o755)
    snapshot = load(include.plan_path("shop-2"), include)
    ledger = Records(settings.records, key=KEY).rehearsal("shop-2", f"at-{len(undo)}")
    by = "os user tom (no login)"
    return snapshot, asyncio.run(rehearse_on(snapshot, settings, ledger, by=by, prepare=prepare, say=lambda _: None))


def test_a_plan_and_its_backout_are_rehearsed_and_the_record_is_of_exactly_these_scripts(
    settings: LocalSettings, tmp_path: Path
) -> None:
    include = Include(tmp_path / "include")
    (include.plans / "shop-2").mkdir(parents=True)
    shutil.copytree(SHIPPED / "include" / "infrastructure", include.infrastructure)
    include.plan_path("shop-2").write_text(PLAN)
    prepare = tmp_path / "prepare.sh"
    prepare.write_text("echo $DEPLOYPLAN_VERSION > version\n")
    settings = replace(settings, include=include.root, records=str(tmp_path / "records"))
    records = Records(settings.records, key=KEY)

    snapshot, good = rehearse(settings, include, 'echo "$DEPLOYPLAN_PREVIOUS" > version', prepare)

    assert (good.deploy_ok, good.backout_ok, good.problems) == (True, True, ())
    found = last_rehearsal(records, snapshot)
    assert found is not None
    assert found.result == good

    changed, bad = rehearse(settings, include, "echo it is gone >&2; exit 3", prepare)

    assert last_rehearsal(Records(settings.records, key=b"o" * 32), snapshot) is None, "signed by somebody else"
    assert (bad.deploy_ok, bad.backout_ok) == (True, False)
    assert "web-1" in bad.problems[0]
    found = last_rehearsal(records, changed)
    assert found is not None
    assert not found.result.backout_ok
    assert last_rehearsal(records, snapshot) is not None, "of each content its own"


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("nodes: {web-1: 10.0.0.11}", r"nodes\.web-1: '10\.0\.0\.11'"),
        ("nodes: {web-1: web-1}", r"nodes\.web-1: 'web-1'"),
        ("nodes: {web-1: 127.0.0.1}\nreach: [billing.example:443]", r"reach: billing\.example:443: 'billing\.example'"),
        (
            "nodes: {web-1: 127.0.0.1}\nmetrics: {url: 'https://prometheus.example'}",
            "metrics.url: 'prometheus.example'",
        ),
    ],
)
def test_a_practice_environment_that_names_another_machine_is_refused(written: str, place: str, tmp_path: Path) -> None:
    include = an_include(tmp_path)
    (include.infrastructure / "practice.yaml").write_text(f"connection: ssh_practice\n{written}\n")
    with pytest.raises(LocalError, match=place):
        _refuse_elsewhere(load_infrastructure("practice", include))
