"""The sandbox's subscriptions: customer 115 has books sent every month, and somebody has cancelled hers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.db.tables import StoreRow
from app.resources.customer import Customer
from app.resources.item import Item
from app.resources.subscription import Subscription
from app.resources.transaction_template import TransactionTemplate

FIRST_ITEM = 101
"""The items of templates are numbered from here on, behind those of the purchases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscribed:
    id: int
    customer: int
    start: datetime
    due: datetime
    end: datetime | None = None
    frequency: str
    name: str
    code: str
    price: str
    quantity: int = 1


_OF_BOOKSHOP = (
    _Subscribed(
        id=1, customer=115, start=datetime(2024, 2, 1, 17, tzinfo=UTC),
        due=datetime(2031, 3, 1, 17, tzinfo=UTC),
        frequency="1m", name="A book of the month, in cloth", code="SU-0001", price="21.50",
    ),
    _Subscribed(
        id=2, customer=117, start=datetime(2024, 3, 15, 17, tzinfo=UTC),
        due=datetime(2024, 9, 15, 16, tzinfo=UTC),
        end=datetime(2024, 8, 20, 7, tzinfo=UTC), frequency="2w", name="The Hedgerow Gazette", code="SU-0002",
        price="3.25", quantity=2,
    ),
)  # fmt: skip


def bookshop_subscriptions(customers: Sequence[Customer]) -> Iterator[StoreRow]:
    """Those of store 66, as far as their customers are still there."""
    known = {each.id for each in customers}
    for each in _OF_BOOKSHOP:
        if each.customer in known:
            yield from _rows(each)


def _rows(subscribed: _Subscribed) -> Iterator[StoreRow]:
    written: dict[str, Any] = {"date_created": subscribed.start, "date_modified": subscribed.start}
    total = Decimal(subscribed.price) * subscribed.quantity
    yield TransactionTemplate(
        id=subscribed.id,
        total_item_price=total,
        total_order=total,
        currency_code="USD",
        currency_symbol="$",
        **written,
    )
    yield Item(
        id=FIRST_ITEM + subscribed.id - 1,
        transaction_template_id=subscribed.id,
        name=subscribed.name,
        code=subscribed.code,
        price=Decimal(subscribed.price),
        quantity=subscribed.quantity,
        **written,
    )
    yield Subscription(
        id=subscribed.id,
        customer_id=subscribed.customer,
        transaction_template_id=subscribed.id,
        start_date=subscribed.start,
        next_transaction_date=subscribed.due,
        end_date=subscribed.end,
        frequency=subscribed.frequency,
        payment_type="plastic",
        **written,
    )
