"""Forms, as a person at a desktop fills them in and sends them."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.watching import Watched

WHEN = ("date_modified",)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an affordance in a page."""

    page: Page
    name: str

    def input(self, name: str) -> Locator:
        """Where a property is written."""
        return self.page.locator(f"#{self.name}-{name}")

    @property
    def whole(self) -> Locator:
        """All of it, with what it is folded under."""
        return self.page.locator(f"#action-{self.name}")

    @property
    def button(self) -> Locator:
        """What sends it."""
        return self.whole.locator("button.main")

    def sent(self) -> Any:
        """Sends it, and returns what its body said, when the page tells of a success."""
        told = self.page.locator("#told")
        told.evaluate("each => each.replaceChildren()")  # so that what it tells then is of this
        with self.page.expect_request(is_writing) as asked:
            self.button.click()
        expect(told).to_contain_text("20")
        return asked.value.post_data_json


def opened(page: Page, address: str, name: str) -> Form:
    """The form that an address with a fragment opens, when it is ready."""
    page.goto(f"{address}#action-{name}")
    form = Form(page, name)
    expect(form.button).to_be_enabled()
    return form


def is_writing(request: Request) -> bool:
    """Whether a request changes something."""
    return request.method not in {"GET", "HEAD", "OPTIONS"}


def require_nothing_sent(watched: Watched) -> None:
    """Fails where a page has changed something."""
    assert [each.url for each in watched.asked if is_writing(each)] == []


def but_for_when(document: dict[str, Any]) -> dict[str, Any]:
    """A document without the moment of its last change."""
    return {name: value for name, value in document.items() if name not in WHEN}
