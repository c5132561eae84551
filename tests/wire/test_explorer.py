"""The pages of the explorer: what they hold, and that they stay small."""

import re

import pytest
from lxml import html

from representations import explorer
from tests.site import BASE, HAL, Site
from tests.wire.exploring import ASKING, look

ON_ONE_ENGINE = True


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


def test_a_transactions_status_is_not_taken_for_an_errors(site: Site) -> None:
    few = look(site, "/transactions/1?fields=id")
    told = site.ask("/transactions/1/send_webhooks", "text/html", method="POST")

    assert (few.status_code, told.status_code) == (200, 200)
    assert 'data-status="200"' in few.text


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
