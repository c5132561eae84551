"""Floor 2: the same HAL+JSON from hand-written SQL and orjson, in Flask, with none of Patron's features.

It does not authenticate, negotiate, tag, send a Link header or know more than one store, and it
leaves dates in UTC.
"""

import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

import orjson
from flask import Flask, Response, request

from app.db.engine import BUSY_TIMEOUT_MS, MAPPED_BYTES
from tests.benchmarks.documents import BASE, STORE_ID

Json = dict[str, Any]


def make_app(database: str) -> Flask:
    """The floor over an SQLite file."""
    app = Flask("by_hand", static_folder=None)
    kept = threading.local()

    def connection() -> sqlite3.Connection:
        try:
            return kept.connection  # type: ignore[no-any-return] # each thread's own
        except AttributeError:
            kept.connection = _connect(database)
            return kept.connection  # type: ignore[no-any-return]

    @app.get("/customers/<int:customer_id>")
    def one(customer_id: int) -> Response:
        rows = connection().execute(_ONE, (customer_id,)).fetchall()
        if not rows:
            return Response(status=404)
        zoomed = bool(request.query_string) and "zoom" in request.args
        return _answer(_customers(connection(), rows, zoomed)[0])

    @app.get(f"/stores/{STORE_ID}/customers")
    def page() -> Response:
        arguments = request.args
        limit, offset = int(arguments.get("limit", 20)), int(arguments.get("offset", 0))
        rows = connection().execute(_PAGE, (limit, offset)).fetchall()
        customers = _customers(connection(), [row[:-1] for row in rows], "zoom" in arguments)
        return _answer(_page(customers, rows[0][-1] if rows else 0, limit, offset, arguments.get("zoom")))

    return app


