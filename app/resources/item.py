"""item: what a transaction sold, or what a transaction template will sell."""

from marshmallow import Schema
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import StoreRow, owned_by
from app.db.types import ordered_text
from app.hypermedia import TO_STORE, ResourceType
from app.schema import of


class Item(StoreRow):
    """A line of a transaction or of a transaction template."""

    __tablename__ = "item"
    __table_args__ = (
        owned_by("transaction", "transaction_id"),
        owned_by("transaction_template", "transaction_template_id"),
        Index("ix_item_store_id_transaction_id_id", "store_id", "transaction_id", "id"),
        Index("ix_item_store_id_transaction_template_id_id", "store_id", "transaction_template_id", "id"),
        {"sqlite_with_rowid": False},
    )

    transaction_id: Mapped[int | None]
    transaction_template_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(ordered_text(255))
    code: Mapped[str | None] = mapped_column(ordered_text(50))
    quantity: Mapped[int] = mapped_column(default=1)


class ItemSchema(Schema):
    """The properties of an item, in the order of the wire."""

    name = of(Item.name, "The name of the product.", required=True)
    code = of(Item.code, "The product's code.")
    quantity = of(Item.quantity, "How many of it.")
    date_created = of(Item.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Item.date_modified, "When this resource was last modified.", read_only=True)


ITEM = ResourceType(
    name="item",
    row=Item,
    schema=ItemSchema,
    path="/items/{id}",
    title="This Item",
    meaning="A line of a transaction.",
    relations=(TO_STORE,),
)
