"""customer: the person who completes a transaction, as Foxy's hAPI and Liftoff know it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from marshmallow import Schema
from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import is_currency
from app.db.indexes import index_walks
from app.db.tables import Author, StoreRow
from app.db.types import Ciphertext, Moment, ordered_text
from app.emails import fold_email, fold_sought_email
from app.fields import Email, email_address, listed, usable_password
from app.hypermedia import ADD, COLLECT, REPLACE, TO_STORE, WRITE, Relation, ResourceType
from app.names import name_at_first, name_columns
from app.password_columns import BESIDE, check_passwords, password_columns, temporary_columns
from app.refeeding import send_webhooks
from app.schema import Invalid, Match, of, of_liftoff, write_only

SECRETS = ("password", "password_hash", *BESIDE, "forgot_password")


class Customer(StoreRow):
    """A customer of a store. `email_key` is the folded email by which registered ones are unique."""

    __tablename__ = "customer"
    __table_args__ = (
        Index(
            "uq_customer_registered_email",
            "store_id",
            "email_key",
            unique=True,
            sqlite_where=text("NOT is_anonymous"),
            postgresql_where=text("NOT is_anonymous"),
        ),
        {"sqlite_with_rowid": False},
    )
    tally = "is_anonymous"
    told = ("created", "modified", "deleted", "refeed")
    apart = frozenset({"id", "date_created", "is_anonymous", "email", "first_name", "last_name", *SECRETS})

    last_login_date: Mapped[datetime | None] = mapped_column(Moment)
    first_name: Mapped[str | None] = mapped_column(ordered_text(50))
    last_name: Mapped[str | None] = mapped_column(ordered_text(50))
    name: Mapped[str | None] = mapped_column(ordered_text(255), default=name_at_first)
    email: Mapped[str] = mapped_column(ordered_text(100))
    email_key: Mapped[str] = mapped_column(ordered_text(300))
    tax_id: Mapped[str | None] = mapped_column(ordered_text(50))
    password_salt: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_hash_type: Mapped[str | None] = mapped_column(String(50))
    password_hash_config: Mapped[str | None] = mapped_column(String(100))
    forgot_password: Mapped[str | None] = mapped_column(Ciphertext(500))
    forgot_password_timestamp: Mapped[datetime | None] = mapped_column(Moment)
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    currency_code: Mapped[str | None] = mapped_column(ordered_text(3))
    external_id: Mapped[str | None] = mapped_column(ordered_text(100))
    tax_exempt: Mapped[bool] = mapped_column(default=False)
    open_account: Mapped[bool] = mapped_column(default=False)
    enable_credit_cards: Mapped[bool] = mapped_column(default=True)
    enable_budgets: Mapped[bool] = mapped_column(default=True)
    enable_discounts: Mapped[bool] = mapped_column(default=True)
    force_password_reset: Mapped[bool] = mapped_column(default=False)
    allow_billing_address_management: Mapped[bool] = mapped_column(default=True)
    allow_shipping_address_management: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def check(cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author) -> None:
        """A guest has no password; that of others, or its hash, must make sense."""
        if not _is_guest(given, current):
            check_passwords(given, current, author)
        elif secrets := [name for name in SECRETS if given.get(name)]:
            raise Invalid(*((name, "cannot be set: a guest has none") for name in secrets))

    @classmethod
    def columns(
        cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author
    ) -> dict[str, Any]:
        """Folds the email, hashes the password, encrypts the temporary one or voids it; names go together."""
        made = dict(given)
        made.pop("password", None)
        made.pop("password_old", None)
        if not _is_guest(given, current):
            made |= password_columns(given, current, author) | temporary_columns(given, current, author)
        if "email" in given:
            made["email_key"] = fold_email(given["email"])
        return made | name_columns("name", given, current)


index_walks(Customer, "email", "email_key", "last_name", "name", "last_login_date")


def _is_guest(given: Mapping[str, Any], current: Mapping[str, Any] | None) -> bool:
    return bool((given if current is None else current).get("is_anonymous"))


of_password = partial(of, kept=True, secret=True, group="password_hash")
"""What a password leaves behind; one says how another is to be read."""


class CustomerSchema(Schema):
    """The properties of a customer, in the order of the wire: hAPI's first, then Liftoff's."""

    id = of(Customer.id, "The customer id, useful for single sign-on integrations.", read_only=True)
    last_login_date = of(
        Customer.last_login_date, "When this customer last signed in at a checkout.", read_only=True
    )
    first_name = of(Customer.first_name, "The customer's given name.", example="Kim")
    last_name = of(Customer.last_name, "The customer's surname.", example="Lindqvist")
    email = of(
        Customer.email,
        "The customer's email address; also the name under which this customer signs in.",
        required=True,
        kind=Email,
        checks=[email_address],
        example="kim@example.com",
    )
    tax_id = of(Customer.tax_id, "A tax identification number for this customer.")
    password = write_only(
        "The password in clear text. It is never stored and never shown. Left blank when a customer is"
        " created, a random value is set, which can be changed later.",
        most=50,
        checks=[usable_password],
    )
    password_salt = of_password(
        Customer.password_salt,
        "The salt of the password's hash. If your integration syncs passwords, keep it in sync too.",
    )
    password_hash = of_password(
        Customer.password_hash,
        "The hash of the password. If your integration syncs passwords, keep it in sync too.",
    )
    password_hash_type = of_password(
        Customer.password_hash_type,
        "How the password is hashed: a copy of the store's customer_password_hash_type from when it was"
        " set, brought up to date when the customer next signs in.",
        see="customer_password_hash_types",
    )
    password_hash_config = of_password(
        Customer.password_hash_config,
        "A copy of the store's customer_password_hash_config, as for password_hash_type.",
        see="customer_password_hash_types",
    )
    forgot_password = of(
        Customer.forgot_password,
        "The temporary password, when the customer has asked for one.",
        most=50,
        kept=True,
        secret=True,
    )
    forgot_password_timestamp = of(
        Customer.forgot_password_timestamp, "When forgot_password was set.", read_only=True
    )
    is_anonymous = of(
        Customer.is_anonymous, "True for a guest: a customer who checked out without an account.", once=True
    )
    date_created = of(Customer.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Customer.date_modified, "When this resource was last modified.", read_only=True)
    is_active = of_liftoff(
        Customer.is_active, "Whether the customer is active; one who is not cannot sign in."
    )
    currency_code = of_liftoff(
        Customer.currency_code,
        "The ISO 4217 code of the customer's currency.",
        checks=[listed(is_currency)],
    )
    external_id = of_liftoff(
        Customer.external_id,
        "Your own identifier of the customer, for example the record in an ERP system.",
    )
    tax_exempt = of_liftoff(Customer.tax_exempt, "Whether the customer is tax exempt.")
    open_account = of_liftoff(
        Customer.open_account, "Whether the customer may submit orders without payment up front."
    )
    enable_credit_cards = of_liftoff(
        Customer.enable_credit_cards, "Whether the customer may pay by credit card."
    )
    enable_budgets = of_liftoff(
        Customer.enable_budgets, "Whether the customer may pay by gift card or budget."
    )
    enable_discounts = of_liftoff(
        Customer.enable_discounts, "Whether the customer may apply discount codes to orders."
    )
    force_password_reset = of_liftoff(
        Customer.force_password_reset,
        "Whether the customer must set a new password at the next sign-in.",
    )
    allow_billing_address_management = of_liftoff(
        Customer.allow_billing_address_management,
        "Whether the customer may add, edit and delete billing addresses.",
    )
    allow_shipping_address_management = of_liftoff(
        Customer.allow_shipping_address_management,
        "Whether the customer may add, edit and delete shipping addresses.",
    )


CUSTOMER = ResourceType(
    name="customer",
    row=Customer,
    schema=CustomerSchema,
    path="/customers/{id}",
    title="This Customer",
    meaning="A customer: the person who completes a transaction. Custom attributes are always embedded.",
    matches={"email": Match("email_key", fold_sought_email)},
    default_filters={"is_anonymous": False},
    alternate="/odata/v1/Customer({id})",
    methods=WRITE,
    clashes={
        "uq_customer_registered_email": (
            "email",
            "This email address is already in use by an existing customer of this store.",
        )
    },
    relations=(
        Relation(
            name="attributes",
            title="Attributes for this Customer",
            href="/customers/{id}/attributes",
            target="customer_attribute",
            many=True,
            embed="always",
            child_key="customer_id",
            methods=COLLECT,
        ),
        TO_STORE,
        Relation(
            name="default_billing_address",
            title="Default Billing Address for this Customer",
            href="/customers/{id}/default_billing_address",
            meaning="The address that bills go to unless another is chosen; blank until written.",
            target="customer_address",
            embed="zoom",
            child_key="customer_id",
            flag="is_default_billing",
            use="for_billing",
            methods=WRITE,
            blank={"address_name": "Default Billing Address"},
        ),
        Relation(
            name="default_shipping_address",
            title="Default Shipping Address for this Customer",
            href="/customers/{id}/default_shipping_address",
            meaning="The address that goods are sent to unless another is chosen; blank until written.",
            target="customer_address",
            embed="zoom",
            child_key="customer_id",
            flag="is_default_shipping",
            use="for_shipping",
            methods=WRITE,
            blank={"address_name": "Default Shipping Address"},
        ),
        Relation(
            name="default_payment_method",
            title="Default Payment Method for this Customer",
            href="/customers/{id}/default_payment_method",
            target="payment_method",
            embed="zoom",
            child_key="customer_id",
            blank={},
            methods=REPLACE,
        ),
        Relation(
            name="transactions",
            title="Transactions for this Customer",
            href="/stores/{store_id}/transactions?customer_id={id}",
            target="transaction",
            many=True,
        ),
        Relation(
            name="subscriptions",
            title="Subscriptions for this Customer",
            href="/stores/{store_id}/subscriptions?customer_id={id}",
            target="subscription",
            many=True,
        ),
        send_webhooks("customer", "/customers/{id}"),
        Relation(
            name="customer_addresses",
            title="Addresses for this Customer",
            href="/customers/{id}/addresses",
            meaning="All addresses of a customer, the default ones among them.",
            target="customer_address",
            many=True,
            embed="zoom",
            child_key="customer_id",
            methods=ADD,
        ),
    ),
)
