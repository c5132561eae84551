"""A public browser of HAL and HAL-FORMS, from npm and unmodified, shows Patron to a person without an error.

It is Curveball's. Mike Kelly's HAL Browser and Kai Tödter's HAL Explorer are in no registry of packages that
tests can reach; what those need of a server besides, CORS, exposed headers, and documentation that they can
show in a frame, is in test_elsewhere.py.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.conftest import HERE, Sandbox
from tests.browser.watching import Watched


@pytest.fixture(scope="module")
def before(sandbox: Sandbox, packages: Path) -> Iterator[str]:
    """Where that browser stands, before the sandbox."""
    command = ["node", HERE / "browsing.mjs", sandbox.base.rpartition(":")[2], sandbox.token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


@pytest.fixture
def watched(chromium: Browser, before: str) -> Iterator[Watched]:
    """Its page, in which nothing may go wrong."""
    with opened(chromium, "desktop", base_url=before) as context:
        watched = Watched(context, before)
        yield watched
        watched.require_no_fault()


def follow(page: Page, title: str) -> None:
    """Follows a link by its title."""
    page.get_by_role("row").filter(has_text=title).get_by_role("link").first.click()


def resource(page: Page) -> str:
    """What the resource is called."""
    return page.locator(".resource-title").inner_text()


def test_it_follows_links_pages_and_embedded_resources(watched: Watched, artefacts: Path) -> None:
    page = watched.page
    page.goto("/")
    follow(page, "The current store for your authentication token")
    follow(page, "Customers for This Store")
    page.goto(f"{page.url}?limit=2&zoom=default_billing_address")
    page.get_by_role("link", name="Next Page of this Collection").first.click()
    expect(page).to_have_url(re.compile("cursor=|offset=2"))
    expect(page.get_by_role("heading", name="Embedded")).to_be_visible()
    page.screenshot(path=artefacts / "public-browser-customers.png")

    page.goto("/customers/115")
    assert resource(page) == "This Customer"
    follow(page, "Attributes for this Customer")
    expect(page.get_by_role("link", name=re.compile(r"customer_attributes.\d+$")).first).to_be_visible()
    page.go_back()
    follow(page, "Default Billing Address for this Customer")
    assert resource(page)


def test_it_shows_the_documentation_of_relations(watched: Watched) -> None:
    page = watched.page
    page.goto("/customers/115")
    rel = page.get_by_role("cell", name=re.compile("rels.attributes$")).inner_text()
    page.goto(rel)
    assert "attributes" in resource(page).lower()
    page.goto("/")
    follow(page, "Custom Link Relationships")
    expect(page.get_by_text("default_payment_method").first).to_be_attached()


def test_it_writes_by_the_forms_it_is_given(watched: Watched, sandbox: Sandbox, artefacts: Path) -> None:
    """Those of an attribute: it sends the text of every input, also where a property is true or false."""
    page = watched.page
    page.goto("/customers/115")
    follow(page, "Attributes for this Customer")
    given = {"The name of": "Told to", "The value of": "another"}
    assert submitted(page, "create", given) == 201
    page.wait_for_url(re.compile(r"/customer_attributes/\d+$"))
    made = urlsplit(page.url).path
    assert sandbox.ask("GET", made)["value"] == "another"

    assert submitted(page, "update", given | {"The value of": "somebody else"}) == 200
    assert sandbox.ask("GET", made)["value"] == "somebody else"
    page.screenshot(path=artefacts / "public-browser-attribute.png", full_page=True)
    page.reload()
    assert submitted(page, "delete", {}) == 200
    assert made not in str(sandbox.ask("GET", "/customers/115/attributes"))


def submitted(page: Page, name: str, given: dict[str, str]) -> int:
    """The status of what answers a form."""
    form = page.locator(f"form#{name}")
    for label, text in given.items():
        form.get_by_label(label).fill(text)
    with page.expect_response(lambda each: each.request.method != "GET") as answer:
        form.get_by_role("button").click()
    return answer.value.status
