"""subscription: a purchase of a registered customer that repeats, as hAPI knows it (§4.8)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from marshmallow import Schema
from sqlalchemy import ColumnElement, FromClause, Index, inspect
from sqlalchemy.orm import Mapped, mapped_column

from app.amounts import LARGEST
from app.codes import is_currency
from app.db.indexes import index_walks
from app.db.lapsing import UNTIL, as_is_now
from app.db.tables import Author, StoreRow, now, owned_by
from app.db.types import Moment, Money, ordered_text
from app.fields import BLANK, Email, String, email_address, listed, matching
from app.hypermedia import COLLECT, REPLACE, TO_CUSTOMER, TO_STORE, Relation, ResourceType
from app.refeeding import send_webhooks
from app.rhythms import FAULT, PATTERN
from app.schema import Forbidden, Invalid, instruction, of
from app.structures import Members
from app.subscription_dates import A_DAY, NEXT, date_columns, unfit_dates
from app.transitions import Act, Affordance, Outcome, When

CARD = "plastic"
PAYMENT_TYPES = (CARD, "paypal", "ach", "amazon")
MOST_ITEMS = 300


class Subscription(StoreRow):
    """A repeating purchase, made after its transaction template.

    It stays when its customer is deleted, which it does not let happen while it is active, and is then
    unlinked. `is_active` is what was set; it counts until `end_date` has come. `last_transaction_id` is no
    foreign key, since transactions name their subscription too, and are never deleted.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        owned_by("customer", "customer_id", cascade=False),
        owned_by("transaction_template", "transaction_template_id", cascade=False),
        Index("ix_subscription_store_id_customer_id_id", "store_id", "customer_id", "id"),
        Index(
            "ix_subscription_store_id_transaction_template_id_id", "store_id", "transaction_template_id", "id"
        ),
        Index("ix_subscription_store_id_frequency_id", "store_id", "frequency", "id"),
        {"sqlite_with_rowid": False},
    )
    tally = ""
    told = ("created", "modified", "cancelled", "refeed")
    includes = ("transaction_template_id",)

    customer_id: Mapped[int | None]
    transaction_template_id: Mapped[int]
    last_transaction_id: Mapped[int | None]
    start_date: Mapped[datetime] = mapped_column(Moment, default=now)
    next_transaction_date: Mapped[datetime] = mapped_column(Moment)
    end_date: Mapped[datetime | None] = mapped_column(Moment)
    frequency: Mapped[str] = mapped_column(ordered_text(4))
    error_message: Mapped[str | None] = mapped_column(ordered_text(500), default="")
    past_due_amount: Mapped[Decimal] = mapped_column(Money, default=0)
    first_failed_transaction_date: Mapped[datetime | None] = mapped_column(Moment)
    is_active: Mapped[bool] = mapped_column(default=True, info={UNTIL: "end_date"})
    third_party_id: Mapped[str | None] = mapped_column(ordered_text(100), default="")
    payment_type: Mapped[str | None] = mapped_column(ordered_text(20))

    def change(self) -> str:
        """Where an end is set, it is cancelled."""
        is_set = self.end_date is not None and inspect(self).attrs.end_date.history.has_changes()
        return "cancelled" if is_set else "modified"

    @classmethod
    def check(cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author) -> None:
        """It is somebody's, of something, and its dates fit together."""
        faults = [*(_lacking(given) if current is None else []), *unfit_dates(given, current, author)]
        if current is not None and current.get("customer_id") is None:
            text = "cannot be changed: its customer was deleted, and it has ended"
            faults += [(name, text) for name in ("end_date", "is_active") if name in given]
        if faults:
            raise Invalid(*faults)
        if fault := card_fault(given, author.owner):
            raise Forbidden(("payment_type", fault))

    @classmethod
    def columns(
        cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author
    ) -> dict[str, Any]:
        """Reads dates on the store's clocks."""
        made = {name: value for name, value in given.items() if name not in INSTRUCTIONS}
        return made | date_columns(given, current, author)


INSTRUCTIONS = ("customer_uri", "customer_email", "currency_code", "items")
"""What a POST takes that the subscription itself does not keep."""

index_walks(Subscription, NEXT, "end_date")


def card_fault(given: Mapping[str, Any], customer: Mapping[str, Any]) -> str | None:
    """What a customer's flags have against the way in which a subscription is to be paid."""
    barred = given.get("payment_type") == CARD and customer.get("enable_credit_cards") is False
    return f"{CARD} is not for this customer: enable_credit_cards is false" if barred else None


