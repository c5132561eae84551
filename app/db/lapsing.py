"""Flags that lapse by themselves: true while they are set and a moment of the row has not come.

What the row says is one thing, what it is now another; so the clock makes it true, and no job has to.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, FromClause, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

UNTIL = "until"
"""The key in a column's `info` under which stands the column with the moment at which the flag lapses."""


class Lasting(FunctionElement[bool]):
    """A flag that is set, and has not lapsed."""

    inherit_cache = True
    type = Boolean()
    nullable = False

    def __init__(self, flag: ColumnElement[bool], until: ColumnElement[Any]) -> None:
        super().__init__(flag, until)
        self.name = str(getattr(flag, "name", ""))


def as_is_now(table: Table, rows: FromClause, name: str) -> ColumnElement[Any]:
    """What a column of these rows, the table's or those of its alias, is now."""
    until = table.c[name].info.get(UNTIL)
    return Lasting(rows.c[name], rows.c[until]) if until else rows.c[name]


@compiles(Lasting)
def _lasting(element: Lasting, compiler: SQLCompiler, **options: Any) -> str:
    flag, until = (compiler.process(each, **options) for each in element.clauses)
    now = "CURRENT_TIMESTAMP" if compiler.dialect.name == "sqlite" else "(now() AT TIME ZONE 'UTC')"
    return f"({flag} AND ({until} IS NULL OR {until} > {now}))"
