"""The ids of a request: taken where they are well-formed, else made; told to the client and in the log."""

import json
import re

import pytest

from app.operations.observed import Observed
from tests.logs import captured_logs
from tests.site import Site

ON_ONE_ENGINE = True

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "given", ["abcd1234", "6f1c1d1e-7d9e-4c9a-9a53-2a5a4bb0a1f0", "0af7651916cd43dd8448eb211c80319c"]
)
def test_an_id_that_is_well_formed_comes_back(site: Site, given: str) -> None:
    assert site.ask("/customers/115", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["short", "x" * 43, "with space", "semi;colon1", "4111111111111111", "-leading-dash"]
)
def test_any_other_is_replaced_by_a_new_one(site: Site, given: str) -> None:
    ids = [site.ask("/", headers={"X-Request-ID": given}).headers["X-Request-ID"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert given not in ids
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


def test_what_is_refused_is_found_in_the_log_by_its_request_and_its_trace(site: Site) -> None:
    sent = {"X-Request-ID": TRACE[::-1], "traceparent": f"00-{TRACE}-{SPAN}-01"}
    with captured_logs() as lines:
        answer = site.ask("/customers/999", headers=sent)
    logref = json.loads(answer.data)["_embedded"]["fx:errors"][0]["logref"]
    (line,) = lines.of("refused", logref=logref)
    assert (line["request_id"], line["trace_id"]) == (TRACE[::-1], TRACE)


@pytest.mark.parametrize(
    ("given", "trace_id"),
    [
        (f"00-{TRACE}-{SPAN}-01", TRACE),
        (f"cc-{TRACE}-{SPAN}-01-of-a-later-version", TRACE),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{TRACE}-{SPAN}-01-more", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        ("nonsense", None),
    ],
)
def test_a_trace_is_continued_where_it_is_one(site: Site, given: str, trace_id: str | None) -> None:
    with captured_logs() as lines:
        site.ask("/customers/999", headers={"traceparent": given})
    (line,) = lines.of("refused")
    assert line.get("trace_id") == trace_id


def test_a_request_has_one_line_of_figures_and_nothing_that_is_personal(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    observed = site.app.wsgi_app
    assert isinstance(observed, Observed)
    observed._access_log = True
    try:
        path = "/stores/66/customers?email=canary@example.com&limit=1"
        answer = site.ask(path, headers={"User-Agent": "canary", "Referer": "https://canary.example/"})
        site.ask("/canary@example.com", token=None)
    finally:
        observed._access_log = False
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"request"' in line]
    first, second = (each for each in lines if each["event"] == "request")
    assert "canary" not in json.dumps(lines[0]) + json.dumps(second)
    assert (
        first.items()
        >= {
            "route": "/stores/<owner_id>/customers",
            "method": "GET",
            "status": 200,
            "format": "hal+json",
            "request_id": answer.headers["X-Request-ID"],
            "store_id": 66,
            "client": "sandbox",
        }.items()
    )
    assert first["statements"] > 0
    assert first["ms"] > 0
    assert (second["route"], second["status"], "client" in second) == (None, 404, False)
