"""SQL that means the same on SQLite and PostgreSQL: nulls lowest, wildcards, the heads of long texts."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.db.types import Moment, Money

HEAD = 64
"""How many characters of a long text are indexed: PostgreSQL's indexes take no row beyond 2,700 bytes."""


class Lowest(FunctionElement[Any]):
    """A value, with null as the least there is: so a row with null has its place in an order."""

    inherit_cache = True
    name = "lowest"

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


class Least(Lowest):
    """What null counts as beside a value."""

    inherit_cache = True
    name = "least"


class Head(FunctionElement[str]):
    """The first characters of a text, as many as are indexed."""

    inherit_cache = True
    name = "head"
    type = String()


class Unindexed(Lowest):
    """A value, hidden from SQLite's planner: it looks for no index by it."""

    inherit_cache = True
    name = "unindexed"


class Matches(FunctionElement[bool]):
    """Whether a text matches a pattern, case and all; of two spellings of it SQLite reads the first."""

    inherit_cache = True
    name = "matches"
    type = Boolean()

    def __init__(self, text: ColumnElement[str], glob: ColumnElement[str], like: ColumnElement[str]) -> None:
        super().__init__(text, glob, like)


def lowest(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value with null as the least there is; the value itself where it cannot be null."""
    return Lowest(value) if getattr(value, "nullable", True) else value


@compiles(Lowest)
def _lowest(element: Lowest, compiler: SQLCompiler, **options: Any) -> str:
    return f"coalesce({compiler.process(element.clauses, **options)}, {_least(element, compiler)})"


@compiles(Least)
def _least_alone(element: Least, compiler: SQLCompiler, **_options: Any) -> str:
    return _least(element, compiler)


def _least(element: Lowest, compiler: SQLCompiler) -> str:
    if isinstance(element.type, Integer | Money):
        return str(-(2**63) + 1)
    if isinstance(element.type, Moment) and compiler.dialect.name == "postgresql":
        return "'-infinity'::timestamp without time zone"
    return "''"


@compiles(Head)
def _head(element: Head, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, {HEAD})"


@compiles(Unindexed)
def _unindexed(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    sign = "+" if compiler.dialect.name == "sqlite" else ""
    return f"{sign}{compiler.process(element.clauses, **options)}"


@compiles(Matches)
def _matches(element: Matches, compiler: SQLCompiler, **options: Any) -> str:
    text, glob, like = (compiler.process(each, **options) for each in element.clauses)
    return (
        f"({text} GLOB {glob})" if compiler.dialect.name == "sqlite" else f"({text} LIKE {like} ESCAPE '\\')"
    )
