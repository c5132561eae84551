"""Every kind of page at both sizes: usable by everybody, nothing wrong in the console; a picture is kept."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import require_accessible
from tests.browser.conftest import Sandbox
from tests.browser.watching import Watched

PAGES = {
    "home": "/",
    "store": "/stores/66",
    "customers": "/stores/66/customers?limit=5",
    "customers-found": "/stores/66/customers?last_name=M*&order=last_name&limit=5&zoom=attributes",
    "customers-none": "/stores/66/customers?last_name=nobody",
    "customer": "/customers/115",
    "customer-zoomed": "/customers/115?zoom=customer_addresses,default_payment_method",
    "attributes": "/customers/115/attributes",
    "subscriptions": "/stores/66/subscriptions?zoom=transaction_template:items",
    "property-helpers": "/property_helpers",
    "relations": "/rels",
    "relation-customer": "/rels/customer",
    "relation-customers": "/rels/customers",
    "sign-in": "/explorer/session",
}
REFUSED = {"missing": ("/customers/99999", 404), "mistaken": ("/customers/115?zoom=nonsense", 400)}


def look_at(page: Page, kept: Path) -> None:
    """Holds a page to what all pages are held to, in light and in dark."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    require_accessible(page)
    page.emulate_media(color_scheme="dark")
    require_accessible(page, "color-contrast")
    page.screenshot(path=kept.with_stem(f"{kept.stem}-dark"))
    page.emulate_media(color_scheme="light")
    page.screenshot(path=kept, full_page=True)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(page: Page, size: str, name: str, packages: Path, artefacts: Path) -> None:
    page.goto(PAGES[name])

    look_at(page, artefacts / f"{name}-{size}.png")


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_that_refuses_is_for_everybody(
    watched: Watched, size: str, name: str, packages: Path, artefacts: Path
) -> None:
    path, status = REFUSED[name]
    with watched.refused(status):
        watched.page.goto(path)

    look_at(watched.page, artefacts / f"{name}-{size}.png")


def test_the_page_of_who_is_not_signed_in_is_for_everybody(
    watched: Watched, size: str, sandbox: Sandbox, packages: Path, artefacts: Path
) -> None:
    page = watched.page
    page.goto("/explorer/session")
    page.get_by_role("button", name="Sign out").click()
    with watched.refused(401):
        page.goto("/customers/115")

    look_at(page, artefacts / f"signed-out-{size}.png")
