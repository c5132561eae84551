"""OData's functions and arithmetic as SQL that means the same on SQLite and PostgreSQL.

Moments, dates and times are text on SQLite, as they are stored. SQLite gets two functions from
`app.db.functions`, for it knows no letters beyond ASCII.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Float,
    Integer,
    Numeric,
    String,
    Time,
    bindparam,
    cast,
    extract,
    func,
    literal,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.db.functions import LARGEST, LOWER, MODULO, UPPER, WHOLE
from app.db.types import Moment

Values = Sequence[ColumnElement[Any]]

BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What `trim` takes away: Unicode's white space."""

FARTHEST = 1_000_000
"""Beyond this place no text has a character."""

PLACES = 9
"""To how many decimals numbers are compared that are not whole: SQLite's have no more that are exact."""


class Clamped(FunctionElement[int]):
    """A whole number, no less than 0 and no more than `FARTHEST`; null where it is null."""

    inherit_cache = True
    name = "clamped"
    type = Integer()


@compiles(Clamped)
def _clamped(element: Clamped, compiler: SQLCompiler, **options: Any) -> str:
    number = compiler.process(element.clauses, **options)
    if compiler.dialect.name == "sqlite":
        return f"max(min({number}, {FARTHEST}), 0)"
    held = f"CASE WHEN v < 0 THEN 0 WHEN v > {FARTHEST} THEN {FARTHEST} ELSE v END"
    return f"(SELECT {held} FROM (SELECT {number} AS v OFFSET 0) AS clamped)::integer"  # noqa: S608 - of what was compiled


class Whole(FunctionElement[Any]):
    """PostgreSQL's: a whole number of 64 bits; null where it is larger than that."""

    inherit_cache = True
    name = "whole"
    type = Numeric()


@compiles(Whole)
def _whole(element: Whole, compiler: SQLCompiler, **options: Any) -> str:
    number = compiler.process(element.clauses, **options)
    held = f"CASE WHEN v BETWEEN {-LARGEST - 1} AND {LARGEST} THEN v END"
    return f"(SELECT {held} FROM (SELECT {number} AS v OFFSET 0) AS whole)"  # noqa: S608 - of what was compiled


def call(dialect: str, name: str, arguments: Values, *, of_clock: bool = False) -> ColumnElement[Any]:
    """A function of OData, of arguments that have the types that it takes (URL Conventions §5.1.1.5).

    :param of_clock: that the argument is a time of day.
    """
    if name in _PARTS:
        return _part(dialect, name, arguments[0], of_clock=of_clock)
    return _FUNCTIONS[name](dialect, *arguments)


def calculate(dialect: str, operator: str, whole: bool, operands: Values) -> ColumnElement[Any]:
    """Arithmetic. What cannot be computed is null: what is divided by zero, a whole number beyond 64 bits."""
    if operator == "neg":
        operator, operands = "sub", [literal(0), *operands]
    left, right = operands
    if dialect == "sqlite":
        return _calculate_sqlite(operator, whole, left, right)
    left, right = cast(left, Numeric), cast(right, Numeric)
    if operator in {"div", "divby", "mod"}:
        right = func.nullif(right, 0, type_=Numeric())
    if operator == "mod":
        made: ColumnElement[Any] = func.mod(left, right, type_=Numeric())
    elif operator == "div" and whole:
        made = func.div(left, right, type_=Numeric())
    else:
        made = left.op(_SIGNS[operator], _TIGHTEST, return_type=Numeric())(right)
    return Whole(made) if whole else made


def rounded(dialect: str, number: ColumnElement[Any]) -> ColumnElement[Any]:
    """A number as it is compared with one that is not whole."""
    if dialect == "sqlite":
        return func.round(number, PLACES, type_=Float())
    return func.round(cast(number, Numeric), PLACES, type_=Numeric())


_TIGHTEST = 20
"""Binds more tightly than SQLAlchemy's own operators, so that it sets operands in brackets."""

_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "divby": "/"}


def _calculate_sqlite(
    operator: str, whole: bool, left: ColumnElement[Any], right: ColumnElement[Any]
) -> ColumnElement[Any]:
    sign = _SIGNS.get(operator, "%")
    made: ColumnElement[Any] = cast(left, Float).op(sign, _TIGHTEST, return_type=Float())(right)
    if whole:
        made = getattr(func, WHOLE)(operator, left, right, type_=BigInteger())
    elif operator == "mod":
        made = getattr(func, MODULO)(left, right, type_=Float())
    return made


def _position(dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[int]:
    found = func.instr if dialect == "sqlite" else func.strpos
    return found(text, part, type_=Integer())


def _contains(dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    return _position(dialect, text, part) > 0


def _startswith(_dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.substr(text, 1, func.length(part, type_=Integer()), type_=String()) == part


def _endswith(_dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    start = func.length(text, type_=Integer()) - func.length(part, type_=Integer()) + 1
    return func.substr(text, start, type_=String()) == part


def _indexof(dialect: str, text: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[Any]:
    return _position(dialect, text, part) - 1


def _substring(
    _dialect: str, text: ColumnElement[Any], start: ColumnElement[Any], *length: ColumnElement[Any]
) -> ColumnElement[Any]:
    return func.substr(text, Clamped(start) + 1, *map(Clamped, length), type_=String())


def _concat(_dialect: str, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
    return left.op("||", return_type=String())(right)


def _trim(dialect: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    trimmed = func.trim if dialect == "sqlite" else func.btrim
    return trimmed(text, bindparam("blanks", BLANKS, type_=String()), type_=String())


def _folded(sqlite: str, postgresql: str) -> Callable[..., ColumnElement[Any]]:
    """Upper or lower case by Unicode's rules: PostgreSQL's collation C knows those of ASCII alone."""

    def fold(dialect: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
        if dialect == "sqlite":
            folded: ColumnElement[Any] = getattr(func, sqlite)(text, type_=String())
            return folded
        folded = getattr(func, postgresql)(text.collate("und-x-icu"), type_=String())
        return folded.collate("C")

    return fold


def _length(_dialect: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.length(text, type_=Integer())


def _date(dialect: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return func.substr(moment, 1, 10, type_=String())
    return cast(moment, Date)


def _time(dialect: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return func.substr(moment, 12, type_=String())
    return cast(moment, Time)


def _now(dialect: str) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return func.datetime("now", type_=Moment())
    utc = func.timezone("UTC", func.now(), type_=Moment())
    return func.date_trunc("second", utc, type_=Moment())


_PARTS = {
    "year": (1, 4),
    "month": (6, 2),
    "day": (9, 2),
    "hour": (12, 2),
    "minute": (15, 2),
    "second": (18, 2),
}
"""Where the parts of a moment stand in its stored text, and how long they are."""

_CLOCK = 11
"""What stands before the time of day in a moment's stored text."""


def _part(dialect: str, name: str, value: ColumnElement[Any], *, of_clock: bool) -> ColumnElement[Any]:
    if dialect != "sqlite":
        return cast(func.floor(extract(name, value)), Integer)
    start, length = _PARTS[name]
    place = start - _CLOCK if of_clock else start
    return cast(func.substr(value, place, length, type_=String()), Integer)


_FUNCTIONS: Mapping[str, Callable[..., ColumnElement[Any]]] = {
    "contains": _contains,
    "startswith": _startswith,
    "endswith": _endswith,
    "tolower": _folded(LOWER, "lower"),
    "toupper": _folded(UPPER, "upper"),
    "trim": _trim,
    "length": _length,
    "indexof": _indexof,
    "concat": _concat,
    "substring": _substring,
    "date": _date,
    "time": _time,
    "now": _now,
}
