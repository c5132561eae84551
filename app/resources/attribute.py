"""attribute: a name and a value of one's own, on whatever has attributes; one table for all owners."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from marshmallow import Schema
from sqlalchemy import BindParameter, ColumnElement, FromClause, Index, String, and_, bindparam, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.indexes import index_heads
from app.db.tables import Author, StoreRow, owned_by
from app.db.types import ordered_text
from app.hypermedia import (
    TO_CUSTOMER,
    TO_STORE,
    TO_SUBSCRIPTION,
    TO_TRANSACTION,
    WRITE,
    Relation,
    ResourceType,
)
from app.schema import of

VISIBILITIES = ("private", "public", "restricted")


OWNERS = ("customer_id", "transaction_id", "subscription_id")
"""The columns of which one names the owner; where none does, it is the store."""


def _unique(name: str, owned: str, *keys: str) -> Index:
    """That names are unique where this condition says who the owner is."""
    by = ("store_id", *keys, "name", "visibility", "client")
    return Index(name, *by, unique=True, sqlite_where=text(owned), postgresql_where=text(owned))


class Attribute(StoreRow):
    """An attribute of the customer, the transaction or the subscription that it names, else of the store.

    `client` is who made a restricted one, empty otherwise; so names are unique by owner,
    visibility and client.
    """

    __tablename__ = "attribute"
    __table_args__ = (
        *(owned_by(key.removesuffix("_id"), key) for key in OWNERS),
        *(Index(f"ix_attribute_store_id_{key}_id", "store_id", key, "id") for key in OWNERS),
        Index("ix_attribute_of_store_id", "store_id", *OWNERS, "id"),
        _unique("uq_attribute_of_customer", "customer_id IS NOT NULL", "customer_id"),
        _unique("uq_attribute_of_transaction", "transaction_id IS NOT NULL", "transaction_id"),
        _unique("uq_attribute_of_subscription", "subscription_id IS NOT NULL", "subscription_id"),
        _unique("uq_attribute_of_store", " AND ".join(f"{key} IS NULL" for key in OWNERS)),
        {"sqlite_with_rowid": False},
    )

    apart = frozenset({"name", "visibility"})

    customer_id: Mapped[int | None]
    transaction_id: Mapped[int | None]
    subscription_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(ordered_text(500))
    value: Mapped[str] = mapped_column(ordered_text(1000))
    visibility: Mapped[str] = mapped_column(ordered_text(10), default="private")
    client: Mapped[str] = mapped_column(String(100), default="")

    @classmethod
    def columns(
        cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author
    ) -> dict[str, Any]:
        """Notes the client that makes a restricted one: only that client will see it."""
        made = dict(given)
        if current is None:
            made["client"] = author.client if given.get("visibility") == "restricted" else ""
        return made


index_heads(Attribute, "name", "value", keys=OWNERS)


class AttributeSchema(Schema):
    """The properties of an attribute, in the order of the wire."""

    name = of(Attribute.name, "The name of the attribute.", required=True, example="Shoe size")
    value = of(Attribute.value, "The value of the attribute.", required=True, example="44")
    visibility = of(
        Attribute.visibility,
        "Who sees it: public, the customer too; private, users of the API; restricted, only the client"
        " that made it.",
        choices=VISIBILITIES,
        once=True,
    )
    date_created = of(Attribute.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Attribute.date_modified, "When this resource was last modified.", read_only=True)


def _visible(table: FromClause) -> ColumnElement[bool]:
    """A restricted attribute shows only to the client that made it."""
    client: BindParameter[str] = bindparam("client", type_=String)
    return or_(table.c.visibility != "restricted", table.c.client == client)


def _owned(key: str) -> Callable[[FromClause], ColumnElement[bool]]:
    def where(table: FromClause) -> ColumnElement[bool]:
        return and_(table.c[key].is_not(None), _visible(table))

    return where


def _of_store(table: FromClause) -> ColumnElement[bool]:
    return and_(*(table.c[key].is_(None) for key in OWNERS), _visible(table))


CUSTOMER_ATTRIBUTE = ResourceType(
    name="customer_attribute",
    kind="attribute",
    row=Attribute,
    schema=AttributeSchema,
    path="/customer_attributes/{id}",
    title="This customer attribute",
    meaning="A custom attribute of a resource.",
    where=_owned("customer_id"),
    named_by=("name", "visibility"),
    clashes={"uq_attribute_of_customer": ("name", "has already been taken")},
    methods=WRITE,
    relations=(TO_STORE, TO_CUSTOMER),
)

STORE_ATTRIBUTE = ResourceType(
    name="store_attribute",
    kind="attribute",
    row=Attribute,
    schema=AttributeSchema,
    path="/store_attributes/{id}",
    title="This store attribute",
    meaning=CUSTOMER_ATTRIBUTE.meaning,
    where=_of_store,
    set_apart_by=OWNERS,
    named_by=("name", "visibility"),
    clashes={"uq_attribute_of_store": ("name", "has already been taken")},
    methods=WRITE,
    relations=(TO_STORE,),
)


def _attribute_of(owner: Relation) -> ResourceType:
    """The attributes of what is no customer and no store: they are as a customer's."""
    name = owner.target
    return replace(
        CUSTOMER_ATTRIBUTE,
        name=f"{name}_attribute",
        path=f"/{name}_attributes/{{id}}",
        title=f"This {name} attribute",
        where=_owned(f"{name}_id"),
        clashes={f"uq_attribute_of_{name}": ("name", "has already been taken")},
        relations=(TO_STORE, owner),
    )


TRANSACTION_ATTRIBUTE = _attribute_of(TO_TRANSACTION)
SUBSCRIPTION_ATTRIBUTE = _attribute_of(TO_SUBSCRIPTION)
