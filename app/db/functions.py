"""Functions that SQLite's connections are given: letters beyond ASCII have cases too, whole numbers an end.

What cannot be computed is null, as it is where PostgreSQL computes it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

LOWER, UPPER, MODULO, WHOLE = "patron_lower", "patron_upper", "patron_modulo", "patron_whole"

LARGEST = 2**63 - 1
"""The largest of SQLite's whole numbers; the least is one further from zero."""


def add_functions(connection: Any) -> None:
    """Adds the functions to a connection; each gives null for null, and fails for nothing."""
    for name, arguments, function in (
        (LOWER, 1, _lower),
        (UPPER, 1, _upper),
        (MODULO, 2, _modulo),
        (WHOLE, 3, _whole),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def _modulo(left: float | None, right: float | None) -> float | None:
    if left is None or not right or math.isinf(left):
        return None
    return math.fmod(left, right)


def _whole(operator: str, left: int | None, right: int | None) -> int | None:
    """Two whole numbers made one."""
    if left is None or right is None:
        return None
    found = _WHOLE[operator](left, right)
    return found if found is not None and -LARGEST - 1 <= found <= LARGEST else None


def _divided(left: int, right: int) -> int | None:
    """The quotient without its fraction."""
    if not right:
        return None
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int | None:
    """What is left over; it has the sign of what was divided."""
    if not right:
        return None
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


_WHOLE: Mapping[str, Callable[[int, int], int | None]] = {
    "add": lambda left, right: left + right,
    "sub": lambda left, right: left - right,
    "mul": lambda left, right: left * right,
    "div": _divided,
    "mod": _remainder,
}