def _connect(database: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        database, isolation_level=None, cached_statements=512, check_same_thread=False
    )
    for pragma in (f"busy_timeout = {BUSY_TIMEOUT_MS}", f"mmap_size = {MAPPED_BYTES}", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _answer(document: Json) -> Response:
    return Response(orjson.dumps(document), 200, content_type="application/hal+json")


_OWNED = f"WHERE store_id = {STORE_ID} AND customer_id"
# Without statistics SQLite would rather scan a whole store in the order of its primary key, hence INDEXED BY.
_CUSTOMER_COLUMNS = (
    "id, last_login_date, first_name, last_name, email, tax_id, password_salt, password_hash,"
    " password_hash_type, password_hash_config, forgot_password, forgot_password_timestamp, is_anonymous,"
    " date_created, date_modified, is_active, currency_code, external_id, tax_exempt, open_account,"
    " enable_credit_cards, enable_budgets, enable_discounts, force_password_reset,"
    " allow_billing_address_management, allow_shipping_address_management"
)
_ONE = f"SELECT {_CUSTOMER_COLUMNS} FROM customer WHERE store_id = {STORE_ID} AND id = ?"
_PAGE = (
    f"SELECT {_CUSTOMER_COLUMNS},"
    f" (SELECT rows FROM tally WHERE store_id = {STORE_ID} AND name = 'customer:false')"
    f" FROM customer WHERE store_id = {STORE_ID} AND is_anonymous = 0 ORDER BY id LIMIT ? OFFSET ?"
)
_ATTRIBUTES = (
    "SELECT customer_id, id, name, value, visibility, date_created, date_modified"
    f" FROM attribute INDEXED BY ix_attribute_store_id_customer_id_id {_OWNED} %s ORDER BY customer_id, id"
)
_ADDRESSES = (
    "SELECT customer_id, id, ignore_address_restrictions, address_name, first_name, last_name, company,"
    " address1, address2, city, region, postal_code, country, phone, is_default_billing,"
    " is_default_shipping, for_billing, for_shipping, is_locked, display_label, date_created, date_modified"
    f" FROM customer_address INDEXED BY ix_customer_address_store_id_customer_id_id {_OWNED} %s"
    " ORDER BY customer_id, id"
)
_CARDS = (
    "SELECT customer_id, save_cc, cc_type, cc_number_masked, cc_exp_month, cc_exp_year, date_created,"
    f" date_modified FROM payment_method INDEXED BY uq_payment_method_customer {_OWNED} %s"
)


def _owned(connection: sqlite3.Connection, text: str, ids: Sequence[int]) -> sqlite3.Cursor:
    wanted = "= ?" if len(ids) == 1 else f"IN ({','.join('?' * len(ids))})"
    return connection.execute(text % wanted, ids)


def _customers(connection: sqlite3.Connection, rows: Sequence[Any], zoomed: bool) -> list[Json]:
    ids = [row[0] for row in rows]
    embedded: dict[int, Json] = {each: {"fx:attributes": []} for each in ids}
    for row in _owned(connection, _ATTRIBUTES, ids):
        embedded[row[0]]["fx:attributes"].append(_attribute(row))
    if zoomed:
        _zoom(connection, ids, embedded)
    return [_customer(row, embedded[row[0]]) for row in rows]


def _zoom(connection: sqlite3.Connection, ids: Sequence[int], embedded: dict[int, Json]) -> None:
    billing, shipping = {}, {}
    addresses: dict[int, list[Json]] = {each: [] for each in ids}
    for row in _owned(connection, _ADDRESSES, ids):
        address = _address(row)
        owner = row[0]
        addresses[owner].append(address)
        if row[14]:
            billing[owner] = address
        if row[15]:
            shipping[owner] = address
    cards = {row[0]: _card(row) for row in _owned(connection, _CARDS, ids)}
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


def _date(stored: str | None) -> str | None:
    return f"{stored[:10]}T{stored[11:]}+0000" if stored else None


def _customer(row: Any, embedded: Json) -> Json:
    return {
        "_links": orjson.Fragment(str(row[0]).join(_CUSTOMER_LINKS)),
        "_embedded": embedded,
        "id": row[0],
        "last_login_date": _date(row[1]),
        "first_name": row[2],
        "last_name": row[3],
        "email": row[4],
        "tax_id": row[5],
        "password_salt": row[6],
        "password_hash": row[7],
        "password_hash_type": row[8],
        "password_hash_config": row[9],
        "forgot_password": row[10],
        "forgot_password_timestamp": _date(row[11]),
        "is_anonymous": row[12] == 1,
        "date_created": _date(row[13]),
        "date_modified": _date(row[14]),
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


def _attribute(row: Any) -> Json:
    return {
        "_links": _child_links(f"/customer_attributes/{row[1]}", '"This customer attribute"', row[0]),
        "name": row[2],
        "value": row[3],
        "visibility": row[4],
        "date_created": _date(row[5]),
        "date_modified": _date(row[6]),
    }


def _address(row: Any) -> Json:
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
        "date_created": _date(row[20]),
        "date_modified": _date(row[21]),
    }


def _card(row: Any) -> Json:
    path = f"/customers/{row[0]}/default_payment_method"
    return {
        "_links": _child_links(path, '"Default Payment Method"', row[0]),
        "save_cc": row[1] == 1,
        "cc_type": row[2],
        "cc_number_masked": row[3],
        "cc_exp_month": row[4],
        "cc_exp_year": row[5],
        "date_created": _date(row[6]),
        "date_modified": _date(row[7]),
    }


def _page(customers: list[Json], total: int, limit: int, offset: int, zoom: str | None) -> Json:
    path = f"{_STORE}/customers"
    at = f"{path}?zoom={zoom}&limit={limit}&offset=" if zoom else f"{path}?limit={limit}&offset="
    links: Json = {
        "curies": _CURIES,
        "self": {"href": f"{path}?{request.query_string.decode()}", "title": "This Collection"},
        "first": {"href": f"{at}0", "title": "First Page of this Collection"},
    }
    if len(customers) == limit:
        following = f"{at}{offset + limit}&cursor={customers[-1]['id']}"
        links["next"] = {"href": following, "title": "Next Page of this Collection"}
    last = (total - 1) // limit * limit
    links["last"] = {"href": f"{at}{last}", "title": "Last Page of this Collection"}
    return {
        "_links": links,
        "_embedded": {"fx:customers": customers},
        "total_items": total,
        "returned_items": len(customers),
        "limit": limit,
        "offset": offset,
    }
