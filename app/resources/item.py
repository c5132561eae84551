"""item: what a transaction sold, or what a transaction template will sell."""

from decimal import Decimal

from marshmallow import Schema
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import StoreRow, owned_by
from app.db.types import Money, ordered_text
from app.fields import web_address
from app.hypermedia import TO_STORE, TO_TRANSACTION, Relation, ResourceType
from app.schema import of

MOST_OF_ONE = 1_000_000
"""How many of a product one line sells at most."""


class Item(StoreRow):
    """A line of a transaction or of a transaction template."""

    __tablename__ = "item"
    __table_args__ = (
        owned_by("transaction", "transaction_id"),
        owned_by("transaction_template", "transaction_template_id"),
        Index("ix_item_store_id_transaction_id_id", "store_id", "transaction_id", "id"),
        Index("ix_item_store_id_transaction_template_id_id", "store_id", "transaction_template_id", "id"),
        Index("ix_item_store_id_code_transaction_id", "store_id", "code", "transaction_id"),
        Index("ix_item_store_id_name_transaction_id", "store_id", "name", "transaction_id"),
        {"sqlite_with_rowid": False},
    )

    transaction_id: Mapped[int | None]
    transaction_template_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(ordered_text(255))
    price: Mapped[Decimal] = mapped_column(Money, default=0)
    quantity: Mapped[int] = mapped_column(default=1)
    code: Mapped[str | None] = mapped_column(ordered_text(50))
    parent_code: Mapped[str | None] = mapped_column(ordered_text(50))
    shipto: Mapped[str | None] = mapped_column(ordered_text(100))
    url: Mapped[str | None] = mapped_column(ordered_text(300))
    image: Mapped[str | None] = mapped_column(ordered_text(300))


class ItemSchema(Schema):
    """The properties of an item, in the order of the wire."""

    name = of(Item.name, "The name of the product.", required=True, example="A book")
    price = of(Item.price, "What one of it costs, before taxes.", required=True, example=12.5)
    quantity = of(Item.quantity, "How many of it.", within=(1, MOST_OF_ONE))
    code = of(Item.code, "The product's code.")
    parent_code = of(Item.parent_code, "The code of the product of which this one is a part.")
    shipto = of(Item.shipto, "The name of the address that it goes to, where an order goes to several.")
    url = of(Item.url, "The address of the product's page.", checks=[web_address])
    image = of(Item.image, "The address of the product's picture.", checks=[web_address])
    date_created = of(Item.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Item.date_modified, "When this resource was last modified.", read_only=True)


ITEM = ResourceType(
    name="item",
    row=Item,
    schema=ItemSchema,
    path="/items/{id}",
    title="This Item",
    meaning="A line of a transaction, or of the template of those to come.",
    relations=(
        TO_STORE,
        TO_TRANSACTION,
        Relation(
            name="transaction_template",
            title="This Transaction Template",
            href="/transaction_templates/{transaction_template_id}",
            target="transaction_template",
            own_key="transaction_template_id",
        ),
    ),
)
