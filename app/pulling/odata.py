"""Customers are pulled out of an OData service such as Liftoff's, whose passwords never leave it."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lxml import etree
from sqlalchemy import Engine, select, update

from app.config import Misconfigured
from app.db.ids import is_id
from app.db.sessions import store_session
from app.encryption import Cipher
from app.moving.progress import progress
from app.names import parted_name
from app.odata.edm import MODEL
from app.odata.writing import USES
from app.pulling.client import Client, Refused, Unread, Unreadable
from app.pulling.columns import NotTaken
from app.pulling.customers import Customers
from app.pulling.documents import Document, joined, whole
from app.pulling.entities import Entity, customer_of, whole_name
from app.pulling.following import ahead
from app.pulling.parts import Part
from app.pulling.resuming import Rejects, State
from app.pulling.verifying import Compared, Comparing, Listed
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress

JSON, XML = "application/json", "application/xml"
NEXT = "@odata.nextLink"
NOT_OFFERED = frozenset({400, 404, 501})
GONE = 404

CUSTOMERS = Part("customers", "", Customer)
ADDRESSES = {each.target: each.name for each in MODEL["Customer"].navigations if each.many}
"""The navigations that lead to addresses, by the name of their set."""


@dataclass(frozen=True, slots=True)
class Entities:
    """A page of entities. `next_href` leads on."""

    members: tuple[Entity, ...]
    next_href: str | None


@dataclass(frozen=True, slots=True)
class Service:
    """What a service offers: where its sets are, and to what of a customer's one can expand."""

    sets: Mapping[str, str]
    expands: tuple[str, ...]


