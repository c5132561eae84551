"""Who is signed in in the explorer, and how."""

import json
from collections.abc import Iterator, Mapping

import pytest
from lxml import html

from tests.site import BASE, HAL, SIREN, Site
from tests.wire.exploring import ASKING, HTML, another, look, sign_in, signed_in

ON_ONE_ENGINE = True

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def in_production(shared_site: Site) -> Iterator[Site]:
    with another(shared_site, base_url=BASE) as opened:
        yield opened


def test_a_sandbox_signs_its_visitor_in(site: Site) -> None:
    home, customer = look(site, "/"), look(site, "/customers/115")

    assert f"{BASE}/stores/66" in home.text
    assert customer.status_code == 200
    assert site.token not in home.text + customer.text + str(home.headers)


@pytest.mark.parametrize("accept", [HAL, SIREN, "application/hal+xml", "*/*"])
def test_nobody_is_signed_in_but_by_the_explorer(site: Site, accept: str) -> None:
    assert look(site, "/customers/115", accept).status_code == 401
    assert look(site, "/customers/115", accept, **signed_in(site.token)).status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "[::1]:8000", "localhost:1", "LOCALHOST"])
def test_a_sandbox_is_known_by_the_names_of_its_machine(site: Site, host: str) -> None:
    assert look(site, "/customers/115", Host=host).status_code == 200


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.elsewhere.example", "localhost.example:80"])
def test_a_name_that_was_made_to_lead_here_signs_nobody_in(site: Site, host: str) -> None:
    """The pages of whoever owns that name could read all that is answered by it (DNS rebinding)."""
    assert look(site, "/customers/115", Host=host).status_code == 401
    assert look(site, "/customers/115", HAL, Host=host, **ASKING).status_code == 401


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
    ],
    ids=["address", "proxy", "forwarded"],
)
def test_a_sandbox_signs_in_nobody_from_elsewhere(site: Site, environ: dict[str, str]) -> None:
    with site.app.test_client(use_cookies=False) as client:
        page = client.get("/customers/115", headers={"Accept": HTML}, environ_overrides=environ)

    assert page.status_code == 401


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("https://shop.example", "__Host-patron_explorer"),
        ("https://shop.example/api", "__Secure-patron_explorer"),
        ("http://shop.example", "patron_explorer"),
    ],
)
def test_a_cookie_is_bound_to_where_it_came_from_as_well_as_browsers_can(
    shared_site: Site, base: str, name: str
) -> None:
    with another(shared_site, base_url=base) as site:
        cookie = sign_in(site, site.token).headers["Set-Cookie"]
        page = look(site, "/customers/115", Cookie=cookie.partition(";")[0])

    assert cookie.startswith(f"{name}={site.token};")
    assert ("Secure" in cookie.split("; ")) == base.startswith("https")
    assert page.status_code == 200


def test_what_is_answered_because_of_a_cookie_is_kept_nowhere(site: Site) -> None:
    assert look(site, "/customers/115", HAL, **ASKING).headers["Cache-Control"] == "no-store"


def test_the_explorers_script_asks_in_any_format_and_writes(shared_site: Site) -> None:
    body = json.dumps({"first_name": "Explored"}).encode()
    asking = ASKING | {"Content-Type": "application/json"}
    read = look(shared_site, "/customers/116", HAL, **ASKING)
    written = shared_site.ask("/customers/116", HAL, token=None, method="PATCH", headers=asking, data=body)

    assert read.status_code == 200
    assert written.json is not None
    assert written.json["first_name"] == "Explored"


@pytest.mark.parametrize("method", ["PATCH", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("headers", [{}, {**ASKING, "Sec-Fetch-Site": "cross-site"}], ids=["form", "script"])
def test_no_page_of_another_site_writes(site: Site, method: str, headers: Mapping[str, str]) -> None:
    path = "/stores/66/customers" if method == "POST" else "/customers/115"

    assert look(site, path, HTML, method, **headers, **signed_in(site.token)).status_code == 401


def test_in_production_nobody_is_signed_in_without_a_token(in_production: Site) -> None:
    page = look(in_production, "/customers/115")

    assert page.status_code == 401
    assert html.fromstring(page.text).xpath(
        '//form[@action=$href]//input[@name="token"]', href=f"{BASE}/explorer/session"
    )


def test_a_token_is_kept_in_a_cookie_that_no_script_reads_and_no_other_site_sends(
    in_production: Site,
) -> None:
    sent = sign_in(in_production, in_production.token)
    cookie = sent.headers["Set-Cookie"]

    assert sent.status_code == 303
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "expires" not in cookie.lower()
    assert "max-age" not in cookie.lower()
    assert look(in_production, "/customers/115", **signed_in(in_production.token)).status_code == 200
    assert (
        "You are signed in."
        in look(in_production, "/explorer/session", **signed_in(in_production.token)).text
    )


def test_a_cookie_whose_token_counts_no_more_asks_for_another(in_production: Site) -> None:
    page = look(in_production, "/customers/115", **signed_in("x" * 43))

    assert page.status_code == 401
    assert "invalid" in page.text
    assert 'name="token"' in page.text


def test_in_a_sandbox_a_cookie_of_an_earlier_one_does_no_harm(site: Site) -> None:
    assert look(site, "/customers/115", **signed_in("x" * 43)).status_code == 200


def test_who_signs_out_is_a_stranger_even_in_a_sandbox(site: Site) -> None:
    cookie = sign_in(site, "").headers["Set-Cookie"].partition(";")[0]

    assert look(site, "/customers/115", Cookie=cookie).status_code == 401
    assert "You are not signed in" in look(site, "/explorer/session", Cookie=cookie).text


def test_another_store_is_seen_by_its_own_token(site: Site) -> None:
    page = look(site, "/", **signed_in(site.other_store_token))

    assert f"{BASE}/stores/67" in page.text
    assert f"{BASE}/stores/66" not in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
    ],
    ids=["site", "port", "origin", "nowhere"],
)
def test_no_other_site_signs_a_browser_in(site: Site, headers: dict[str, str]) -> None:
    refused = sign_in(site, site.other_store_token, **headers)

    assert refused.status_code == 403
    assert "Set-Cookie" not in refused.headers


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        (f"{BASE}/customers/115?zoom=attributes", f"{BASE}/customers/115?zoom=attributes"),
        (f"{BASE}/explorer/session", f"{BASE}/"),
        (f"{BASE}.elsewhere.example/", f"{BASE}/"),
        ("", f"{BASE}/"),
    ],
)
def test_who_signs_in_comes_back_to_where_the_form_was(site: Site, referer: str, location: str) -> None:
    assert sign_in(site, site.token, Referer=referer).headers["Location"] == location


@pytest.mark.parametrize(
    "token", ["x", "%0d%0aSet-Cookie: a=b", "%ff%fe", "ü", "a;b", "none", "x" * 3000, "%00"]
)
def test_a_token_that_stands_for_nobody_is_refused_where_it_is_entered(site: Site, token: str) -> None:
    refused = sign_in(site, token)

    assert refused.status_code in {400, 413}
    assert "Set-Cookie" not in refused.headers
    assert "That token stands for nobody." in refused.text or refused.status_code == 413
