"""What goes wrong in a page while it is used: all that a person would find in the browser's console."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

_STATUS = re.compile(r"the server responded with a status of (\d{3})")


class Watched:
    """A page, and all that went wrong in it: also what its policy forbade, and requests to other hosts."""

    def __init__(self, context: BrowserContext, *bases: str) -> None:
        self._hosts = {urlsplit(each).netloc for each in bases}
        self._refused: list[tuple[int, str]] = []
        self._provoked: set[int] = set()
        self.faults: list[str] = []
        self.asked: list[Request] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        self.page.on("request", self._asking)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    @contextmanager
    def refused(self, *statuses: int) -> Iterator[None]:
        """Refusals with these statuses are provoked meanwhile; whoever asks again later is refused, too."""
        before = len(self._refused)
        self._provoked.update(statuses)
        yield
        seen = {status for status, _ in self._refused[before:]}
        assert seen == set(statuses), f"the server refused with {seen}"

    def require_no_fault(self) -> None:
        """Fails with all that went wrong so far."""
        unprovoked = [what for status, what in self._refused if status not in self._provoked]
        assert self.faults + unprovoked == []

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _STATUS.search(message.text):
            self.faults.append(f"{message.type}: {message.text}")

    def _asking(self, request: Request) -> None:
        self.asked.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc not in self._hosts:
            self.faults.append(f"a request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # as what is asked for when one moves on is
            self.faults.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._refused.append(
                (response.status, f"{response.status} to {response.request.method} {response.url}")
            )
