"""The walk: from the starting point to a customer: found, changed, made and deleted; and to the docs."""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Sandbox
from tests.browser.persons import Person
from tests.browser.watching import Watched

UPDATE = "Update a customer"
CREATE = "Create a customer"
DELETE = "Delete a customer"


@pytest.fixture
def stays(page: Page) -> Iterator[None]:
    """The page is never loaded anew, once it is there."""
    yield
    assert page.evaluate("window.planted") == "still here"


def plant(page: Page) -> None:
    page.evaluate("window.planted = 'still here'")


COUNTED = itertools.count(1)


@pytest.fixture
def walker(sandbox: Sandbox) -> tuple[str, str]:
    """The address and the last name of a customer of this test's own."""
    number = next(COUNTED)
    given = {"email": f"{number}@walk.example", "first_name": "Wanda", "last_name": f"Walker-{number}"}
    made = sandbox.ask("POST", f"{sandbox.base}/stores/66/customers", given)
    return made["_links"]["self"]["href"], given["last_name"]


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=name, exact=True)


def heading(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("heading", level=1, name=name)


def form(page: Page, title: str) -> Locator:
    return page.get_by_role("group", name=title)


def unfold(person: Person, page: Page, title: str) -> Locator:
    """The form of an affordance, unfolded and ready."""
    person.take(page.locator("summary", has_text=title))
    fields = form(page, title)
    expect(fields.get_by_role("button").first).to_be_enabled()
    return fields


def value(page: Page, name: str) -> Locator:
    """Where a property's value is shown."""
    row = page.get_by_role("region", name="Properties").get_by_role("row")
    return row.filter(has=page.get_by_role("rowheader", name=name, exact=True)).get_by_role("cell")


def told(page: Page) -> Locator:
    return page.get_by_role("status")


@pytest.mark.usefixtures("stays")
def test_a_customer_is_found_by_links_alone(page: Page, person: Person, walker: tuple[str, str]) -> None:
    page.goto("/")
    plant(page)
    person.take(link(page, "The current store for your authentication token"))
    person.take(link(page, "Customers for This Store"))
    expect(heading(page, "Customers")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()

    person.take(page.locator("summary", has_text="Search"))
    last_name = page.get_by_label("last_name", exact=True).first
    person.write(last_name, walker[1])
    person.send(last_name, page.get_by_role("button", name="Search"))
    expect(page).to_have_url(re.compile(r"\?last_name=Walker"))
    found = page.get_by_role("article").get_by_role("heading", level=3)
    expect(found).to_have_count(1)
    expect(found).to_contain_text(walker[1])
    expect(page.get_by_label("last_name", exact=True).first).to_have_value(walker[1])

    person.take(found.get_by_role("link"))
    expect(page).to_have_url(walker[0])
    expect(value(page, "first_name")).to_have_text("Wanda")


@pytest.mark.usefixtures("stays")
def test_what_is_related_is_folded_in_and_out(page: Page, person: Person, walker: tuple[str, str]) -> None:
    page.goto(walker[0])
    plant(page)
    switch = page.get_by_role("switch", name="customer_addresses")
    expect(switch).not_to_be_checked()
    person.flip(switch)
    expect(switch).to_be_checked()
    expect(page.get_by_role("region", name=re.compile("fx:customer_addresses"))).to_be_visible()
    expect(page).to_have_url(re.compile("zoom=customer_addresses"))

    person.flip(switch)
    expect(switch).not_to_be_checked()
    expect(page.get_by_role("region", name=re.compile("fx:customer_addresses"))).to_have_count(0)


@pytest.mark.usefixtures("stays")
def test_a_name_is_edited_and_a_mistake_is_shown_where_it_is(
    watched: Watched, person: Person, walker: tuple[str, str]
) -> None:
    page = watched.page
    page.goto(walker[0])
    plant(page)
    fields = unfold(person, page, UPDATE)
    first_name = fields.get_by_label("first_name")
    expect(first_name).to_have_value("Wanda")
    person.write(first_name, "Wendy")
    person.send(first_name, fields.get_by_role("button", name="PATCH"))
    expect(told(page)).to_contain_text("200")
    expect(value(page, "first_name")).to_have_text("Wendy")

    fields = unfold(person, page, UPDATE)
    email = fields.get_by_label("email")
    with watched.refused(400):
        person.write(email, "no address")
        person.send(email, fields.get_by_role("button", name="PATCH"))
        expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description(re.compile("email.*valid|not"))
    expect(value(page, "email")).to_contain_text("@walk.example")

    person.write(email, "wendy.{}@walk.example".format(walker[0].rpartition("/")[2]))
    person.send(email, fields.get_by_role("button", name="PATCH"))
    expect(told(page)).to_contain_text("200")
    expect(value(page, "email")).to_contain_text("wendy.")


@pytest.mark.usefixtures("stays")
def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(
    watched: Watched, person: Person, walker: tuple[str, str], sandbox: Sandbox
) -> None:
    page = watched.page
    page.goto(walker[0])
    plant(page)
    fields = unfold(person, page, UPDATE)
    sandbox.ask("PATCH", walker[0], {"first_name": "Walburga"})
    tax_id = fields.get_by_label("tax_id")
    with watched.refused(412):
        person.write(tax_id, "GB 1818")
        person.send(tax_id, fields.get_by_role("button", name="PATCH"))
        expect(fields.get_by_role("alert")).to_contain_text("If-Match")

    person.take(fields.get_by_role("button", name="Load what is there now"))
    expect(fields.get_by_label("first_name")).to_have_value("Walburga")
    expect(tax_id).to_have_value("GB 1818")
    person.take(fields.get_by_role("button", name="PATCH"))
    expect(told(page)).to_contain_text("200")
    now = sandbox.ask("GET", walker[0])
    assert (now["first_name"], now["tax_id"]) == ("Walburga", "GB 1818")


@pytest.mark.usefixtures("stays")
def test_a_customer_is_made_and_deleted(watched: Watched, person: Person, size: str) -> None:
    page = watched.page
    page.goto("/stores/66/customers?limit=1")
    plant(page)
    fields = unfold(person, page, CREATE)
    with watched.refused(400):
        person.take(fields.get_by_role("button", name="POST"))
        expect(fields.get_by_label(re.compile("^email"))).to_have_attribute("aria-invalid", "true")
    email = fields.get_by_label(re.compile("^email"))
    expect(email).to_be_focused()
    person.write(email, f"made.{size}@walk.example")
    person.send(email, fields.get_by_role("button", name="POST"))
    expect(told(page)).to_contain_text("201")
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    expect(value(page, "email")).to_contain_text("@walk.example")

    made = page.url
    fields = unfold(person, page, DELETE)
    person.take(fields.get_by_role("button", name="DELETE"))
    expect(told(page)).to_contain_text("200")
    expect(page).not_to_have_url(made)
    with watched.refused(404):
        page.go_back()
        expect(heading(page, "404 Not Found")).to_be_visible()


@pytest.mark.usefixtures("stays")
def test_a_relation_leads_to_its_documentation_and_the_back_button_back(
    page: Page, person: Person, walker: tuple[str, str]
) -> None:
    page.goto(walker[0])
    plant(page)
    customer = page.get_by_role("heading", level=1).text_content()
    person.take(link(page, "fx:customer"))
    expect(page).to_have_url(re.compile("/rels/customer$"))
    expect(heading(page, re.compile("customer"))).to_be_visible()

    page.go_back()
    expect(page).to_have_url(walker[0])
    expect(heading(page, customer or "")).to_be_visible()
    page.go_forward()
    expect(heading(page, re.compile("customer"))).to_be_visible()
