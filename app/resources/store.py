"""store: the shop that customers belong to; Liftoff's Account is the same row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema
from sqlalchemy import Integer, String
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import is_country, is_locale, is_timezone
from app.db.tables import Author, Base, now
from app.db.types import Moment
from app.fields import Email, email_address, email_addresses, listed, matching, web_address
from app.hypermedia import ADD, COLLECT, REPLACE, WRITE, Relation, ResourceType
from app.password_columns import CHOICE, check_choice, chosen
from app.schema import check_region, of

CHECKOUT_TYPES = ("default_account", "default_guest", "account_only", "guest_only")


_AT_FIRST = dict(zip(CHOICE, ("bcrypt", "12"), strict=True))
"""How new stores hash that do not choose."""


def _first_domain(context: DefaultExecutionContext) -> str:
    row = context.get_current_parameters()  # type: ignore[no-untyped-call] # not typed there
    return str(row["store_domain"])


class Store(Base):
    """A store, with the settings that its customers' part of the service reads.

    `code` is the domain that it had at first, and stays: clients of Liftoff's kind sign in with it.
    """

    __tablename__ = "store"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    store_name: Mapped[str] = mapped_column(String(50))
    store_domain: Mapped[str] = mapped_column(String(100), unique=True)
    code: Mapped[str] = mapped_column(String(100), unique=True, default=_first_domain)
    use_remote_domain: Mapped[bool] = mapped_column(default=False)
    store_url: Mapped[str | None] = mapped_column(String(300))
    store_email: Mapped[str] = mapped_column(String(300))
    from_email: Mapped[str | None] = mapped_column(String(100))
    postal_code: Mapped[str | None] = mapped_column(String(50))
    region: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[str | None] = mapped_column(String(2))
    locale_code: Mapped[str] = mapped_column(String(10), default="en_US")
    timezone: Mapped[str] = mapped_column(String(50), default="America/Los_Angeles")
    language: Mapped[str] = mapped_column(String(30), default="english")
    logo_url: Mapped[str | None] = mapped_column(String(200))
    checkout_type: Mapped[str] = mapped_column(String(20), default="default_account")
    use_single_sign_on: Mapped[bool] = mapped_column(default=False)
    single_sign_on_url: Mapped[str | None] = mapped_column(String(300))
    customer_password_hash_type: Mapped[str] = mapped_column(String(50), default=_AT_FIRST[CHOICE[0]])
    customer_password_hash_config: Mapped[str | None] = mapped_column(
        String(100), default=_AT_FIRST[CHOICE[1]]
    )
    app_session_time: Mapped[int] = mapped_column(Integer, default=0)
    is_maintenance_mode: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    date_created: Mapped[datetime | None] = mapped_column(Moment, default=now)
    date_modified: Mapped[datetime | None] = mapped_column(Moment, default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as SQLAlchemy declares it

    @classmethod
    def check(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,
    ) -> None:
        """Lets a store choose only ways to hash that are safe and bearable, and regions of its country."""
        check_region(given, current)
        if any(name in given for name in CHOICE):
            check_choice(*chosen(given, _AT_FIRST | dict(current or {})), author)

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,  # noqa: ARG003
    ) -> dict[str, Any]:
        """Sets the config of another way to hash together with its type; a domain has no case."""
        made = dict(given)
        if "store_domain" in given:
            made["store_domain"] = given["store_domain"].lower()
        if any(name in given for name in CHOICE):
            made |= zip(CHOICE, chosen(given, _AT_FIRST | dict(current or {})), strict=True)
        return made


class StoreSchema(Schema):
    """The properties of a store, in hAPI's order, as far as they touch customers."""

    store_name = of(Store.store_name, "The name of the store.", required=True, example="My shop")
    store_domain = of(
        Store.store_domain,
        "The domain of the store, unique among all stores; kept in lower case.",
        required=True,
        checks=[matching("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", "is invalid")],
        example="my-shop.example",
    )
    use_remote_domain = of(Store.use_remote_domain, "Whether store_domain is a domain of your own.")
    store_url = of(
        Store.store_url,
        "The address of the store's website.",
        checks=[web_address],
        example="https://www.my-shop.example/",
    )
    store_email = of(
        Store.store_email,
        "The email address that the store's mail goes to; or several, with commas between them.",
        required=True,
        checks=[email_addresses],
        example="hello@my-shop.example",
    )
    from_email = of(
        Store.from_email, "The address that customers' mail comes from.", kind=Email, checks=[email_address]
    )
    postal_code = of(Store.postal_code, "The postal code of the store.")
    region = of(Store.region, "The region of the store.", see="regions")
    country = of(
        Store.country, "The country's ISO 3166-1 alpha-2 code.", checks=[listed(is_country)], see="countries"
    )
    locale_code = of(
        Store.locale_code,
        "The locale in which amounts and dates are written for customers.",
        checks=[listed(is_locale)],
    )
    timezone = of(
        Store.timezone,
        "The IANA timezone in which the API shows this store's dates.",
        checks=[listed(is_timezone)],
    )
    language = of(Store.language, "The language in which customers are addressed.")
    logo_url = of(Store.logo_url, "The address of the store's logo.", checks=[web_address])
    checkout_type = of(
        Store.checkout_type,
        "Whether customers check out with accounts, as guests, or both.",
        choices=CHECKOUT_TYPES,
    )
    use_single_sign_on = of(Store.use_single_sign_on, "Whether customers sign in by single sign-on.")
    single_sign_on_url = of(
        Store.single_sign_on_url, "Where customers are sent to sign in.", checks=[web_address]
    )
    customer_password_hash_type = of(
        Store.customer_password_hash_type,
        "How customers' passwords are hashed.",
        group="customer_password_hash",
        see="customer_password_hash_types",
    )
    customer_password_hash_config = of(
        Store.customer_password_hash_config,
        "The settings of the hash type, as its description says.",
        group="customer_password_hash",
        see="customer_password_hash_types",
    )
    app_session_time = of(
        Store.app_session_time,
        "How many seconds a customer's session lasts; 0 stands for 43200.",
        within=(0, 259200),
    )
    is_maintenance_mode = of(Store.is_maintenance_mode, "Whether the store is closed for maintenance.")
    is_active = of(Store.is_active, "Whether the store is active.", read_only=True)
    date_created = of(Store.date_created, "When this resource was created.", read_only=True)
    date_modified = of(Store.date_modified, "When this resource was last modified.", read_only=True)


