"""Spans for OpenTelemetry, where its packages are installed and OTEL_EXPORTER_OTLP_ENDPOINT says where to.

One span for each request, with its route and figures: none of OpenTelemetry's own instrumentation, which
would put addresses with their queries into spans, and does not see statements that pass SQLAlchemy by.
"""

import importlib.util
import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog

from app.operations.current import Facts

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = structlog.get_logger()

WANTED_BY = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

FAILED = 500


class Tracer:
    """Begins and ends the span of the request that this thread works on."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry import trace

        self._api = trace
        self._tracer = provider.get_tracer("patron", version("patron"))

    def begin(self, facts: Facts) -> None:
        """Begins a span: in the trace that the request belongs to, else in a new one."""
        span = self._tracer.start_span("request", context=self._parent(facts), kind=self._api.SpanKind.SERVER)
        facts.span = span
        facts.trace_id = f"{span.get_span_context().trace_id:032x}"

    def end(self, facts: Facts, method: str, status: int, statements: int, sql_seconds: float) -> None:
        """Ends it, with what is known by now; nothing of it is the client's."""
        span = facts.span
        facts.span = None
        if span is None or not span.is_recording():
            return
        span.update_name(f"{method} {facts.rule}" if facts.rule else method)
        told: dict[str, Any] = {
            "http.request.method": method,
            "http.route": facts.rule or "",
            "http.response.status_code": status,
            "patron.request_id": facts.request_id,
            "patron.store_id": facts.store_id,
            "patron.sql.statements": statements,
            "patron.sql.seconds": sql_seconds,
        }
        span.set_attributes(told)
        if status >= FAILED:
            span.set_status(self._api.StatusCode.ERROR)
        span.end()

    def _parent(self, facts: Facts) -> Any:
        if not facts.trace_id:
            return None
        came_from = self._api.SpanContext(
            trace_id=int(facts.trace_id, 16),
            span_id=int(facts.parent_id, 16),
            is_remote=True,
            trace_flags=self._api.TraceFlags(facts.flags),
        )
        return self._api.set_span_in_context(self._api.NonRecordingSpan(came_from))


def open_tracer() -> Tracer | None:
    """A tracer that sends spans by OTLP; None where nobody has said where to, or the packages are missing.

    How it samples and sends is said by OpenTelemetry's own variables (OTEL_…).
    """
    if not any(os.environ.get(name) for name in WANTED_BY) or os.environ.get("OTEL_SDK_DISABLED") == "true":
        return None
    if importlib.util.find_spec("opentelemetry") is None:
        log.warning("no_traces", reason="OpenTelemetry is not installed", remedy="install patron[otel]")
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "patron"}
    provider = TracerProvider(resource=Resource.create(name))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracer(provider)
