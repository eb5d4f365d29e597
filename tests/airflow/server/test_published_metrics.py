"""The figures through Airflow's own StatsD client over a real socket, and what a real Prometheus makes of them."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deployplan.airflow_glue.server import metrics
from deployplan.airflow_glue.server.api.tonight_keeper import TonightKeeper
from deployplan.airflow_glue.server.metrics import GaugesReader, is_published, publish
from deployplan.airflow_glue.settings import settings
from deployplan.evidence.hold import HoldSwitch
from deployplan.runbook.timing.past_runs import remember
from real_prometheus import Written, prometheus_over, require_prometheus
from statsd_listener import StatsdListener
from unit.runbook.other_plans import OtherPlans, a_night

pytestmark = pytest.mark.airflow

DEPLOY = Path(__file__).parents[3] / "deploy"
LOOKED_AT = datetime.now(UTC)


@pytest.fixture
def statsd(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatsdListener]:
    """Airflow's metrics go to this listener, with tags."""
    from airflow.observability import stats
    from airflow.observability.metrics.stats_utils import get_stats_factory

    with StatsdListener() as listener:
        for option, value in (
            ("ON", "True"),
            ("HOST", "127.0.0.1"),
            ("PORT", listener.port),
            ("INFLUXDB_ENABLED", True),
        ):
            monkeypatch.setenv(f"AIRFLOW__METRICS__STATSD_{option}", str(value))
        stats.initialize(factory=get_stats_factory(), export_legacy_names=False)
        yield listener
        monkeypatch.undo()
        stats.initialize(factory=get_stats_factory(), export_legacy_names=False)


def a_store(plans: OtherPlans) -> GaugesReader:
    """A run that asks mia since an hour, one that has taken its nodes, one whose backout failed, and a hold."""
    now = datetime.now(UTC)
    asks = plans.run("asks", a_night("tonight"), at=now - timedelta(hours=1))
    asks.ledger.record("seat_asked", seat=1, people=["mia"], digest=asks.snapshot.digest)
    asks.ledger.record("card_put", task="review.approve_1", people=["mia"], subject="Approve?")
    plans.armed("works", a_night("tonight"))
    over = plans.run("over", a_night("tonight"), at=now)
    over.ledger.record("outcome", outcome="backout_failed", because="")
    remember(plans.records, over.snapshot, over.run_id, over.ledger)
    plans.records.close_run("over", "run-1")
    switch = HoldSwitch(plans.records.root)
    switch.hold("inventory", by="mia", at=now - timedelta(days=2))
    return GaugesReader(TonightKeeper(settings()), switch)


def publish_until_all_is_read(reader: GaugesReader, statsd: StatsdListener, ended_with: str) -> None:
    """Publish as often as a store takes that is read bit by bit."""
    for _ in range(60):
        publish(reader, LOOKED_AT)
        statsd.hear(lambda gauges: ended_with in gauges)
        if not statsd.gauges["airflow.deployplan.runs_unread"]:
            return
        time.sleep(1)
    pytest.fail("not read within a minute")


def test_each_figure_goes_to_statsd_with_product_and_environment_and_a_real_prometheus_answers_every_query(
    other_plans: OtherPlans, statsd: StatsdListener, tmp_path: Path
) -> None:
    require_prometheus()
    assert is_published()
    place = "product=shop,environment=production"
    publish_until_all_is_read(a_store(other_plans), statsd, f"airflow.deployplan.messages_uncertain,{place}")
    told = statsd.gauges
    assert told[f"airflow.deployplan.runs_waiting,{place},reason=people"] == 1
    assert told[f"airflow.deployplan.releases_ended,{place},outcome=backout_failed"] == 1
    assert told[f"airflow.deployplan.releases_ended,{place},outcome=success"] == 0
    assert 3600 <= told[f"airflow.deployplan.card_age_seconds,{place}"] < 3600 + 1800
    assert told[f"airflow.deployplan.nodes_locked,{place}"] == 1
    assert told["airflow.deployplan.hold_seconds"] > 86400
    assert told["airflow.deployplan.store_answers"] == 1
    assert not [name for name in told if "asks" in name or "works" in name], "a plan's name is no tag"

    now = int(time.time())
    written = [Written(name, "gauge", lambda _, value=value: value) for name, value in statsd.series().items()]
    (tmp_path / "prometheus").mkdir()
    with prometheus_over(tmp_path / "prometheus", written, range(now - 120, now + 1, 15)) as url:
        for query in dashboard_queries():
            assert _ask(url, query, now), f"nothing is answered: {query}"
        firing = {rule["alert"] for rule in rules() if _ask(url, rule["expr"], now)}
    assert {"DeployplanBackoutFailed", "DeployplanHeldLong"} <= firing
    assert firing.isdisjoint({"DeployplanReleaseUnknown", "DeployplanCardOld", "DeployplanStoreSilent"})


def test_without_tags_each_product_has_a_name_of_its_own(
    other_plans: OtherPlans, statsd: StatsdListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.observability import stats
    from airflow.observability.metrics.stats_utils import get_stats_factory

    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED", "False")
    stats.initialize(factory=get_stats_factory(), export_legacy_names=False)
    last = "airflow.deployplan.messages_uncertain.shop.production"
    publish_until_all_is_read(a_store(other_plans), statsd, last)
    assert statsd.gauges["airflow.deployplan.runs_waiting.shop.production.people"] == 1


def test_products_that_differ_in_letters_that_no_name_may_have_keep_their_own_figures() -> None:
    words = [metrics._word(product) for product in ("Касса", "Склад", "shop web", "shop.web", "shop_web")]
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", word) for word in words)
    assert words[-1] == "shop_web"


def test_a_store_that_does_not_answer_is_a_figure(other_plans: OtherPlans, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = a_store(other_plans)
    monkeypatch.setattr(HoldSwitch, "state", _no_answer)
    found = {figure.name: figure.value for figure in reader.read(LOOKED_AT)}
    assert found["outbox_looked_at"] == LOOKED_AT.timestamp()
    assert found["store_answers"] == 0
    assert "hold_seconds" not in found, "what is not known is not told"


def _no_answer(switch: HoldSwitch) -> None:
    raise OSError("the store does not answer")


def test_the_alert_rules_are_valid_and_fire_for_what_they_are_about() -> None:
    require_prometheus()
    for command in (("check", "rules", "rules.yaml"), ("test", "rules", "rules_test.yaml")):
        done = subprocess.run(
            ("promtool", *command), cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_dashboard_and_rules_use_metrics_of_the_reference_alone_and_each_is_there() -> None:
    reference = (DEPLOY.parent / "docs" / "reference" / "metrics.md").read_text()
    known = set(re.findall(r"^\| `deployplan\.(\w+)`", reference, re.MULTILINE))
    used = set()
    for query in (*dashboard_queries(), *(rule["expr"] for rule in rules())):
        used |= set(re.findall(r"airflow_deployplan_(\w+)", query))
    assert used == known


def dashboard_queries() -> list[str]:
    """Every query of the dashboard, with all products and environments chosen."""
    panels = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    return [query.replace("$product", ".*").replace("$environment", ".*") for query in queries]


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())["groups"]
        for rule in group["rules"]
    ]


def _ask(url: str, query: str, at: int) -> list[Any]:
    answer = httpx.get(f"{url}/api/v1/query", params={"query": query, "time": at}, trust_env=False).json()
    assert answer["status"] == "success", f"{query}: {answer}"
    return list(answer["data"]["result"])
