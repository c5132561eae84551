"""Customers with addresses whose values are awkward to compare, and entities as the oracle reads them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert

from app.db.tally import recount
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.sandbox import OTHER_STORE_ID, STORE_ID

FIRST = 900_000
NAMES = (
    None,
    "",
    "a",
    "A",
    "ab",
    "a%b",
    "axb",
    "a_b",
    "É",
    "é",
    "Straße",
    " a ",
    "😀é",
    "O'Neil",
    "Mary Ann",
    "ΑΣ",
    "\\",
)
CREATED = datetime(2019, 9, 30, 7, 59, 59, tzinfo=UTC)
LOGGED_IN = (
    None,
    CREATED,
    datetime(2020, 2, 29, 12, tzinfo=UTC),
    datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC),
)
CITIES = (None, "Berlin", "", "berlin", "a%b", "É")


def fill(engine: Engine) -> None:
    """Adds them to the sandbox's store, and one like them to another store."""
    with engine.begin() as connection:
        customers = [_customer(place, name) for place, name in enumerate(NAMES)]
        stranger = {**_customer(0, "a"), "store_id": OTHER_STORE_ID}
        connection.execute(insert(Customer), [*customers, stranger])
        addresses = [_address(at, FIRST + at % 11, STORE_ID) for at in range(40)]
        connection.execute(insert(CustomerAddress), [*addresses, _address(0, FIRST, OTHER_STORE_ID)])
        for store in (STORE_ID, OTHER_STORE_ID):
            recount(connection, store, (Customer,))


def _customer(place: int, name: str | None) -> dict[str, Any]:
    email = f"{'Ab'[place % 2]}{place}@Example.com"
    return {
        "store_id": STORE_ID,
        "id": FIRST + place,
        "name": name,
        "email": email,
        "email_key": email.lower(),
        "is_anonymous": place % 5 == 0,
        "is_active": place % 3 != 0,
        "tax_exempt": place % 4 == 0,
        "currency_code": (None, "USD", "EUR")[place % 3],
        "external_id": (None, "", "x", "X")[place % 4],
        "last_login_date": LOGGED_IN[place % 4],
        "date_created": CREATED if place % 2 else LOGGED_IN[2],
        "date_modified": CREATED,
    }


def _address(at: int, customer: int, store: int) -> dict[str, Any]:
    return {
        "store_id": store,
        "id": FIRST + at,
        "customer_id": customer,
        "address_name": f"address {at}",
        "full_name": NAMES[at % 7],
        "city": CITIES[at % 6],
        "for_billing": at % 3 != 0,
        "for_shipping": at % 3 != 1,
        "is_default_billing": at % 3 != 0 and at < 11,
        "is_default_shipping": False,
        "is_locked": at % 4 == 0,
        "display_label": (None, "a", "A")[at % 3],
    }
