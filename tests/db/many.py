"""A site with 100,000 customers in one store and some in others, loaded in bulk; what its statements cost."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Integer, String, cast, func, insert, literal, null, select, type_coerce
from sqlalchemy import case as sql_case

from app.db.engine import unguarded_engine
from app.db.functions import add_functions
from app.db.prepared import Prepared
from app.db.tally import recount
from app.db.types import Moment
from app.encryption import Cipher
from app.filtering import Filtering
from app.paging import Pages
from app.query import Query, parse_page
from app.reading import Caller, Source
from app.resources.attribute import Attribute
from app.resources.customer import CUSTOMER, Customer
from app.resources.customer_address import CustomerAddress
from app.resources.store import Store
from app.sandbox import OTHER_STORE_ID, STORE_ID
from app.zones import zone
from tests.site import SECRET, Site, open_site

MANY = 100_000
FIRST_ID = 1_000
STORES = {STORE_ID: MANY, OTHER_STORE_ID: 2_000, 68: 2_000, 69: 2_000}
OPENED = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cost:
    """What a statement does, in the engine's words, and how many rows it looks at and gives."""

    plan: str
    rows: float
    given: int


class Crowded:
    """The site, with the statements of its pages."""

    def __init__(self, site: Site) -> None:
        self.site = site
        patron = site.app.extensions["patron"]
        self._source = Source(patron.registry, patron.reader, Cipher(SECRET), CUSTOMER)
        self._registry = patron.registry
        self._pages = Pages(self._source, Filtering(patron.registry, patron.reader.dialect))
        self._caller = Caller(STORE_ID, "", zone("America/Los_Angeles"))

    def rows(self, raw: str) -> list[tuple[Prepared, list[Any]]]:
        """The statements of a page's rows, as the catalogue makes them, with their values."""
        query = self._query(raw)
        return [self._with_values(each, query) for each in self._pages.walks("store_id", query)]

    def count(self, raw: str) -> tuple[Prepared, list[Any]]:
        """The statement that counts them."""
        query = self._query(raw)
        return self._with_values(self._pages.count("store_id", query), query)

    def cost_of_page(self, raw: str) -> float:
        """How many rows a page looks at, in statements of which each goes on where the last one ended."""
        total, left = 0.0, self._query(raw).limit
        for statement, _ in self.rows(raw):
            query = replace(self._query(raw), limit=left)
            cost = self.cost(*self._with_values(statement, query))
            total, left = total + cost.rows, left - cost.given
            if not left:
                break
        return total

    def cost(self, statement: Prepared, arguments: list[Any]) -> Cost:
        """What a statement does with these values."""
        measure = _on_sqlite if self.site.engine.dialect.name == "sqlite" else _on_postgresql
        return measure(self.site, statement.text, arguments)

    def _query(self, raw: str) -> Query:
        return parse_page(raw, self._registry, CUSTOMER, self._caller.zone)

    def _with_values(self, statement: Prepared, query: Query) -> tuple[Prepared, list[Any]]:
        values: Mapping[str, Any] = self._caller.parameters | self._pages.values(query) | {"owner": STORE_ID}
        return statement, statement.arguments(values)


