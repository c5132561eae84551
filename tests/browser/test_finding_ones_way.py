"""Searches, one's own headers, tokens, strangers and the way back; nothing that is stored is ever run."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import require_accessible
from tests.browser.chromium import SIZES
from tests.browser.conftest import Sandbox
from tests.browser.filling import Form, opened
from tests.browser.watching import Watched

at_one_size = pytest.mark.parametrize("size", ["desktop"])

ODD = """Accept: application/vnd.siren+json
If-None-Match: *
X-Name: 木
"""
HOSTILE = [
    "javascript:alert(1)",
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "{{7*7}}</textarea>",
]


@at_one_size
def test_another_search_begins_with_its_first_page(page: Page) -> None:
    page.goto("/stores/66/customers?limit=2&offset=2&is_active=true#action-page")
    expect(page.locator("#page-is_active")).to_have_value("true")
    page.locator("#page-last_name").fill("M*")
    page.get_by_role("button", name="Search").click()

    expect(page).to_have_url(re.compile(r"\?limit=2&last_name=M(\*|%2A)&is_active=true$"))


@at_one_size
def test_headers_of_ones_own_break_neither_links_nor_forms(
    watched: Watched, made: Callable[..., str], sandbox: Sandbox
) -> None:
    page = watched.page
    customer = made("/stores/66/customers", first_name="Head")
    page.goto(customer)
    page.locator("summary", has_text="Request headers").click()
    own = page.get_by_label("Sent with every request")
    own.fill(ODD)
    own.blur()
    expect(page.locator("#headers-fault")).to_contain_text("X-Name")
    expect(page.locator("#wire-status")).to_contain_text("304")

    form = Form(page, "update")
    form.whole.locator("summary").click()
    form.input("first_name").fill("Headed")
    assert form.sent() == {"first_name": "Headed"}
    assert sandbox.ask("GET", customer)["first_name"] == "Headed"
    page.get_by_role("main").get_by_role("link", name="Attributes for this Customer").click()
    expect(page).to_have_url(f"{customer}/attributes")
    expect(page.get_by_role("heading", level=1, name="Attributes")).to_be_visible()


@at_one_size
def test_a_stranger_who_makes_a_client_is_shown_its_secret_and_stays(
    watched: Watched, sandbox: Sandbox
) -> None:
    page = watched.page
    page.context.add_cookies([{"name": "patron_explorer", "value": "none", "url": sandbox.base}])
    page.goto("/")
    with watched.refused(405):
        page.get_by_role("link", name="Create a client via POST.").click()
        form = Form(page, "create")
        form.whole.locator("summary").click()
    given = {"redirect_uri": "https://one.example/", "project_name": "P", "company_name": "C"}
    given |= {"contact_name": "N", "contact_email": "n@one.example", "contact_phone": "1"}
    for name, text in given.items():
        form.input(name).fill(text)
    with watched.refused(401):  # to whether the stranger may look at it
        assert form.sent() == given

    expect(page.locator("#told")).to_contain_text("201")
    expect(page.get_by_label("Body of the answer")).to_contain_text("client_secret")
    expect(page).to_have_url(f"{sandbox.base}/clients")


@at_one_size
def test_a_deletion_goes_back_from_an_address_with_a_fragment_too(
    page: Page, made: Callable[..., str]
) -> None:
    customer = made("/stores/66/customers")
    attribute = made(f"{customer}/attributes", name="Gone", value="soon")
    page.goto(f"{customer}/attributes")
    page.get_by_role("article").get_by_role("heading", level=3).get_by_role("link").click()
    expect(page).to_have_url(attribute)
    page.evaluate("location.hash = 'action-delete'")
    form = Form(page, "delete")
    form.whole.locator("summary").click()
    form.sent()

    expect(page).to_have_url(f"{customer}/attributes")
    expect(page.get_by_text("None.")).to_be_visible()
    page.goto("about:blank")
    opened(page, customer, "delete").sent()
    expect(page).to_have_url(re.compile(r"^http://[^/]+/$"))  # as nothing was left for it


@at_one_size
def test_a_token_that_stands_for_nobody_is_refused_and_another_stores_shows_that_store(
    watched: Watched, sandbox: Sandbox
) -> None:
    page = watched.page
    page.goto("/explorer/session")
    token = page.get_by_label("Access token")
    with watched.refused(400):
        token.fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(token).to_have_accessible_description(re.compile("stands for nobody"))
    token.fill(sandbox.credentials["other_store_token"])
    page.get_by_role("button", name="Sign in").click()

    store = page.get_by_role("link", name="The current store for your authentication token")
    expect(store).to_have_attribute("href", f"{sandbox.base}/stores/67")


@at_one_size
def test_what_is_stored_is_text_and_nothing_else(page: Page, made: Callable[..., str]) -> None:
    customer = made("/stores/66/customers", first_name=HOSTILE[0], last_name=HOSTILE[1])
    for number, text in enumerate(HOSTILE):
        made(f"{customer}/attributes", name=f"{number}{text}", value=text)
    page.on("dialog", lambda dialog: pytest.fail(f"run: {dialog.message}"))
    own = "a[href^='javascript:' i], img, main script, aside script, iframe, [onerror]"

    page.goto(f"{customer}?zoom=attributes#action-update")
    expect(page.locator("#update-last_name")).to_have_value(HOSTILE[1])
    for tab in page.get_by_role("tab").all():
        tab.click()
        expect(page.locator("#wire-status")).to_contain_text(str(tab.get_attribute("data-accept")))
        expect(page.get_by_label("Body of the answer")).to_contain_text("javascript:alert(1)")
        expect(page.locator(own)).to_have_count(0)
    page.goto(f"{customer}/attributes")
    expect(page.get_by_role("article")).to_have_count(len(HOSTILE))
    expect(page.locator(own)).to_have_count(0)


def test_a_form_that_was_refused_is_for_everybody(watched: Watched, size: str, packages: Path) -> None:
    page = watched.page
    form = opened(page, "/stores/66/webhooks", "create")
    with watched.refused(400):
        form.button.click()
        expect(form.input("name")).to_be_focused()
    expect(form.input("name")).to_have_accessible_description(re.compile("name can't be blank"))

    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["viewport"]["width"]
    require_accessible(page)
    page.emulate_media(color_scheme="dark")
    require_accessible(page, "color-contrast")
