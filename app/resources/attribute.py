"""attribute: a name and a value of one's own, on a customer or a store; one table for all owners."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema
from sqlalchemy import BindParameter, ColumnElement, FromClause, Index, String, and_, bindparam, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.indexes import index_heads
from app.db.tables import Author, StoreRow, owned_by
from app.db.types import ordered_text
from app.hypermedia import TO_CUSTOMER, TO_STORE, WRITE, ResourceType
from app.schema import of

VISIBILITIES = ("private", "public", "restricted")


class Attribute(StoreRow):
    """An attribute of the customer it names, else of the store.

    `client` is who made a restricted one, empty otherwise; so names are unique by owner,
    visibility and client.
    """

    __tablename__ = "attribute"
    __table_args__ = (
        owned_by("customer", "customer_id"),
        Index("ix_attribute_store_id_customer_id_id", "store_id", "customer_id", "id"),
        Index(
            "uq_attribute_of_customer",
            "store_id",
            "customer_id",
            "name",
            "visibility",
            "client",
            unique=True,
            sqlite_where=text("customer_id IS NOT NULL"),
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "uq_attribute_of_store",
            "store_id",
            "name",
            "visibility",
            "client",
            unique=True,
            sqlite_where=text("customer_id IS NULL"),
            postgresql_where=text("customer_id IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    customer_id: Mapped[int | None]
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


index_heads(Attribute, "name", "value", key="customer_id")


class AttributeSchema(Schema):
    """The properties of an attribute, in the order of the wire."""

    name = of(Attribute.name, "The name of the attribute.", required=True)
    value = of(Attribute.value, "The value of the attribute.", required=True)
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


def _of_customer(table: FromClause) -> ColumnElement[bool]:
    return and_(table.c.customer_id.is_not(None), _visible(table))


def _of_store(table: FromClause) -> ColumnElement[bool]:
    return and_(table.c.customer_id.is_(None), _visible(table))


CUSTOMER_ATTRIBUTE = ResourceType(
    name="customer_attribute",
    kind="attribute",
    row=Attribute,
    schema=AttributeSchema,
    path="/customer_attributes/{id}",
    title="This customer attribute",
    meaning="A custom attribute of a resource.",
    where=_of_customer,
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
    set_apart_by="customer_id",
    named_by=("name", "visibility"),
    clashes={"uq_attribute_of_store": ("name", "has already been taken")},
    methods=WRITE,
    relations=(TO_STORE,),
)
