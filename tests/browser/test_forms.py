"""Forms lose nothing and send nothing that nobody wrote; a mistake is said where it is."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sandbox
from tests.browser.filling import Form, but_for_when, opened, require_nothing_sent
from tests.browser.watching import Watched

pytestmark = pytest.mark.parametrize("size", ["desktop"])

SETTINGS = "/stores/66/customer_portal_settings"


@pytest.fixture
def customer(made: Callable[..., str]) -> str:
    """The address of a customer of this test's own, some of whose properties are not blank."""
    return made(
        "/stores/66/customers", first_name="Fay", last_name="Former", tax_id="GB 1", password="secret 1"
    )


@pytest.fixture
def attribute(made: Callable[..., str], customer: str) -> str:
    """The address of an attribute with a value of several lines."""
    return made(f"{customer}/attributes", name="Lines", value="first\r\nsecond\n\n  fourth\n")


@pytest.fixture
def subscription(sandbox: Sandbox) -> str:
    """The address of a subscription that goes on."""
    page = sandbox.ask("GET", "/stores/66/subscriptions?is_active=true&limit=1")
    address: str = page["_embedded"]["fx:subscriptions"][0]["_links"]["self"]["href"]
    return address


@pytest.mark.parametrize("path", ["customer", "attribute", SETTINGS])
def test_a_put_that_is_sent_as_it_was_opened_changes_nothing(
    page: Page, sandbox: Sandbox, path: str, request: pytest.FixtureRequest
) -> None:
    address = path if path.startswith("/") else request.getfixturevalue(path)
    before = sandbox.ask("GET", address)
    opened(page, address, "replace").sent()

    assert but_for_when(sandbox.ask("GET", address)) == but_for_when(before)


def test_a_patch_says_only_what_was_changed_and_blank_is_a_text_too(
    page: Page, sandbox: Sandbox, customer: str
) -> None:
    form = opened(page, customer, "update")
    expect(form.input("first_name")).to_be_visible()  # as the link to it has opened it
    form.input("last_name").fill("Later")
    form.input("tax_id").fill("")
    form.input("tax_exempt").check()

    assert form.sent() == {"last_name": "Later", "tax_id": "", "tax_exempt": True}
    now = sandbox.ask("GET", customer)
    assert (now["first_name"], now["last_name"], now["tax_id"]) == ("Fay", "Later", "")


def test_a_value_of_several_lines_survives_an_edit_of_another_property(
    page: Page, sandbox: Sandbox, attribute: str
) -> None:
    before = sandbox.ask("GET", attribute)
    form = opened(page, attribute, "update")
    form.input("name").fill("Still lines")
    assert form.sent() == {"name": "Still lines"}
    form = Form(page, "replace")
    form.whole.locator("summary").click()
    expect(form.button).to_be_enabled()
    form.input("name").fill("Lines again")
    assert form.sent()["value"] == before["value"]

    assert sandbox.ask("GET", attribute)["value"] == before["value"]


def test_a_mistyped_number_is_said_at_its_input_and_nothing_is_sent(watched: Watched) -> None:
    form = opened(watched.page, "/stores/66", "update")
    number = form.input("app_session_time")
    number.press("ControlOrMeta+a")
    number.press_sequentially("1e")
    form.button.click()

    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_be_focused()
    expect(number).to_have_accessible_description(re.compile("is not a number"))
    require_nothing_sent(watched)


def test_settings_are_structured_and_no_number_is_null(page: Page, sandbox: Sandbox) -> None:
    form = opened(page, SETTINGS, "update")
    origins = [*json.loads(form.input("allowedOrigins").input_value()), "https://forms.example"]
    form.input("allowedOrigins").fill(json.dumps(origins, indent=1))
    form.input("sessionLifespanInMinutes").fill("")

    assert form.sent() == {"allowedOrigins": origins, "sessionLifespanInMinutes": None}
    assert sandbox.ask("GET", SETTINGS)["allowedOrigins"] == origins


def test_what_is_no_json_is_said_at_its_input_and_nothing_is_sent(watched: Watched) -> None:
    form = opened(watched.page, SETTINGS, "update")
    form.input("signUp").fill("{enabled: yes}")
    form.button.click()

    expect(form.input("signUp")).to_have_accessible_description(re.compile("is not JSON"))
    require_nothing_sent(watched)


