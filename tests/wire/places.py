"""The places where something can be written, and how to tell that a refusal there wrote nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.db.engine import unguarded_engine
from app.db.tables import Base
from app.hypermedia import ResourceType
from tests.site import Site
from tests.wire.bad_bodies import Bad
from tests.wire.test_refusals import READERS
from tests.wire.valid import REGISTRY

TYPES = REGISTRY.types


@dataclass(frozen=True)
class Place:
    """An address and a method that write, there many or what stands blank, and a property to spoil."""

    method: str
    path: str
    target: ResourceType
    spoiled: str
    many: bool = False
    blank: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PLACES = (
    Place("POST", "/stores/66/customers", TYPES["customer"], "first_name"),
    Place("PATCH", "/customers/115", TYPES["customer"], "first_name"),
    Place("PUT", "/customers/115", TYPES["customer"], "first_name"),
    Place("POST", "/customers/115/attributes", TYPES["customer_attribute"], "name"),
    Place("PATCH", "/customers/115/attributes", TYPES["customer_attribute"], "name", many=True),
    Place("PUT", "/customers/115/attributes", TYPES["customer_attribute"], "name", many=True),
    Place("POST", "/stores/66/attributes", TYPES["store_attribute"], "name"),
    Place("POST", "/customers/115/addresses", TYPES["customer_address"], "address1"),
    Place("PATCH", "/customers/115/default_billing_address", TYPES["customer_address"], "address1"),
    Place(
        "PATCH", "/customers/146/default_shipping_address", TYPES["customer_address"], "address1", blank=True
    ),
    Place("PATCH", "/customers/115/default_payment_method", TYPES["payment_method"], "cc_exp_month"),
    Place("PATCH", "/stores/66", TYPES["store"], "store_name"),
    Place("POST", "/stores/66/transactions", TYPES["transaction"], "customer_first_name"),
    Place("POST", "/transactions/1/attributes", TYPES["transaction_attribute"], "name"),
    Place("PATCH", "/transactions/1", TYPES["transaction"], "hide_transaction"),
)


def rows(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """All that is stored, as the database has it."""
    engine = unguarded_engine(site.url)
    with engine.connect() as connection:
        stored = {
            table.name: [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')]
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return {name: sorted(each, key=repr) for name, each in stored.items()}


@contextmanager
def nothing_written(site: Site) -> Iterator[None]:
    """Holds what is stored afterwards against what was before."""
    before = rows(site)
    yield
    assert rows(site) == before


def require_refused(site: Site, place: Place, media_type: str, bad: Bad, accept: str) -> None:
    """Sends a bad body, and holds the answer against what it is to be refused with."""
    started = time.thread_time()
    answer = site.send(place.method, place.path, bad.body, media_type, accept)
    assert time.thread_time() - started < 0.5, bad.what
    assert answer.status_code == bad.status, (bad.what, answer.text)
    assert answer.headers["Content-Type"] == accept
    entries = READERS[accept](answer.data)
    assert (bad.property, bad.code) in [(each["property"], each["code"]) for each in entries], (
        bad.what,
        entries,
    )
    assert all(each["message"] and each["logref"].startswith("id-") for each in entries), bad.what
