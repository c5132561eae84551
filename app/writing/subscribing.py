"""A registered customer subscribes: a template of the purchases to come, its items, the subscription."""

from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.amounts import LARGEST
from app.codes import currency_of, symbol_of
from app.errors import Fault, Refusal
from app.query import Query
from app.reading import Caller
from app.resources.customer import Customer
from app.resources.item import Item
from app.resources.subscription import card_fault
from app.resources.transaction_template import TransactionTemplate
from app.validation import Values
from app.writing.involved import held, named, require_active
from app.writing.lines import checked_with_items, price, type_of
from app.writing.place import Place, require
from app.writing.writer import Reply, Request, Writer, Written, said

Done = TypeVar("Done")


def subscribe(
    writer: Writer,
    place: Place,
    store: Values,
    request: Request,
    alone: Values,
    query: Query,
    reply: Reply[Done],
) -> Done:
    """Adds to a store's subscriptions.

    :param store: its values.
    :raises Refusal: 400 for what makes no sense, and for whom has no account; 409 where the store takes
        no accounts, or the customer may not buy so.
    :raises Raced: where the customer has become another meanwhile.
    """
    caller, target = place.caller, place.target
    author = writer.author(caller, store, request)
    given, lines = checked_with_items(writer, target, author, request, alone)
    if store["checkout_type"] == "guest_only":
        message = "This store takes no subscriptions: its checkout_type is guest_only."
        raise Refusal.of(409, message, code="checkout_type_refused")
    total = _total(lines)
    customer_id = _customer(writer, caller, request, given)
    template = writer.new_row(type_of(writer, TransactionTemplate), caller, total)
    items = [writer.new_row(type_of(writer, Item), caller, each) for each in lines]
    row = writer.new_row(target, caller, target.row.columns(given, None, author))
    with writer.session(caller) as session:
        require(writer, place, request, query, session)
        customer = held(session, caller, customer_id, given.get("customer_email"))
        _require_allowed(customer, given)
        _price(template, given.get("currency_code"), customer, store)
        _add(session, row, template, items, customer)
        writer.note_changes(session, target, caller, row.id, given, request)
        resource = writer.catalogue.one(target, caller, row.id, query, writer.reader.within(session))
        return reply(Written(resource, said(target.rel, row.id, "created"), 201, session))


def _total(lines: list[dict[str, Any]]) -> dict[str, Any]:
    total = price(lines)
    if not 0 <= total <= LARGEST:
        message = f"items would cost {total:f}: it must be from 0 to {LARGEST}"
        raise Refusal.of(400, message, properties=["items"])
    return {"total_item_price": total, "total_order": total}


def _customer(writer: Writer, caller: Caller, request: Request, given: Values) -> int:
    """The registered customer whom a body names.

    :raises Refusal: 400 where it names nobody who is registered.
    """
    email = given.get("customer_email")
    if given.get("customer_uri"):
        return named(writer, caller, request, given["customer_uri"], email)
    found = writer.registered(caller, str(email))
    if found is None:
        message = "customer_email is that of no registered customer: guests cannot subscribe"
        raise Refusal.of(400, message, properties=["customer_email"], code="not_registered")
    return found


def _require_allowed(customer: Customer, given: Values) -> None:
    """Holds a subscription against the flags of the customer who makes it.

    :raises Refusal: 409 where they may not buy, or not so.
    """
    require_active(customer, "customer_uri" if given.get("customer_uri") else "customer_email")
    if text := card_fault(given, {"enable_credit_cards": customer.enable_credit_cards}):
        raise Refusal(409, (Fault(f"payment_type {text}", "payment_type", "payment_refused"),))


def _price(template: Any, currency: str | None, customer: Customer, store: Values) -> None:
    code = currency or customer.currency_code or currency_of(store["locale_code"])
    template.currency_code = code
    template.currency_symbol = symbol_of(code, store["locale_code"]) if code else None


def _add(session: Session, row: Any, template: Any, items: list[Any], customer: Customer) -> None:
    session.add(template)
    session.flush()
    for item in items:
        item.transaction_template_id = template.id
    row.customer_id, row.transaction_template_id = customer.id, template.id
    session.add_all([*items, row])
    session.flush()
