"""Spans for OpenTelemetry: one a request, in the trace that it belongs to, with nothing that is personal."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from app.operations.observed import Observed
from app.operations.tracing import Tracer, open_tracer
from tests.site import Site

ON_ONE_ENGINE = True

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def spans(site: Site) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observed = site.app.wsgi_app
    assert isinstance(observed, Observed)
    observed._tracer = Tracer(provider)
    yield exporter
    observed._tracer = None
    provider.shutdown()


def test_a_request_is_a_span_of_the_trace_that_it_came_with(site: Site, spans: InMemorySpanExporter) -> None:
    path = "/stores/66/customers?email=canary@example.com"
    answer = site.ask(path, headers={"traceparent": f"00-{TRACE}-{SPAN}-01", "User-Agent": "canary"})
    (span,) = spans.get_finished_spans()
    assert span.context
    assert span.parent
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, SPAN)
    assert (span.name, span.kind) == ("GET /stores/<owner_id>/customers", SpanKind.SERVER)
    told = dict(span.attributes or {})
    assert told.pop("patron.sql.seconds") > 0  # type: ignore[operator]
    assert told.pop("patron.sql.statements") >= 1  # type: ignore[operator]
    assert told == {
        "http.request.method": "GET",
        "http.route": "/stores/<owner_id>/customers",
        "http.response.status_code": 200,
        "patron.request_id": answer.headers["X-Request-ID"],
        "patron.store_id": 66,
    }
    assert "canary" not in span.to_json()


def test_a_request_without_a_trace_begins_one_and_what_is_not_sampled_is_not_told(
    site: Site, spans: InMemorySpanExporter
) -> None:
    site.ask("/customers/115")
    site.ask("/customers/115", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert span.status.status_code is StatusCode.UNSET


def test_there_are_no_spans_unless_somebody_says_where_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert open_tracer() is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert open_tracer() is None
    monkeypatch.delenv("OTEL_SDK_DISABLED")
    assert open_tracer() is not None
