"""A release as one trace, through Airflow's own tracing to a real receiver."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from deployplan.airflow_glue.tasks import release_trace
from deployplan.airflow_glue.tasks.release_trace import trace_release
from deployplan.runbook.run.run import Run
from deployplan.testing import FrozenClock
from otlp_receiver import otlp_receiver
from unit.runbook.runs import NOON, a_run, armed, undo_ended, wave_ended

pytestmark = pytest.mark.airflow

FACTS = {"environment": "production", "product": "shop", "version": "2"}


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Span]]:
    """Airflow's tracing is configured to send to a receiver; the spans that have come there."""
    from airflow._shared.observability.traces import configure_otel
    from airflow.configuration import conf
    from opentelemetry import trace

    before = trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE._done
    with otlp_receiver() as (url, spans):
        monkeypatch.setenv("AIRFLOW__TRACES__OTEL_ON", "True")
        monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp_proto_http")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url)
        trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE._done = None, False
        configure_otel(conf)
        yield spans
        provider = trace.get_tracer_provider()
        provider.shutdown()  # type: ignore[attr-defined]
        trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE._done = before


def tell(run: Run) -> None:
    """A wave that failed on its node, and the undo of it, a minute between two entries."""
    clock = run.clock
    assert isinstance(clock, FrozenClock)

    def note(kind: str, **facts: object) -> None:
        clock.move_to(clock.now() + timedelta(minutes=1))
        run.ledger.record(kind, **facts)

    armed(run)
    note("wave_started", component="web", wave=1, nodes=["web-1"])
    note("job_started", node="web-1", job="j", component="web", step="deploy")
    note("job_ended", node="web-1", job="j", state="failed", exit=1)
    wave_ended(run, ok=False)
    note("reading", criterion="health", answer="pass")
    note("undo_started", component="web", nodes=["web-1"])
    note("job_started", node="web-1", job="u", component="web", step="undo")
    note("job_ended", node="web-1", job="u", state="done", exit=0)
    undo_ended(run)
    note("outcome", outcome="backed_out", because="web failed")


def test_a_release_is_one_trace_of_phases_waves_nodes_criteria_and_backout_with_the_times_of_its_evidence(
    tmp_path: Path, received: list[Span]
) -> None:
    run = a_run(tmp_path)
    tell(run)
    assert trace_release("own", "run-1", run.ledger.entries(), FACTS) == len(received)
    by_name = {span.name.removeprefix("deployplan."): span for span in received}
    names = {"release", "review", "deploy", "backout", "wave web 1", "deploy on web-1", "criterion health"}
    assert by_name.keys() == names | {"undo web", "undo on web-1"}
    assert len({span.trace_id for span in received}) == 1
    ids = {span.span_id: name for name, span in by_name.items()} | {
        span.span_id: span.name.removeprefix("deployplan.") for span in received
    }
    around = {name: ids.get(span.parent_span_id) for name, span in by_name.items()}
    assert around == {
        "release": None,
        "review": "release",
        "deploy": "release",
        "backout": "release",
        "wave web 1": "deploy",
        "deploy on web-1": "wave web 1",
        "criterion health": "deploy",
        "undo web": "backout",
        "undo on web-1": "undo web",
    }
    script = by_name["deploy on web-1"]
    minute = 60 * 10**9
    assert script.start_time_unix_nano == int(NOON.timestamp()) * 10**9 + 2 * minute
    assert script.end_time_unix_nano - script.start_time_unix_nano == minute
    told = {each.key: each.value.string_value for each in by_name["release"].attributes}
    assert told["deployplan.outcome"] == "backed_out"
    assert (told["deployplan.plan"], told["deployplan.product"]) == ("own", "shop")
    assert by_name["deploy on web-1"].status.code == 2
    assert by_name["undo on web-1"].status.code == 1


def test_what_is_exported_again_is_the_same_spans_and_without_tracing_nothing_is(
    tmp_path: Path, received: list[Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(tmp_path)
    tell(run)
    first = trace_release("own", "run-1", run.ledger.entries(), FACTS)
    assert trace_release("own", "run-1", run.ledger.entries(), FACTS) == first
    assert {span.span_id for span in received[:first]} == {span.span_id for span in received[first:]}
    assert trace_release("own", "run-2", run.ledger.entries(), FACTS) == first
    assert len({span.trace_id for span in received}) == 2
    monkeypatch.setenv("AIRFLOW__TRACES__OTEL_ON", "False")
    assert trace_release("own", "run-3", run.ledger.entries(), FACTS) == 0


def test_an_exporter_that_takes_its_time_holds_the_end_of_a_run_up_for_one_export_beyond_the_limit(
    tmp_path: Path, received: list[Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_trace, "AT_ONCE", 2)
    monkeypatch.setattr(release_trace, "WITHIN", -1.0)  # the first export was too long already
    run = a_run(tmp_path)
    tell(run)
    assert trace_release("own", "run-1", run.ledger.entries(), FACTS) == len(received) == 2


def test_a_later_pass_begins_when_it_was_asked_for_and_not_with_what_was_told_of_the_one_before(
    tmp_path: Path, received: list[Span]
) -> None:
    run = a_run(tmp_path)
    tell(run)
    clock = run.clock
    assert isinstance(clock, FrozenClock)
    for kind, facts in (("message_begun", MESSAGE), ("message_sent", MESSAGE)):
        run.ledger.record(kind, **facts)
    clock.move_to(clock.now() + timedelta(days=3))
    run.ledger.record("reading", criterion="health", answer="pass")
    asked = clock.now()
    clock.move_to(clock.now() + timedelta(minutes=1))
    run.ledger.record("outcome", outcome="backed_out", because="asked for")
    trace_release("own", "run-1", run.ledger.entries(), FACTS)
    (release,) = (span for span in received if span.name == "deployplan.release")
    assert release.start_time_unix_nano == int(asked.timestamp()) * 10**9


MESSAGE = {"to": "shop@acme.example", "moment": "success", "via": "mail", "key": "k"}
