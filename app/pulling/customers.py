"""Customers of another server: each with all that belongs to them, as the loader of customers takes them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, select, update

from app.db.ids import Ids, is_id
from app.db.sessions import store_session
from app.emails import fold_email
from app.encryption import Cipher
from app.hypermedia import ResourceType
from app.moving.documents import parts_of
from app.moving.lines import Line, Manner, Reasons, Reject
from app.moving.loading import Loader
from app.moving.seen import Seen
from app.pulling.columns import NotTaken
from app.pulling.documents import Document
from app.pulling.following import Reader
from app.pulling.numbering import keep_ids
from app.pulling.translating import as_declared
from app.resources.attribute import CUSTOMER_ATTRIBUTE
from app.resources.customer import CUSTOMER, SECRETS, Customer
from app.resources.customer_address import CUSTOMER_ADDRESS
from app.resources.payment_method import PAYMENT_METHOD
from representations import Malformed

ZOOM = "default_billing_address,default_shipping_address,default_payment_method,customer_addresses"
MANY: Mapping[str, ResourceType] = {"attributes": CUSTOMER_ATTRIBUTE, "customer_addresses": CUSTOMER_ADDRESS}
ONE: Mapping[str, ResourceType] = {
    "default_billing_address": CUSTOMER_ADDRESS,
    "default_shipping_address": CUSTOMER_ADDRESS,
    "default_payment_method": PAYMENT_METHOD,
}
"""What belongs to a customer, by the relation that leads to it."""

TRIES = 3
"""How often a customer is tried, each time without what was faulty: some faults show behind others."""

PASSWORD = tuple(name for name in SECRETS if name.startswith("password"))
NO_PASSWORD = "came without a password: a new one must be set"  # noqa: S105 - a message
TEMPORARY = ("forgot_password", "forgot_password_timestamp")
"""What stays behind: a temporary password is for the place that has mailed it, and for half an hour."""

KEPT_QUIET = (*PASSWORD, "last_login_date")
"""What a sign-in changes without counting as a modification."""


def assembled(reader: Reader, document: Document, *, may_be_cut: bool) -> Document:
    """A customer with all that belongs to them embedded, whatever the server had embedded.

    The default addresses are among the others then.

    :raises Unread: where a part cannot be read.
    :raises NotTaken: where it is no document of a customer.
    """
    embedded: dict[str, Any] = {}
    for name, resource_type in MANY.items():
        found = reader.many(document, name, may_be_cut=may_be_cut)
        embedded[name] = [_plain(resource_type, each) for each in found]
    for name, resource_type in ONE.items():
        if (one := reader.one(document, name)) is not None:
            embedded[name] = _plain(resource_type, one)
    whole = {**_plain(CUSTOMER, document), "_embedded": embedded}
    try:
        parts = parts_of(whole)
    except Malformed as malformed:
        raise NotTaken(malformed.message) from None
    kept: dict[str, Any] = {"attributes": parts.attributes, "customer_addresses": parts.addresses}
    kept |= {"default_payment_method": parts.card} if parts.card else {}
    return Document({**whole, "_embedded": kept}, document.url)


def _plain(resource_type: ResourceType, document: Document) -> dict[str, Any]:
    """What it says of itself, with its id and its address."""
    said = as_declared(resource_type, document.properties)
    said |= {} if document.id is None else {"id": document.id}
    return {"_links": {"self": {"href": document.self_href}}, **said}


@dataclass(slots=True)
class Taken:
    """What became of some customers: how many came to what end, and what is to be said of which."""

    counts: dict[str, int] = field(default_factory=dict)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    noted: list[tuple[str, str]] = field(default_factory=list)
    mapped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Here:
    """A customer who is here already."""

    id: int
    modified: datetime | None


class Customers:
    """Loads them.

    :param client: the client whose restricted attributes these are; where none is named, they are left out.
    :param has_passwords: whether it is worth a note where one comes without.
    """

    def __init__(
        self, engine: Engine, store_id: int, cipher: Cipher, client: str, *, has_passwords: bool = True
    ) -> None:
        self._engine, self._store_id, self._client = engine, store_id, client
        self._has_passwords = has_passwords
        self._refused: list[Reject] = []
        manner = Manner(lenient=True, client=client)
        self._loader = Loader(engine, store_id, cipher, manner, self._refused.append)
        self._met, self._ids = Seen(), Ids(engine)

    def take(self, documents: Sequence[Document]) -> Taken:
        """Writes some of them; one that cannot be taken costs no other.

        One that was taken already is passed over: pages by offset repeat some where others come in between.
        """
        taken, lines, moments = Taken(), list[Line](), dict[int, datetime | None]()
        new = [each for each in documents if each.id is None or each.id not in self._met]
        here = self._here(new)
        for document in new:
            known = here.get(document.self_href)
            if known and known.modified and _is_before(document, known.modified):
                _add(taken.counts, "newer here", 1)
            else:
                told = self._told(document, known, taken)
                lines.append(Line(document.self_href, told, is_clean=True))
                if known:
                    moments[known.id] = _moment(document)
        for _ in range(TRIES):
            lines = list(self._load(lines, taken))
        taken.rejected += [(str(each.place), "cannot be taken") for each in lines]
        self._date(moments)
        owners: list[tuple[int, Document]] = []
        for document in new:
            if document.id is None:
                continue
            self._met.add(document.id)
            known = here.get(document.self_href)
            owners.append((known.id if known else document.id, document))
            if known and known.id != document.id:
                taken.mapped[str(document.id)] = known.id
        keep_ids(self._engine, self._store_id, self._ids, owners)
        return taken

    def _load(self, lines: Sequence[Line], taken: Taken) -> Iterator[Line]:
        """Loads what can be; gives again, without its faulty parts, what only these have kept out."""
        before = replace(self._loader.loaded)
        self._loader.load(lines)
        for name in ("created", "updated", "unchanged"):
            _add(taken.counts, name, getattr(self._loader.loaded, name) - getattr(before, name))
        refused, self._refused[:] = list(self._refused), []
        for each in refused:
            href, reason = str(each.line.place), "; ".join(each.reasons.values())
            less = _without_faulty(each.line.whole(), each.reasons)
            if less is None:
                taken.rejected.append((href, reason))
            else:
                taken.noted.append((href, f"taken without what is faulty: {reason}"))
                yield Line(each.line.place, less, is_clean=True)

    def _date(self, moments: Mapping[int, datetime | None]) -> None:
        """Lets customers be modified when they were there: to be brought in line is no change of theirs."""
        table = Customer.__table__
        assert isinstance(table, Table)
        own = table.c.store_id == self._store_id
        with self._engine.begin() as connection:
            here = select(table.c.id, table.c.date_modified).where(own, table.c.id.in_(moments))
            for row_id, modified in connection.execute(here).all():
                if (there := moments[row_id]) and modified and there < modified:
                    this = update(table).where(own, table.c.id == row_id)
                    connection.execute(this.values(date_modified=there))

    def _told(self, document: Document, known: _Here | None, taken: Taken) -> dict[str, Any]:
        """A customer's document as it is to be loaded."""
        told = {name: value for name, value in document.values.items() if name not in TEMPORARY}
        if not self._client:
            told["_embedded"] = self._unrestricted(document, taken)
        if not told.get("password_hash"):
            told = {name: value for name, value in told.items() if name not in PASSWORD}
            if not told.get("is_anonymous"):
                told.pop("force_password_reset", None)
                if known is None:
                    told["force_password_reset"] = True
                    taken.noted += [(document.self_href, NO_PASSWORD)] if self._has_passwords else []
        if known and known.modified and _moment(document) == known.modified:
            told = {name: value for name, value in told.items() if name not in KEPT_QUIET}
        return told

    def _unrestricted(self, document: Document, taken: Taken) -> dict[str, Any]:
        embedded = dict(document.values.get("_embedded", {}))
        there = embedded.get("attributes", [])
        embedded["attributes"] = [each for each in there if each.get("visibility") != "restricted"]
        if len(embedded["attributes"]) < len(there):
            reason = "its restricted attributes: name the client that may see them with --restricted-to"
            taken.noted.append((document.self_href, reason))
        return embedded

    def _here(self, documents: Iterable[Document]) -> dict[str, _Here]:
        """Those who are here already, by id or, where they are registered, by email."""
        ids = {each.id: each for each in documents if each.id is not None and is_id(each.id)}
        emails = {
            fold_email(str(each.values["email"])): each
            for each in documents
            if each.values.get("email") and not each.values.get("is_anonymous")
        }
        columns = (Customer.id, Customer.email_key, Customer.date_created, Customer.date_modified)
        own = select(*columns).where(Customer.store_id == self._store_id)
        registered = own.where(Customer.email_key.in_(emails), Customer.is_anonymous.is_(False))
        with store_session(self._engine, self._store_id) as session:
            found = {emails[key].self_href: _Here(row, at) for row, key, _, at in session.execute(registered)}
            for row, key, created, at in session.execute(own.where(Customer.id.in_(ids))):
                if _is_same(ids[row], key, created):
                    found[ids[row].self_href] = _Here(row, at)
        return found