def test_a_subscription_is_moved_to_a_date_and_cancelled(
    page: Page, sandbox: Sandbox, subscription: str
) -> None:
    form = opened(page, subscription, "update")
    form.input("next_transaction_date").fill("2031-05-06")
    assert form.sent() == {"next_transaction_date": "2031-05-06"}
    assert sandbox.ask("GET", subscription)["next_transaction_date"].startswith("2031-05-06")

    page.get_by_role("main").get_by_role("link", name=re.compile("Cancel")).click()
    form = Form(page, "cancel")
    expect(form.input("end_date")).to_be_visible()
    form.input("end_date").fill("2031-06-07")
    assert form.sent() == {"end_date": "2031-06-07"}
    assert sandbox.ask("GET", subscription)["end_date"].startswith("2031-06-07")


def test_webhooks_are_told_again(page: Page, customer: str) -> None:
    form = opened(page, customer, "send_webhooks")
    form.input("refeed_hooks").fill("[]")

    assert form.sent() == {"refeed_hooks": []}
    expect(page.locator("#told")).to_contain_text("nothing was queued")


def test_what_was_written_is_still_there_when_a_form_is_folded_and_unfolded(
    watched: Watched, customer: str
) -> None:
    form = opened(watched.page, customer, "update")
    form.input("first_name").fill("Flora")
    for _ in ("folded", "unfolded"):
        form.whole.locator("summary").click()
    expect(form.button).to_be_enabled()

    expect(form.input("first_name")).to_have_value("Flora")
    require_nothing_sent(watched)


def test_what_was_written_outlives_what_somebody_else_has_changed(
    watched: Watched, sandbox: Sandbox, customer: str
) -> None:
    form = opened(watched.page, customer, "update")
    form.input("last_name").fill("Mine")
    sandbox.ask("PATCH", customer, {"first_name": "Theirs", "last_name": "Theirs"})
    with watched.refused(412):
        form.button.click()
        form.whole.get_by_role("button", name="Load what is there now").click()
    expect(form.input("first_name")).to_have_value("Theirs")

    assert form.sent() == {"last_name": "Mine"}


def members_of(form: Form) -> list[dict[str, Any]]:
    members: list[dict[str, Any]] = json.loads(form.input("members").input_value())
    return members


def with_attributes(sandbox: Sandbox, customer: str, count: int) -> str:
    """The address of so many attributes."""
    sandbox.ask("PUT", f"{customer}/attributes", [{"name": f"n{n}", "value": f"{n}"} for n in range(count)])
    return f"{customer}/attributes"


def values_of(sandbox: Sandbox, attributes: str) -> dict[str, str]:
    page = sandbox.ask("GET", f"{attributes}?limit=300")
    return {each["name"]: each["value"] for each in page["_embedded"]["fx:attributes"]}


def test_a_collection_is_replaced_by_all_of_its_members_and_changed_by_one(
    page: Page, sandbox: Sandbox, customer: str
) -> None:
    attributes = with_attributes(sandbox, customer, 25)  # more than a page has by default
    before = values_of(sandbox, attributes)
    form = opened(page, attributes, "replace")
    assert len(form.sent()) == 25
    assert values_of(sandbox, attributes) == before

    form = Form(page, "update")
    form.whole.locator("summary").click()
    expect(form.button).to_be_enabled()
    one = members_of(form)[3] | {"value": "another"}
    form.input("members").fill(json.dumps([one]))
    assert form.sent() == [one]
    assert values_of(sandbox, attributes) == before | {one["name"]: "another"}


def test_a_collection_of_more_members_than_can_be_read_at_once_is_not_replaced(
    watched: Watched, sandbox: Sandbox, customer: str
) -> None:
    attributes = with_attributes(sandbox, customer, 301)
    watched.page.goto(f"{attributes}?limit=1#action-replace")
    form = Form(watched.page, "replace")

    expect(form.whole.get_by_role("alert")).to_contain_text("301 members")
    expect(form.button).to_be_disabled()
    require_nothing_sent(watched)
