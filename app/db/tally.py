"""Counters of a store's rows, kept in the transaction that changes them, so totals cost no scan."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Insert, Integer, String, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.tables import Base, StoreRow


class Tally(Base):
    """How many rows of a kind a store has: `customer:false` are its registered customers."""

    __tablename__ = "tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    rows: Mapped[int] = mapped_column(Integer)


def tally_name(table: str, value: Any = None) -> str:
    """The counter of a table's rows, or of those whose tallied attribute has this value."""
    return table if value is None else f"{table}:{str(bool(value)).lower()}"


def count_changes(session: Session, store_id: int, changes: Iterable[tuple[object, int]]) -> None:
    """Adds to the counters what a flush has inserted (1) and deleted (-1)."""
    counted: Counter[str] = Counter()
    for row, step in changes:
        if isinstance(row, StoreRow) and row.tally is not None:
            value = getattr(row, row.tally) if row.tally else None
            counted[tally_name(row.__tablename__, value)] += step
    if counted:
        count(session.connection(), store_id, counted)


def count(connection: Connection, store_id: int, steps: Mapping[str, int]) -> None:
    """Adds to the counters of a store, by their names."""
    for name, step in sorted(steps.items()):
        connection.execute(_adding(connection.dialect.name), _row(store_id, name, step))


def recount(connection: Connection, store_id: int, rows: Iterable[type[StoreRow]]) -> None:
    """Counts anew, after rows have been written in bulk without a session."""
    for row in rows:
        if row.tally is None:
            continue
        table = row.__table__
        assert isinstance(table, Table)
        column = table.c[row.tally] if row.tally else None
        counted = select(func.count()).where(table.c.store_id == store_id)
        for value in (None,) if column is None else (False, True):
            total = connection.scalar(counted if column is None else counted.where(column == value)) or 0
            name = tally_name(table.name, value)
            known = connection.scalar(
                select(Tally.rows).where(Tally.store_id == store_id, Tally.name == name)
            )
            statement = _adding(connection.dialect.name)
            connection.execute(statement, _row(store_id, name, total - (known or 0)))


def _row(store_id: int, name: str, step: int) -> dict[str, Any]:
    return {"store_id": store_id, "name": name, "rows": step}


def _adding(dialect: str) -> Insert:
    insert = sqlite.insert(Tally) if dialect == "sqlite" else postgresql.insert(Tally)
    return insert.on_conflict_do_update(
        index_elements=["store_id", "name"], set_={"rows": Tally.rows + insert.excluded.rows}
    )
