"""subscription: a purchase that repeats. Its table stands; what a checkout records of it comes later."""

from dataclasses import replace

from marshmallow import Schema
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.db.tables import StoreRow, owned_by
from app.hypermedia import TO_CUSTOMER, TO_STORE, Relation, ResourceType
from app.schema import of


class Subscription(StoreRow):
    """A repeating purchase of a registered customer, made after its transaction template."""

    __tablename__ = "subscription"
    __table_args__ = (
        owned_by("customer", "customer_id", cascade=False),
        owned_by("transaction_template", "transaction_template_id", cascade=False),
        Index("ix_subscription_store_id_customer_id_id", "store_id", "customer_id", "id"),
        {"sqlite_with_rowid": False},
    )
    tally = ""

    customer_id: Mapped[int]
    transaction_template_id: Mapped[int]


class SubscriptionSchema(Schema):
    """The properties of a subscription, in the order of the wire."""

    date_created = of(Subscription.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Subscription.date_modified, "When this resource was last modified.", read_only=True)


SUBSCRIPTION = ResourceType(
    name="subscription",
    row=Subscription,
    schema=SubscriptionSchema,
    path="/subscriptions/{id}",
    title="This Subscription",
    meaning="A purchase of a registered customer that repeats.",
    filters=("customer_id",),
    relations=(
        TO_STORE,
        replace(TO_CUSTOMER, embed="zoom"),
        Relation(
            name="transaction_template",
            title="Transaction Template",
            href="/transaction_templates/{transaction_template_id}",
            target="transaction_template",
            own_key="transaction_template_id",
            embed="zoom",
        ),
    ),
)
