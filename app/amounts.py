"""Amounts of money: exact, of at most four decimals, as every currency of ISO 4217 has.

They are stored as whole numbers of ten-thousandths, which all databases hold, order and add up alike;
the wire has them as numbers, and as far as they go a double holds each of them.
"""

import re
from decimal import Decimal

PLACES = 4
UNITS = 10_000
LARGEST = 99_999_999_999
"""With four decimals these are fifteen digits, the most of which a double loses none."""

_WRITTEN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


def exact(number: float) -> Decimal | None:
    """The amount that a number of the wire stands for; None where it has more decimals, or is none.

    What a client has added up in doubles is not refused for what doubles add to it.
    """
    amount = Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")
    return amount if amount == round(amount, PLACES) else None


def written(text: str) -> Decimal | None:
    """The amount that a text says, as `12.50`; None where it says none."""
    text = text.strip()
    amount = Decimal(text) if _WRITTEN.fullmatch(text) else None
    return amount if amount is not None and amount == round(amount, PLACES) else None


def units(amount: Decimal) -> int:
    """The whole number that stands for an amount where it is stored."""
    return int(amount * UNITS)


def amount(stored: int) -> Decimal:
    """The amount for which a stored number stands."""
    return Decimal(stored) / Decimal(UNITS)


def shown(stored: int) -> float | int:
    """A stored amount as the wire has it."""
    whole, rest = divmod(stored, UNITS)
    return stored / UNITS if rest else whole
