"""The entity data model: what OData calls the properties of the face's resources, and what leads where.

It is declared here once. Payloads, the types of filters, $metadata and the documentation follow it; what a
property is (its type, its length, whether it may be null) follows from the resource's own schema.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from marshmallow.fields import Field

from app.db.tables import Base
from app.hypermedia import ResourceType
from app.odata.types import ACCOUNT, BILLING_ADDRESS, LIFTOFF_CUSTOMER, SHIPPING_ADDRESS
from app.schema import declared, stored_kind

NAMESPACE, CONTAINER = "Patron", "Container"

Primitive = Literal["Edm.Boolean", "Edm.DateTimeOffset", "Edm.Int32", "Edm.String"]

_PRIMITIVES: Mapping[str, Primitive] = {
    "flag": "Edm.Boolean",
    "moment": "Edm.DateTimeOffset",
    "integer": "Edm.Int32",
    "text": "Edm.String",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Property:
    """One primitive property. `of` is the resource's property that it shows, by the API's name."""

    name: str
    of: str
    resource: ResourceType

    @cached_property
    def field(self) -> Field[Any]:
        """The declaration of what it shows."""
        return declared(self.resource.schema)[self.of]

    @property
    def column(self) -> str | None:
        """The column that holds it; None for one that is written only."""
        return None if self.field.load_only else str(self.field.metadata.get("column", self.of))

    @cached_property
    def type(self) -> Primitive:
        """Its primitive type."""
        if self.column is None:
            return "Edm.String"
        return _PRIMITIVES[stored_kind(self.resource.table.c[self.column].type)]

    @property
    def most(self) -> int | None:
        """The most characters that it holds."""
        return self.field.metadata.get("most")

    @property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return bool(self.field.allow_none) or (self.field.dump_only and self._may_lack)

    @property
    def _may_lack(self) -> bool:
        return self.column is not None and bool(self.resource.table.c[self.column].nullable)

    @property
    def computed(self) -> bool:
        """Whether the service alone sets it."""
        return bool(self.field.dump_only)

    @property
    def immutable(self) -> bool:
        """Whether it is set at creation only."""
        return bool(self.field.metadata.get("once"))

    @property
    def write_only(self) -> bool:
        """Whether it is never shown."""
        return bool(self.field.load_only)

    @property
    def default(self) -> bool | None:
        """Of a flag that clients may set, what it is where they do not."""
        return (
            self.field.metadata.get("default") if self.type == "Edm.Boolean" and not self.computed else None
        )

    @property
    def description(self) -> str:
        """What it means."""
        return str(self.field.metadata["description"])


@dataclass(frozen=True, kw_only=True, eq=False)
class Complex:
    """A property that holds others, and is always there."""

    name: str
    type: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Navigation:
    """What leads to other entities. `relation` is the resource's; `partner` leads back, where one does."""

    name: str
    relation: str
    target: str
    many: bool = False
    partner: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class EntityType:
    """A type of entities, and the set of all of them, which has its name, as Liftoff has it."""

    name: str
    resource: ResourceType
    structural: tuple[Property | Complex, ...]
    navigations: tuple[Navigation, ...]
    methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
    key: tuple[str, ...] = ("Id",)

    @cached_property
    def members(self) -> Mapping[str, Property | Complex | Navigation]:
        """Whatever it has, by name."""
        return {each.name: each for each in (*self.structural, *self.navigations)}

    @cached_property
    def primitives(self) -> Mapping[tuple[str, ...], Property]:
        """Its primitive properties, by their paths."""
        return dict(self._primitives())

    def _primitives(self) -> Iterator[tuple[tuple[str, ...], Property]]:
        for each in self.structural:
            if isinstance(each, Property):
                yield (each.name,), each
            else:
                yield from (((each.name, below.name), below) for below in each.properties)


def _properties(resource: ResourceType, **named: str) -> tuple[Property, ...]:
    return tuple(Property(name=name, of=of, resource=resource) for name, of in named.items())


def _address_type(name: str, resource: ResourceType, default: str, partner: str) -> EntityType:
    address = _properties(
        resource,
        Name="full_name",
        Company="company",
        Address1="address1",
        Address2="address2",
        City="city",
        State="region",
        PostalCode="postal_code",
        CountryCode="country",
        Phone="phone",
    )
    own = _properties(
        resource,
        Id="id",
        CustomerId="customer_id",
        IsDefault=default,
        IsLocked="is_locked",
        DisplayLabel="display_label",
    )
    return EntityType(
        name=name,
        resource=resource,
        structural=(*own, Complex(name="Address", type="Address", properties=address)),
        navigations=(Navigation(name="Customer", relation="customer", target="Customer", partner=partner),),
    )


CUSTOMER = EntityType(
    name="Customer",
    resource=LIFTOFF_CUSTOMER,
    structural=_properties(
        LIFTOFF_CUSTOMER,
        Id="id",
        AccountId="store_id",
        Email="email",
        Password="password",  # noqa: S106 - a name
        Name="name",
        CreateDate="date_created",
        LastModifiedDate="date_modified",
        LastLoginDate="last_login_date",
        IsActive="is_active",
        IsGuest="is_anonymous",
        CurrencyCode="currency_code",
        CustomerId="external_id",
        TaxExempt="tax_exempt",
        OpenAccount="open_account",
        EnableCreditCards="enable_credit_cards",
        EnableBudgets="enable_budgets",
        EnableDiscounts="enable_discounts",
        ForcePasswordReset="force_password_reset",
        AllowBillingAddressManagement="allow_billing_address_management",
        AllowShippingAddressManagement="allow_shipping_address_management",
    ),
    navigations=(
        Navigation(name="Account", relation="account", target="Account"),
        Navigation(
            name="BillingAddresses",
            relation="billing_addresses",
            target="CustomerBillingAddress",
            many=True,
            partner="Customer",
        ),
        Navigation(
            name="ShippingAddresses",
            relation="shipping_addresses",
            target="CustomerShippingAddress",
            many=True,
            partner="Customer",
        ),
    ),
)

ACCOUNT_TYPE = EntityType(
    name="Account",
    resource=ACCOUNT,
    structural=_properties(
        ACCOUNT, Id="id", Code="code", Name="store_name", Email="store_email", CountryCode="country"
    ),
    navigations=(),
    methods=("GET", "HEAD"),
)

MODEL: Mapping[str, EntityType] = {
    each.name: each
    for each in (
        CUSTOMER,
        _address_type("CustomerBillingAddress", BILLING_ADDRESS, "is_default_billing", "BillingAddresses"),
        _address_type(
            "CustomerShippingAddress", SHIPPING_ADDRESS, "is_default_shipping", "ShippingAddresses"
        ),
        ACCOUNT_TYPE,
    )
}
"""The entity types, which are the entity sets too, by name."""


def navigated(entity: EntityType, name: str) -> Navigation:
    """A navigation of an entity type."""
    found = entity.members[name]
    assert isinstance(found, Navigation)
    return found


def complexes() -> Iterator[tuple[EntityType, Complex]]:
    """The complex types, each with an entity type that has a property of it."""
    found: dict[str, tuple[EntityType, Complex]] = {}
    for entity in MODEL.values():
        for each in entity.structural:
            if isinstance(each, Complex):
                found.setdefault(each.type, (entity, each))
    yield from found.values()


def odata_names(row: type[Base]) -> Mapping[str, str]:
    """What OData calls the API's properties of such rows: `Email`, `Address/City`."""
    found: dict[str, str] = {}
    for entity in MODEL.values():
        if entity.resource.row is row:
            found |= {each.of: "/".join(path) for path, each in entity.primitives.items()}
    return found
