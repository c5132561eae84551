"""The resources of the OData face: the same rows as in the API, with what Liftoff's clients see of them.

Their properties have the names of the API's here; `app.odata.edm` says what OData calls them.
"""

from dataclasses import replace

from sqlalchemy import ColumnElement, FromClause

from app.hypermedia import TO_CUSTOMER, Relation, ResourceType
from app.resources.customer import CUSTOMER, Customer, CustomerSchema
from app.resources.customer_address import CUSTOMER_ADDRESS, CustomerAddress, CustomerAddressSchema
from app.resources.store import STORE, Store, StoreSchema
from app.schema import of, of_liftoff


class LiftoffCustomerSchema(CustomerSchema):
    """A customer as Liftoff knows it: with one name, and without hashes."""

    store_id = of(
        Customer.store_id,
        "The account that the customer belongs to: that of your credentials.",
        read_only=True,
    )
    name = of_liftoff(Customer.name, "The full name of the customer.")

    class Meta:
        """As marshmallow has it."""

        fields = (
            "id", "store_id", "email", "password", "name", "date_created", "date_modified", "last_login_date",
            "is_active", "is_anonymous", "currency_code", "external_id", "tax_exempt", "open_account",
            "enable_credit_cards", "enable_budgets", "enable_discounts", "force_password_reset",
            "allow_billing_address_management", "allow_shipping_address_management",
        )  # fmt: skip


class LiftoffAddressSchema(CustomerAddressSchema):
    """An address as Liftoff knows it. What it is for, the set says in which it is found."""

    id = of(CustomerAddress.id, "The id of the address.", read_only=True)
    customer_id = of(CustomerAddress.customer_id, "The id of the customer it belongs to.", once=True)
    full_name = of_liftoff(CustomerAddress.full_name, "The full name on the address.")
    is_default_billing = of_liftoff(
        CustomerAddress.is_default_billing,
        "Whether this is the customer's default billing address: of all of them one is at most.",
    )
    is_default_shipping = of_liftoff(
        CustomerAddress.is_default_shipping,
        "Whether this is the customer's default shipping address: of all of them one is at most.",
    )

    class Meta:
        """As marshmallow has it."""

        fields = (
            "id", "customer_id", "is_default_billing", "is_default_shipping", "is_locked", "display_label",
            "full_name", "company", "address1", "address2", "city", "region", "postal_code", "country",
            "phone", "for_billing", "for_shipping",
        )  # fmt: skip


class AccountSchema(StoreSchema):
    """A store as Liftoff knows it."""

    id = of(Store.id, "The id of the account.", read_only=True)
    code = of(
        Store.code,
        "The code of the account, with which its clients sign in; it never changes.",
        read_only=True,
    )

    class Meta:
        """As marshmallow has it."""

        fields = ("id", "code", "store_name", "store_email", "country")


def _for_billing(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.for_billing


def _for_shipping(rows: FromClause) -> ColumnElement[bool]:
    return rows.c.for_shipping


def _addresses(kind: str) -> Relation:
    return Relation(
        name=f"{kind}_addresses",
        title=f"{kind.capitalize()} Addresses",
        href=f"/customers/{{id}}/{kind}_addresses",
        target=f"{kind}_address",
        many=True,
        embed="zoom",
        child_key="customer_id",
    )


TO_ACCOUNT = Relation(
    name="account",
    title="Account",
    href="/accounts/{store_id}",
    target="account",
    own_key="store_id",
    embed="zoom",
)

LIFTOFF_CUSTOMER = replace(
    CUSTOMER,
    schema=LiftoffCustomerSchema,
    meaning="A customer: the person who completes a transaction.",
    matches={},
    default_filters={},
    relations=(TO_ACCOUNT, _addresses("billing"), _addresses("shipping")),
)

BILLING_ADDRESS = replace(
    CUSTOMER_ADDRESS,
    name="billing_address",
    schema=LiftoffAddressSchema,
    path="/billing_addresses/{id}",
    where=_for_billing,
    clashes={},
    relations=(replace(TO_CUSTOMER, embed="zoom"),),
)

SHIPPING_ADDRESS = replace(
    BILLING_ADDRESS, name="shipping_address", path="/shipping_addresses/{id}", where=_for_shipping
)

ACCOUNT = replace(
    STORE, name="account", schema=AccountSchema, path="/accounts/{id}", methods=("GET",), relations=()
)

LIFTOFF_TYPES: tuple[ResourceType, ...] = (LIFTOFF_CUSTOMER, BILLING_ADDRESS, SHIPPING_ADDRESS, ACCOUNT)