STORE = ResourceType(
    name="store",
    row=Store,
    schema=StoreSchema,
    path="/stores/{id}",
    title="This Store",
    meaning="A store: the owner of customers, their transactions and subscriptions.",
    clashes={
        "uq_store_store_domain": ("store_domain", "is already in use"),
        "uq_store_code": ("store_domain", "is already in use: it is the account code of another store"),
    },
    methods=REPLACE,
    relations=(
        Relation(
            name="attributes",
            title="Attributes for This Store",
            href="/stores/{id}/attributes",
            meaning="The custom attributes of a resource: names and values of your own.",
            target="store_attribute",
            many=True,
            embed="always",
            child_key="store_id",
            methods=COLLECT,
        ),
        Relation(
            name="customers",
            title="Customers for This Store",
            href="/stores/{id}/customers",
            meaning="The customers of a store. Guests are among them only where is_anonymous is asked for.",
            target="customer",
            many=True,
            child_key="store_id",
            methods=ADD,
        ),
        Relation(
            name="transactions",
            title="Transactions for This Store",
            href="/stores/{id}/transactions",
            meaning="Purchases: of a store, or of one customer. A POST records a checkout that was made"
            " elsewhere: who bought (customer_email or customer_uri), with what checkout_type, and items or"
            " totals. What is not given of the totals is worked out: total_order is total_item_price less"
            " total_discount, with total_tax and total_shipping. It makes the customer where need be, the"
            " transaction and its items, all of them or nothing. The answer is 409 where the store takes no"
            " such checkout, and where the customer is not active or must not pay so: see open_account,"
            " enable_credit_cards (credit_card), enable_budgets (budget, gift_card) and enable_discounts"
            " (total_discount).",
            target="transaction",
            many=True,
            child_key="store_id",
            methods=ADD,
        ),
        Relation(
            name="subscriptions",
            title="Subscriptions for This Store",
            href="/stores/{id}/subscriptions",
            meaning="Purchases that repeat: of a store, or of one customer. A POST makes one: of which"
            " registered customer (customer_email or customer_uri), how often (frequency), and of what"
            " (items); with the template of the transactions to come, all of it or nothing. Guests cannot"
            " subscribe: 400. It is 409 where the store takes guests only, and where the customer is not"
            " active or must not pay so: see enable_credit_cards (plastic).",
            target="subscription",
            many=True,
            child_key="store_id",
            methods=ADD,
        ),
        Relation(
            name="webhooks",
            title="Webhooks for This Store",
            href="/stores/{id}/webhooks",
            meaning="The webhooks of a store: receivers of its events.",
            target="webhook",
            many=True,
            child_key="store_id",
            methods=ADD,
        ),
        Relation(
            name="customer_portal_settings",
            title="Customer Portal Settings for This Store",
            href="/stores/{id}/customer_portal_settings",
            target="customer_portal_settings",
            child_key="store_id",
            methods=WRITE,
            blank={},
        ),
    ),
)
