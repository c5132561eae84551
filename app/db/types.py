"""Column types whose stored form the compiled read path knows how to show."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from app import amounts

STORED_FORMAT = "%Y-%m-%d %H:%M:%S"
"""How a moment reads as text on every engine: UTC, to the second, as the wire has it."""


class Moment(TypeDecorator[datetime]):
    """An aware `datetime`, stored in UTC and to the second, so that what is shown can be found."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text without fractions on SQLite, `timestamp` elsewhere; both order by time."""
        if dialect.name == "sqlite":
            stored = sqlite.DATETIME(truncate_microseconds=True)  # type: ignore[no-untyped-call] # not typed there
            return dialect.type_descriptor(stored)
        return dialect.type_descriptor(DateTime(timezone=False))

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuses a naive value: nobody knows what moment that is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no timezone: give an aware datetime")
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The moment, aware again."""
        return None if value is None else value.replace(tzinfo=UTC)


class Money(TypeDecorator[Decimal]):
    """An amount of money, stored as a whole number: exact, and the same on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, _dialect: Dialect) -> int | None:
        """The whole number."""
        return None if value is None else amounts.units(Decimal(value))

    def process_result_value(self, value: int | None, _dialect: Dialect) -> Decimal | None:
        """The amount."""
        return None if value is None else amounts.amount(value)


class Ciphertext(String):
    """Text that `app.encryption` made: the column never holds, nor filters by, what it hides."""


class Json(TypeDecorator[Any]):
    """What a property that holds others says, as JSON text on every engine."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """The text."""
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """What it says."""
        return None if value is None else orjson.loads(value)


class EncryptedJson(Ciphertext):
    """JSON text that `app.encryption` encrypted."""


def ordered_text(length: int) -> String:
    """Text that is compared and ordered by code point on every engine, whatever its locale."""
    return String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
