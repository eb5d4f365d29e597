"""When Airflow is ready to carry plans."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.component import ManagedProcess
from deployplan.local.readiness import AirflowNotReady, find_unknown, not_healthy, plan_names, wait_until_ready
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import LocalSettings

WELL = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")}


class Health(BaseHTTPRequestHandler):
    answer: Any = WELL

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(type(self).answer).encode())


@pytest.fixture
def server(settings: LocalSettings) -> Iterator[type[Health]]:
    handler = type("OwnHealth", (Health,), {})
    server = ThreadingHTTPServer(("127.0.0.1", settings.ports.ui), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield handler
    server.shutdown()
    server.server_close()


def test_nothing_answers_before_anything_is_started(settings: LocalSettings) -> None:
    assert not_healthy(settings) == ("api-server",)


def test_every_component_that_is_not_well_is_named(settings: LocalSettings, server: type[Health]) -> None:
    server.answer = WELL | {"scheduler": {"status": "unhealthy"}, "triggerer": {"status": None}}
    assert not_healthy(settings) == ("scheduler", "triggerer")
    server.answer = {**WELL, "dag_processor": None}
    assert not_healthy(settings) == ("dag_processor",)
    server.answer = WELL
    assert not_healthy(settings) == ()


def an_api(dags: list[dict[str, Any]], errors: list[str]) -> AirflowApi:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token":
            return httpx.Response(201, json={"access_token": "token"})
        if request.url.path == "/api/v2/dags":
            return httpx.Response(200, json={"dags": dags, "total_entries": len(dags)})
        found = [{"stack_trace": error} for error in errors]
        return httpx.Response(200, json={"import_errors": found, "total_entries": len(found)})

    return AirflowApi("http://airflow", "erin", "secret", transport=httpx.MockTransport(answer))


def test_a_plan_is_known_when_it_has_a_dag_or_was_rejected_by_name() -> None:
    names = ("good", "stale", "bad", "late")
    api = an_api(
        [{"dag_id": "good"}, {"dag_id": "stale", "is_stale": True}], ["include/plans/bad.yaml:3:1: unknown key 'x'"]
    )
    assert find_unknown(api, names) == ("stale", "late")


def test_plans_are_the_files_of_the_include_folder(settings: LocalSettings, tmp_path: Path) -> None:
    from dataclasses import replace

    (tmp_path / "plans/shop-4.3.0").mkdir(parents=True)
    for name in ("shop-4.3.0.yaml", "a.yaml", "notes.md"):
        (tmp_path / "plans" / name).touch()
    assert plan_names(replace(settings, include=tmp_path)) == ("a", "shop-4.3.0")
    assert plan_names(replace(settings, include=tmp_path / "none")) == ()


def test_an_airflow_that_does_not_get_ready_is_told_with_the_last_words_of_what_died(
    settings: LocalSettings, tmp_path: Path
) -> None:
    dead = ManagedProcess(
        "scheduler", ["/bin/sh", "-c", "echo cannot import name; exit 1"], {}, tmp_path / "scheduler.log"
    )
    dead.start()
    while dead.runs:
        time.sleep(0.01)
    said: list[str] = []
    with pytest.raises(AirflowNotReady, match=r"(?s)no api-server; .*scheduler.log\ncannot import name"):
        wait_until_ready(RunningAirflow(settings, {}, {"scheduler": dead}), said.append, 0.0)
    assert said == ["waiting for api-server"]
