"""What the measured stores hold: customers, each with three attributes, two addresses and a saved card.

Rows are tuples in the order of `COLUMNS`, as both engines take them: moments are text in UTC, and what
follows from other properties is worked out by Patron's own functions.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from app.db.tables import StoreRow
from app.emails import fold_email
from app.names import whole_name
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.payment_method import PaymentMethod

Row = tuple[Any, ...]

PASSWORD = "correct horse battery staple"
PASSWORD_HASH = "$2b$12$0123456789abcdefghijkuKtFHZ9i6Aaj8T/12qVf9DHE7V1oHbDO"
"""Of every customer, at cost 12: nobody has the time to hash a million passwords."""

_KEYS, _DATES = ("store_id", "id"), ("date_created", "date_modified")
COLUMNS: Mapping[type[StoreRow], tuple[str, ...]] = {
    Customer: (
        *_KEYS, "first_name", "last_name", "name", "email", "email_key", "last_login_date", "tax_id",
        "password_hash", "password_hash_type", "password_hash_config", "currency_code", "external_id",
        "open_account", *_DATES,
    ),
    Attribute: (*_KEYS, "customer_id", "name", "value", "visibility", *_DATES),
    CustomerAddress: (
        *_KEYS, "customer_id", "address_name", "first_name", "last_name", "full_name", "company", "address1",
        "city", "region", "postal_code", "country", "phone", "is_default_billing", "is_default_shipping",
        "for_billing", *_DATES,
    ),
    PaymentMethod: (
        *_KEYS, "customer_id", "save_cc", "cc_type", "cc_number_masked", "cc_exp_month", "cc_exp_year",
        *_DATES,
    ),
}  # fmt: skip
"""Which columns are given; the others have the defaults that they always have."""

LARGEST_IDS: Mapping[type[StoreRow], int] = {Customer: 1, Attribute: 3, CustomerAddress: 2, PaymentMethod: 1}
"""The largest id of each kind, as a multiple of how many customers there are."""


def rows(kind: type[StoreRow], store_id: int, count: int) -> Iterator[Row]:
    """The rows of one table that belong to so many customers of a store, in the order of their ids."""
    of = _OF[kind]
    for number in range(1, count + 1):
        yield from of(store_id, number)


def email(number: int) -> str:
    """The email address of a customer."""
    return f"{_of(_GIVEN, number)}.{number:05d}@mail{number % 17}.example".lower()


def _customers(store_id: int, number: int) -> Iterator[Row]:
    created, modified = _dates(number)
    first, last, address = _of(_GIVEN, number), _of(_FAMILY, number), email(number)
    yield (
        store_id,
        number,
        first,
        last,
        whole_name(first, last),
        address,
        fold_email(address),
        modified if number % 3 else None,
        f"TAX-{number}" if number % 5 == 0 else None,
        PASSWORD_HASH,
        "bcrypt",
        "12",
        "EUR" if number % 4 == 1 else None,
        f"ERP-{number:06d}" if number % 2 else None,
        number % 6 == 5,
        created,
        modified,
    )


def _attributes(store_id: int, number: int) -> Iterator[Row]:
    contents = (
        ("Favourite colour", _of(("teal", "crimson", "ochre"), number), "public"),
        ("Loyalty tier", _of(("bronze", "silver", "gold"), number), "private"),
        ("Note", f'Prefers "{_of(_CITIES, number)}" & calls before 18:00', "private"),
    )
    for position, content in enumerate(contents):
        yield store_id, 3 * number - 2 + position, number, *content, *_dates(number + position)


def _addresses(store_id: int, number: int) -> Iterator[Row]:
    first, last = _of(_GIVEN, number), _of(_FAMILY, number)
    for position, name in enumerate(("Home", "Work")):
        yield (
            store_id,
            2 * number - 1 + position,
            number,
            name,
            first,
            last,
            whole_name(first, last),
            "Foxglove & Co." if position else None,
            f"{number % 300 + 1} {_of(_STREETS, number + position)}",
            _of(_CITIES, number + position),
            "OR" if number % 2 else None,
            f"{10_000 + number % 89_999}",
            "US",
            f"+1 555 {number:07d}" if number % 2 else None,
            position == 0,
            position == 1,
            position == 0,
            *_dates(number + position),
        )


def _cards(store_id: int, number: int) -> Iterator[Row]:
    masked = f"xxxxxxxxxxxx{number % 10_000:04d}"
    month, year = f"{number % 12 + 1:02d}", f"{2027 + number % 6}"
    yield store_id, number, number, True, "visa", masked, month, year, *_dates(number)


_OF: Mapping[type[StoreRow], Callable[[int, int], Iterator[Row]]] = {
    Customer: _customers,
    Attribute: _attributes,
    CustomerAddress: _addresses,
    PaymentMethod: _cards,
}

_OPENED = datetime(2019, 3, 1, 8, 0)  # noqa: DTZ001 - in UTC, as all that is stored


@lru_cache(maxsize=8)
def _dates(number: int) -> tuple[str, str]:
    """When something was created and modified, as it is stored."""
    seconds = 5 * number % 50_000 * 3600 + 7 * number % 60 * 60 + number % 60
    created = _OPENED + timedelta(0, seconds)
    return created.isoformat(" "), (created + timedelta(number % 90, 10_800)).isoformat(" ")


def _of(names: tuple[str, ...], number: int) -> str:
    return names[number % len(names)]


_GIVEN = ("Ada", "Bela", "Chidi", "Dolores", "Emeka", "Farah", "Goran", "Hana", "Ines", "Jun", "Zoe")
_FAMILY = ("Okafor", "Núñez", "Lindqvist", "O'Brien", "Tanaka", "Haddad", "Kowalski")
_STREETS = ("Fifth Avenue", "Calle de la Palma", "Storgata", "Market Street, Suite 8")
_CITIES = ("Portland", "Tromsø", "Madrid", "Osaka", "Gdańsk")
