"""Two rows in every table of a database, whatever its revision: one with all there is, one with little."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    insert,
    select,
)

Rows = dict[str, list[dict[str, Any]]]

MOMENT = datetime(2024, 1, 8, 9, 30)  # noqa: DTZ001 - as columns hold it, in UTC


def reflected(engine: Engine) -> MetaData:
    """The tables as the database knows them."""
    tables = MetaData()
    tables.reflect(engine)
    tables.remove(tables.tables["alembic_version"])
    return tables


def stuff(engine: Engine, tables: MetaData) -> None:
    """Two rows in each table that has none yet, as a program writes them that knows these columns."""
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is None:
                for number in (1, 2):
                    connection.execute(insert(table).values(_row(table, number)))


def stored(engine: Engine) -> Rows:
    """All rows, in order."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (dict(each) for each in connection.execute(select(table)).mappings()), key=repr
            )
            for table in reflected(engine).sorted_tables
        }


def _row(table: Table, number: int) -> dict[str, Any]:
    """Each is of a store of its own; whatever is a number says which row it is, so foreign keys fit."""
    return {
        column.name: _value(column, number)
        for column in table.columns
        if number == 1 or not column.nullable or column.primary_key
    }


def _value(column: Column[Any], number: int) -> Any:
    if isinstance(column.type, Boolean):
        return number == 1
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, DateTime):
        return MOMENT
    return f"{column.name[:8]}{number}"[-(getattr(column.type, "length", None) or 20) :]
