"""transaction: a purchase by a customer. Its table stands; what a checkout records of it comes later."""

from dataclasses import replace

from marshmallow import Schema
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.db.tables import StoreRow, owned_by
from app.hypermedia import TO_CUSTOMER, TO_STORE, Relation, ResourceType
from app.schema import of


class Transaction(StoreRow):
    """A purchase; it stays when its customer is deleted, which is then unlinked by the application."""

    __tablename__ = "transaction"
    __table_args__ = (
        owned_by("customer", "customer_id", cascade=False),
        Index("ix_transaction_store_id_customer_id_id", "store_id", "customer_id", "id"),
        {"sqlite_with_rowid": False},
    )
    tally = ""

    customer_id: Mapped[int | None]


class TransactionSchema(Schema):
    """The properties of a transaction, in the order of the wire."""

    id = of(Transaction.id, "The transaction id.", read_only=True)
    date_created = of(Transaction.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Transaction.date_modified, "When this resource was last modified.", read_only=True)


TRANSACTION = ResourceType(
    name="transaction",
    row=Transaction,
    schema=TransactionSchema,
    path="/transactions/{id}",
    title="This Transaction",
    meaning="A purchase by a customer.",
    filters=("customer_id",),
    relations=(
        TO_STORE,
        replace(TO_CUSTOMER, embed="zoom"),
        Relation(
            name="items",
            title="The Items for this Transaction",
            href="/transactions/{id}/items",
            meaning="What was bought, or will be.",
            target="item",
            many=True,
            embed="zoom",
            child_key="transaction_id",
        ),
    ),
)
