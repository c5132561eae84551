"""Ways through another server's documents: from where one begins to a store, through a collection's pages,
to what a resource relates to, embedded or behind its link.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from app.config import Misconfigured
from app.pulling.client import Client, Refused, Unread, Unreadable, shown
from app.pulling.documents import Document, query_of, whole, with_query

AnyPage = TypeVar("AnyPage")

PAGE = 25
"""How many of a collection are asked for at once: hAPI embeds 300 resources an answer, all in all."""

WHOLE = 20
"""From so many on, what is embedded may have been cut: where, the server does not say."""

MOST_EMBEDDED = 300
NOTHING: Mapping[str, str] = {}
NOT_FOUND, BAD_REQUEST = 404, 400


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a collection. `next_href` leads on; `unread` are members that could not be read, and why."""

    href: str
    members: tuple[Document, ...]
    total: int | None
    next_href: str | None
    may_be_cut: bool = False
    unread: tuple[tuple[str, str], ...] = ()


class Reader:
    """Reads documents."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, href: str) -> Document:
        """One resource.

        :raises Unread: where it cannot be read; `Unreadable` only after it was asked for twice.
        """
        try:
            answer = self.client.get(href)
            return Document(answer.json(), answer.url)
        except Unreadable:
            answer = self.client.get(href)
            return Document(answer.json(), answer.url)

    def alone(self, href: str, zoom: str) -> Document:
        """One resource, with a zoom where that is offered.

        :raises Unread: where it cannot be read.
        """
        try:
            return self.read(with_query(href, zoom=zoom) if zoom else href)
        except Refused as refused:
            if not zoom or refused.status != BAD_REQUEST:
                raise
            return self.read(href)

    def store(self, start: str) -> Document:
        """The store that an address is, or leads to.

        :raises Misconfigured: where it does neither.
        """
        document = self.read(start)
        if document.link("customers"):
            return document
        href = document.link("store")
        if href is None:
            raise Misconfigured(f"{shown(start)} leads to no store: the token must be that of one store")
        store = self.read(href)
        if not store.link("customers"):
            raise Misconfigured(f"{shown(href)} leads to no customers")
        return store

    def pages(
        self,
        href: str,
        *,
        limit: int = PAGE,
        wish: tuple[str, str] | None = None,
        filters: Mapping[str, str] = NOTHING,
    ) -> Iterator[Page]:
        """The pages of a collection, from its beginning.

        :param wish: a parameter that is left out where the server does not offer it, such as a zoom.
        """
        first = with_query(href, limit=limit, **filters)
        try:
            page = self.page(with_query(first, **dict([wish]))) if wish else self.page(first)
        except Refused as refused:
            if not wish or refused.status != BAD_REQUEST:
                raise
            page = self.page(first)
        yield page
        yield from self.pages_from(page)

    def pages_from(self, page: Page) -> Iterator[Page]:
        """The pages behind one."""
        seen = {page.href}
        while page.next_href and page.next_href not in seen:
            seen.add(page.next_href)
            page = self.page(page.next_href)
            yield page

    def page(self, href: str) -> Page:
        """One page; where it is no document, its members one by one, so that one of them costs no other.

        :raises Unread: where it cannot be read at all.
        """
        try:
            document = self.read(href)
        except Unreadable:
            if "limit" not in query_of(href) or query_of(href)["limit"] == "1":
                raise
            return self._one_by_one(href)
        members = [each for each in document.members if isinstance(each, dict)]
        unread = [f"{shown(href)} has a member that is no object"] * (len(document.members) - len(members))
        return Page(
            href,
            tuple(Document(each, document.url) for each in members),
            document.number("total_items"),
            _next(document, href),
            sum(map(_embedded_in, members)) >= MOST_EMBEDDED,
            tuple((shown(href), each) for each in unread),
        )

    def many(self, owner: Document, name: str, *, may_be_cut: bool = False) -> list[Document]:
        """All that an owner has under a relation: as embedded, or behind the link where that may lack some.

        :raises Unread: where it cannot be read whole.
        """
        embedded, href = owner.embedded(name), owner.link(name)
        if href is None or (embedded is not None and not may_be_cut and len(embedded) < WHOLE):
            return embedded or []
        found: list[Document] = []
        for page in self.pages(href):
            if page.unread:
                raise Unreadable(page.unread[0][1])
            found += page.members
        return found

    def one(self, owner: Document, name: str) -> Document | None:
        """What an owner has under a relation to one; None where there is none.

        :raises Unread: where it cannot be read.
        """
        if embedded := owner.embedded(name):
            return embedded[0]
        href = owner.link(name)
        try:
            return None if href is None else self.read(href)
        except Refused as refused:
            if refused.status == NOT_FOUND:
                return None
            raise

    def _one_by_one(self, href: str) -> Page:
        query = query_of(href)
        first, limit = whole(query.get("offset", "0")), whole(query["limit"])
        if first is None or limit is None:
            raise Unreadable(f"{shown(href)} answered no JSON")
        return self._singly(href, first, min(limit, MOST_EMBEDDED))

    def _singly(self, href: str, first: int, limit: int) -> Page:
        plain = without_cursor(href)
        members: list[Document] = []
        unread: list[tuple[str, str]] = []
        total: int | None = None
        for offset in range(first, first + limit):
            alone = with_query(plain, limit=1, offset=offset)
            try:
                page = self.page(alone)
            except Unreadable as error:
                unread.append((f"{shown(href)}?limit=1&offset={offset}", str(error)))
                continue
            members += page.members
            total = page.total
            if not page.members:
                return Page(href, tuple(members), total, None, True, tuple(unread))
        if not members and unread:
            raise Unread(f"{shown(href)}: no member of a page could be read")
        return Page(href, tuple(members), total, with_query(plain, offset=first + limit), True, tuple(unread))


def ahead(threads: ThreadPoolExecutor, pages: Iterator[AnyPage]) -> Iterator[AnyPage]:
    """Pages, of which the next is read while one is looked at."""
    coming = threads.submit(next, pages, None)
    while (page := coming.result()) is not None:
        coming = threads.submit(next, pages, None)
        yield page


def without_cursor(href: str) -> str:
    """A page's address by its offset alone."""
    kept = {name: value for name, value in query_of(href).items() if name != "cursor"}
    return with_query(href.partition("?")[0], **kept)


def _next(document: Document, href: str) -> str | None:
    """Where a page leads on, unless it is the last: hAPI's pages always have a `next` (§3.1)."""
    limit, total = document.number("limit"), document.number("total_items")
    offset, count = document.number("offset") or 0, len(document.members)
    if count == 0:
        return None
    if limit is not None and count < limit and (total is None or offset + count >= total):
        return None
    found = document.link("next")
    ahead = whole(query_of(found or "").get("offset", ""))
    if found is None or found == href or (ahead is not None and ahead <= offset):
        return None  # there is none, or it is clamped to the last page
    return found


def _embedded_in(values: dict[str, object]) -> int:
    embedded = values.get("_embedded")
    parts = embedded.values() if isinstance(embedded, dict) else ()
    return sum(len(each) if isinstance(each, list) else 1 for each in parts)
