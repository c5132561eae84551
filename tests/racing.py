"""Requests that race: threads on one application, all let go at the same moment."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, get_ident
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import guard
from app.db.engine import unguarded_engine
from app.db.tally import Tally
from app.resources.customer import Customer
from tests.site import Site

Done = TypeVar("Done")

CUSTOMERS = "/stores/66/customers"
FEW = 6
"""Each of so many writers loses at most to the five others, once each: five tries more suffice for all."""


def new_customer(site: Site, **properties: object) -> str:
    """The address of a customer of a test's own."""
    made = site.send("POST", CUSTOMERS, {"email": f"{uuid4().hex}@example.com", **properties})
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def together(site: Site, requests: Sequence[Callable[[], Done]]) -> list[Done]:
    """What the requests give, in their order."""
    start = Barrier(len(requests))

    def go(request: Callable[[], Done]) -> Done:
        start.wait()
        try:
            return request()
        finally:
            site.app.extensions["patron"].reader.close()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(go, requests))


def statuses(responses: Iterable[TestResponse]) -> Counter[int]:
    return Counter(response.status_code for response in responses)


@contextmanager
def before_each(text: str, act: Callable[[], object]) -> Iterator[None]:
    """Does something before each statement of this thread that holds a text, except those that it makes."""
    mine, acting = get_ident(), False

    def observe(statement: str) -> None:
        nonlocal acting
        if get_ident() == mine and text in statement and not acting:
            acting = True
            act()
            acting = False

    guard.observers.append(observe)
    try:
        yield
    finally:
        guard.observers.remove(observe)


def assert_counted(site: Site) -> None:
    """The counters are those that counting gives, in both stores."""
    opened = unguarded_engine(site.url)
    with opened.connect() as connection:
        kept = connection.execute(
            select(Tally.store_id, Tally.name, Tally.rows).where(Tally.name.startswith("customer:"))
        )
        rows = connection.execute(
            select(Customer.store_id, Customer.is_anonymous, func.count()).group_by(
                Customer.store_id, Customer.is_anonymous
            )
        )
        counted = {(store, f"customer:{str(guest).lower()}"): number for store, guest, number in rows}
        assert {(store, name): number for store, name, number in kept} == counted
    opened.dispose()
