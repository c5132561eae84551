"""Names of people: in one, as Liftoff has them, and in two, as hAPI has them (rule N).

A name that is written is kept as it is; the other form follows from it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine.default import DefaultExecutionContext

FIRST, LAST = "first_name", "last_name"

MOST = 50
"""How many characters a first name may have, and a last one."""


def whole_name(first: str | None, last: str | None) -> str | None:
    """The name of one who has these, as far as they say something; None where neither does."""
    return f"{first} {last}" if first and last else first or last or None


def parted_name(name: str | None) -> dict[str, str | None]:
    """First and last name of one who is called so: the last word is the last name, a single one the first."""
    first, last = [*(name or "").rsplit(None, 1), "", ""][:2]
    return {FIRST: first.strip()[:MOST].rstrip() or None, LAST: last[:MOST] or None}


def name_columns(
    column: str, given: Mapping[str, Any], current: Mapping[str, Any] | None
) -> dict[str, str | None]:
    """The columns that follow from names that are written.

    :param column: the one that holds the whole name.
    :param given: what has changed: the whole name, or the first or the last one.
    """
    if column in given:
        return parted_name(given[column])
    if current is None and FIRST in given and LAST in given:
        return {column: whole_name(given[FIRST], given[LAST])}
    if FIRST in given or LAST in given:
        both = {**(current or {}), **given}
        return {column: whole_name(both.get(FIRST), both.get(LAST))}
    return {}


def name_at_first(context: DefaultExecutionContext) -> str | None:
    """The whole name of a row that is inserted without one."""
    row = context.get_current_parameters()  # type: ignore[no-untyped-call] # not typed there
    return whole_name(row.get(FIRST), row.get(LAST))
