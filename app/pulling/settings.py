"""What a store itself is like on another server: its settings, its portal's, its attributes, its webhooks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.sessions import store_session
from app.db.tables import Author
from app.errors import Refusal
from app.hypermedia import Registry, ResourceType
from app.payloads import query_fault
from app.pulling.columns import NotTaken, incoming, incoming_attributes
from app.pulling.documents import Document
from app.pulling.following import Reader
from app.pulling.purchases import ATTRIBUTE_NAMES
from app.pulling.rows import Group, Incoming
from app.pulling.translating import Moments, as_declared, carried
from app.resources.attribute import STORE_ATTRIBUTE
from app.resources.customer_portal_settings import CUSTOMER_PORTAL_SETTINGS, CustomerPortalSettings
from app.resources.store import STORE, Store
from app.resources.webhook import WEBHOOK
from app.schema import Invalid
from app.validation import checked

ITS_OWN = frozenset({"store_domain", "use_remote_domain"})
"""What the store here keeps: its domain is what it is found by, and what its account's code comes from."""

NEW = 1
"""The version of a store that nobody has changed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Takes them over."""

    engine: Engine
    store_id: int
    reader: Reader
    registry: Registry
    moment: Moments
    author: Author
    client: str

    def store(self, document: Document) -> Iterator[str]:
        """Sets the store's properties as they are there, unless the store was changed here since.

        :returns: what was not taken, and why.
        """
        with Session(self.engine) as session, session.begin():
            row = session.scalars(select(Store).where(Store.id == self.store_id)).one()
            dates = carried(STORE, as_declared(STORE, document.properties), self.moment)
            theirs = dates.get("date_modified")
            if row.version > NEW and row.date_modified and (not theirs or row.date_modified >= theirs):
                return
            said = as_declared(STORE, document.properties)
            said = {name: value for name, value in said.items() if name not in ITS_OWN}
            current = {name: getattr(row, name) for name in said}
            given, faults = self._fitting(said, current)
            columns = Store.columns(given, current, self.author)
            for name in ("date_created", "date_modified"):
                columns |= {name: dates[name]} if dates.get(name) else {}
            for name, value in columns.items():
                setattr(row, name, value)
        yield from faults

    def _fitting(self, said: dict[str, Any], current: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """What can be set; what cannot is left as it is here."""
        faults: list[str] = []
        while True:
            try:
                return checked(STORE, said, current, self.author, {"lenient": True}), faults
            except Refusal as refusal:
                faults += [each.message for each in refusal.faults]
                names = {str(each.property) for each in refusal.faults}
                if any(name.startswith("customer_password_hash") for name in names):
                    names |= {"customer_password_hash_type", "customer_password_hash_config"}
                if not names & said.keys():
                    return {}, faults
                said = {name: value for name, value in said.items() if name not in names}

    def attributes(self, document: Document) -> Group:
        """The store's own attributes."""
        documents = self.reader.many(document, "attributes")
        own = incoming_attributes(STORE_ATTRIBUTE, documents, self.moment, self.client)
        return Group("store_id", ATTRIBUTE_NAMES, own)

    def portal(self, document: Document) -> Incoming | None:
        """The settings of the store's portal; None where it has none, or where the token sees no secrets.

        :raises NotTaken: where they make no sense here.
        """
        found = self.reader.one(document, "customer_portal_settings")
        if found is None or not found.properties.get("date_created") or "jwtSharedSecret" not in found.values:
            return None
        made = incoming(CUSTOMER_PORTAL_SETTINGS, found, self.moment)
        with store_session(self.engine, self.store_id) as session:
            mine = CustomerPortalSettings.store_id == self.store_id
            made.id = session.scalar(select(CustomerPortalSettings.id).where(mine)) or 1
        made.columns |= _checked(CUSTOMER_PORTAL_SETTINGS, made.columns, self.author)
        return made

    def webhook(self, document: Document, *, may_be_cut: bool) -> list[Incoming]:  # noqa: ARG002 - as others are made
        """A webhook, switched off: the server that it comes from tells the same receiver still.

        :raises NotTaken: where it would not be told anything here.
        """
        if "encryption_key" not in document.values:
            raise NotTaken("its encryption_key is not shown to this token")
        made = incoming(WEBHOOK, document, self.moment)
        shown = {
            "version" if name == "payload_version" else name: each for name, each in made.columns.items()
        }
        _checked(WEBHOOK, shown, self.author)
        made.columns.pop("is_active", None)
        made.at_first["is_active"] = 0
        return [made]


def author(registry: Registry, moment: Moments, *, allow_weak_hashes: bool) -> Author:
    """Who writes what is pulled: secrets are encrypted when they are written, and no password is hashed."""
    return Author(
        client="",
        chosen=lambda: ("bcrypt", "12"),
        allow_weak_hashes=allow_weak_hashes,
        hash=_unheard,
        encrypt=lambda text: text,
        owner={},
        moment=moment,
        query_fault=partial(query_fault, registry),
        url_fault=lambda _: None,
    )


def _unheard(*_: Any) -> Any:
    raise AssertionError("no password comes along")


def _checked(resource_type: ResourceType, columns: dict[str, Any], author: Author) -> dict[str, Any]:
    try:
        resource_type.row.check(columns, None, author)
    except Invalid as invalid:
        raise NotTaken("; ".join(f"{name} {text}" for name, text in invalid.faults)) from None
    return resource_type.row.columns(columns, None, author)
