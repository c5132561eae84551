"""Who uses the explorer: by mouse or finger, or by keyboard alone, looking where the focus is."""

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 250
STOPS = """target => {
  const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]');
  const from = document.activeElement;
  const comes = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  const isStop = (each) => each.tabIndex >= 0 && !each.matches(':disabled') && each.checkVisibility();
  const stops = [...all].filter(isStop);
  const on = stops.filter((each) => comes(from, each) && (each === target || comes(each, target)));
  const back = stops.filter((each) => comes(each, from) && (each === target || comes(target, each)));
  return on.length - back.length;
}"""
"""How many stops of the tab key there may be to an element, less than none where it comes before."""


class Person(Protocol):
    """What a person does in a page."""

    def take(self, target: Locator) -> None:
        """Follows a link, presses a button, unfolds what is folded."""

    def flip(self, switch: Locator) -> None:
        """Turns a switch."""

    def write(self, target: Locator, text: str) -> None:
        """Writes into an input, instead of what stands there."""

    def send(self, written: Locator, button: Locator) -> None:
        """Sends a form, in one of whose inputs something has just been written."""


class Pointing:
    """By mouse; by finger where there is a touch screen."""

    def __init__(self, page: Page, size: str) -> None:
        self._act: Callable[[Locator], None] = Locator.tap if size == "phone" else Locator.click

    def take(self, target: Locator) -> None:
        """Points at it."""
        self._act(target)

    flip = take

    def write(self, target: Locator, text: str) -> None:
        """Points at the input, then writes."""
        self._act(target)
        target.fill(text)

    def send(self, written: Locator, button: Locator) -> None:
        """Points at the button."""
        self._act(button)


class Typing:
    """By keyboard alone: what the focus does not reach, or is not seen at, cannot be used."""

    def __init__(self, page: Page, size: str) -> None:
        self._page = page

    def take(self, target: Locator) -> None:
        """Goes there, and presses Enter."""
        self._reach(target)
        self._page.keyboard.press("Enter")

    def flip(self, switch: Locator) -> None:
        """Goes there, and presses the space bar."""
        self._reach(switch)
        self._page.keyboard.press(" ")

    def write(self, target: Locator, text: str) -> None:
        """Goes there, and writes instead of what the focus has selected."""
        self._reach(target)
        self._page.keyboard.press("ControlOrMeta+a")
        self._page.keyboard.type(text)

    def send(self, written: Locator, button: Locator) -> None:
        """Presses Enter in the input."""
        self._page.keyboard.press("Enter")

    def _reach(self, target: Locator) -> None:
        expect(target).to_be_visible()
        stops = target.evaluate(STOPS)
        for _ in range(abs(stops)):
            self._page.keyboard.press("Tab" if stops > 0 else "Shift+Tab")
        for _ in range(MOST_TABS):
            if target.evaluate("each => each === document.activeElement"):
                break
            self._page.keyboard.press("Tab")
        expect(target).to_be_focused(timeout=1)
        outline = target.evaluate("each => getComputedStyle(each).outlineStyle")
        assert outline != "none", "the focus is not seen"
        expect(target).to_be_in_viewport()


PERSONS: dict[str, type[Pointing] | type[Typing]] = {"desktop": Typing, "phone": Pointing}
"""Who walks at which size; how forms are filled by mouse at a desktop, other tests show."""
