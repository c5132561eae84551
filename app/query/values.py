"""The right side of a filter: its value, typed by the property that it is compared with."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from app import amounts
from app.errors import Refusal, shortened
from app.query.conditions import Condition, Operator, padded
from app.query.names import Target
from app.query.patterns import pattern
from app.zones import Zone

MOST_VALUES = 300
LARGEST_INTEGER = 2**63 - 1

Span = tuple[Any, Any]
"""The first and the last of the stored values that a written one stands for."""


def condition(target: Target, text: str, zone: Zone) -> Condition:
    """The condition that a filter's name and value make.

    :raises Refusal: 400 for a value that the property cannot have.
    """
    if "\0" in text:
        raise _refusal(target, "cannot be compared with a text that has a NUL in it")
    column, operator, values, negated = _compared(target, text, zone)
    return Condition(
        column=column,
        operator=operator,
        values=values,
        size=len(values),
        path=target.path,
        named=target.named is not None,
        name=target.named or "",
        negated=negated,
    )


Compared = tuple[str, Operator, tuple[Any, ...], bool]
"""The column, how it is compared, with what, and whether the opposite is meant."""


def _compared(target: Target, text: str, zone: Zone) -> Compared:
    column, negated = target.property.name, target.operator == "not"
    if target.operator == "isdefined":
        return column, "defined", (), not _flag(target, text)
    if text == "*" and target.operator in {"", "not"}:
        return column, "defined", (), negated
    if target.property.kind == "text":
        return _text(target, text)
    if target.property.kind == "flag":
        values = padded(tuple(_flag(target, each) for each in _listed(target, text)))
        return (column, "in" if target.operator == "in" else "equals", values, negated)
    span = _spans(target, zone)
    if target.operator == "in":
        operator, values = _one_of(target, [span(each) for each in _listed(target, text)])
    elif target.operator in {"", "not"}:
        operator, values = _range(target, text, span) if ".." in text else _within(*span(text))
    else:
        operator, values = _beyond(target.operator, *span(text))
    return column, operator, values, negated


def _text(target: Target, text: str) -> Compared:
    column, match, negated = target.property.name, target.property.match, target.operator == "not"
    if target.operator in _ORDERED:
        return column, _ORDERED[target.operator], (text,), False
    sought = _listed(target, text)
    if match is not None:
        column, sought = match.column, [match.fold(each) for each in sought]
    if target.operator == "in":
        return column, "in", padded(tuple(sought)), False
    (text,) = sought
    if "*" in text:
        operator, values = pattern(text)
        return column, operator, values, negated
    return (column, "equals", (text,), negated) if text else (column, "blank", (), negated)


_ORDERED: dict[str, Operator] = {
    "lessthan": "lessthan",
    "lessthanorequal": "lessthanorequal",
    "greaterthan": "greaterthan",
    "greaterthanorequal": "greaterthanorequal",
}


def _listed(target: Target, text: str) -> list[str]:
    if target.operator != "in":
        return [text]
    values = text.split(",")
    if len(values) > MOST_VALUES:
        raise _refusal(target, f"names {len(values)} values, at most {MOST_VALUES} are compared")
    return values


def _one_of(target: Target, spans: Iterable[Span]) -> tuple[Operator, tuple[Any, ...]]:
    if target.property.kind in {"integer", "amount"}:
        return "in", padded(tuple(first for first, _ in spans))
    spans = sorted(set(spans))
    whole = (spans[0][0], max(last for _, last in spans))
    return "spans", tuple(each for span in (*padded(tuple(spans)), whole) for each in span)


def _within(first: Any, last: Any) -> tuple[Operator, tuple[Any, ...]]:
    return ("equals", (first,)) if first == last else ("between", (first, last))


def _beyond(operator: str, first: Any, last: Any) -> tuple[Operator, tuple[Any, ...]]:
    value = first if operator in {"lessthan", "greaterthanorequal"} else last
    return _ORDERED[operator], (value,)


def _range(target: Target, text: str, span: Callable[[str], Span]) -> tuple[Operator, tuple[Any, ...]]:
    low, high = (None if each.strip() in _OPEN else span(each) for each in text.split("..", 1))
    if low is None and high is None:
        raise _refusal(target, f"needs an end to its range, not {shortened(text)}")
    if high is None and low is not None:
        return "greaterthanorequal", (low[0],)
    if low is None and high is not None:
        return "lessthanorequal", (high[1],)
    assert low is not None
    assert high is not None
    return "between", (low[0], high[1])


_OPEN = {"", "x", "X"}


def _flag(target: Target, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise _refusal(target, f"must be true or false, not {shortened(text)}", "not_a_boolean")
    return text.lower() == "true"


def _spans(target: Target, zone: Zone) -> Callable[[str], Span]:
    def integer(text: str) -> Span:
        value = int(text) if re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", text, re.ASCII) else None
        if value is None or not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise _refusal(target, f"must be a whole number of at most 64 bits, not {shortened(text)}")
        return value, value

    def amount(text: str) -> Span:
        value = amounts.written(text)
        if value is None:
            said = f"an amount of at most {amounts.PLACES} decimals, as 12.50"
            raise _refusal(target, f"must be {said}, not {shortened(text)}", "not_an_amount")
        return amounts.units(value), amounts.units(value)

    def moment(text: str) -> Span:
        span = parse_moment(text, zone)
        if span is None:
            said = "YYYY-MM-DD, perhaps with a time and an offset from UTC"
            raise _refusal(target, f"must be a date, {said}, not {shortened(text)}", "not_a_date")
        return span

    kinds = {"integer": integer, "amount": amount}
    return kinds.get(target.property.kind, moment)


_MOMENT = re.compile(
    r"\s*(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?)?"
    r"(?P<offset>\s*Z|\s*[+-]\d\d:?\d\d| \d\d:?\d\d)?\s*",
    re.ASCII | re.IGNORECASE,
)


def parse_moment(text: str, zone: Zone) -> tuple[str, str] | None:
    """The first and the last stored second that a date or a date-time stands for; None where it is none.

    A fraction of a second is dropped, as it is where a moment is stored. A query turns the `+` of an
    offset into a space.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    offset = (found["offset"] or "").upper().lstrip()
    offset = offset if offset[:1] in {"", "Z", "+", "-"} else f"+{offset}"
    try:
        start = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}{offset}")
    except ValueError:
        return None
    if found["time"]:
        return zone.stored(start), zone.stored(start)
    return zone.stored(start), zone.stored(start, days=1, seconds=-1)


def _refusal(target: Target, what: str, code: str = "bad_filter") -> Refusal:
    name = shortened(target.text)
    return Refusal.of(400, f"{name} {what}", properties=[name], code=code)
