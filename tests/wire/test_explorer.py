"""The explorer: who is signed in there, what its pages hold, and that they stay small."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from lxml import html
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.auth.grants import issue
from app.config import Config
from app.sandbox import CLIENT, STORE_ID
from representations import explorer
from tests.site import BASE, HAL, SECRET, SIREN, Site

HTML = "text/html"
ASKING = {"X-Patron-Explorer": "1"}
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def in_production(shared_site: Site) -> Iterator[Site]:
    """The same store on a server that is no sandbox, with a token of its own."""
    config = Config(database_url=shared_site.url, secret_key=SECRET, base_url=BASE, rate_limits="off")
    app = create_app(config)
    whose = {"client": CLIENT, "client_row": 1, "user_id": None, "store_id": STORE_ID}
    with Session(shared_site.engine) as session, session.begin():
        token = issue(
            session, scope="store_full_access", **whose, is_sandbox=False, with_refresh=False
        ).access_token
    yield replace(shared_site, app=app, token=token, tokens={})
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


def look(site: Site, path: str, accept: str = HTML, method: str = "GET", **headers: str) -> TestResponse:
    """What a browser without a token is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.ask(path, accept, token=None, method=method, headers=named)


def signed_in(token: str) -> dict[str, str]:
    return {"Cookie": f"patron_explorer={token}"}


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


def sign_in(site: Site, token: str, **headers: str) -> TestResponse:
    sent = {"Content-Type": "application/x-www-form-urlencoded"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return site.ask(
        "/explorer/session", HTML, token=None, method="POST", headers=sent, data=f"token={token}".encode()
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


@pytest.mark.parametrize("token", ["%0d%0aSet-Cookie: a=b", "%ff%fe", "ü", "a;b", "x" * 3000, "%00"])
def test_no_token_that_is_none_does_harm(site: Site, token: str) -> None:
    sent = sign_in(site, token)

    assert sent.status_code in {303, 413}
    assert len(sent.headers.getlist("Set-Cookie")) <= 1


@pytest.mark.parametrize(
    "path", ["/", "/customers/115", "/stores/66/customers", "/rels/customer", "/customers/0"]
)
def test_a_page_is_not_kept_for_others_nor_shown_without_asking(site: Site, path: str) -> None:
    page = look(site, path)

    assert page.headers["Content-Security-Policy"] == explorer.CONTENT_SECURITY_POLICY
    assert "Cookie" in page.headers["Vary"].split(", ")
    assert page.headers["Cache-Control"] in {"private, no-cache", "no-store"}


@pytest.mark.parametrize("name", sorted(explorer.ASSETS))
def test_script_and_style_are_kept_for_ever_where_their_version_is_asked_for(site: Site, name: str) -> None:
    asset = explorer.ASSETS[name]
    kept, latest = (
        look(site, f"/explorer/{name}?v={asset.version}", "*/*"),
        look(site, f"/explorer/{name}", "*/*"),
    )

    assert kept.data == latest.data == asset.content
    assert "immutable" in kept.headers["Cache-Control"]
    assert latest.headers["Cache-Control"] == "no-cache"
    assert look(site, f"/explorer/{name}", "*/*", If_None_Match=latest.headers["ETag"]).status_code == 304


def test_what_the_explorer_has_not_is_told_as_anywhere(site: Site) -> None:
    assert look(site, "/explorer/other.js", HAL).status_code == 404


def test_a_customers_page_is_small(site: Site) -> None:
    page = look(site, "/customers/115")
    whole = len(page.data) + sum(len(asset.content) for asset in explorer.ASSETS.values())

    assert page.status_code == 200
    assert whole < 60_000


def test_each_zoom_is_a_switch_that_leads_on_and_back(site: Site) -> None:
    seen, waiting = (
        set[str](),
        [f"{BASE}/subscriptions/1", f"{BASE}/customers/115", f"{BASE}/stores/66/transactions?limit=2"],
    )
    while waiting:
        path = waiting.pop()
        page = look(site, path)
        assert page.status_code == 200, path
        switches = html.fromstring(page.text).xpath('//a[@role="switch"]')
        on = {each.text for each in switches if each.get("aria-checked") == "true"}
        assert on <= zoomed(path), path  # what is asked for may be nothing
        assert "customers" not in path or on == zoomed(path)
        waiting += [
            href for each in switches if (href := each.get("href")) not in seen and href.count(",") < 2
        ]
        seen.update(waiting)
    assert len(seen) > 20


def zoomed(href: str) -> set[str]:
    """The zooms that an address asks for; those of a path above hold too."""
    asked = next((each[5:] for each in href.partition("?")[2].split("&") if each.startswith("zoom=")), "")
    paths = [path for path in asked.split(",") if path]
    return {":".join(path.split(":")[: at + 1]) for path in paths for at in range(path.count(":") + 1)}


@pytest.mark.parametrize(
    "path",
    [
        *("/stores/66", "/stores/66/customers", "/stores/66/webhooks", "/stores/66/customer_portal_settings"),
        *("/customers/115", "/customers/115/attributes", "/customers/115/default_billing_address"),
        *("/transactions/1", "/subscriptions/1", "/subscriptions/1/attributes"),
    ],
)
def test_each_affordance_is_a_form_with_the_fields_of_its_action(site: Site, path: str) -> None:
    page, siren = html.fromstring(look(site, path).text), site.siren(path)
    for action in siren.get("actions", []):
        (form,) = page.xpath("//*[@id=$id]//form", id=f"action-{action['name']}")
        names = [each.get("name") for each in form.xpath(".//*[@name]")]
        required = {each.get("name") for each in form.xpath(".//*[@required]")}
        assert form.get("action") == action["href"].partition("?")[0]
        assert form.get("data-method", "GET") == action["method"]
        if names != ["members"]:
            assert names == [field["name"] for field in action["fields"]]
            assert required == {field["name"] for field in action["fields"] if field.get("required")}


def test_a_form_without_a_script_may_leave_inputs_blank(site: Site) -> None:
    sent = look(site, "/stores/66/customers?limit=&last_name=User&first_name=&order=")

    assert sent.status_code == 303
    assert sent.headers["Location"] == f"{BASE}/stores/66/customers?last_name=User"
    assert look(site, "/stores/66/customers?last_name=", HAL, **ASKING).status_code == 200


def test_every_input_has_a_label_and_every_id_is_one(site: Site) -> None:
    for path in (
        "/customers/115",
        "/stores/66/customers",
        "/stores/66",
        "/stores/66/customer_portal_settings",
    ):
        page = html.fromstring(look(site, path).text)
        ids = page.xpath("//@id")
        labelled = {*page.xpath("//label/@for"), *page.xpath("//label//@id")}
        assert len(ids) == len(set(ids)), path
        assert set(page.xpath("//input/@id|//select/@id|//textarea/@id")) <= labelled, path
        assert set(re.findall(r"\S+", " ".join(page.xpath("//@aria-describedby")))) <= set(ids), path
