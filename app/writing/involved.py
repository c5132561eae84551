"""The registered customer whom a purchase or a subscription involves: found, held, and able to buy."""

import re

from sqlalchemy.orm import Session

from app.db.ids import LARGEST
from app.emails import fold_email
from app.errors import Refusal
from app.reading import Caller
from app.resources.customer import Customer
from app.writing.attempts import Raced
from app.writing.writer import Request, Writer

_PATH = re.compile(r"/customers/([1-9][0-9]{0,9})", re.ASCII)


def named(writer: Writer, caller: Caller, request: Request, uri: str, email: str | None = None) -> int:
    """The id of the registered customer who stands at an address of ours, given whole or as its path.

    :param email: what the body says besides is the customer's email.
    :raises Refusal: 400 where nobody stands there, or a guest, or somebody with another email.
    """
    found = _PATH.fullmatch(uri.removeprefix(request.base))
    if found is None or int(found[1]) > LARGEST:
        said = f"must be the address of a customer, {request.base}/customers/1 or its path"
        raise _refusal(f"customer_uri {said}", "customer_uri", "not_a_customer")
    target = writer.registry.types["customer"]
    try:
        customer = writer.catalogue.row(target, caller, int(found[1]))
    except Refusal as refusal:
        raise _refusal(
            f"customer_uri: {refusal.faults[0].message}", "customer_uri", "not_a_customer"
        ) from refusal
    if customer.value("is_anonymous"):
        message = f"customer_uri leads to a guest: customer {found[1]} has no account"
        raise _refusal(message, "customer_uri", "not_registered")
    if email and fold_email(email) != fold_email(customer.value("email")):
        raise _refusal(
            f"customer_email is not that of customer {found[1]}", "customer_email", "contradiction"
        )
    return int(found[1])


def held(session: Session, caller: Caller, customer_id: int | None, email: str | None = None) -> Customer:
    """The customer, held as they are until the transaction ends.

    :raises Raced: where they are gone, or have another email than when they were looked for.
    """
    key = (caller.store_id, customer_id)
    customer = session.get(Customer, key, with_for_update={"read": True})
    if customer is None or (email and fold_email(email) != customer.email_key):
        raise Raced
    return customer


def require_active(customer: Customer, about: str) -> None:
    """Refuses a customer who may not buy.

    :param about: the property that named them.
    :raises Refusal: 409 where they are not active.
    """
    if not customer.is_active:
        message = f"customer {customer.id} is not active: set is_active first"
        raise Refusal.of(409, message, properties=[about], code="inactive")


def _refusal(message: str, about: str, code: str) -> Refusal:
    return Refusal.of(400, message, properties=[about], code=code)
