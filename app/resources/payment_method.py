"""payment_method: a customer's saved card, of which only type, masked number and expiry are kept."""

from marshmallow import Schema
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import StoreRow, owned_by
from app.hypermedia import TO_CUSTOMER, TO_STORE, ResourceType
from app.schema import of, write_only


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
    cc_type: Mapped[str | None] = mapped_column(String(20))
    cc_number_masked: Mapped[str | None] = mapped_column(String(30))
    cc_exp_month: Mapped[str | None] = mapped_column(String(2))
    cc_exp_year: Mapped[str | None] = mapped_column(String(4))


class PaymentMethodSchema(Schema):
    """The properties of a payment method, in the order of the wire."""

    save_cc = of(PaymentMethod.save_cc, "Whether a card is saved; set to false to clear it.")
    cc_type = of(PaymentMethod.cc_type, "The kind of card, detected from its number.", read_only=True)
    cc_number = write_only(
        "The card number. It is checked, reduced to its type and masked form, and forgotten.", longest=30
    )
    cc_number_masked = of(
        PaymentMethod.cc_number_masked,
        "The card number with all but its last four digits masked.",
        read_only=True,
    )
    cc_exp_month = of(PaymentMethod.cc_exp_month, "The month of expiry: MM.")
    cc_exp_year = of(PaymentMethod.cc_exp_year, "The year of expiry: YYYY.")
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
    relations=(TO_STORE, TO_CUSTOMER),
)
