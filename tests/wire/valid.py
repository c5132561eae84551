"""A valid body for every type that can be written, and new resources that are made of them over the wire."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from app.db.tables import now
from app.hypermedia import Registry, Relation, ResourceType
from app.refeeding import RefeedSchema
from app.resources import TYPES
from app.resources.attribute import AttributeSchema
from app.resources.client import ClientSchema
from app.resources.customer import CustomerSchema
from app.resources.customer_address import CustomerAddressSchema
from app.resources.customer_portal_settings import CustomerPortalSettingsSchema
from app.resources.payment_method import PaymentMethodSchema
from app.resources.store import StoreSchema
from app.resources.subscription import CancelSchema, RescheduleSchema, SubscriptionSchema
from app.resources.transaction import TransactionSchema
from app.resources.user import UserSchema
from app.resources.webhook import WebhookSchema
from app.schema import declared
from app.transitions import Affordance, NoBody
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
    TransactionSchema: {
        "display_id": "W-{n}",
        "is_test": True,
        "hide_transaction": True,
        "data_is_fed": True,
        "transaction_date": "2024-02-29T12:30:00+0100",
        "locale_code": "de_DE",
        "customer_first_name": "Zoë & Söhne",
        "customer_last_name": "O'Hara <né>",
        "customer_tax_id": "DE 136,695 976",
        "customer_email": "luke.stokes+apitest998@example.com",
        "customer_ip": "2001:db8::17",
        "ip_country": "Germany",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "total_item_price": 25.3,
        "total_tax": 4.81,
        "total_shipping": 5.9,
        "total_future_shipping": 3,
        "total_order": 33.51,
        "status": "captured",
        "type": "subscription_renewal",
        "source": "mit_uoe",
        "currency_code": "EUR",
        "currency_symbol": "€",
        "payment_method_type": "gift_card",
        "total_discount": 2.5,
        "customer_uri": "/customers/115",
        "subscription_uri": "/subscriptions/1",
        "checkout_type": "account",
        "items": [
            {"name": "A book", "code": "B1", "price": 12.5, "quantity": 2},
            {"name": "A <card> & envelope", "price": 0.3},
        ],
    },
    SubscriptionSchema: {
        "start_date": "2024-02-29T03:30:00-0800",
        "next_transaction_date": "2031-02-28T03:30:00-0800",
        "end_date": "2041-02-28T00:00:00-0800",
        "frequency": "2w",
        "error_message": "Declined: <no> & again",
        "past_due_amount": 25.3,
        "first_failed_transaction_date": "2024-03-31T03:30:00-0700",
        "is_active": False,
        "third_party_id": "I-BW452GLLEP1G",
        "payment_type": "paypal",
        "customer_uri": "/customers/115",
        "customer_email": "luke.stokes+apitest998@example.com",
        "currency_code": "EUR",
        "items": [
            {"name": "A book", "code": "B1", "price": 12.5, "quantity": 2},
            {"name": "A <card> & envelope", "price": 0.3},
        ],
    },
    NoBody: {},
    CancelSchema: {"end_date": "2041-02-28"},
    RescheduleSchema: {"next_transaction_date": "2031-02-28T12:30:00+0100", "frequency": "3w"},
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
    ClientSchema: {
        "client_id": "shop_{n}",
        "is_public": True,
        "redirect_uri": "http://localhost:8080/callback?x={n}",
        "project_name": "Valid {n}",
        "project_description": "Syncs customers & <orders>.",
        "company_name": "Valid Ltd.",
        "company_url": "https://valid.example/",
        "company_logo": "https://valid.example/logo.png",
        "contact_name": "Zoë O'Hara",
        "contact_email": "zoe+{n}@valid.example",
        "contact_phone": "+44 20 5550 0101",
        "javascript_origin_uri": "https://valid.example",
    },
    UserSchema: {
        "first_name": "Zoë & Söhne",
        "last_name": "O'Hara <né>",
        "email": "Valid-User+{n}@Example.com",
        "phone": "+44 20 5550 0102",
        "password": "a pass phrase",
        "is_programmer": True,
        "is_front_end_developer": True,
        "is_designer": True,
        "is_merchant": True,
    },
    CustomerPortalSettingsSchema: {
        "allowedOrigins": ["https://valid-{n}.example", "http://localhost:8080"],
        "subscriptions": {
            "allowFrequencyModification": [{"jsonataQuery": "*", "values": ["1w", "2m"]}],
            "allowNextDateModification": [
                {
                    "jsonataQuery": "$contains(frequency, 'w')",
                    "min": "1w",
                    "max": None,
                    "disallowedDates": ["2031-12-24..2032-01-01"],
                    "allowedDays": {"type": "day", "days": [1, 2]},
                }
            ],
        },
        "sso": True,
        "ssoSecret": "a secret that the checkout shares",
        "sessionLifespanInMinutes": 90,
        "signUp": {
            "enabled": True,
            "verification": {"type": "hcaptcha", "siteKey": "public", "secretKey": "0x0 & <more>"},
        },
        "jwtSharedSecret": "forty characters at least, and a hundred at most",
    },
    RefeedSchema: {"event": "refeed", "refeed_hooks": []},
    WebhookSchema: {
        "name": "Valid {n}",
        "format": "json",
        "version": 2,
        "url": "https://receiver-{n}.example:8443/told?by=patron",
        "query": "zoom=attributes",
        "encryption_key": "a key that only the receiver knows {n}",
        "event_resource": "customer",
        "is_active": 0,
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

ONE_OF: Mapping[type[Schema], tuple[str, ...]] = {
    TransactionSchema: ("customer_email", "items"),
    SubscriptionSchema: ("customer_email", "items"),
}
"""Properties that are not required, for others may say the same: who bought, and what."""

_OF_A_HASH = ("password_hash", "password_salt", "password_hash_type", "password_hash_config")

FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "password": _OF_A_HASH,
    "forgot_password": ("forgot_password_timestamp",),
    "cc_number": ("cc_type", "cc_number_masked", "save_cc"),
    "timezone": ("date_created",),
    "sso": ("ssoSecret",),
}
"""What changes with a property although nobody wrote it, besides `date_modified`."""

NOT_OF_GUESTS = ("password", *_OF_A_HASH, "forgot_password")

_numbers = itertools.count(1)


def valid(target: ResourceType) -> dict[str, Any]:
    """A body that sets every property; what must be unique is new each time."""
    number = next(_numbers)
    filled = VALID[target.schema].items()
    return {name: _numbered(value, number) for name, value in filled}


def taking(affordance: Affordance) -> dict[str, Any]:
    """A body that says all that an affordance takes."""
    return dict(VALID[affordance.schema])


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_numbered(each, number) for each in value]
    return value.format(n=number) if isinstance(value, str) else value


def least(target: ResourceType) -> dict[str, Any]:
    """A body of the required properties alone, and of what one of several must say."""
    known, needed = declared(target.schema), ONE_OF.get(target.schema, ())
    return {name: value for name, value in valid(target).items() if known[name].required or name in needed}


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
    if target.founding:
        return created(site, target.founding.href, least(target) | given)
    for owner, relation in REGISTRY.served():
        if relation.target == target.name and "POST" in relation.methods:
            place = new(site, owner) + relation.href.partition("{id}")[2]
            return created(site, place, least(target) | given)
    raise LookupError(f"no POST makes a {target.name}")


def created(site: Site, place: str, body: Mapping[str, Any]) -> str:
    """The path of what a POST creates."""
    answer = site.send("POST", place, body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix(BASE)


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
            if self.owner.name == "store":
                site.send("DELETE", path)
            answer = site.send("PATCH", path, STORED.get(self.target.name) or least(self.target))
            assert answer.status_code == 200, answer.text
        elif self.owner.name == "store":  # of which there is one
            assert site.send("DELETE", path).status_code == 200
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
    },
    "customer_portal_settings": {"allowedOrigins": ["https://begin.example"]},
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
