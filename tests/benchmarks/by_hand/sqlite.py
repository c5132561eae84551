"""The rows from an SQLite file, on a connection that each thread keeps, with the pragmas that Patron sets."""

import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.db.engine import BUSY_TIMEOUT_MS, MAPPED_BYTES
from tests.benchmarks.by_hand import statements
from tests.benchmarks.by_hand.dictionaries import ZONE, Row

_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    f"mmap_size = {MAPPED_BYTES}",
)
# The store's and the owner's index is named, as SQLite may take the store's own one for as good.
_PAGE = statements.PAGE.format("?")
_DEEP = statements.DEEP.replace("NOT is_anonymous", "is_anonymous = 0").format("?")
_SEARCH = statements.SEARCH.format("?")
_COUNT = statements.COUNT.format("?")
_ONE = f"{statements.ONE} ?"
_ATTRIBUTES = (
    f"SELECT {statements.ATTRIBUTE_COLUMNS} FROM attribute"
    f" INDEXED BY ix_attribute_store_id_customer_id_id {statements.OWNED} %s ORDER BY customer_id, id"
)
_ADDRESSES = (
    f"SELECT {statements.ADDRESS_COLUMNS} FROM customer_address"
    f" INDEXED BY ix_customer_address_store_id_customer_id_id {statements.OWNED} %s ORDER BY customer_id, id"
)
_CARDS = (
    f"SELECT {statements.CARD_COLUMNS} FROM payment_method"
    f" INDEXED BY uq_payment_method_customer {statements.OWNED} %s"
)


class Sqlite:
    """The database of the floor."""

    def __init__(self, url: str) -> None:
        self._path = url.removeprefix("sqlite:///")
        self._kept = threading.local()

    def one(self, customer_id: int) -> Row | None:
        """A customer."""
        found: Row | None = self._connection().execute(_ONE, (customer_id,)).fetchone()
        return found

    def page(self, limit: int, offset: int) -> list[Row]:
        """Customers by id, each with how many there are as its last column."""
        return self._connection().execute(_DEEP if offset else _PAGE, (limit, offset)).fetchall()

    def search(self, key: str, limit: int, offset: int) -> tuple[list[Row], int]:
        """Customers by their folded email, and how many there are: counted where a page has not all."""
        rows = self._connection().execute(_SEARCH, (key, limit, offset)).fetchall()
        if offset or len(rows) == limit:
            return rows, self._connection().execute(_COUNT, (key,)).fetchone()[0]
        return rows, len(rows)

    def attributes(self, ids: Sequence[int]) -> list[Row]:
        """The attributes of these customers."""
        return self._owned(_ATTRIBUTES, ids)

    def addresses(self, ids: Sequence[int]) -> list[Row]:
        """Their addresses."""
        return self._owned(_ADDRESSES, ids)

    def cards(self, ids: Sequence[int]) -> list[Row]:
        """Their saved cards."""
        return self._owned(_CARDS, ids)

    def update(self, customer_id: int, changes: dict[str, Any]) -> None:
        """Sets columns of a customer, and commits."""
        connection = self._connection()
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        text = statements.update("?", list(changes))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(text, (*changes.values(), now, customer_id))
        connection.execute("COMMIT")

    @staticmethod
    def date(stored: str | None) -> str | None:
        """A moment in the store's time."""
        if stored is None:
            return None
        local = datetime.fromisoformat(f"{stored}+00:00").astimezone(ZONE).isoformat()
        return f"{local[:22]}{local[23:]}"

    def _owned(self, text: str, ids: Sequence[int]) -> list[Row]:
        wanted = "= ?" if len(ids) == 1 else f"IN ({','.join('?' * len(ids))})"
        return self._connection().execute(text % wanted, ids).fetchall()

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._kept.connection  # type: ignore[no-any-return] # each thread's own
        except AttributeError:
            self._kept.connection = self._connect()
            return self._kept.connection  # type: ignore[no-any-return]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, cached_statements=512, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection
