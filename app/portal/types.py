"""The resources of the portal: the same rows as in the API, of one customer, with less to see and do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, and_, bindparam, or_, select

from app.filtering import STORE
from app.hypermedia import READ, Relation, ResourceType
from app.resources.attribute import CUSTOMER_ATTRIBUTE, AttributeSchema
from app.resources.customer import CUSTOMER, CustomerSchema
from app.resources.customer_address import CUSTOMER_ADDRESS, CustomerAddressSchema
from app.resources.item import ITEM
from app.resources.payment_method import PAYMENT_METHOD
from app.resources.subscription import INSTRUCTIONS as SUBSCRIBING
from app.resources.subscription import SUBSCRIPTION, Subscription, SubscriptionSchema
from app.resources.transaction import INSTRUCTIONS, TRANSACTION, Transaction, TransactionSchema
from app.resources.transaction_template import TRANSACTION_TEMPLATE
from app.schema import write_only

ITSELF: ColumnElement[int] = bindparam("customer", type_=Integer)
"""The customer who asks."""

Narrow = Callable[[FromClause], ColumnElement[bool]]


class OwnCustomerSchema(CustomerSchema):
    """What customers see of themselves: no secrets, nothing of how the store sees them."""

    password_old = write_only(
        "The password so far, or the temporary one: whoever sets another knows it.", most=50, secret=False
    )

    class Meta:
        """As marshmallow has it."""

        fields = (
            "id", "last_login_date", "first_name", "last_name", "email", "tax_id", "password",
            "password_old", "date_created", "date_modified",
        )  # fmt: skip


class OwnAttributeSchema(AttributeSchema):
    """A public attribute. Customers read them."""

    class Meta:
        """As marshmallow has it."""

        exclude = ("visibility",)


class OwnTransactionSchema(TransactionSchema):
    """A purchase; how the store handles it, and what it has noted of the customer's machine, it keeps."""

    class Meta:
        """As marshmallow has it."""

        exclude = (
            "hide_transaction", "data_is_fed", "customer_ip", "ip_country", "user_agent", "source",
            *INSTRUCTIONS,
        )  # fmt: skip


class OwnSubscriptionSchema(SubscriptionSchema):
    """A subscription: customers choose its frequency, its next date and its end, as the store lets them."""

    class Meta:
        """As marshmallow has it."""

        exclude = SUBSCRIBING
        dump_only = (
            "start_date", "error_message", "past_due_amount", "first_failed_transaction_date", "is_active",
            "third_party_id", "payment_type",
        )  # fmt: skip


class OwnAddressSchema(CustomerAddressSchema):
    """An address; what it is for, and whether it is locked, the store says."""

    class Meta:
        """As marshmallow has it."""

        dump_only = (
            "ignore_address_restrictions", "for_billing", "for_shipping", "is_locked", "display_label",
        )  # fmt: skip


def _of_customer(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.customer_id == ITSELF


def _themselves(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.id == ITSELF


def _public(rows: FromClause) -> ColumnElement[bool]:
    return and_(rows.c.customer_id == ITSELF, rows.c.visibility == "public")


def _subscribed() -> Select[tuple[int]]:
    mine = (Subscription.store_id == STORE, Subscription.customer_id == ITSELF)
    return select(Subscription.transaction_template_id).where(*mine)


def _templates(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.id.in_(_subscribed())


def _items(rows: FromClause) -> ColumnElement[bool]:
    bought = select(Transaction.id).where(Transaction.store_id == STORE, Transaction.customer_id == ITSELF)
    return or_(rows.c.transaction_id.in_(bought), rows.c.transaction_template_id.in_(_subscribed()))


TO_ITSELF = Relation(
    name="customer", title="This Customer", href="/{face}", target="customer", own_key="customer_id"
)


def _relation(resource_type: ResourceType, name: str, href: str, **changed: Any) -> Relation:
    """A relation of the API's, as it is in the portal: where it leads to, and what else is another."""
    found = next(each for each in resource_type.relations if each.name == name)
    assert isinstance(found, Relation)
    return replace(found, href=f"/{{face}}{href}", **changed)


_of_customer_at = partial(_relation, CUSTOMER)

OWN_CUSTOMER = replace(
    CUSTOMER,
    schema=OwnCustomerSchema,
    path="/{face}",
    where=_themselves,
    matches={},
    default_filters={},
    alternate="",
    methods=("GET", "HEAD", "PATCH", "OPTIONS"),
    relations=(
        _of_customer_at("attributes", "/attributes", methods=READ),
        _of_customer_at("transactions", "/transactions", child_key="customer_id"),
        _of_customer_at("subscriptions", "/subscriptions", child_key="customer_id"),
        _of_customer_at("customer_addresses", "/addresses", embed="never"),
        _of_customer_at("default_payment_method", "/default_payment_method"),
        _of_customer_at("default_billing_address", "/default_billing_address"),
        _of_customer_at("default_shipping_address", "/default_shipping_address"),
    ),
)

OWN_ADDRESS = replace(
    CUSTOMER_ADDRESS,
    schema=OwnAddressSchema,
    path="/{face}/addresses/{id}",
    where=_of_customer,
    relations=(TO_ITSELF,),
)

_of_subscription_at = partial(_relation, SUBSCRIPTION)

OWN_SUBSCRIPTION = replace(
    SUBSCRIPTION,
    schema=OwnSubscriptionSchema,
    path="/{face}/subscriptions/{id}",
    where=_of_customer,
    filters=(),
    methods=("GET", "HEAD", "PATCH", "OPTIONS"),
    relations=(
        TO_ITSELF,
        _of_subscription_at("last_transaction", "/transactions/{last_transaction_id}"),
        _of_subscription_at("transactions", "/transactions?subscription_id={id}"),
        _of_subscription_at("transaction_template", "/transaction_templates/{transaction_template_id}"),
    ),
)

OWN_TYPES: tuple[ResourceType, ...] = (
    OWN_CUSTOMER,
    OWN_ADDRESS,
    replace(
        CUSTOMER_ATTRIBUTE,
        schema=OwnAttributeSchema,
        path="/{face}/attributes/{id}",
        where=_public,
        named_by=(),
        methods=READ,
        relations=(TO_ITSELF,),
    ),
    replace(
        PAYMENT_METHOD, path="/{face}/default_payment_method", where=_of_customer, relations=(TO_ITSELF,)
    ),
    replace(
        TRANSACTION,
        schema=OwnTransactionSchema,
        methods=READ,
        path="/{face}/transactions/{id}",
        where=_of_customer,
        filters=("subscription_id",),
        relations=(TO_ITSELF, _relation(TRANSACTION, "items", "/transactions/{id}/items")),
    ),
    OWN_SUBSCRIPTION,
    replace(
        TRANSACTION_TEMPLATE,
        path="/{face}/transaction_templates/{id}",
        where=_templates,
        relations=(_relation(TRANSACTION_TEMPLATE, "items", "/transaction_templates/{id}/items"),),
    ),
    replace(ITEM, path="/{face}/items/{id}", where=_items, relations=()),
)
