"""What a page of the explorer weighs, shows of the wire, and is without a script or without a sign-in."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from representations import FORMATS, explorer
from tests.browser.chromium import opened
from tests.browser.conftest import Sandbox
from tests.browser.persons import Person, Pointing
from tests.browser.watching import Watched

HEAVIEST = 60_000
FIRST_REQUESTS = 3

at_one_size = pytest.mark.parametrize("size", ["desktop"])
"""For what no layout changes."""


@pytest.fixture
def without_script(chromium: Browser, sandbox: Sandbox, size: str) -> Iterator[Page]:
    """A page of a browser in which scripts are off."""
    with opened(chromium, size, base_url=sandbox.base, java_script_enabled=False) as context:
        yield context.new_page()


@at_one_size
def test_the_page_of_a_customer_is_light_and_needs_three_requests(watched: Watched) -> None:
    page = watched.page
    with page.expect_event("domcontentloaded"):
        page.goto("/customers/115", wait_until="load")
    painting = {"document", "stylesheet", "script"}
    first = [each for each in watched.asked if each.resource_type in painting]
    fetched = [each for each in watched.asked if each.resource_type not in painting]

    assert len(first) <= FIRST_REQUESTS
    assert sum(len(each.response().body()) for each in first) < HEAVIEST
    assert [each.resource_type for each in fetched if not each.url.startswith("data:")] == ["fetch"]


def test_the_panel_shows_what_the_page_shows_in_each_format(page: Page, person: Person) -> None:
    page.goto("/customers/115")
    tabs = page.get_by_role("tab")
    offered = [each for each in FORMATS if each is not explorer]
    expect(tabs).to_have_count(len(offered))
    shown = page.get_by_label("Body of the answer")
    status = outcome(page)
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    expect(status).to_contain_text(re.compile("^200"))
    seen = set()
    for number in range(len(offered)):
        if number:
            choose(page, person, number)
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
        expect(status).to_contain_text(str(tabs.nth(number).get_attribute("data-accept")))
        expect(shown).to_contain_text("luke.stokes+apitest998@example.com")
        expect(shown.get_by_role("link").first).to_be_attached()
        seen.add(shown.inner_text())
    assert len(seen) == len(offered)


def outcome(page: Page) -> Locator:
    """Where it is said how the last exchange went."""
    return page.get_by_role("tabpanel").get_by_text(re.compile(r"^\d{3} .* ms · "))


def choose(page: Page, person: Person, number: int) -> None:
    """Goes on to the next tab: by keyboard with an arrow, as the pattern for tabs has it."""
    if isinstance(person, Pointing):
        person.take(page.get_by_role("tab").nth(number))
        return
    if number == 1:
        person.take(page.get_by_role("tab").first)
    page.keyboard.press("ArrowRight")


@at_one_size
def test_the_curl_line_works(page: Page, sandbox: Sandbox) -> None:
    page.goto("/customers/115?zoom=customer_addresses")
    line = page.get_by_label("The same with curl")
    expect(line).to_contain_text("curl")
    for number in range(page.get_by_role("tab").count()):
        tab = page.get_by_role("tab").nth(number)
        tab.click()
        accept = str(tab.get_attribute("data-accept"))
        expect(line).to_contain_text(accept)
        said = run(line.inner_text(), sandbox)
        assert said.startswith("HTTP/1.1 200")
        assert f"Content-Type: {accept}" in said
        assert "luke.stokes+apitest998@example.com" in said


def run(line: str, sandbox: Sandbox) -> str:
    """What a line says in a shell that knows the token."""
    done = subprocess.run(
        ["bash", "-c", line], env={"TOKEN": sandbox.token, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


@at_one_size
def test_the_curl_line_of_a_write_works(page: Page, sandbox: Sandbox) -> None:
    page.goto("/customers/115/attributes")
    page.locator("summary", has_text="Create an attribute").click()
    fields = page.get_by_role("group", name="Create an attribute")
    name = "It's curled"
    fields.get_by_label(re.compile("^name")).fill(name)
    fields.get_by_label(re.compile("^value")).fill("yes")
    fields.get_by_role("button", name="POST").click()
    expect(page.get_by_role("status")).to_contain_text("201")
    made = page.url
    line = page.get_by_label("The same with curl").inner_text()
    assert "-X POST" in line
    sandbox.ask("DELETE", made)

    said = run(line, sandbox)
    assert said.startswith("HTTP/1.1 201")
    location = re.search(r"^location: (\S+)", said, re.IGNORECASE | re.MULTILINE)
    assert location
    assert sandbox.ask("GET", location[1])["name"] == name
    sandbox.ask("DELETE", location[1])


def value_of(page: Page, name: str) -> Locator:
    """Where a property's value is shown."""
    header = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("row").filter(has=header).get_by_role("cell").first


@at_one_size
def test_without_a_script_one_still_finds_ones_way(without_script: Page) -> None:
    page = without_script
    page.goto("/")
    main = page.get_by_role("main")
    main.get_by_role("link", name="The current store for your authentication token").click()
    main.get_by_role("link", name="Customers for This Store", exact=True).click()
    page.locator("summary", has_text="Search").click()
    page.get_by_label("email", exact=True).first.fill("luke.stokes+apitest998@example.com")
    page.get_by_role("button", name="Search").click()
    expect(value_of(page, "returned_items")).to_have_text("1")
    page.get_by_role("article").first.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/customers/115$"))
    page.get_by_role("switch", name="customer_addresses").click()
    expect(page.get_by_role("region", name=re.compile("fx:customer_addresses"))).to_be_visible()
    expect(page.locator("form[data-method] button:enabled")).to_have_count(0)
    page.get_by_role("main").get_by_role("link", name="fx:customer", exact=True).click()
    expect(page).to_have_url(re.compile("/rels/customer$"))


def test_who_is_not_signed_in_gives_a_token_and_is_back_where_it_was_wanted(
    watched: Watched, person: Person, sandbox: Sandbox
) -> None:
    page = watched.page
    page.goto("/explorer/session")
    person.take(page.get_by_role("button", name="Sign out"))
    page.wait_for_url("/")
    with watched.refused(401):
        page.goto("/customers/115")
        expect(page.get_by_label("Access token")).to_be_visible()
    token = page.get_by_label("Access token")
    person.write(token, sandbox.token)
    person.send(token, page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", level=1, name="This Customer")).to_be_visible()
    expect(page).to_have_url(re.compile("/customers/115$"))
    stored = "JSON.stringify({...localStorage, ...sessionStorage})"
    kept = page.evaluate(f"[document.cookie, {stored}, document.body.innerHTML]")
    assert not [each for each in kept if sandbox.token in each], "a script could read the token"


@at_one_size
def test_headers_of_ones_own_are_sent_until_the_tab_is_closed(watched: Watched) -> None:
    page = watched.page
    page.goto("/customers/115")
    page.locator("summary", has_text="Request headers").click()
    own = page.get_by_label("Sent with every request")
    with watched.refused(400):
        own.fill("FOXY-API-VERSION: 2")
        own.blur()
        expect(outcome(page)).to_contain_text("400")
    own.fill("")
    own.blur()
    expect(outcome(page)).to_contain_text("200")
