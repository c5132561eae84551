"""The rows from PostgreSQL, on a connection that each thread keeps; psycopg prepares what it repeats."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.benchmarks.by_hand import statements
from tests.benchmarks.by_hand.dictionaries import ZONE, Row

_ONE = f"{statements.ONE} %s".encode()
_PAGE = statements.PAGE.format("%s").encode()
_DEEP = statements.DEEP.format("%s").encode()
_SEARCH = statements.SEARCH.format("%s").encode()
_COUNT = statements.COUNT.format("%s").encode()
_IDS = "= ANY(%s)"
_ATTRIBUTES = (
    f"SELECT {statements.ATTRIBUTE_COLUMNS} FROM attribute {statements.OWNED} {_IDS} ORDER BY customer_id, id"
).encode()
_ADDRESSES = (
    f"SELECT {statements.ADDRESS_COLUMNS} FROM customer_address {statements.OWNED} {_IDS}"
    " ORDER BY customer_id, id"
).encode()
_CARDS = f"SELECT {statements.CARD_COLUMNS} FROM payment_method {statements.OWNED} {_IDS}".encode()


class Postgresql:
    """The database of the floor."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept = threading.local()

    def one(self, customer_id: int) -> Row | None:
        """A customer."""
        return self._connection().execute(_ONE, (customer_id,)).fetchone()

    def page(self, limit: int, offset: int) -> list[Row]:
        """Customers by id, each with how many there are as its last column."""
        return self._connection().execute(_DEEP if offset else _PAGE, (limit, offset)).fetchall()

    def search(self, key: str, limit: int, offset: int) -> tuple[list[Row], int]:
        """Customers by their folded email, and how many there are: counted where a page has not all."""
        rows = self._connection().execute(_SEARCH, (key, limit, offset)).fetchall()
        if offset or len(rows) == limit:
            return rows, self._connection().execute(_COUNT, (key,)).fetchall()[0][0]
        return rows, len(rows)

    def attributes(self, ids: Sequence[int]) -> list[Row]:
        """The attributes of these customers."""
        return self._connection().execute(_ATTRIBUTES, (ids,)).fetchall()

    def addresses(self, ids: Sequence[int]) -> list[Row]:
        """Their addresses."""
        return self._connection().execute(_ADDRESSES, (ids,)).fetchall()

    def cards(self, ids: Sequence[int]) -> list[Row]:
        """Their saved cards."""
        return self._connection().execute(_CARDS, (ids,)).fetchall()

    def update(self, customer_id: int, changes: dict[str, Any]) -> None:
        """Sets columns of a customer, and commits."""
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        text = statements.update("%s", list(changes)).encode()
        self._connection().execute(text, (*changes.values(), now, customer_id))

    @staticmethod
    def date(stored: datetime | None) -> str | None:
        """A moment in the store's time."""
        if stored is None:
            return None
        local = stored.replace(tzinfo=UTC).astimezone(ZONE).isoformat()
        return f"{local[:22]}{local[23:]}"

    def _connection(self) -> psycopg.Connection:
        try:
            return self._kept.connection  # type: ignore[no-any-return] # each thread's own
        except AttributeError:
            self._kept.connection = psycopg.connect(self._url, autocommit=True)
            return self._kept.connection  # type: ignore[no-any-return]
