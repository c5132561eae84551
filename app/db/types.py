"""Column types whose stored form the compiled read path knows how to show."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

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


class Ciphertext(String):
    """Text that `app.encryption` made: the column never holds, nor filters by, what it hides."""


def ordered_text(length: int) -> String:
    """Text that is compared and ordered by code point on every engine, whatever its locale."""
    return String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
