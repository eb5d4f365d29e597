"""One OpenTelemetry trace a release, exported where Airflow's tracing is configured (`[traces] otel_on`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from deployplan.evidence.entry import Entry

if TYPE_CHECKING:
    from deployplan.ui.release_spans import ReleaseSpan

AT_ONCE = 500
"""Spans between two waits for the exporter, whose queue drops what is above its length."""
WITHIN = 5.0
"""Seconds after which no further spans are handed over. The one export that is under way then is bounded by the
exporter alone (`OTEL_EXPORTER_OTLP_TIMEOUT`, 10 s): the SDK's flush takes a time limit and ignores it."""


def trace_release(plan: str, run_id: str, entries: Sequence[Entry], facts: Mapping[str, str]) -> int:
    """Export the spans of the run's last pass, and return how many; 0 where there is no tracing.

    `facts` stand at the release. Ids are made of plan, run and entry: what is exported again is the same span again.
    """
    from airflow.configuration import conf

    if not conf.getboolean("traces", "otel_on", fallback=False):
        return 0
    from opentelemetry import trace

    from deployplan.ui.release_spans import release_spans

    provider = trace.get_tracer_provider()
    flush = getattr(provider, "force_flush", None)
    if flush is None:
        return 0
    spans = release_spans(entries)
    trace_id = int.from_bytes(_digest(plan, run_id)[:16])
    own = {
        "deployplan.plan": plan,
        "deployplan.run": run_id,
        **{f"deployplan.{key}": word for key, word in facts.items()},
    }
    deadline = monotonic() + WITHIN
    for begin in range(0, len(spans), AT_ONCE):
        batch = spans[begin : begin + AT_ONCE]
        for span in batch:
            _export(span, trace_id, own)
        flush()
        if monotonic() > deadline:
            return begin + len(batch)
    return len(spans)


def _export(span: ReleaseSpan, trace_id: int, own: Mapping[str, str]) -> None:
    from airflow._shared.observability.traces import override_ids
    from opentelemetry import context, trace

    around = context.Context()
    if span.parent is not None:
        parent = trace.SpanContext(trace_id, _span_id(trace_id, span.parent), True, trace.TraceFlags(1))
        around = trace.set_span_in_context(trace.NonRecordingSpan(parent), around)
    attributes = {**own, **{f"deployplan.{name}": value for name, value in span.attributes.items()}}
    with override_ids(trace_id, _span_id(trace_id, span.key), around):
        began, name = _nanos(span.began), f"deployplan.{span.name}"
        made = trace.get_tracer("deployplan").start_span(name, around, attributes=attributes, start_time=began)
    if span.ok is not None:
        made.set_status(trace.StatusCode.OK if span.ok else trace.StatusCode.ERROR)
    made.end(_nanos(span.ended))


def _span_id(trace_id: int, key: str) -> int:
    return int.from_bytes(_digest(str(trace_id), key)[:8])


def _digest(*words: str) -> bytes:
    return hashlib.sha256("\0".join(words).encode()).digest()


def _nanos(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
