"""transaction: a purchase by a customer, as hAPI knows it, with how it was paid and its discount."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from marshmallow import Schema
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.amounts import LARGEST
from app.codes import is_currency, is_ip_address, is_locale
from app.db.indexes import index_walks
from app.db.tables import Author, StoreRow, now, owned_by
from app.db.types import Moment, Money, ordered_text
from app.fields import Email, email_address, listed
from app.hypermedia import COLLECT, REPLACE, TO_CUSTOMER, TO_STORE, TO_SUBSCRIPTION, Relation, ResourceType
from app.refeeding import send_webhooks
from app.schema import Invalid, instruction, of
from app.structures import Members

STATUSES = (
    "", "capturing", "captured", "approved", "authorized", "pending", "completed", "problem",
    "pending_fraud_review", "rejected", "declined", "refunding", "refunded", "voided", "verified",
)  # fmt: skip
KINDS = ("", "updateinfo", "subscription_modification", "subscription_renewal", "subscription_cancellation")
SOURCES = (
    "cit_ecommerce", "mit_uoe", "mit_api", "mit_recurring", "mit_recurring_reattempt_automated",
    "mit_recurring_reattempt_manual", "cit_recurring_cancellation", "mit_recurring_cancellation",
)  # fmt: skip
CHECKOUTS = ("account", "guest")
MOST_ITEMS = 300
PAYMENTS = ("", "credit_card", "gift_card", "budget", "open_account", "other")


class Transaction(StoreRow):
    """A purchase; it stays when its customer is deleted, which is then unlinked by the application."""

    __tablename__ = "transaction"
    __table_args__ = (
        owned_by("customer", "customer_id", cascade=False),
        owned_by("subscription", "subscription_id", cascade=False),
        Index("ix_transaction_store_id_customer_id_id", "store_id", "customer_id", "id"),
        Index("ix_transaction_store_id_subscription_id_id", "store_id", "subscription_id", "id"),
        Index("ix_transaction_store_id_status_id", "store_id", "status", "id"),
        {"sqlite_with_rowid": False},
    )
    tally = ""
    told = ("created", "modified", "refeed")

    customer_id: Mapped[int | None]
    subscription_id: Mapped[int | None]
    display_id: Mapped[str] = mapped_column(ordered_text(50), default="")
    is_test: Mapped[bool] = mapped_column(default=False)
    hide_transaction: Mapped[bool] = mapped_column(default=False)
    data_is_fed: Mapped[bool] = mapped_column(default=False)
    transaction_date: Mapped[datetime] = mapped_column(Moment, default=now)
    locale_code: Mapped[str | None] = mapped_column(ordered_text(10))
    customer_first_name: Mapped[str | None] = mapped_column(ordered_text(50))
    customer_last_name: Mapped[str | None] = mapped_column(ordered_text(50))
    customer_tax_id: Mapped[str | None] = mapped_column(ordered_text(50))
    customer_email: Mapped[str | None] = mapped_column(ordered_text(100))
    customer_ip: Mapped[str | None] = mapped_column(ordered_text(45))
    ip_country: Mapped[str | None] = mapped_column(ordered_text(100))
    user_agent: Mapped[str | None] = mapped_column(ordered_text(500))
    total_item_price: Mapped[Decimal] = mapped_column(Money, default=0)
    total_tax: Mapped[Decimal] = mapped_column(Money, default=0)
    total_shipping: Mapped[Decimal] = mapped_column(Money, default=0)
    total_future_shipping: Mapped[Decimal] = mapped_column(Money, default=0)
    total_order: Mapped[Decimal] = mapped_column(Money, default=0)
    status: Mapped[str] = mapped_column(ordered_text(20), default="completed")
    type: Mapped[str] = mapped_column(ordered_text(30), default="")
    source: Mapped[str] = mapped_column(ordered_text(40), default="cit_ecommerce")
    currency_code: Mapped[str | None] = mapped_column(ordered_text(3))
    currency_symbol: Mapped[str | None] = mapped_column(ordered_text(10))
    payment_method_type: Mapped[str] = mapped_column(ordered_text(20), default="")
    total_discount: Mapped[Decimal] = mapped_column(Money, default=0)

    @classmethod
    def check(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,  # noqa: ARG003
    ) -> None:
        """A guest checkout makes its own customer, so none can be named beside it."""
        if current is None and given.get("customer_uri") and given.get("checkout_type") == "guest":
            text = "cannot be guest beside customer_uri: a guest checkout makes a customer of its own"
            raise Invalid(("checkout_type", text))

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,
    ) -> dict[str, Any]:
        """Reads a date without an offset on the store's clocks; its locale holds unless another is said."""
        made = {name: value for name, value in given.items() if name not in INSTRUCTIONS}
        if current is None:
            made["locale_code"] = given.get("locale_code") or author.owner.get("locale_code")
        if "transaction_date" in made:
            made["transaction_date"] = author.moment(made["transaction_date"])
        return made


ITEMS = [{"name": "A book", "price": 12.5, "quantity": 2}]
"""An example of what is bought."""

