"""transaction_template: the purchase that a subscription repeats; hAPI has it as a cart."""

from decimal import Decimal

from marshmallow import Schema
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import StoreRow
from app.db.types import Money, ordered_text
from app.hypermedia import TO_STORE, Relation, ResourceType
from app.schema import of


class TransactionTemplate(StoreRow):
    """A purchase to be made again and again: its items, and what they cost together."""

    __tablename__ = "transaction_template"
    __table_args__ = ({"sqlite_with_rowid": False},)

    total_item_price: Mapped[Decimal] = mapped_column(Money, default=0)
    total_order: Mapped[Decimal] = mapped_column(Money, default=0)
    currency_code: Mapped[str | None] = mapped_column(ordered_text(3))
    currency_symbol: Mapped[str | None] = mapped_column(ordered_text(10))


class TransactionTemplateSchema(Schema):
    """The properties of a transaction template, in the order of the wire."""

    total_item_price = of(
        TransactionTemplate.total_item_price,
        "What the items cost: the sum of each one's price times its quantity.",
        read_only=True,
    )
    total_order = of(TransactionTemplate.total_order, "What is paid each time.", read_only=True)
    currency_code = of(
        TransactionTemplate.currency_code, "The ISO 4217 code of the currency.", read_only=True
    )
    currency_symbol = of(TransactionTemplate.currency_symbol, "The symbol of the currency.", read_only=True)
    date_created = of(TransactionTemplate.date_created, "When this resource was created.", read_only=True)
    date_modified = of(
        TransactionTemplate.date_modified, "When this resource was last modified.", read_only=True
    )


TRANSACTION_TEMPLATE = ResourceType(
    name="transaction_template",
    row=TransactionTemplate,
    schema=TransactionTemplateSchema,
    path="/transaction_templates/{id}",
    title="Transaction Template",
    meaning="The purchase that a subscription repeats.",
    relations=(
        TO_STORE,
        Relation(
            name="items",
            title="The Items for this Transaction Template",
            href="/transaction_templates/{id}/items",
            target="item",
            many=True,
            embed="zoom",
            child_key="transaction_template_id",
        ),
    ),
)