class ODataPull:
    """Pulls customers and their addresses into a store."""

    def __init__(
        self,
        engine: Engine,
        store_id: int,
        cipher: Cipher,
        client: Client,
        state: State,
        rejects: Rejects,
        comparing: Comparing,
        *,
        concurrency: int,
    ) -> None:
        self._engine, self._store_id, self._client = engine, store_id, client
        self._state, self._rejects, self._comparing = state, rejects, comparing
        self._customers = Customers(engine, store_id, cipher, "", has_passwords=False)
        self._threads = ThreadPoolExecutor(concurrency, "patron-pull")

    def run(self, root: str) -> list[Compared]:
        """Pulls all customers, and compares.

        :raises Misconfigured: where it is no such service.
        :raises Unread: where the service gives up; what is here is kept, and noted.
        """
        service = self._service(root)
        try:
            if CUSTOMERS.name not in self._state.done:
                self._walk(service)
            return [self._compared_customers(service), *self._compared_addresses(service)]
        finally:
            self._threads.shutdown(cancel_futures=True)

    def _service(self, root: str) -> Service:
        """What the service document and the metadata say."""
        root = f"{root.rstrip('/')}/"
        named = self._client.get(root, JSON).json().get("value")
        sets = {
            str(each["name"]): joined(root, str(each.get("url") or each["name"])) or root
            for each in (named if isinstance(named, list) else ())
            if isinstance(each, Mapping) and "name" in each
        }
        if "Customer" not in sets:
            raise Misconfigured(f"{root} is no OData service with a set called Customer")
        try:
            offered = _navigations(self._client.get(f"{root}$metadata", XML).body)
        except Refused:
            offered = frozenset(ADDRESSES.values())
        return Service(sets, tuple(each for each in ADDRESSES.values() if each in offered))

    def _walk(self, service: Service) -> None:
        pages = ahead(self._threads, self._pages(service))
        whole, done = self._count(service.sets["Customer"]) or 0, 0
        with progress(CUSTOMERS.name, whole) as advance:
            for page in pages:
                self._take(service, page.members)
                done += len(page.members)
                advance(done, done)
                self._state.reach(CUSTOMERS.name, page.next_href)
        if CUSTOMERS.name not in self._state.done:
            self._state.reach(CUSTOMERS.name, None)

    def _pages(self, service: Service) -> Iterator[Entities]:
        if self._state.next_href:
            yield from self._following(self._state.next_href)
            return
        href = service.sets["Customer"]
        if not service.expands:
            yield from self._following(href)
            return
        first = self._following(f"{href}?$expand={','.join(service.expands)}")
        try:
            page = next(first)
        except Refused as refused:
            if refused.status not in NOT_OFFERED:
                raise
            yield from self._following(href)
            return
        yield page
        yield from first

    def _following(self, href: str) -> Iterator[Entities]:
        """The pages of a set, by `@odata.nextLink`."""
        seen: set[str] = set()
        following: str | None = href
        while following and following not in seen:
            seen.add(following)
            document = self._client.get(following, JSON).json()
            value, leads = document.get("value"), document.get(NEXT)
            if not isinstance(value, list):
                raise Unreadable("a page has no value")
            following = joined(following, leads) if isinstance(leads, str) else None
            if isinstance(leads, str) and following is None:
                raise Unreadable("a page leads on to what is no address")
            yield Entities(tuple(each for each in value if isinstance(each, Mapping)), following)

    def _take(self, service: Service, entities: tuple[Entity, ...]) -> None:
        waiting = [(each, self._threads.submit(self._document, service, each)) for each in entities]
        documents: list[Document] = []
        for entity, made in waiting:
            try:
                documents.append(made.result())
            except NotTaken as error:
                self._rejects.add(CUSTOMERS.name, _href(service, entity.get("Id")), str(error))
            except Unread as error:
                if not (isinstance(error, Refused) and error.status == GONE):
                    self._rejects.add(CUSTOMERS.name, _href(service, entity.get("Id")), str(error))
        taken = self._customers.take(documents)
        self._state.count(CUSTOMERS.name, taken.counts)
        self._state.mapped |= taken.mapped
        for href, reason in taken.rejected:
            self._rejects.add(CUSTOMERS.name, href, reason)
        for href, reason in taken.noted:
            self._rejects.add(CUSTOMERS.name, href, reason, taken=True)
        self._name(entities)

    def _document(self, service: Service, entity: Entity) -> Document:
        """A customer with their addresses: as they were expanded, or as their navigation lists them.

        :raises Unread: where these cannot be read whole.
        """
        href = _href(service, entity.get("Id"))
        addresses: dict[str, list[Entity]] = {}
        for name, navigation in ADDRESSES.items():
            expanded, leads = entity.get(navigation), entity.get(f"{navigation}{NEXT}")
            addresses[name] = [each for each in expanded or () if isinstance(each, Mapping)]
            if expanded is None:
                leads = f"{href}/{navigation}"
            if isinstance(leads, str):
                further = self._following(joined(href, leads) or leads)
                addresses[name] += [each for page in further for each in page.members]
        return customer_of(entity, href, addresses)

    def _name(self, entities: tuple[Entity, ...]) -> None:
        """Names customers as they are called in one: that of parts would have other blanks, or be cut."""
        names = {each["Id"]: whole_name(each) for each in entities if is_id(each.get("Id"))}
        own = Customer.store_id == self._store_id
        columns = (Customer.id, Customer.name, Customer.first_name, Customer.last_name)
        with store_session(self._engine, self._store_id) as session:
            here = session.execute(select(*columns).where(own, Customer.id.in_(names))).all()
        for row_id, name, *parts in here:
            wanted = names[row_id]
            is_so_called = list(parted_name(wanted).values()) == parts
            if wanted and name != wanted and is_so_called and len(wanted) <= _LONGEST_NAME:
                with self._engine.begin() as connection:
                    connection.execute(update(Customer).where(own, Customer.id == row_id).values(name=wanted))

    def _compared_customers(self, service: Service) -> Compared:
        """How many customers there are, and which of those that are listed are not here."""
        missing: list[Listed] = []
        for page in self._following(f"{service.sets['Customer']}?$select=Id"):
            listed = [
                self._listed(service, each["Id"]) for each in page.members if isinstance(each.get("Id"), int)
            ]
            missing += self._comparing.still_missing(CUSTOMERS, listed)
        for each in missing:
            if not self._rejects.knows(CUSTOMERS.name, each.href):
                self._take_alone(service, each)
        left = self._comparing.still_missing(CUSTOMERS, missing)
        return self._comparing.compared(CUSTOMERS, self._count(service.sets["Customer"]), left)

    def _take_alone(self, service: Service, listed: Listed) -> None:
        try:
            entity = self._client.get(listed.href, JSON).json()
        except Refused as refused:
            if refused.status != GONE:
                self._rejects.add(CUSTOMERS.name, listed.href, str(refused))
        except Unread as error:
            self._rejects.add(CUSTOMERS.name, listed.href, str(error))
        else:
            self._take(service, (entity,))

    def _listed(self, service: Service, own_id: int) -> Listed:
        return Listed(self._state.mapped.get(str(own_id), own_id), _href(service, own_id))

    def _compared_addresses(self, service: Service) -> Iterator[Compared]:
        for name, navigation in ADDRESSES.items():
            if name in service.sets:
                kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", navigation).lower()
                use = getattr(CustomerAddress, USES[name].name)
                there = self._count(service.sets[name])
                yield self._comparing.counted(kind, CustomerAddress, there, use)

    def _count(self, href: str) -> int | None:
        """How many a set has; None where it does not say."""
        try:
            text = self._client.get(f"{href}/$count", "text/plain, application/json;q=0.9").body
        except Refused:
            return None
        return whole(text.decode("utf-8-sig", "replace").strip())


_LONGEST_NAME: int = Customer.__table__.c.name.type.length  # type: ignore[attr-defined] # it is a text


def _href(service: Service, own_id: Any) -> str:
    return f"{service.sets['Customer']}({own_id})"


def _navigations(metadata: bytes) -> frozenset[str]:
    """The navigation properties of the type Customer, as CSDL names them; entities and DTDs are not read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(metadata, parser)
    except etree.XMLSyntaxError:
        raise Unreadable("$metadata is no XML") from None
    types = root.iterfind(".//{*}EntityType[@Name='Customer']")
    return frozenset(
        str(each.get("Name")) for of_type in types for each in of_type.iterfind("{*}NavigationProperty")
    )
