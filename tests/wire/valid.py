"""A valid body for every type that can be written, and new resources that are made of them over the wire."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from app.db.tables import now
from app.hypermedia import Registry, Relation, ResourceType
from app.resources import TYPES
from app.resources.attribute import AttributeSchema
from app.resources.customer import CustomerSchema
from app.resources.customer_address import CustomerAddressSchema
from app.resources.payment_method import PaymentMethodSchema
from app.resources.store import StoreSchema
from app.schema import declared
from tests.site import BASE, Site

REGISTRY = Registry(TYPES, "/rels/")

VALID: Mapping[type[Schema], Mapping[str, Any]] = {
    CustomerSchema: {
        "first_name": "Zoë & Söhne",
        "last_name": "O'Hara <né>",
        "email": "Valid+{n}@Example.com",
        "tax_id": "DE 136,695 976",
        "password": "a pass phrase",
        "password_salt": "salt {n}",
        "password_hash": "$2b$05$abcdefghijklmnopqrstuulG8KL71qxHYnUppvZQmxBPs8lsbFaPS",
        "password_hash_type": "craftcms",
        "password_hash_config": "5",
        "forgot_password": "temporary",
        "is_anonymous": False,
        "is_active": False,
        "currency_code": "EUR",
        "external_id": "ERP-{n}",
        "tax_exempt": True,
        "open_account": True,
        "enable_credit_cards": False,
        "enable_budgets": False,
        "enable_discounts": False,
        "force_password_reset": True,
        "allow_billing_address_management": False,
        "allow_shipping_address_management": False,
    },
    AttributeSchema: {"name": "Shoe size {n}", "value": "44 ½", "visibility": "public"},
    CustomerAddressSchema: {
        "ignore_address_restrictions": True,
        "address_name": "Cabin {n}",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": "Analytical & Co.",
        "address1": "12 St James's Square",
        "address2": "2nd floor",
        "city": "London",
        "region": "LND",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
        "phone": "+44 20 5550 0100",
        "for_billing": True,
        "for_shipping": False,
        "is_locked": True,
        "display_label": "Summer",
    },
    PaymentMethodSchema: {
        "save_cc": True,
        "cc_number": "5555 5555 5555 4444",
        "cc_exp_month": "07",
        "cc_exp_year": str(now().year + 4),
    },
    StoreSchema: {
        "store_name": "Valid {n}",
        "store_domain": "valid-{n}.example",
        "use_remote_domain": True,
        "store_url": "https://valid.example/",
        "store_email": "shop@valid.example",
        "from_email": "orders@valid.example",
        "postal_code": "10115",
        "region": "Hesse",
        "country": "DE",
        "locale_code": "de_DE",
        "timezone": "Europe/Berlin",
        "language": "german",
        "logo_url": "https://valid.example/logo.png",
        "checkout_type": "default_guest",
        "use_single_sign_on": True,
        "single_sign_on_url": "https://valid.example/sso",
        "customer_password_hash_type": "bcrypt",
        "customer_password_hash_config": "10",
        "app_session_time": 3600,
        "is_maintenance_mode": True,
    },
}
"""Every property that can be written, with a value that differs from its default wherever one may."""

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "for_shipping": ("for_billing",),
    "cc_number": ("cc_exp_month", "cc_exp_year"),
}
"""Properties that are valid only beside others; so are those of one group."""

_OF_A_HASH = ("password_hash", "password_salt", "password_hash_type", "password_hash_config")

FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "password": _OF_A_HASH,
    "forgot_password": ("forgot_password_timestamp",),
    "cc_number": ("cc_type", "cc_number_masked", "save_cc"),
    "timezone": ("date_created",),
}
"""What changes with a property although nobody wrote it, besides `date_modified`."""

NOT_OF_GUESTS = ("password", *_OF_A_HASH, "forgot_password")

_numbers = itertools.count(1)


def valid(target: ResourceType) -> dict[str, Any]:
    """A body that sets every property; what must be unique is new each time."""
    number = next(_numbers)
    filled = VALID[target.schema].items()
    return {name: value.format(n=number) if isinstance(value, str) else value for name, value in filled}


def least(target: ResourceType) -> dict[str, Any]:
    """A body of the required properties alone."""
    known = declared(target.schema)
    return {name: value for name, value in valid(target).items() if known[name].required}


def beside(target: ResourceType, name: str) -> tuple[str, ...]:
    """The properties without which this one cannot be changed."""
    known = declared(target.schema)
    group = known[name].metadata.get("group")
    grouped = (other for other, each in known.items() if group and each.metadata.get("group") == group)
    return (*TOGETHER.get(name, ()), *(other for other in grouped if other != name))


def new(site: Site, target: ResourceType, **given: Any) -> str:
    """The path of a new resource; of the one store there is."""
    if target.name == "store":
        return "/stores/66"
    for owner, relation in REGISTRY.served():
        if relation.target == target.name and "POST" in relation.methods:
            place = new(site, owner) + relation.href.partition("{id}")[2]
            answer = site.send("POST", place, least(target) | given)
            assert answer.status_code == 201, answer.text
            return answer.headers["Location"].removeprefix(BASE)
    raise LookupError(f"no POST makes a {target.name}")


@dataclass(frozen=True)
class Writable:
    """A kind of resource that PUT and PATCH write: of a type, perhaps by a relation, perhaps a variant."""

    name: str
    target: ResourceType
    owner: ResourceType
    relation: Relation | None = None
    stored: bool = True

    def make(self, site: Site) -> str:
        """The path of a new one."""
        if self.relation is None:
            return new(site, self.target, **({"is_anonymous": True} if self.name == "guest" else {}))
        path = new(site, self.owner) + self.relation.href.partition("{id}")[2]
        if self.stored:
            answer = site.send("PATCH", path, STORED.get(self.target.name) or least(self.target))
            assert answer.status_code == 200, answer.text
        return path

    def changes(self) -> Iterator[dict[str, Any]]:
        """Each property with another valid value, together with those that it needs beside it."""
        known, others = declared(self.target.schema), valid(self.target)
        for name, value in others.items():
            if known[name].metadata.get("once") or (self.name == "guest" and name in NOT_OF_GUESTS):
                continue
            if self.relation is not None and name in ("for_billing", "for_shipping"):
                continue  # a default address has the use that it is the default for
            yield {name: value} | {each: others[each] for each in TOGETHER.get(name, ())}


STORED = {
    "payment_method": {
        "cc_number": "4111111111111111",
        "cc_exp_month": "01",
        "cc_exp_year": str(now().year + 1),
    }
}
"""What a stored one begins with, where that cannot be told from what is required."""


def writable() -> Iterator[Writable]:
    """All kinds of resources that can be written, but for the store."""
    for each in TYPES:
        if "PUT" in each.methods and "{id}" in each.path and each.name != "store":
            yield Writable(each.name, each, each)
            if each.name == "customer":
                yield Writable("guest", each, each)
    for owner, relation in REGISTRY.served():
        if "PUT" in relation.methods and not relation.many:
            target = REGISTRY.target(relation)
            yield Writable(f"stored-{relation.name}", target, owner, relation)
            yield Writable(f"blank-{relation.name}", target, owner, relation, stored=False)


STORE = Writable("store", REGISTRY.types["store"], REGISTRY.types["store"])
WRITABLE = tuple(writable())
