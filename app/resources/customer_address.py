"""customer_address: where a customer's bills and goods go; one table for Foxy's list and Liftoff's sets."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema
from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.codes import is_country
from app.db.tables import Author, StoreRow, owned_by
from app.db.types import ordered_text
from app.fields import listed
from app.hypermedia import TO_CUSTOMER, TO_STORE, WRITE, ResourceType
from app.names import name_at_first, name_columns
from app.schema import Invalid, check_region, of, of_liftoff
from representations import Value


class CustomerAddress(StoreRow):
    """An address of a customer; at most one is the default of each kind."""

    __tablename__ = "customer_address"
    __table_args__ = (
        owned_by("customer", "customer_id"),
        Index("ix_customer_address_store_id_customer_id_id", "store_id", "customer_id", "id"),
        Index("uq_customer_address_name", "store_id", "customer_id", "address_name", unique=True),
        Index(
            "uq_customer_address_default_billing",
            "store_id",
            "customer_id",
            unique=True,
            sqlite_where=text("is_default_billing"),
            postgresql_where=text("is_default_billing"),
        ),
        Index(
            "uq_customer_address_default_shipping",
            "store_id",
            "customer_id",
            unique=True,
            sqlite_where=text("is_default_shipping"),
            postgresql_where=text("is_default_shipping"),
        ),
        *(
            Index(f"ix_customer_address_store_id_{name}_customer_id", "store_id", name, "customer_id")
            for name in ("city", "country", "postal_code")
        ),
        {"sqlite_with_rowid": False},
    )
    apart = frozenset(
        {"address_name", "is_default_billing", "is_default_shipping", "first_name", "last_name"}
    )
    exclusive = {"is_default_billing": "customer_id", "is_default_shipping": "customer_id"}  # noqa: RUF012

    customer_id: Mapped[int]
    ignore_address_restrictions: Mapped[bool] = mapped_column(default=False)
    address_name: Mapped[str] = mapped_column(ordered_text(100))
    first_name: Mapped[str | None] = mapped_column(ordered_text(50))
    last_name: Mapped[str | None] = mapped_column(ordered_text(50))
    full_name: Mapped[str | None] = mapped_column(ordered_text(255), default=name_at_first)
    company: Mapped[str | None] = mapped_column(ordered_text(50))
    address1: Mapped[str | None] = mapped_column(ordered_text(100))
    address2: Mapped[str | None] = mapped_column(ordered_text(100))
    city: Mapped[str | None] = mapped_column(ordered_text(50))
    region: Mapped[str | None] = mapped_column(ordered_text(50))
    postal_code: Mapped[str | None] = mapped_column(ordered_text(50))
    country: Mapped[str | None] = mapped_column(ordered_text(2))
    phone: Mapped[str | None] = mapped_column(ordered_text(50))
    is_default_billing: Mapped[bool] = mapped_column(default=False)
    is_default_shipping: Mapped[bool] = mapped_column(default=False)
    for_billing: Mapped[bool] = mapped_column(default=False)
    for_shipping: Mapped[bool] = mapped_column(default=True)
    is_locked: Mapped[bool] = mapped_column(default=False)
    display_label: Mapped[str | None] = mapped_column(ordered_text(100))

    @classmethod
    def check(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,  # noqa: ARG003
    ) -> None:
        """Sees to it that an address has a use, a default one its own, and a region of its country."""
        check_region(given, current)
        whole = {**({"for_shipping": True} if current is None else current), **given}
        for use, default in (
            ("for_billing", "is_default_billing"),
            ("for_shipping", "is_default_shipping"),
        ):
            if whole.get(default) and not whole.get(use):
                raise Invalid((use, f"must be true while {default} is"))
        if not (whole.get("for_billing") or whole.get("for_shipping")):
            raise Invalid(("for_shipping", "must be true where for_billing is not"))

    @classmethod
    def columns(
        cls,
        given: Mapping[str, Any],
        current: Mapping[str, Any] | None,
        author: Author,  # noqa: ARG003
    ) -> dict[str, Any]:
        """Lets the names on the address go together."""
        return dict(given) | name_columns("full_name", given, current)


class CustomerAddressSchema(Schema):
    """The properties of an address, in the order of the wire: hAPI's, with Liftoff's before the dates."""

    ignore_address_restrictions = of(
        CustomerAddress.ignore_address_restrictions,
        "Set to true to write an address that the store's location filters would refuse.",
    )
    address_name = of(
        CustomerAddress.address_name,
        "The name of this address, unique among the customer's own.",
        required=True,
        example="Cabin",
    )
    first_name = of(CustomerAddress.first_name, "The given name on the address.")
    last_name = of(CustomerAddress.last_name, "The surname on the address.")
    company = of(CustomerAddress.company, "The company on the address.")
    address1 = of(
        CustomerAddress.address1,
        "The first line of the street address.",
        required=True,
        example="1 Lake Road",
    )
    address2 = of(CustomerAddress.address2, "The second line of the street address.")
    city = of(CustomerAddress.city, "The city.", example="Bend")
    region = of(
        CustomerAddress.region,
        "The two-letter code of the region where it has one, else its name.",
        see="regions",
    )
    postal_code = of(CustomerAddress.postal_code, "The postal code.")
    country = of(
        CustomerAddress.country,
        "The country's ISO 3166-1 alpha-2 code.",
        checks=[listed(is_country, "Country is invalid or disallowed by store configuration")],
        see="countries",
        example="US",
    )
    phone = of(CustomerAddress.phone, "The phone number.")
    is_default_billing = of(
        CustomerAddress.is_default_billing, "Whether this is the default billing address.", read_only=True
    )
    is_default_shipping = of(
        CustomerAddress.is_default_shipping, "Whether this is the default shipping address.", read_only=True
    )
    for_billing = of_liftoff(CustomerAddress.for_billing, "Whether bills may go to this address.")
    for_shipping = of_liftoff(CustomerAddress.for_shipping, "Whether goods may be sent to this address.")
    is_locked = of_liftoff(CustomerAddress.is_locked, "Whether the customer may no longer edit this address.")
    display_label = of_liftoff(CustomerAddress.display_label, "How the address is labelled for the customer.")
    date_created = of(CustomerAddress.date_created, "When this resource was created.", read_only=True)
    date_modified = of(CustomerAddress.date_modified, "When this resource was last modified.", read_only=True)


CUSTOMER_ADDRESS = ResourceType(
    name="customer_address",
    row=CustomerAddress,
    schema=CustomerAddressSchema,
    path="/customer_addresses/{id}",
    title=Value("address_name"),
    meaning="An address of a customer.",
    clashes={
        "uq_customer_address_name": ("address_name", "this address name already exists for this customer")
    },
    methods=WRITE,
    relations=(TO_STORE, TO_CUSTOMER),
)
