"""From rows to dictionaries that orjson writes: links, properties, what is embedded."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson

from tests.benchmarks.documents import BASE, STORE_ID

Json = dict[str, Any]
Row = tuple[Any, ...]
Date = Callable[[Any], str | None]

ZONE = ZoneInfo("America/Los_Angeles")
"""The store's, which everybody who writes for one store by hand knows."""


class Database(Protocol):
    """The rows that documents are made of."""

    def one(self, customer_id: int) -> Row | None:
        """A customer."""

    def page(self, limit: int, offset: int) -> list[Row]:
        """Customers by id, each with how many there are as its last column."""

    def search(self, key: str, limit: int, offset: int) -> tuple[list[Row], int]:
        """Customers by their folded email, and how many there are."""

    def attributes(self, ids: Sequence[int]) -> list[Row]:
        """The attributes of these customers."""

    def addresses(self, ids: Sequence[int]) -> list[Row]:
        """Their addresses."""

    def cards(self, ids: Sequence[int]) -> list[Row]:
        """Their saved cards."""

    def update(self, customer_id: int, changes: Json) -> None:
        """Sets columns of a customer, and commits."""

    @staticmethod
    def date(stored: Any) -> str | None:
        """A moment in the store's time."""


def customers_of(database: Database, rows: Sequence[Row], *, zoomed: bool) -> list[Json]:
    """The customers of these rows, with what is embedded in them."""
    date = database.date
    ids = [row[0] for row in rows]
    embedded: dict[int, Json] = {each: {"fx:attributes": []} for each in ids}
    if ids:
        for row in database.attributes(ids):
            embedded[row[0]]["fx:attributes"].append(_attribute(row, date))
        if zoomed:
            _zoom(database, ids, embedded)
    return [_customer(row, embedded[row[0]], date) for row in rows]


def _zoom(database: Database, ids: Sequence[int], embedded: dict[int, Json]) -> None:
    date, billing, shipping = database.date, {}, {}
    addresses: dict[int, list[Json]] = {each: [] for each in ids}
    for row in database.addresses(ids):
        address = _address(row, date)
        owner = row[0]
        addresses[owner].append(address)
        if row[14]:
            billing[owner] = address
        if row[15]:
            shipping[owner] = address
    cards = {row[0]: _card(row, date) for row in database.cards(ids)}
    for owner, shown in embedded.items():
        shown["fx:default_billing_address"] = billing[owner]
        shown["fx:default_shipping_address"] = shipping[owner]
        shown["fx:default_payment_method"] = cards[owner]
        shown["fx:customer_addresses"] = addresses[owner]


_CURIES = [{"name": "fx", "href": f"{BASE}/rels/{{rel}}", "templated": True}]
_OWN = f"{BASE}/customers/{{id}}"
_STORE = f"{BASE}/stores/{STORE_ID}"
_IN_ODATA = f"{BASE}/odata/v1/Customer({{id}})"
_TITLES = {
    "attributes": ("Attributes for this Customer", f"{_OWN}/attributes"),
    "store": ("This Store", _STORE),
    "default_billing_address": (
        "Default Billing Address for this Customer",
        f"{_OWN}/default_billing_address",
    ),
    "default_shipping_address": (
        "Default Shipping Address for this Customer",
        f"{_OWN}/default_shipping_address",
    ),
    "default_payment_method": ("Default Payment Method for this Customer", f"{_OWN}/default_payment_method"),
    "transactions": ("Transactions for this Customer", f"{_STORE}/transactions?customer_id={{id}}"),
    "subscriptions": ("Subscriptions for this Customer", f"{_STORE}/subscriptions?customer_id={{id}}"),
    "send_webhooks": ("Refeed webhooks v2 for this Customer", f"{_OWN}/send_webhooks"),
    "customer_addresses": ("Addresses for this Customer", f"{_OWN}/addresses"),
}
_CUSTOMER_LINKS = (
    orjson.dumps(
        {"curies": _CURIES, "self": {"href": _OWN, "title": "This Customer"}}
        | {f"fx:{rel}": {"href": href, "title": title} for rel, (title, href) in _TITLES.items()}
        | {"alternate": {"href": _IN_ODATA, "title": "This Customer in OData", "type": "application/json"}}
    )
    .decode()
    .split("{id}")
)
_CHILD_CURIES = f'"curies":{orjson.dumps(_CURIES).decode()}'
_CHILD_STORE = f'"fx:store":{{"href":"{_STORE}","title":"This Store"}}'