INSTRUCTIONS = ("customer_uri", "subscription_uri", "checkout_type", "items")
"""What a POST takes that the transaction itself does not keep."""

index_walks(Transaction, "transaction_date", "total_order", "customer_email")


def _fixed(column: Any, description: str, **options: Any) -> Any:
    """What is recorded with the purchase, and is history afterwards."""
    return of(column, description, once=True, **options)


def _amount(column: Any, description: str) -> Any:
    return _fixed(column, description, within=(0, LARGEST))


class TransactionSchema(Schema):
    """The properties of a transaction, in the order of the wire: hAPI's first, then ours."""

    id = of(Transaction.id, "The transaction id.", read_only=True)
    display_id = _fixed(
        Transaction.display_id, "The number that customers see, such as your own order's; else the id."
    )
    is_test = _fixed(Transaction.is_test, "Whether it was a test, and no money was moved.")
    hide_transaction = of(
        Transaction.hide_transaction, "Whether administrators wish to hide it among the others."
    )
    data_is_fed = of(Transaction.data_is_fed, "Whether your integration has taken note of it.", example=True)
    transaction_date = _fixed(
        Transaction.transaction_date, "When the purchase was made; now, unless it is said."
    )
    locale_code = _fixed(
        Transaction.locale_code,
        "The locale in which its amounts were shown; the store's, unless it is said.",
        checks=[listed(is_locale)],
    )
    customer_first_name = _fixed(
        Transaction.customer_first_name, "The given name at the time of the purchase."
    )
    customer_last_name = _fixed(Transaction.customer_last_name, "The surname at the time of the purchase.")
    customer_tax_id = _fixed(
        Transaction.customer_tax_id, "The tax identification number at the time of the purchase."
    )
    customer_email = _fixed(
        Transaction.customer_email,
        "The email address at the time of the purchase. One that no registered customer has makes a new"
        " customer.",
        kind=Email,
        checks=[email_address],
    )
    customer_ip = _fixed(
        Transaction.customer_ip,
        "The IP address from which the customer bought.",
        checks=[listed(is_ip_address, "is no IP address")],
    )
    ip_country = _fixed(Transaction.ip_country, "The country of that IP address.")
    user_agent = _fixed(Transaction.user_agent, "The browser with which the customer bought.")
    total_item_price = _amount(
        Transaction.total_item_price, "What the items cost: the sum of each one's price times its quantity."
    )
    total_tax = _amount(Transaction.total_tax, "The taxes on it.")
    total_shipping = _amount(Transaction.total_shipping, "What shipping costs now.")
    total_future_shipping = _amount(
        Transaction.total_future_shipping, "What shipping will cost when a subscription ships later."
    )
    total_order = _amount(
        Transaction.total_order,
        "What is paid now: the items, less the discount, with tax and shipping.",
    )
    status = _fixed(Transaction.status, "What has become of it.", choices=STATUSES)
    type = _fixed(Transaction.type, "What kind of transaction it is; empty for a purchase.", choices=KINDS)
    source = _fixed(
        Transaction.source, "Who began it: the customer (cit) or the store (mit).", choices=SOURCES
    )
    currency_code = _fixed(
        Transaction.currency_code,
        "The ISO 4217 code of the currency; the customer's, else that of the store's locale.",
        checks=[listed(is_currency)],
    )
    currency_symbol = _fixed(Transaction.currency_symbol, "The symbol of the currency.")
    date_created = of(Transaction.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Transaction.date_modified, "When this resource was last modified.", read_only=True)
    payment_method_type = _fixed(
        Transaction.payment_method_type,
        "How it was paid, where that is known; the customer's own flags may forbid it.",
        choices=PAYMENTS,
    )
    total_discount = _amount(Transaction.total_discount, "What discounts took off the price of the items.")
    customer_uri = instruction(
        "The address of the registered customer who bought, or its path: /customers/115.",
        most=300,
        example="/customers/115",
    )
    subscription_uri = instruction(
        "The address of the customer's subscription that led to it, or its path: /subscriptions/1.", most=300
    )
    checkout_type = instruction(
        "With account the purchase belongs to the registered customer who has customer_email, and makes one"
        " where nobody has it; with guest it makes a new guest. The store's checkout_type says what holds"
        " unless it is said, and what is refused.",
        choices=CHECKOUTS,
    )
    items = instruction(
        "What was bought: a list of objects with the properties of an item; in XML each of them is a value.",
        partial(Members, MOST_ITEMS),
        see="items",
        example=ITEMS,
    )


TRANSACTION = ResourceType(
    name="transaction",
    row=Transaction,
    schema=TransactionSchema,
    path="/transactions/{id}",
    title="This Transaction",
    meaning="A purchase by a customer.",
    filters=("customer_id", "subscription_id"),
    methods=REPLACE,
    relations=(
        Relation(
            name="attributes",
            title="Attributes for this Transaction",
            href="/transactions/{id}/attributes",
            target="transaction_attribute",
            many=True,
            embed="always",
            child_key="transaction_id",
            methods=COLLECT,
        ),
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
        replace(TO_SUBSCRIPTION, embed="zoom"),
        send_webhooks("transaction", "/transactions/{id}"),
    ),
)
