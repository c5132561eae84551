"""transaction_template: the purchase that a subscription repeats."""

from marshmallow import Schema

from app.db.tables import StoreRow
from app.hypermedia import TO_STORE, Relation, ResourceType
from app.schema import of


class TransactionTemplate(StoreRow):
    """A purchase to be made again and again."""

    __tablename__ = "transaction_template"
    __table_args__ = ({"sqlite_with_rowid": False},)


class TransactionTemplateSchema(Schema):
    """The properties of a transaction template, in the order of the wire."""

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
