"""A crowd of customers whose values are all there is to trip over, as rows and on a site."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert

from app.db.engine import unguarded_engine
from app.db.tally import recount
from app.resources.attribute import Attribute
from app.resources.customer import Customer, fold_email
from app.resources.customer_address import CustomerAddress
from app.resources.item import Item
from app.resources.payment_method import PaymentMethod
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.sandbox import STORE_ID
from tests.site import Site, open_site

Row = dict[str, Any]

CUSTOMERS = f"/stores/{STORE_ID}/customers"
BOTH = "is_anonymous=false|is_anonymous=true"

LAST_NAMES = (
    None, "", "a", "A", "B", "Ab", "AB", "b*", "a|b", "a,b", "100%", "a_b", "a?b", "[a]", "a\\b", "é",
    "e\u0301", "Ω", "\U0001f600", "\uffff", "Smith", "Smith", "Smith", "smith", "Smithers", "..", "x",
    "true", " a ",
)  # fmt: skip
FIRST_NAMES = (None, "Ann", "Bo", "Cy")
EMAILS = (
    "Ann{}@Example.com",
    "bob+{}@example.org",
    "{}@bücher.example",
    "x_{}@example.com",
    "c%{}@a.example",
)
CITIES = (None, "Berlin", "Portland", "portland", "")
COUNTRIES = ("DE", "US", "US", None)
NAMES = ("color", "size", "a[b]c", "long" * 50)
VALUES = ("red", "blue", "", "re*d", "red" * 100, "red" * 100 + "!")
DATES = (
    None,
    datetime(2013, 8, 16, 6, 59, 59, tzinfo=UTC),
    datetime(2013, 8, 16, 7, tzinfo=UTC),
    datetime(2013, 8, 17, 6, 59, 59, tzinfo=UTC),
    datetime(2013, 8, 17, 7, tzinfo=UTC),
    datetime(2020, 2, 29, 12, 30, 15, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
)


def customers() -> list[Row]:
    """Two customers for each last name; every third is a guest."""
    return [_customer(number) for number in range(1, 2 * len(LAST_NAMES) + 1)]


def addresses() -> list[Row]:
    """None, one or two of each; the first may be a default."""
    rows = [_address(number, place) for number in range(1, 50) for place in range(number % 3)]
    return [{"id": at, "store_id": STORE_ID, **row} for at, row in enumerate(rows, 1)]


def attributes() -> list[Row]:
    """Up to four of each; some of the names twice, and some that only another client sees."""
    rows = [_attribute(number, place) for number in range(1, 50) for place in range(number % 5)]
    return [{"id": at, "store_id": STORE_ID, **row} for at, row in enumerate(rows, 1)]


def cards() -> list[Row]:
    """A card of every fifth."""
    return [
        {
            "id": at,
            "store_id": STORE_ID,
            "customer_id": at * 3,
            "save_cc": True,
            "cc_type": ("visa", None)[at % 2],
        }
        for at in range(5, 50, 5)
    ]


@pytest.fixture(scope="session")
def crowd(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose store has the crowd alone, shared by tests that only read."""
    with open_site(engine_name, tmp_path_factory.mktemp("crowd")) as site:
        assemble(site)
        yield site


def assemble(site: Site) -> None:
    """Puts the crowd in place of the sandbox's people."""
    engine = unguarded_engine(site.url)
    made = {Customer: customers, CustomerAddress: addresses, Attribute: attributes, PaymentMethod: cards}
    with engine.begin() as connection:
        for row in (Item, Transaction, Subscription, *reversed(made)):
            connection.execute(delete(row).where(row.store_id == STORE_ID))
        for row, rows in made.items():
            connection.execute(insert(row), rows())
        recount(connection, STORE_ID, (Customer, Transaction, Subscription))
    engine.dispose()


def _customer(number: int) -> Row:
    email = EMAILS[number % len(EMAILS)].format(number)
    return {
        "store_id": STORE_ID,
        "id": number * 3,
        "last_name": LAST_NAMES[number % len(LAST_NAMES)],
        "name": LAST_NAMES[number * 7 % len(LAST_NAMES)],
        "first_name": FIRST_NAMES[number % len(FIRST_NAMES)],
        "email": email,
        "email_key": fold_email(email),
        "is_anonymous": number % 3 == 0,
        "is_active": number % 4 != 0,
        "last_login_date": DATES[number % len(DATES)],
        "date_created": DATES[number % 5],
        "date_modified": DATES[number % 2 + 3],
    }


def _address(number: int, place: int) -> Row:
    return {
        "customer_id": number * 3,
        "address_name": f"{number}-{place}",
        "address1": "Street",
        "city": CITIES[(number + place) % len(CITIES)],
        "country": COUNTRIES[number % len(COUNTRIES)],
        "full_name": LAST_NAMES[number * 7 % len(LAST_NAMES)] if place else None,
        "for_billing": number % 2 == 0,
        "for_shipping": place == 0 or number % 2 == 1,
        "is_default_billing": place == 0 and number % 2 == 0,
        "is_default_shipping": place == 0 and number % 4 == 0,
    }


def _attribute(number: int, place: int) -> Row:
    hidden = place == 3
    return {
        "customer_id": number * 3,
        "name": NAMES[(number + place) % len(NAMES)],
        "value": VALUES[(number * 2 + place) % len(VALUES)],
        "visibility": "restricted" if hidden else ("public", "private")[place % 2],
        "client": "somebody else" if hidden else "",
    }
