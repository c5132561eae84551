"""payment_method: a customer's saved card, of which only type, masked number and expiry are kept."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.cards import expired, reduce
from app.db.tables import Author, StoreRow, now, owned_by
from app.db.types import ordered_text
from app.fields import BLANK, card_number, matching
from app.hypermedia import REPLACE, TO_CUSTOMER, TO_STORE, ResourceType
from app.schema import Forbidden, Invalid, of, write_only

CODES_ON_CARDS = (
    "cc_cvv", "cc_cvv2", "cc_cvc", "cc_cvc2", "cc_csc", "cc_cid", "cc_code", "cc_security_code",
    "cvv", "cvv2", "cvc", "cvc2", "csc", "cid", "security_code", "card_code",
)  # fmt: skip


class PaymentMethod(StoreRow):
    """The one saved card of a customer."""

    __tablename__ = "payment_method"
    __table_args__ = (
        owned_by("customer", "customer_id"),
        Index("uq_payment_method_customer", "store_id", "customer_id", unique=True),
        {"sqlite_with_rowid": False},
    )

    customer_id: Mapped[int]
    save_cc: Mapped[bool] = mapped_column(default=False)
    cc_type: Mapped[str | None] = mapped_column(ordered_text(20))
    cc_number_masked: Mapped[str | None] = mapped_column(ordered_text(30))
    cc_exp_month: Mapped[str | None] = mapped_column(ordered_text(2))
    cc_exp_year: Mapped[str | None] = mapped_column(ordered_text(4))

    @classmethod
    def check(cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author) -> None:
        """A card has a number and has not expired; a new number needs its expiry beside it.

        It is saved for a customer who may pay by card.
        """
        if given.get("save_cc") is False:
            return
        if not author.moved and not author.owner.get("enable_credit_cards", True):
            text = "cannot be saved: enable_credit_cards of the customer is false"
            raise Forbidden(("cc_number" if given.get("cc_number") else "save_cc", text))
        another = bool(given.get("cc_number"))
        whole = {**(current or {}), **(dict.fromkeys(_EXPIRY) if another else {}), **given}
        if another and author.owner.get("is_anonymous"):
            raise Invalid(("cc_number", "cannot be set: a guest has no saved card"))
        if not another and not whole.get("cc_number_masked"):
            raise Invalid(("cc_number", BLANK))
        _check_expiry(whole, may_be_past=author.moved)

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,  # noqa: ARG003
        author: Author,  # noqa: ARG003
    ) -> dict[str, Any]:
        """Reduces a card number to what may be kept; `save_cc: false` clears the card."""
        if given.get("save_cc") is False:
            return dict.fromkeys(_CARD) | {"save_cc": False}
        made = {name: value for name, value in given.items() if name != "cc_number"}
        if given.get("cc_number"):
            card = reduce(given["cc_number"])
            made |= {"cc_type": card.type, "cc_number_masked": card.masked, "save_cc": True}
        return made


_EXPIRY = ("cc_exp_month", "cc_exp_year")
_CARD = ("cc_type", "cc_number_masked", *_EXPIRY)


def _check_expiry(whole: Mapping[str, Any], *, may_be_past: bool) -> None:
    month, year = whole.get("cc_exp_month"), whole.get("cc_exp_year")
    missing = [name for name, value in (("cc_exp_month", month), ("cc_exp_year", year)) if not value]
    if missing:
        raise Invalid(*((name, BLANK) for name in missing))
    if not may_be_past and expired(str(month), str(year), now().date()):
        raise Invalid(("cc_exp_year", "is in the past: the card has expired"))


class PaymentMethodSchema(Schema):
    """The properties of a payment method, in the order of the wire."""

    save_cc = of(PaymentMethod.save_cc, "Whether a card is saved; set to false to clear it.", kept=True)
    cc_type = of(PaymentMethod.cc_type, "The kind of card, detected from its number.", read_only=True)
    cc_number = write_only(
        "The card number. It is checked, reduced to its type and masked form, and forgotten.",
        most=30,
        group="card",
        checks=[card_number],
        example="4111111111111111",
    )
    cc_number_masked = of(
        PaymentMethod.cc_number_masked,
        "The card number with all but its last four digits masked.",
        read_only=True,
    )
    cc_exp_month = of(
        PaymentMethod.cc_exp_month,
        "The month of expiry: MM.",
        group="card",
        checks=[matching("0[1-9]|1[0-2]", "must be a month from 01 to 12")],
        example="12",
    )
    cc_exp_year = of(
        PaymentMethod.cc_exp_year,
        "The year of expiry: YYYY.",
        group="card",
        checks=[matching("20[0-9]{2}", "must be a year of four digits")],
        example="2039",
    )
    date_created = of(PaymentMethod.date_created, "When this resource was created.", read_only=True)
    date_modified = of(PaymentMethod.date_modified, "When this resource was last modified.", read_only=True)


PAYMENT_METHOD = ResourceType(
    name="payment_method",
    kind="default_payment_method",
    row=PaymentMethod,
    schema=PaymentMethodSchema,
    path="/customers/{customer_id}/default_payment_method",
    title="Default Payment Method",
    meaning="A customer's saved card: its type, masked number and expiry; blank until written.",
    methods=REPLACE,
    forbids="enable_credit_cards of the customer is false",
    asked_of_owner=("is_anonymous", "enable_credit_cards"),
    refused={
        **dict.fromkeys(CODES_ON_CARDS, "is never stored, nor taken: leave it out"),
        "cc_token": "belongs to Foxy's own card embed, which is not here: send cc_number",
    },
    relations=(TO_STORE, TO_CUSTOMER),
)
