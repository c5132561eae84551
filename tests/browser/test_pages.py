"""Every kind of page at both sizes: usable by everybody, nothing wrong in the console; a picture is kept."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import require_accessible
from tests.browser.chromium import SIZES
from tests.browser.conftest import Sandbox
from tests.browser.watching import Watched

PAGES = {
    "home": "/",
    "store": "/stores/66",
    "customers": "/stores/66/customers?last_name=M*&order=last_name&limit=3",
    "customer": "/customers/115",
    "customer-zoomed": "/customers/115?zoom=customer_addresses,default_payment_method",
    "subscriptions": "/stores/66/subscriptions?zoom=transaction_template:items",
    "relations": "/rels?q=address",
    "relation-customer": "/rels/customer",
    "sign-in": "/explorer/session",
}
REFUSED = {"missing": ("/customers/99999", 404), "mistaken": ("/customers/115?zoom=nonsense", 400)}
LIKE_NO_OTHER = {"home", "customers", "customer-zoomed", "signed-out"}
"""The pages that axe reads as a phone shows them in the dark: they have all that pages are made of."""

LONGEST = 2000
"""How much of a page a picture of it shows, in pixels."""


def look_at(page: Page, size: str, name: str, artefacts: Path) -> None:
    """Holds a page to what all pages are held to, and keeps a picture of it: a phone's is in the dark."""
    if size == "phone":
        page.emulate_media(color_scheme="dark")
    wide, high = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    width = SIZES[size]["viewport"]["width"]
    assert wide <= width, "it scrolls sideways"
    whole = {"x": 0, "y": 0, "width": width, "height": min(high, LONGEST)}
    page.screenshot(path=artefacts / f"{name}-{size}.png", full_page=True, clip=whole)
    if size == "desktop" or name in LIKE_NO_OTHER:
        require_accessible(page)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(page: Page, size: str, name: str, packages: Path, artefacts: Path) -> None:
    page.goto(PAGES[name])

    look_at(page, size, name, artefacts)


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_that_refuses_is_for_everybody(
    watched: Watched, size: str, name: str, packages: Path, artefacts: Path
) -> None:
    path, status = REFUSED[name]
    with watched.refused(status):
        watched.page.goto(path)

    look_at(watched.page, size, name, artefacts)


def test_the_page_of_who_is_not_signed_in_is_for_everybody(
    watched: Watched, size: str, sandbox: Sandbox, packages: Path, artefacts: Path
) -> None:
    page = watched.page
    page.goto("/explorer/session")
    page.get_by_role("button", name="Sign out").click()
    with watched.refused(401):
        page.goto("/customers/115")

    look_at(page, size, "signed-out", artefacts)
