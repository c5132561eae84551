"""POSTs with an Idempotency-Key, and the table in which keys are kept."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.db.engine import unguarded_engine
from app.idempotency import IdempotencyKey
from tests.racing import CUSTOMERS
from tests.site import Site

GUEST = {"email": "again@example.com", "is_anonymous": True}
"""Nothing but the key keeps a second one from being made."""


def post(site: Site, key: str, body: Any = GUEST, path: str = CUSTOMERS, **options: Any) -> TestResponse:
    return site.send("POST", path, body, Idempotency_Key=key, **options)


def guests(site: Site) -> int:
    total: int = site.hal(f"{CUSTOMERS}?limit=0&is_anonymous=true")["total_items"]
    return total


def stored(site: Site, key: str) -> list[Mapping[str, Any]]:
    """The rows of a key, of whatever store and client."""
    opened = unguarded_engine(site.url)
    with opened.connect() as connection:
        rows = connection.execute(select(IdempotencyKey.__table__).where(IdempotencyKey.key == key))
        found = [dict(row) for row in rows.mappings()]
    opened.dispose()
    return found


def set_stored(site: Site, key: str, **values: Any) -> None:
    opened = unguarded_engine(site.url)
    with opened.begin() as connection:
        connection.execute(update(IdempotencyKey).where(IdempotencyKey.key == key).values(values))
    opened.dispose()


def age(site: Site, key: str, seconds: int) -> None:
    """Lets a key have been sent so much earlier."""
    set_stored(site, key, claimed_at=IdempotencyKey.claimed_at - seconds)


def replayed(answer: TestResponse) -> bool:
    return answer.headers.get("Idempotency-Replayed") == "true"


def assert_same(again: TestResponse, first: TestResponse) -> None:
    """Byte for byte, and each header but the own id; only that it is a repetition is said besides."""
    assert replayed(again)
    assert not replayed(first)
    told = {"Idempotency-Replayed", "X-Request-ID"}
    headers = [[pair for pair in each.headers if pair[0] not in told] for each in (again, first)]
    assert (again.status, again.data, headers[0]) == (first.status, first.data, headers[1])
