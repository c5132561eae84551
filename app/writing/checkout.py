"""A checkout that was made elsewhere is recorded: its customer, the transaction and its items, or nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.amounts import LARGEST
from app.codes import currency_of, symbol_of
from app.db.ids import LARGEST as LARGEST_ID
from app.db.tables import Author
from app.errors import Fault, Refusal
from app.fields import BLANK
from app.query import Query
from app.reading import Caller
from app.resources.customer import Customer
from app.resources.item import Item
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.validation import Values, checked, fault
from app.writing.involved import held, named, require_active
from app.writing.lines import checked_with_items, price, type_of
from app.writing.place import Place, require
from app.writing.writer import Reply, Request, Writer, Written, change, said

Done = TypeVar("Done")

FORBIDDEN = {"account_only": "guest", "guest_only": "account"}
"""By a store's checkout_type the kind of checkout that it does not take."""

MEANS = {
    "open_account": {"open_account"},
    "enable_credit_cards": {"credit_card"},
    "enable_budgets": {"budget", "gift_card"},
}
"""By a customer's flag the means of payment that it allows."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is recorded: the columns of the transaction and of each item, all of them checked."""

    given: Values
    columns: dict[str, Any]
    items: Sequence[dict[str, Any]]


def record(
    writer: Writer,
    place: Place,
    owner: Values,
    request: Request,
    alone: Values,
    query: Query,
    reply: Reply[Done],
) -> Done:
    """Records a checkout in a store's transactions.

    :param owner: the store's values.
    :raises Refusal: 400 for what makes no sense, 409 where the store takes no such checkout, or the
        customer may not buy so.
    :raises Raced: where the customer has become another meanwhile.
    """
    caller, target = place.caller, place.target
    author = writer.author(caller, owner, request)
    purchase = _purchase(writer, place, author, request, alone)
    is_guest = _kind(purchase.given, owner) == "guest"
    known = None if is_guest else _registered(writer, caller, request, purchase.given)
    made = None if known else _new_customer(writer, caller, author, purchase.given, is_guest=is_guest)
    row = writer.new_row(target, caller, purchase.columns)
    items = [writer.new_row(type_of(writer, Item), caller, each) for each in purchase.items]
    with writer.session(caller) as session:
        require(writer, place, request, query, session)
        buyer = made or held(session, caller, known, purchase.given.get("customer_email"))
        session.add(buyer)
        session.flush()  # which gives a new one the flags that all begin with
        _require_allowed(buyer, purchase)
        _complete(row, buyer, owner)
        subscription = _subscription(session, caller, request, purchase.given, buyer)
        row.subscription_id = subscription.id if subscription else None
        _add(session, row, items)
        if subscription and _is_last(session, subscription, row):
            change(subscription, {"last_transaction_id": row.id})
            session.flush()
        writer.note_changes(session, target, caller, row.id, purchase.given, request)
        resource = writer.catalogue.one(target, caller, row.id, query, writer.reader.within(session))
        return reply(Written(resource, said(target.rel, row.id, "created"), 201, session))


def _purchase(writer: Writer, place: Place, author: Author, request: Request, alone: Values) -> Purchase:
    """What a body says was bought; all that is wrong with it at once."""
    given, items = checked_with_items(writer, place.target, author, request, alone, _lacking(alone))
    columns = place.target.row.columns(given, None, author)
    return Purchase(given, columns | _totals(given, items), items)


def _lacking(alone: Values) -> Iterator[Fault]:
    """What one of several properties must say."""
    said = {name for name, value in alone.items() if value not in (None, "", [])}
    if not said & {"customer_email", "customer_uri"}:
        text = "A customer must be involved: send customer_email or customer_uri"
        yield Fault(text, "customer_email", "blank")
    if not said & {"items", "total_item_price", "total_order"}:
        yield fault("items", [f"{BLANK}: say what was bought, or total_order"])


def _totals(given: Values, items: Sequence[Values]) -> dict[str, Decimal]:
    """What the body leaves open of the totals, worked out from the others.

    :raises Refusal: 400 where they contradict each other.
    """
    priced = price(items)
    added = given.get("total_tax", Decimal()) + given.get("total_shipping", Decimal())
    added -= given.get("total_discount", Decimal())
    known = {"total_item_price": priced} if items else {}
    known |= {name: given[name] for name in ("total_item_price", "total_order") if name in given}
    if "total_item_price" not in known:
        known["total_item_price"] = known["total_order"] - added
    known.setdefault("total_order", known["total_item_price"] + added)
    if contradictions := tuple(_contradictions(known, priced if items else None, added)):
        raise Refusal(400, contradictions)
    return known


def _contradictions(totals: Mapping[str, Decimal], priced: Decimal | None, added: Decimal) -> Iterator[Fault]:
    of_items, of_order = totals["total_item_price"], totals["total_order"]
    if priced is not None and of_items != priced:
        yield fault("total_item_price", [f"is not what the items cost: {priced:f}"])
    if of_order != of_items + added:
        text = f"is not total_item_price less total_discount, with tax and shipping: {of_items + added:f}"
        yield fault("total_order", [text])
    for name, value in totals.items():
        if not 0 <= value <= LARGEST:
            yield fault(name, [f"would be {value:f}: it must be from 0 to {LARGEST}"])