def _is_same(document: Document, email_key: str, created: datetime | None) -> bool:
    """Whether a customer who has the id here is the one who has it there."""
    there = _moment(document, "date_created")
    same_email = fold_email(str(document.values.get("email"))) == email_key
    return same_email or created is None or there is None or created == there


def _without_faulty(document: dict[str, Any], reasons: Reasons) -> dict[str, Any] | None:
    """A customer without those parts that are faulty; None where the customer is.

    Who has lost a password so is to set a new one.
    """
    less, embedded = dict(document), {**document.get("_embedded", {})}
    faulty: dict[str, set[int]] = {}
    for way in reasons:
        if found := _MEMBER.match(way):
            faulty.setdefault(found[1], set()).add(int(found[2]))
        elif way.startswith("default_payment_method."):
            embedded.pop("default_payment_method", None)
        elif way in PASSWORD:
            less = {name: value for name, value in less.items() if name not in PASSWORD}
            less["force_password_reset"] = True
        else:
            return None
    for name, numbers in faulty.items():
        embedded[name] = [each for at, each in enumerate(embedded[name]) if at not in numbers]
    return {**less, "_embedded": embedded}


_MEMBER = re.compile(r"(customer_addresses|attributes)\[(\d+)\]")


def _is_before(document: Document, modified: datetime) -> bool:
    """Whether a customer was modified there before they were here."""
    there = _moment(document)
    return there is None or there < modified


def _moment(document: Document, name: str = "date_modified") -> datetime | None:
    said = document.values.get(name)
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _add(counts: dict[str, int], name: str, number: int) -> None:
    if number:
        counts[name] = counts.get(name, 0) + number