def _lacking(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not (given.get("customer_uri") or given.get("customer_email")):
        yield "customer_email", "A customer must be involved: send customer_email or customer_uri"
    if not given.get("items"):
        yield "items", f"{BLANK}: say what is bought each time"


def is_active(rows: FromClause) -> ColumnElement[bool]:
    """That such rows are active now."""
    return as_is_now(SUBSCRIPTION.table, rows, "is_active")


class SubscriptionSchema(Schema):
    """The properties of a subscription, in the order of the wire. It shows no id, as in hAPI."""

    start_date = of(
        Subscription.start_date, "When it starts, or has started; now, unless it is said.", kept=True
    )
    next_transaction_date = of(
        Subscription.next_transaction_date,
        "When the next transaction is due. Left out of a new one, it is the start where that lies ahead, else"
        " the first date of its rhythm that does.",
        kept=True,
    )
    end_date = of(
        Subscription.end_date,
        "When it ends, or has ended; from then on it is not active. A date is its first moment.",
    )
    frequency = of(
        Subscription.frequency,
        "How often it repeats: a number and d, w, m or y, as 1m; or .5m, twice a month.",
        required=True,
        example="1m",
        checks=[matching(PATTERN, FAULT)],
    )
    error_message = of(Subscription.error_message, "What was the matter with the last attempt at payment.")
    past_due_amount = of(
        Subscription.past_due_amount, "What is owed of transactions that failed.", within=(0, LARGEST)
    )
    first_failed_transaction_date = of(
        Subscription.first_failed_transaction_date, "Since when payments have failed."
    )
    is_active = of(Subscription.is_active, "Whether it is active. It ceases to be when its end_date comes.")
    third_party_id = of(Subscription.third_party_id, "Its identifier where it is charged elsewhere.")
    payment_type = of(Subscription.payment_type, "How it is paid, if known.", choices=PAYMENT_TYPES)
    date_created = of(Subscription.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Subscription.date_modified, "When this resource was last modified.", read_only=True)
    customer_uri = instruction(
        "The registered customer who subscribes: an address or a path.", most=300, example="/customers/115"
    )
    customer_email = instruction(
        "The email address of the registered customer who subscribes; guests cannot.",
        Email,
        email_address,
        most=100,
    )
    currency_code = instruction(
        "The ISO 4217 code of the currency; the customer's, else that of the store's locale.",
        String,
        listed(is_currency),
        most=3,
    )
    items = instruction(
        "What is bought each time: a list of objects with the properties of an item; in XML each is a value.",
        partial(Members, MOST_ITEMS),
        see="items",
        example=[{"name": "A parcel of books", "price": 30}],
    )


class CancelSchema(Schema):
    """How a subscription is cancelled."""

    end_date = of(
        Subscription.end_date, "When it ends: now, unless a date or a moment is given that lies ahead."
    )


class RescheduleSchema(Schema):
    """What becomes of a subscription's dates."""

    next_transaction_date = of(
        Subscription.next_transaction_date, "When the next one is due.", required=True, example="2041-03-01"
    )
    frequency = of(
        Subscription.frequency, "How often it repeats from then on.", checks=[matching(PATTERN, FAULT)]
    )


def _cancel(act: Act) -> Outcome:
    """Sets the end; what has not even started never does."""
    start, given = datetime.fromisoformat(act.values["start_date"]), act.given.get("end_date")
    end = act.author.moment(given) if given else now()
    if end <= now() - A_DAY:
        raise Invalid(("end_date", "must not be in the past"))
    changes: dict[str, Any] = {"end_date": end}
    if not given and end < start:
        changes = {"end_date": start, "is_active": False}
    return Outcome(message=f"subscription {act.values['id']} cancelled successfully.", changes=changes)


def _reschedule(act: Act) -> Outcome:
    """Sets the next date, and perhaps another rhythm."""
    due, end = act.author.moment(act.given[NEXT]), act.values["end_date"]
    if due <= now():
        raise Invalid((NEXT, "must be in the future"))
    if end and due > datetime.fromisoformat(end):
        raise Invalid((NEXT, "must not be after end_date"))
    return Outcome(
        message=f"subscription {act.values['id']} rescheduled successfully.", changes={**act.given, NEXT: due}
    )


IS_ACTIVE = When(("is_active",), bool, "is not active, or has ended")

CANCEL = Affordance(
    name="cancel",
    title="Cancel this Subscription",
    href="/subscriptions/{id}/cancel",
    meaning="Ends a subscription, now or when it is said. It is offered while the subscription is active.",
    schema=CancelSchema,
    when=IS_ACTIVE,
    run=_cancel,
)
RESCHEDULE = Affordance(
    name="reschedule",
    title="Reschedule this Subscription",
    href="/subscriptions/{id}/reschedule",
    meaning="Sets when the next transaction is due, and perhaps how often from then on. It is offered while"
    " the subscription is active.",
    schema=RescheduleSchema,
    when=IS_ACTIVE,
    run=_reschedule,
)

SUBSCRIPTION = ResourceType(
    name="subscription",
    row=Subscription,
    schema=SubscriptionSchema,
    path="/subscriptions/{id}",
    title="This Subscription",
    meaning="A purchase of a registered customer that repeats.",
    filters=("customer_id",),
    forbids="the customer may not pay by that payment_type",
    active=is_active,
    asked_of_owner=("enable_credit_cards",),
    methods=REPLACE,
    relations=(
        Relation(
            name="attributes",
            title="Attributes for this Subscription",
            href="/subscriptions/{id}/attributes",
            target="subscription_attribute",
            many=True,
            embed="always",
            child_key="subscription_id",
            methods=COLLECT,
        ),
        TO_STORE,
        replace(TO_CUSTOMER, embed="zoom"),
        Relation(
            name="last_transaction",
            title="Last Transaction",
            href="/transactions/{last_transaction_id}",
            meaning="The latest purchase that a subscription has led to.",
            target="transaction",
            own_key="last_transaction_id",
            embed="zoom",
        ),
        Relation(
            name="transactions",
            title="Transactions for this Subscription",
            href="/stores/{store_id}/transactions?subscription_id={id}",
            target="transaction",
            many=True,
            child_key="subscription_id",
            embed="zoom",
        ),
        Relation(
            name="transaction_template",
            title="Transaction Template",
            href="/transaction_templates/{transaction_template_id}",
            target="transaction_template",
            own_key="transaction_template_id",
            embed="zoom",
        ),
        CANCEL,
        RESCHEDULE,
        send_webhooks("subscription", "/subscriptions/{id}"),
    ),
)
