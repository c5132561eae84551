"""CORS: the pages of the portal's origins may use it from a browser, those of others may not."""

import itertools
from collections.abc import Iterator

import pytest

from tests.portal.customers import PASSWORD, PORTAL, SETTINGS, new_customer
from tests.site import Site, open_site

ON_ONE_ENGINE = True

ALLOWED = "http://localhost:8080"
PATHS = (
    "", "/", "/addresses", "/addresses/1", "/authenticate", "/forgot_password", "/sign_up",
    "/customer_portal_settings", "/nonsense",
)  # fmt: skip
OTHERS = (
    "null",
    "https://evil.example",
    "http://localhost",
    "https://localhost:8080",
    "http://localhost:8081",
    "http://localhost:80800",
    "http://localhost:8080.evil.example",
    "http://evil.example/http://localhost:8080",
    "http://localhost:8080/",
    "*",
    "",
)


@pytest.fixture(scope="module")
def changing(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose settings change."""
    with open_site(engine_name, tmp_path_factory.mktemp("cors")) as opened:
        yield opened


def preflight(site: Site, origin: str, path: str = "/", method: str = "PATCH", portal: str = PORTAL):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,cache-control,content-type,foxy-api-version",
    }
    return site.ask(portal + path, None, token=None, method="OPTIONS", headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_is_answered_without_a_session(site: Site, path: str) -> None:
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        answer = preflight(site, ALLOWED, path, method)

        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
        headers = answer.headers["Access-Control-Allow-Headers"].split(", ")
        assert {"authorization", "content-type", "foxy-api-version", "cache-control"} <= set(headers)
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", OTHERS)
def test_other_origins_get_no_header(site: Site, origin: str) -> None:
    for path in PATHS:
        asked = preflight(site, origin, path)
        got = site.ask(PORTAL + path, token=None, headers={"Origin": origin})

        assert asked.status_code == 204
        assert got.status_code in (200, 401, 404, 405)
        for answer in (asked, got):
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Origin" in answer.headers["Vary"]


def answers(site: Site):
    """Successes and refusals of every kind, asked for from an allowed origin."""
    token = new_customer(site).session()
    origin = {"Origin": ALLOWED}
    for path, method in itertools.product(PATHS, ("GET", "POST", "DELETE", "TRACE")):
        for sent in (None, "nonsense"):
            yield site.ask(PORTAL + path, token=sent, method=method, headers=origin)
    yield site.ask(PORTAL, token=token, headers=origin)
    yield site.ask(f"{PORTAL}?zoom=nonsense", token=token, headers=origin)
    yield site.ask(PORTAL, token=token, headers=origin | {"FOXY-API-VERSION": "2"})
    yield site.ask(PORTAL, "image/png", token=token, headers=origin)
    yield site.send("PATCH", PORTAL, b"{", token=token, **origin)
    yield site.send("PATCH", PORTAL, b"x" * 2_000_000, token=token, **origin)
    yield site.send("PATCH", PORTAL, {"email": ""}, token=token, **origin)


def test_an_allowed_origin_may_read_every_answer_errors_too(site: Site) -> None:
    seen = set()
    for answer in answers(site):
        seen.add(answer.status_code)
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert "Origin" in answer.headers["Vary"]
    assert seen >= {200, 400, 401, 404, 405, 406, 413}


def test_a_page_may_sign_in_and_read(site: Site) -> None:
    customer = new_customer(site)
    given = {"email": customer.email, "password": PASSWORD}
    answer = site.send("POST", f"{PORTAL}/authenticate", given, token=None, Origin=ALLOWED)

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, ALLOWED)


def test_without_an_origin_there_is_no_header_but_vary(site: Site) -> None:
    answer = site.ask(f"{PORTAL}/customer_portal_settings", token=None)

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Vary"].endswith("Origin")


def test_plain_options_tell_what_may_be_done(site: Site) -> None:
    answer = site.ask(f"{PORTAL}/authenticate", token=None, method="OPTIONS", headers={"Origin": ALLOWED})

    assert (answer.status_code, answer.headers["Allow"]) == (200, "POST, DELETE, OPTIONS")
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED


@pytest.mark.parametrize("path", ["/", "/customers/115", SETTINGS, "/rels"])
def test_the_api_is_for_no_page(site: Site, path: str) -> None:
    for answer in (preflight(site, ALLOWED, path, portal=""), site.ask(path, headers={"Origin": ALLOWED})):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("setting", "origin"),
    [
        ("https://www.shop.example", "https://www.shop.example"),
        ("https://WWW.Shop.example", "https://www.shop.example"),
        ("https://www.shop.example:443", "https://www.shop.example"),
        ("https://www.shop.example:8443", "https://www.shop.example:8443"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_settings_hold_at_once_however_an_origin_is_spelled(
    changing: Site, setting: str, origin: str
) -> None:
    assert changing.send("PATCH", SETTINGS, {"allowedOrigins": [setting]}).status_code == 200

    assert preflight(changing, origin).headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Origin" not in preflight(changing, ALLOWED).headers


def test_a_portal_that_is_off_allows_nobody(changing: Site) -> None:
    assert changing.ask(SETTINGS, method="DELETE").status_code == 200
    answer = preflight(changing, ALLOWED)

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.status_code != 204