@pytest.fixture(scope="session")
def crowded(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    """The site of many customers, shared by tests that only read."""
    with open_site(engine_name, tmp_path_factory.mktemp("crowded")) as site:
        engine = unguarded_engine(site.url)
        with engine.begin() as connection, without_indexes(connection):
            _fill(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        engine.dispose()
        yield Crowded(site)


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """Makes the indexes anew at the end: that is quicker than to keep them while rows come."""
    tables = [row.__table__ for row in (Customer, CustomerAddress, Attribute)]
    indexes = [index for table in tables for index in table.indexes if not index.unique]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _fill(connection: Connection) -> None:
    stores = [
        {"id": each, "store_name": f"{each}", "store_domain": f"{each}", "store_email": f"a@{each}.example"}
        for each in STORES
        if each not in {STORE_ID, OTHER_STORE_ID}
    ]
    connection.execute(insert(Store), stores)
    for store_id, number in STORES.items():
        _customers(connection, store_id, number)
        _related(connection, store_id, number)
        recount(connection, store_id, (Customer,))


def _customers(connection: Connection, store_id: int, number: int) -> None:
    n = _numbers(number)
    email = literal("person") + cast(n, String) + "@example.com"
    created = _moment(connection, n * 7919 % MANY)
    first, last = literal("Given") + cast(n % 31, String), literal("Name") + cast(n % 400, String)
    values = {
        "store_id": literal(store_id, Integer),
        "id": n + FIRST_ID,
        "email": email,
        "email_key": email,
        "first_name": first,
        "last_name": sql_case((n % 50 == 0, null()), else_=last),
        "name": sql_case((n % 50 == 0, first), else_=first + " " + last),
        "is_anonymous": n % 5 == 0,
        "last_login_date": sql_case((n % 3 == 0, null()), else_=_moment(connection, n * 7907 % MANY)),
        "date_created": created,
        "date_modified": created,
    }
    connection.execute(insert(Customer).from_select(list(values), select(*values.values())))


def _related(connection: Connection, store_id: int, number: int) -> None:
    """For every fourth customer an address and two attributes."""
    n = _numbers(number // 4)
    owned = {"store_id": literal(store_id, Integer), "customer_id": n * 4 + FIRST_ID}
    address = owned | {
        "id": n + FIRST_ID,
        "address_name": literal("Home"),
        "city": literal("City") + cast(n % 500, String),
        "country": literal("US"),
        "is_default_billing": n % 2 == 0,
    }
    connection.execute(insert(CustomerAddress).from_select(list(address), select(*address.values())))
    for place, (name, kinds) in enumerate({"color": 400, "size": 3}.items()):
        value = literal("value") + cast(n % kinds, String)
        attribute = owned | {"id": n * 2 + FIRST_ID + place, "name": literal(name), "value": value}
        connection.execute(insert(Attribute).from_select(list(attribute), select(*attribute.values())))


def _numbers(last: int) -> Any:
    """A column of the numbers from 1 on."""
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last))
    return numbers.c.n


def _moment(connection: Connection, minutes: Any) -> Any:
    if connection.dialect.name == "sqlite":
        text = func.datetime(f"{OPENED:%Y-%m-%d}", cast(minutes, String) + " minutes")
        return type_coerce(text, Moment)
    return type_coerce(literal(OPENED, Moment) + minutes * literal(timedelta(minutes=1)), Moment)


STEPS_A_ROW = 40
"""How many steps SQLite's machine takes for a row of a page, about: so its work can be told in rows."""


def _on_sqlite(site: Site, text: str, arguments: list[Any]) -> Cost:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection = sqlite3.connect(str(site.engine.url.database))
    add_functions(connection)
    plan = "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", arguments))
    connection.set_progress_handler(step, 10)
    given = connection.execute(text, arguments).fetchall()
    connection.close()
    return Cost(plan, steps * 10 / STEPS_A_ROW, len(given))


def _on_postgresql(site: Site, text: str, arguments: list[Any]) -> Cost:
    with psycopg.connect(site.url) as connection:
        (explained,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", arguments).fetchone()
        root = explained[0]["Plan"]
    nodes = list(_nodes(root))
    looked_at = sum(
        (each["Actual Rows"] + each.get("Rows Removed by Filter", 0)) * each["Actual Loops"]
        for each in nodes
        if "Scan" in each["Node Type"]
    )
    plan = "\n".join(
        f"{each['Node Type']} {each.get('Index Name', '')} on {each.get('Relation Name', '')}"
        for each in nodes
    ).replace("Scan  on", "Scan on")
    return Cost(plan, looked_at, root["Actual Rows"])


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