def _kind(given: Values, store: Values) -> str:
    """Whether the checkout was made with an account or as a guest; a customer who is named has an account.

    :raises Refusal: 409 where the store does not take such a checkout.
    """
    asked, rule = (
        given.get("checkout_type") or ("account" if given.get("customer_uri") else None),
        _rule(store),
    )
    if asked and asked == FORBIDDEN.get(rule):
        message = f"This store takes no {asked} checkouts: its checkout_type is {rule}."
        raise Refusal.of(409, message, properties=["checkout_type"], code="checkout_type_refused")
    return asked or ("guest" if "guest" in rule else "account")


def _rule(store: Values) -> str:
    return str(store["checkout_type"])


def _registered(writer: Writer, caller: Caller, request: Request, given: Values) -> int | None:
    """The customer who is named, or who has the email; None where nobody has it yet."""
    email = given.get("customer_email")
    if given.get("customer_uri"):
        return named(writer, caller, request, given["customer_uri"], email)
    return writer.registered(caller, str(email))


def _new_customer(
    writer: Writer, caller: Caller, author: Author, given: Values, *, is_guest: bool
) -> Customer:
    """A customer who was not there before: with a password that nobody knows, or as a guest without one."""
    target = writer.registry.types["customer"]
    told = {name: given.get(f"customer_{name}") for name in ("first_name", "last_name", "email", "tax_id")}
    try:
        made = checked(target, {**told, "is_anonymous": is_guest}, None, author, {})
    except Refusal as refusal:
        faults = (replace(each, property=f"customer_{each.property}") for each in refusal.faults)
        raise Refusal(refusal.status, tuple(faults)) from refusal
    row: Customer = writer.new_row(target, caller, Customer.columns(made, None, author))
    return row


def _require_allowed(buyer: Customer, purchase: Purchase) -> None:
    """Holds a purchase against the flags of the customer who made it.

    :raises Refusal: 409, one entry for each thing that they may not do.
    """
    columns = purchase.columns
    require_active(buyer, "customer_uri" if purchase.given.get("customer_uri") else "customer_email")
    payment, faults = columns.get("payment_method_type", ""), list[Fault]()
    for flag, means in MEANS.items():
        if payment in means and not getattr(buyer, flag):
            text = f"payment_method_type {payment} is not for this customer: {flag} is false"
            faults.append(Fault(text, "payment_method_type", "payment_refused"))
    if columns.get("total_discount") and not buyer.enable_discounts:
        text = "total_discount is not for this customer: enable_discounts is false"
        faults.append(Fault(text, "total_discount", "discount_refused"))
    if faults:
        raise Refusal(409, tuple(faults))


def _subscription(
    session: Session, caller: Caller, request: Request, given: Values, buyer: Customer
) -> Subscription | None:
    """The subscription that led to a purchase, held, where the body names one.

    :raises Refusal: 400 where it is none of the buyer's.
    """
    uri = given.get("subscription_uri")
    if not uri:
        return None
    found = _SUBSCRIPTION.fullmatch(uri.removeprefix(request.base))
    key = (caller.store_id, int(found[1])) if found and int(found[1]) <= LARGEST_ID else None
    subscription = session.get(Subscription, key, with_for_update=True) if key else None
    if subscription is None or subscription.customer_id != buyer.id:
        message = "subscription_uri must be the address of a subscription of this customer"
        raise Refusal.of(400, message, properties=["subscription_uri"], code="not_a_subscription")
    return subscription


_SUBSCRIPTION = re.compile(r"/subscriptions/([1-9][0-9]{0,9})", re.ASCII)


def _complete(row: Any, buyer: Customer, store: Values) -> None:
    """What the customer, the store and the id say where the body does not."""
    row.customer_id = buyer.id
    row.display_id = row.display_id or str(row.id)
    for name in ("first_name", "last_name", "email", "tax_id"):
        if not getattr(row, f"customer_{name}"):
            setattr(row, f"customer_{name}", getattr(buyer, name))
    row.currency_code = row.currency_code or buyer.currency_code or currency_of(store["locale_code"])
    if row.currency_code and not row.currency_symbol:
        row.currency_symbol = symbol_of(row.currency_code, row.locale_code)


def _is_last(session: Session, subscription: Subscription, row: Transaction) -> bool:
    """Whether no later transaction of a subscription was recorded before: history may come in any order."""
    last = session.get(Transaction, (subscription.store_id, subscription.last_transaction_id or 0))
    return last is None or last.transaction_date <= row.transaction_date


def _add(session: Session, row: Any, items: Sequence[Any]) -> None:
    session.add(row)
    session.flush()
    for item in items:
        item.transaction_id = row.id
    session.add_all(items)
    session.flush()
