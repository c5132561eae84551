"""The sandbox's purchases: what customer 115 and others bought, with the items of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.db.tables import StoreRow
from app.resources.customer import Customer
from app.resources.item import Item
from app.resources.transaction import Transaction

Line = tuple[str, str, str, int]
"""Of an item: its name, code, price and quantity."""

_HERBAL: Line = ("A Modern Herbal, in two volumes", "BK-0817", "24.50", 1)
_ATLAS: Line = ("The Pocket Atlas of Mosses", "BK-1102", "13.95", 1)
_POSTCARDS: Line = ("Postcards: Foxgloves of Europe", "PC-0007", "1.20", 6)
_CALENDAR: Line = ("Calendar of the Hedgerows", "CL-2026", "12.80", 2)
_NOTEBOOK: Line = ("Notebook, ruled", "ST-0044", "6.75", 3)
_BLANKET: Line = ("Ullteppe, 130 x 200", "NL-310", "1290", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Purchase:
    id: int
    customer: int
    day: datetime
    lines: Sequence[Line]
    tax: str = "0"
    shipping: str = "0"
    discount: str = "0"
    paid: str = "credit_card"
    status: str = "completed"
    currency: tuple[str, str, str] = ("USD", "$", "en_US")


def _at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type] # as many as there are


_OF_BOOKSHOP = (
    _Purchase(
        id=1, customer=115, day=_at(2013, 8, 16, 21, 13, 54), lines=(_HERBAL, _POSTCARDS),
        tax="2.54", shipping="5.95",
    ),
    _Purchase(
        id=2, customer=115, day=_at(2024, 11, 29, 18, 2), lines=(_CALENDAR,), shipping="4.95",
        discount="2.56", paid="gift_card",
    ),
    _Purchase(id=3, customer=116, day=_at(2024, 3, 2, 9, 41), lines=(_ATLAS, _NOTEBOOK), tax="2.73"),
    _Purchase(id=4, customer=119, day=_at(2024, 5, 20, 16, 30), lines=(_NOTEBOOK,), status="refunded"),
    _Purchase(
        id=5, customer=121, day=_at(2024, 6, 9, 8, 15), lines=(_HERBAL,), paid="open_account",
        status="pending",
    ),
    _Purchase(id=6, customer=147, day=_at(2024, 7, 1, 12, 0), lines=(_POSTCARDS,), shipping="1.50"),
)  # fmt: skip
_OF_OUTFITTER = (
    _Purchase(
        id=1, customer=115, day=_at(2024, 10, 3, 7, 20), lines=(_BLANKET,), tax="322.50",
        currency=("NOK", "kr", "nb_NO"),
    ),
)  # fmt: skip


def bookshop_purchases(customers: Sequence[Customer]) -> Iterator[StoreRow]:
    """Those of store 66, as far as their customers are still there."""
    return _rows(_OF_BOOKSHOP, customers)


def outfitter_purchases(customers: Sequence[Customer]) -> Iterator[StoreRow]:
    """That of the other store."""
    return _rows(_OF_OUTFITTER, customers)


def _rows(purchases: Sequence[_Purchase], customers: Sequence[Customer]) -> Iterator[StoreRow]:
    known = {each.id: each for each in customers}
    for each in purchases:
        if each.customer in known:
            yield _transaction(each, known[each.customer])
            for line in each.lines:
                yield _item(each, line)


def _transaction(purchase: _Purchase, customer: Customer) -> Transaction:
    items = sum((Decimal(price) * quantity for _, _, price, quantity in purchase.lines), Decimal())
    tax, shipping, discount = map(Decimal, (purchase.tax, purchase.shipping, purchase.discount))
    code, symbol, locale = purchase.currency
    return Transaction(
        id=purchase.id,
        customer_id=customer.id,
        display_id=str(purchase.id),
        transaction_date=purchase.day,
        locale_code=locale,
        customer_first_name=customer.first_name,
        customer_last_name=customer.last_name,
        customer_tax_id=customer.tax_id,
        customer_email=customer.email,
        customer_ip=f"203.0.113.{purchase.id}",
        total_item_price=items,
        total_tax=tax,
        total_shipping=shipping,
        total_discount=discount,
        total_order=items - discount + tax + shipping,
        status=purchase.status,
        currency_code=code,
        currency_symbol=symbol,
        payment_method_type=purchase.paid,
        **_written(purchase),
    )


def _item(purchase: _Purchase, line: Line) -> Item:
    name, code, price, quantity = line
    return Item(
        transaction_id=purchase.id,
        name=name,
        code=code,
        price=Decimal(price),
        quantity=quantity,
        **_written(purchase),
    )


def _written(purchase: _Purchase) -> dict[str, Any]:
    return {"date_created": purchase.day, "date_modified": purchase.day}
