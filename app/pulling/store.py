"""A whole store is pulled: part by part, page by page, each noted when it is here."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine

from app.encryption import Cipher
from app.moving.progress import progress
from app.pulling import customers as people
from app.pulling.client import Refused, Unread
from app.pulling.columns import NotTaken
from app.pulling.documents import Document
from app.pulling.following import PAGE, Page, Reader, ahead
from app.pulling.parts import PARTS, SUBSCRIPTIONS, TRANSACTIONS, WEBHOOKS, Part
from app.pulling.purchases import Purchases
from app.pulling.resuming import Rejects, State
from app.pulling.rows import Incoming, Rows
from app.pulling.settings import Settings, author
from app.pulling.verifying import Compared, Comparing, Listed, ids_here
from app.registries import joined
from app.resources import TYPES
from app.resources.customer import Customer
from app.resources.subscription import Subscription
from app.zones import zone

GONE = 404
Make = Callable[..., list[Incoming]]


class StorePull:
    """Pulls a store into one that is here."""

    def __init__(
        self,
        engine: Engine,
        store_id: int,
        cipher: Cipher,
        reader: Reader,
        state: State,
        rejects: Rejects,
        *,
        concurrency: int,
        client: str,
        allow_weak_hashes: bool,
    ) -> None:
        self._engine, self._store_id, self._cipher = engine, store_id, cipher
        self._reader, self._state, self._rejects = reader, state, rejects
        self._client, self._weak = client, allow_weak_hashes
        self._rows = Rows(engine, store_id, cipher)
        self._comparing = Comparing(engine, store_id, reader, state, rejects)
        self._customers = people.Customers(engine, store_id, cipher, client)
        self._threads = ThreadPoolExecutor(concurrency, "patron-pull")

    def run(self, start: str) -> list[Compared]:
        """Pulls all that is not here yet, and compares.

        :raises Unread: where the server gives up; what is here is kept, and noted.
        """
        document = self._reader.store(start)
        registry = joined(TYPES, "/rels/")
        moment = zone(str(document.values.get("timezone") or "America/Los_Angeles")).moment
        writing = author(registry, moment, allow_weak_hashes=self._weak)
        settings = Settings(
            self._engine, self._store_id, self._reader, registry, moment, writing, self._client
        )
        purchases = Purchases(self._reader, moment, self._client)
        makers: dict[str, Make] = {
            SUBSCRIPTIONS.name: purchases.subscription,
            TRANSACTIONS.name: purchases.transaction,
            WEBHOOKS.name: settings.webhook,
        }
        try:
            if "store" not in self._state.done:
                self._take_settings(settings, document)
                self._state.reach("store", None)
            return [self._part(part, document.link(part.relation), makers) for part in PARTS]
        finally:
            self._threads.shutdown(cancel_futures=True)

    def _part(self, part: Part, href: str | None, makers: dict[str, Make]) -> Compared:
        """A collection, and what it comes to.

        It may shrink while it is read, and then a page by offset passes over what has moved before it: so
        what is listed afterwards and is not here is read by itself.
        """
        if href is None:
            return self._comparing.compared(part, 0, [])
        if part.name not in self._state.done:
            self._walk(part, href, makers)
        total, missing = self._comparing.missing(part, href)
        unknown = [each for each in missing if not self._rejects.knows(part.name, each.href)]
        for at in range(0, len(unknown), PAGE):
            self._take(part, self._alone(part, unknown[at : at + PAGE]), makers)
        return self._comparing.compared(part, total, self._comparing.still_missing(part, missing))

    def _alone(self, part: Part, several: Sequence[Listed]) -> Page:
        """Some resources, each read by itself."""
        found = []
        for each in several:
            try:
                found.append(self._reader.alone(each.href, part.zoom))
            except Unread as error:
                if not (isinstance(error, Refused) and error.status == GONE):
                    self._rejects.add(part.name, each.href, str(error))
        return Page("", tuple(found), None, None)

    def _walk(self, part: Part, href: str, makers: dict[str, Make]) -> None:
        """Each page: read, completed, written, noted. The next is read while one is written."""
        pages, done = ahead(self._threads, self._pages(part, href)), 0
        page = next(pages, None)
        with progress(part.name, (page and page.total) or 0, part.name) as advance:
            while page is not None:
                for where, reason in page.unread:
                    self._rejects.add(part.name, where, reason)
                self._take(part, page, makers)
                done += len(page.members)
                advance(done, done)
                self._state.reach(part.name, page.next_href)
                page = next(pages, None)
        if part.name not in self._state.done:
            self._state.reach(part.name, None)

    def _take(self, part: Part, page: Page, makers: dict[str, Make]) -> None:
        if part.row is Customer:
            self._take_customers(part, page)
        else:
            self._take_rows(part, page, makers[part.name])

    def _pages(self, part: Part, href: str) -> Iterator[Page]:
        if self._state.part == part.name and self._state.next_href:
            try:
                page = self._reader.page(self._state.next_href)
            except Refused:  # a place in a collection may not be kept for ever
                page = None
            if page is not None:
                yield page
                yield from self._reader.pages_from(page)
                return
        wish = ("zoom", part.zoom) if part.zoom else None
        yield from self._reader.pages(href, wish=wish, filters=part.filters)

    def _complete(self, part: Part, page: Page, make: Callable[[Document], Any]) -> list[Any]:
        """Its members with all that belongs to them; what cannot be read or taken is noted."""
        found = []
        for document, waiting in [(each, self._threads.submit(make, each)) for each in page.members]:
            try:
                found.append(waiting.result())
            except NotTaken as error:
                self._rejects.add(part.name, document.self_href, str(error))
            except Unread as error:
                if not self._is_gone(document):
                    self._rejects.add(part.name, document.self_href, str(error))
        return found

    def _is_gone(self, document: Document) -> bool:
        """Whether a resource has been deleted since it was on a page."""
        try:
            self._reader.read(document.self_href)
        except Refused as refused:
            return refused.status == GONE
        except Unread:
            return False
        return False

    def _take_customers(self, part: Part, page: Page) -> None:
        def make(document: Document) -> Document:
            return people.assembled(self._reader, document, may_be_cut=page.may_be_cut)

        taken = self._customers.take(self._complete(part, page, make))
        self._state.count(part.name, taken.counts)
        self._state.mapped |= taken.mapped
        for href, reason in taken.rejected:
            self._rejects.add(part.name, href, reason)
        for href, reason in taken.noted:
            self._rejects.add(part.name, href, reason, taken=True)

    def _take_rows(self, part: Part, page: Page, make: Make) -> None:
        made = self._complete(part, page, lambda each: make(each, may_be_cut=page.may_be_cut))
        self._link(part, [one for several in made for one in several])
        ends: dict[str, int] = {}
        for one, end, is_here in self._rows.write([one for several in made for one in several]):
            if not is_here:
                self._rejects.add(part.name, one.href, end)
            elif one.type.row is part.row:
                ends[end] = ends.get(end, 0) + 1
        self._state.count(part.name, ends)

    def _link(self, part: Part, several: Sequence[Incoming]) -> None:
        """Lets purchases name customers and subscriptions as they are called here, and only those who are."""
        for name, row in (("customer_id", Customer), ("subscription_id", Subscription)):
            owners = [each for each in several if each.columns.get(name) is not None]
            if row is Customer:
                for each in owners:
                    there = each.columns[name]
                    each.columns[name] = self._state.mapped.get(str(there), there)
            known = ids_here(self._engine, self._store_id, row, {each.columns[name] for each in owners})
            for each in owners:
                if each.columns[name] not in known:
                    reason = f"its {name.removesuffix('_id')} {each.columns[name]} is not here: taken without"
                    self._rejects.add(part.name, each.href, reason, taken=True)
                    each.columns[name] = None

    def _take_settings(self, settings: Settings, document: Document) -> None:
        for reason in settings.store(document):
            self._rejects.add("store", document.self_href, reason, taken=True)
        self._rows.write_group(settings.attributes(document))
        try:
            portal = settings.portal(document)
        except NotTaken as error:
            self._rejects.add("customer_portal_settings", document.self_href, str(error))
        else:
            for one, end, is_here in self._rows.write([portal] if portal else []):
                if not is_here:
                    self._rejects.add("customer_portal_settings", one.href, end)