def _child_links(path: str, title: str, customer_id: int) -> orjson.Fragment:
    return orjson.Fragment(
        f'{{{_CHILD_CURIES},"self":{{"href":"{BASE}{path}","title":{title}}},{_CHILD_STORE},'
        f'"fx:customer":{{"href":"{BASE}/customers/{customer_id}","title":"This Customer"}}}}'
    )


def _customer(row: Row, embedded: Json, date: Date) -> Json:
    return {
        "_links": orjson.Fragment(str(row[0]).join(_CUSTOMER_LINKS)),
        "_embedded": embedded,
        "id": row[0],
        "last_login_date": date(row[1]),
        "first_name": row[2],
        "last_name": row[3],
        "email": row[4],
        "tax_id": row[5],
        "password_salt": row[6],
        "password_hash": row[7],
        "password_hash_type": row[8],
        "password_hash_config": row[9],
        "forgot_password": row[10],
        "forgot_password_timestamp": date(row[11]),
        "is_anonymous": row[12] == 1,
        "date_created": date(row[13]),
        "date_modified": date(row[14]),
        "is_active": row[15] == 1,
        "currency_code": row[16],
        "external_id": row[17],
        "tax_exempt": row[18] == 1,
        "open_account": row[19] == 1,
        "enable_credit_cards": row[20] == 1,
        "enable_budgets": row[21] == 1,
        "enable_discounts": row[22] == 1,
        "force_password_reset": row[23] == 1,
        "allow_billing_address_management": row[24] == 1,
        "allow_shipping_address_management": row[25] == 1,
    }


def _attribute(row: Row, date: Date) -> Json:
    return {
        "_links": _child_links(f"/customer_attributes/{row[1]}", '"This customer attribute"', row[0]),
        "name": row[2],
        "value": row[3],
        "visibility": row[4],
        "date_created": date(row[5]),
        "date_modified": date(row[6]),
    }


def _address(row: Row, date: Date) -> Json:
    return {
        "_links": _child_links(f"/customer_addresses/{row[1]}", orjson.dumps(row[3]).decode(), row[0]),
        "ignore_address_restrictions": row[2] == 1,
        "address_name": row[3],
        "first_name": row[4],
        "last_name": row[5],
        "company": row[6],
        "address1": row[7],
        "address2": row[8],
        "city": row[9],
        "region": row[10],
        "postal_code": row[11],
        "country": row[12],
        "phone": row[13],
        "is_default_billing": row[14] == 1,
        "is_default_shipping": row[15] == 1,
        "for_billing": row[16] == 1,
        "for_shipping": row[17] == 1,
        "is_locked": row[18] == 1,
        "display_label": row[19],
        "date_created": date(row[20]),
        "date_modified": date(row[21]),
    }


def _card(row: Row, date: Date) -> Json:
    path = f"/customers/{row[0]}/default_payment_method"
    return {
        "_links": _child_links(path, '"Default Payment Method"', row[0]),
        "save_cc": row[1] == 1,
        "cc_type": row[2],
        "cc_number_masked": row[3],
        "cc_exp_month": row[4],
        "cc_exp_year": row[5],
        "date_created": date(row[6]),
        "date_modified": date(row[7]),
    }


def page_of(customers: list[Json], total: int, limit: int, offset: int, kept: str, asked: str) -> Json:
    """A page of customers.

    :param kept: what of the query string all its links have, with an ampersand behind it.
    :param asked: the whole query string.
    """
    path = f"{_STORE}/customers"
    at = f"{path}?{kept}limit={limit}&offset="
    links: Json = {
        "curies": _CURIES,
        "self": {"href": f"{path}?{asked}", "title": "This Collection"},
        "first": {"href": f"{at}0", "title": "First Page of this Collection"},
    }
    if offset:
        links["prev"] = {"href": f"{at}{max(offset - limit, 0)}", "title": "Previous Page of this Collection"}
    if len(customers) == limit:
        following = f"{at}{offset + limit}&cursor={customers[-1]['id']}"
        links["next"] = {"href": following, "title": "Next Page of this Collection"}
    last = max(total - 1, 0) // limit * limit
    links["last"] = {"href": f"{at}{last}", "title": "Last Page of this Collection"}
    return {
        "_links": links,
        "_embedded": {"fx:customers": customers},
        "total_items": total,
        "returned_items": len(customers),
        "limit": limit,
        "offset": offset,
    }
