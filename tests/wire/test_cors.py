"""CORS on the hypermedia face: pages of the allowed origins may use it by a token, no page may read HTML."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.config import Config, from_environment
from tests.site import FORMATS, HAL, Site, open_site

ON_ONE_ENGINE = True

ALLOWED, ALSO = "https://explorer.example", "http://localhost:8080"
HTML = "text/html"
HERS = (
    "/", "/stores/66", "/stores/66/customers", "/stores/66/customers?limit=1", "/customers/115",
    "/customers/115/attributes", "/customers/115/send_webhooks", "/property_helpers", "/rels",
    "/rels/customer", "/rels/nonsense", "/clients", "/customers/115/nonsense", "/nonsense", "/nonsense/5",
)  # fmt: skip
OTHER_FACES = (
    "/token", "/revoke", "/authorize", "/.well-known/oauth-authorization-server", "/odata/v1/",
    "/odata/v1/Customer", "/odata/v1/$metadata", "/odata/v1/nonsense", "/explorer/nonsense",
)  # fmt: skip
PORTAL = ("/stores/66/s/customer/", "/stores/66/s/customer/authenticate", "/stores/66/s/customer/nonsense")
STRANGERS = (
    "null",
    "https://evil.example",
    "http://explorer.example",
    "https://explorer.example:8443",
    "https://explorer.example.evil.example",
    "https://explorer.example/",
    "*",
    "",
)
SENT = (
    "authorization", "accept", "content-type", "foxy-api-version", "if-match", "if-none-match",
    "idempotency-key", "prefer", "x-http-method-override", "x-requested-with",
)  # fmt: skip
EXPOSED = {
    "Allow", "ETag", "Link", "Location", "Content-Location", "Accept-Patch", "Accept-Post", "Retry-After",
    "RateLimit", "RateLimit-Policy", "Preference-Applied", "WWW-Authenticate",
}  # fmt: skip
COOKIE = "patron_explorer=whatever"


@contextmanager
def letting_in(folder: Path, *origins: str) -> Iterator[Site]:
    """A site that lets pages of these origins in. One engine is enough: no row tells who may come."""
    with open_site("sqlite", folder, cors_origins=frozenset(origins)) as opened:
        yield opened


@pytest.fixture(scope="module")
def open_to_some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with letting_in(tmp_path_factory.mktemp("some"), ALLOWED, ALSO) as opened:
        yield opened


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with letting_in(tmp_path_factory.mktemp("all"), "*") as opened:
        yield opened


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with letting_in(tmp_path_factory.mktemp("none")) as opened:
        yield opened


def preflight(site: Site, path: str, origin: str = ALLOWED, method: str = "PATCH"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(SENT),
    }
    return site.ask(path, None, token=None, method="OPTIONS", headers=headers)


def listed(answer, name: str) -> list[str]:
    return answer.headers.get(name, "").split(", ")


def lets_in(answer) -> str | None:
    """The origin whose pages may read an answer; that there is no credentials mode is always so."""
    assert "Access-Control-Allow-Credentials" not in answer.headers
    allowed: str | None = answer.headers.get("Access-Control-Allow-Origin")
    assert bool(allowed) == ("Access-Control-Expose-Headers" in answer.headers)
    return allowed


@pytest.mark.parametrize("path", HERS)
def test_a_preflight_is_answered_before_anybody_is_asked_for_a_token(open_to_some: Site, path: str) -> None:
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"):
        answer = preflight(open_to_some, path, method=method)

        assert (answer.status_code, answer.data, lets_in(answer)) == (204, b"", ALLOWED)
        assert method in listed(answer, "Access-Control-Allow-Methods")
        assert set(SENT) <= set(listed(answer, "Access-Control-Allow-Headers"))
        assert "x-patron-explorer" not in answer.headers["Access-Control-Allow-Headers"].lower()
        assert "Content-Type" not in answer.headers
        assert "Origin" in listed(answer, "Vary")


@pytest.mark.parametrize("origin", STRANGERS)
def test_pages_of_other_origins_are_not_let_in(open_to_some: Site, origin: str) -> None:
    for path in HERS:
        for answer in (
            preflight(open_to_some, path, origin),
            open_to_some.ask(path, headers={"Origin": origin}),
        ):
            assert lets_in(answer) is None
            assert "Origin" in listed(answer, "Vary")


def every_kind(site: Site, accept: str, origin: str):
    """Successes and refusals of every kind, asked for by a page."""
    sent = {"Origin": origin}
    for path, method in itertools.product(HERS, ("GET", "HEAD", "OPTIONS", "TRACE")):
        yield site.ask(path, accept, method=method, headers=sent)
    customers = "/stores/66/customers"
    yield site.ask("/customers/115", accept, token=None, headers=sent)
    yield site.ask("/customers/115", accept, token="nonsense", headers=sent)
    yield site.ask("/users/1", accept, token=site.token, headers=sent)
    yield site.ask("/customers/115", accept, headers=sent | {"FOXY-API-VERSION": "2"})
    yield site.ask("/customers/115?zoom=nonsense", accept, headers=sent)
    yield site.ask("/customers/115", accept, headers=sent | {"If-Match": '"0-"'})
    seen = site.ask("/customers/115", accept).headers["ETag"]
    yield site.ask("/customers/115", accept, headers=sent | {"If-None-Match": seen})
    yield site.send("POST", customers, b"{", accept=accept, **sent)
    yield site.send("POST", customers, b"x" * 2_000_000, accept=accept, **sent)
    yield site.send("POST", customers, {"email": ""}, accept=accept, **sent)
    yield site.send("POST", customers, b"x", "image/png", accept=accept, **sent)
    body = {"email": f"{abs(hash((accept, origin)))}@cors.example"}
    made = site.send("POST", customers, body, accept=accept, **sent)
    yield made
    yield site.send("POST", customers, body, accept=accept, **sent)
    yield site.send("PATCH", made.headers["Location"], {"first_name": "Ada"}, accept=accept, **sent)
    yield site.ask(made.headers["Location"], accept, method="DELETE", headers=sent)


KINDS = {200, 201, 304, 400, 401, 403, 404, 405, 409, 412, 413, 415}


@pytest.mark.parametrize("origin", [ALLOWED, ALSO])
@pytest.mark.parametrize("accept", FORMATS)
def test_an_allowed_page_may_read_every_answer_errors_too(
    open_to_some: Site, accept: str, origin: str
) -> None:
    seen = set()
    for answer in every_kind(open_to_some, accept, origin):
        seen.add(answer.status_code)
        assert lets_in(answer) == origin, answer.request.path
        assert set(listed(answer, "Access-Control-Expose-Headers")) >= EXPOSED
        assert "Origin" in listed(answer, "Vary")
    assert seen >= KINDS


def test_no_page_may_read_html_whatever_it_asks(open_to_some: Site, open_to_all: Site) -> None:
    for site in (open_to_some, open_to_all):
        seen = set()
        for answer in every_kind(site, HTML, ALLOWED):
            seen.add(answer.status_code)
            assert lets_in(answer) is None, answer.request.path
            assert "Origin" in listed(answer, "Vary")
        assert seen >= KINDS


def test_an_answer_in_another_format_is_read_though_html_would_have_been_taken(open_to_some: Site) -> None:
    answer = open_to_some.ask("/customers/115", f"{HAL}, {HTML};q=0.9", headers={"Origin": ALLOWED})

    assert (answer.mimetype, lets_in(answer)) == (HAL, ALLOWED)


@pytest.mark.parametrize("accept", [*FORMATS, HTML])
def test_no_page_may_read_what_is_asked_with_the_explorers_cookie(
    open_to_some: Site, open_to_all: Site, accept: str
) -> None:
    sent = {"Origin": ALLOWED, "Cookie": COOKIE, "X-Patron-Explorer": "1", "Accept": accept}
    for site, path in itertools.product((open_to_some, open_to_all), HERS):
        for proof in ({}, {"Authorization": f"Bearer {site.token}"}):
            with site.app.test_client(use_cookies=False) as client:
                assert lets_in(client.get(path, headers=sent | proof)) is None


@pytest.mark.parametrize("path", ["/customers/115", "/customers/99999", "/customers/115?zoom=nonsense"])
def test_what_the_sandbox_shows_its_own_explorer_no_page_reads(
    open_to_some: Site, open_to_all: Site, path: str
) -> None:
    rather_html = f"{HTML};q=0.9, application/problem+json"
    for site, asking in itertools.product((open_to_some, open_to_all), (HTML, rather_html, HAL)):
        for claim in ({}, {"X-Patron-Explorer": "1"}):
            answer = site.ask(path, asking, token=None, headers={"Origin": ALLOWED} | claim)
            assert answer.status_code == 401 or lets_in(answer) is None


@pytest.mark.parametrize("accept", FORMATS)
@pytest.mark.parametrize("place", ["cross-site", "same-site", "none"])
def test_a_page_elsewhere_that_says_it_is_the_explorer_is_not_believed(
    open_to_all: Site, accept: str, place: str
) -> None:
    sent = {"Origin": ALLOWED, "X-Patron-Explorer": "1", "Sec-Fetch-Site": place}
    with open_to_all.app.test_client(use_cookies=False) as client:
        for kept in ({}, {"Cookie": f"patron_explorer={open_to_all.token}"}):
            answer = client.get("/customers/115", headers=sent | kept | {"Accept": accept})
            assert answer.status_code == 401


def framed_by(site: Site, path: str) -> str:
    """Whose pages may show a page within theirs."""
    policy = site.ask(path, HTML, headers={"Origin": ALLOWED}).headers["Content-Security-Policy"]
    return dict(each.split(" ", 1) for each in policy.split("; "))["frame-ancestors"]


def test_only_documentation_is_framed_and_only_by_pages_that_are_let_in(
    open_to_some: Site, open_to_all: Site, closed: Site
) -> None:
    for path in HERS:
        documents = path.startswith("/rels")
        assert framed_by(open_to_some, path) == (f"{ALSO} {ALLOWED}" if documents else "'none'")
        assert framed_by(open_to_all, path) == ("*" if documents else "'none'")
        assert framed_by(closed, path) == "'none'"


@pytest.mark.parametrize("kind", ["iframe", "frame", "embed", "object"])
def test_in_a_frame_nobody_is_signed_in(open_to_some: Site, kind: str) -> None:
    sent = {"Accept": HTML, "Cookie": f"patron_explorer={open_to_some.token}"}
    with open_to_some.app.test_client(use_cookies=False) as client:
        alone, framed = (
            client.get("/customers/115", headers=sent | {"Sec-Fetch-Dest": each})
            for each in ("document", kind)
        )
    assert (alone.status_code, framed.status_code) == (200, 401)


def test_every_page_is_let_in_where_all_are_but_by_no_more_than_its_token(open_to_all: Site) -> None:
    for origin in (*STRANGERS[:4], ALLOWED):
        for path in HERS:
            assert lets_in(preflight(open_to_all, path, origin)) == "*"
            answer = open_to_all.ask(path, headers={"Origin": origin})
            assert lets_in(answer) == "*"
    assert open_to_all.ask("/customers/115", token=None, headers={"Origin": ALLOWED}).status_code == 401


def test_who_comes_from_no_page_is_told_that_it_would_matter(open_to_some: Site) -> None:
    answer = open_to_some.ask("/customers/115")

    assert lets_in(answer) is None
    assert listed(answer, "Vary") == ["Accept", "Authorization", "Origin"]


def test_plain_options_tell_what_may_be_done(open_to_some: Site) -> None:
    answer = open_to_some.ask("/customers/115", method="OPTIONS", headers={"Origin": ALLOWED})

    assert (answer.status_code, lets_in(answer)) == (200, ALLOWED)
    assert "PATCH" in listed(answer, "Allow")


@pytest.mark.parametrize("path", OTHER_FACES)
def test_the_other_faces_stay_as_they_were(open_to_some: Site, closed: Site, path: str) -> None:
    for method in ("GET", "PUT", "OPTIONS"):
        sent = {"Origin": ALLOWED, "Access-Control-Request-Method": "GET"}
        answer, before = (each.ask(path, method=method, headers=sent) for each in (open_to_some, closed))

        assert answer.status_code == before.status_code
        for name in ("Access-Control-Allow-Origin", "Access-Control-Allow-Headers", "Vary"):
            assert answer.headers.get(name) == before.headers.get(name)


@pytest.mark.parametrize("path", PORTAL)
def test_the_portal_goes_by_its_own_list(open_to_some: Site, open_to_all: Site, path: str) -> None:
    own = "http://localhost:8080"  # as the sandbox's settings have it
    for site in (open_to_some, open_to_all):
        for answer in (preflight(site, path, ALLOWED), site.ask(path, headers={"Origin": ALLOWED})):
            assert lets_in(answer) is None
            assert listed(answer, "Vary").count("Origin") == 1
        assert lets_in(preflight(site, path, own)) == own


@pytest.mark.parametrize("path", HERS)
def test_without_a_list_no_page_is_let_in_and_nothing_is_said_of_it(closed: Site, path: str) -> None:
    for answer in (preflight(closed, path), closed.ask(path, headers={"Origin": ALLOWED})):
        assert lets_in(answer) is None
        assert "Origin" not in listed(answer, "Vary")
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_an_origin_is_let_in_however_the_list_spells_it(
    closed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRON_CORS_ORIGINS", "https://EXPLORER.example:443")
    app = create_app(replace(from_environment(Config(secret_key="s" * 40)), database_url=closed.url))
    answer = replace(closed, app=app).ask("/rels", headers={"Origin": ALLOWED})

    assert lets_in(answer) == ALLOWED
