"""The database that is measured: Patron's own schema, two stores, the larger of 10,000 customers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bcrypt
from sqlalchemy import Connection, insert

from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.db.engine import unguarded_engine
from app.db.migrate import upgrade
from app.db.tables import Base
from app.db.tally import recount
from app.emails import fold_email
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.customer_portal_settings import CustomerPortalSettings
from app.resources.payment_method import PaymentMethod
from app.resources.store import Store
from tests.benchmarks.documents import CUSTOMERS, STORE_ID

OTHER_STORE_ID = STORE_ID + 1
OTHER_CUSTOMERS = 1_000

Row = dict[str, Any]

_OPENED = datetime(2019, 3, 1, 8, 0, tzinfo=UTC)
_CHUNK = 2_000


PASSWORD = "correct horse battery staple"
PASSWORD_HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode()
"""Of every customer: that saves the time to hash 11,000 passwords."""


def email(number: int) -> str:
    """The email address of a customer."""
    return f"{_of(_GIVEN, number)}.{number:05d}@mail{number % 17}.example".lower()


def make_database(path: Path) -> str:
    """Makes and fills the database.

    :returns: a token for the measured store.
    """
    url = f"sqlite:///{path}"
    upgrade(url)
    token = new_token()
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        _insert(connection, Store, (_store(each) for each in (STORE_ID, OTHER_STORE_ID)))
        _fill(connection, STORE_ID, CUSTOMERS)
        _fill(connection, OTHER_STORE_ID, OTHER_CUSTOMERS)
        _insert(connection, Token, [_token(token)])
        _insert(connection, CustomerPortalSettings, [{"store_id": STORE_ID, "id": 1}])
    engine.dispose()
    return token


def _fill(connection: Connection, store_id: int, count: int) -> None:
    numbers = range(1, count + 1)
    _insert(connection, Customer, (_customer(store_id, each) for each in numbers))
    _insert(connection, Attribute, (row for each in numbers for row in _attributes(store_id, each)))
    _insert(connection, CustomerAddress, (row for each in numbers for row in _addresses(store_id, each)))
    _insert(connection, PaymentMethod, (_card(store_id, each) for each in numbers))
    recount(connection, store_id, (Customer, Attribute, CustomerAddress, PaymentMethod))


def _insert(connection: Connection, row: type[Base], rows: Iterator[Row] | list[Row]) -> None:
    chunk: list[Row] = []
    for each in rows:
        chunk.append(each)
        if len(chunk) == _CHUNK:
            connection.execute(insert(row), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(row), chunk)


def _store(store_id: int) -> Row:
    domain = f"store-{store_id}.example"
    return {"id": store_id, "store_name": domain, "store_domain": domain, "store_email": f"hello@{domain}"}


def _token(token: str) -> Row:
    return {
        "hash": token_hash(token),
        "store_id": STORE_ID,
        "scope": STORE_FULL_ACCESS.name,
        "client": "bench",
        "expires_at": None,
        "revoked_at": None,
    }


def _dates(number: int) -> Row:
    created = _OPENED + timedelta(hours=5 * number % 50_000, minutes=7 * number % 60, seconds=number % 60)
    return {"date_created": created, "date_modified": created + timedelta(days=number % 90, hours=3)}


def _customer(store_id: int, number: int) -> Row:
    dates = _dates(number)
    return {
        "store_id": store_id,
        "id": number,
        "first_name": _of(_GIVEN, number),
        "last_name": _of(_FAMILY, number),
        "email": email(number),
        "email_key": fold_email(email(number)),
        "last_login_date": dates["date_modified"] if number % 3 else None,
        "tax_id": f"TAX-{number}" if number % 5 == 0 else None,
        "password_hash": PASSWORD_HASH,
        "password_hash_type": "bcrypt",
        "password_hash_config": "12",
        "currency_code": "EUR" if number % 4 == 1 else None,
        "external_id": f"ERP-{number:06d}" if number % 2 else None,
        "open_account": number % 6 == 5,
        **dates,
    }


def _attributes(store_id: int, number: int) -> Iterator[Row]:
    contents = (
        ("Favourite colour", _of(("teal", "crimson", "ochre"), number), "public"),
        ("Loyalty tier", _of(("bronze", "silver", "gold"), number), "private"),
        ("Note", f'Prefers "{_of(_CITIES, number)}" & calls before 18:00', "private"),
    )
    for position, (name, value, visibility) in enumerate(contents):
        yield {
            "store_id": store_id,
            "id": 3 * number - 2 + position,
            "customer_id": number,
            "name": name,
            "value": value,
            "visibility": visibility,
            **_dates(number + position),
        }


def _addresses(store_id: int, number: int) -> Iterator[Row]:
    for position, name in enumerate(("Home", "Work")):
        yield {
            "store_id": store_id,
            "id": 2 * number - 1 + position,
            "customer_id": number,
            "address_name": name,
            "first_name": _of(_GIVEN, number),
            "last_name": _of(_FAMILY, number),
            "company": "Foxglove & Co." if position else None,
            "address1": f"{number % 300 + 1} {_of(_STREETS, number + position)}",
            "city": _of(_CITIES, number + position),
            "region": "OR" if number % 2 else None,
            "postal_code": f"{10_000 + number % 89_999}",
            "country": "US",
            "phone": f"+1 555 {number:07d}" if number % 2 else None,
            "is_default_billing": position == 0,
            "is_default_shipping": position == 1,
            "for_billing": position == 0,
            **_dates(number + position),
        }


def _card(store_id: int, number: int) -> Row:
    return {
        "store_id": store_id,
        "id": number,
        "customer_id": number,
        "save_cc": True,
        "cc_type": "visa",
        "cc_number_masked": f"xxxxxxxxxxxx{number % 10_000:04d}",
        "cc_exp_month": f"{number % 12 + 1:02d}",
        "cc_exp_year": f"{2027 + number % 6}",
        **_dates(number),
    }


def _of(names: tuple[str, ...], number: int) -> str:
    return names[number % len(names)]


_GIVEN = ("Ada", "Bela", "Chidi", "Dolores", "Emeka", "Farah", "Goran", "Hana", "Ines", "Jun", "Zoe")
_FAMILY = ("Okafor", "Núñez", "Lindqvist", "O'Brien", "Tanaka", "Haddad", "Kowalski")
_STREETS = ("Fifth Avenue", "Calle de la Palma", "Storgata", "Market Street, Suite 8")
_CITIES = ("Portland", "Tromsø", "Madrid", "Osaka", "Gdańsk")
