"""Card numbers: what may be kept of one, and what looks like one; a number itself leaves with no value."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date


class InvalidCard(ValueError):
    """A number that is no card's; the text follows the property's name and holds nothing of the number."""


@dataclass(frozen=True, slots=True)
class Card:
    """What may be kept of a card's number: `visa`, `xxxxxxxxxxxx1111`."""

    type: str
    masked: str


def reduce(number: str) -> Card:
    """The type and the masked form of a card's number; spaces and dashes may stand between its digits.

    :raises InvalidCard: where it is no number of a card whose type is known.
    """
    if not _WRITTEN.fullmatch(number):
        raise InvalidCard("is not a card number: it has digits, and spaces or dashes between them, alone")
    digits = _SEPARATORS.sub("", number)
    if not _SHORTEST <= len(digits) <= _LONGEST or not _passes_luhn(digits):
        raise InvalidCard("is not a valid card number")
    issued = _issued(digits)
    if issued is None:
        raise InvalidCard("is not of a card type that is known")
    if len(digits) not in issued.lengths:
        raise InvalidCard("is not a valid card number")
    return Card(issued.type, "x" * (len(digits) - _SHOWN) + digits[-_SHOWN:])


def looks_like_card(text: str) -> bool:
    """Whether a whole text is, whatever stands between its digits but letters, the number of a card.

    Numbers of 12 and 13 digits do not count: too many that are no cards have that length.
    """
    if len(text) > _LONGEST_WRITTEN or not may_be_card(text):
        return False
    plain = unicodedata.normalize("NFKC", text)
    digits = _NO_DIGITS.sub("", plain)
    if not SHORTEST_DISGUISED <= len(digits) <= _LONGEST or _LETTER.search(plain):
        return False
    issued = _issued(digits)
    return issued is not None and len(digits) in issued.lengths and _passes_luhn(digits)


def masked(text: str) -> str:
    """A text in which nothing looks like a card's number any more."""
    return _RUN.sub(lambda run: "x" * len(run[0]) if looks_like_card(run[0]) else run[0], text)


def expired(month: str, year: str, today: date) -> bool:
    """Whether a card is past the last day of its month, `MM` of `YYYY`.

    :raises ValueError: where month or year is not written so.
    """
    if not _MONTH.fullmatch(month) or not _YEAR.fullmatch(year):
        raise ValueError("a card's expiry is a month, MM, and a year, YYYY")
    return (int(year), int(month)) < (today.year, today.month)


_RUN = re.compile(r"[0-9](?:[ .-]?[0-9]){13,18}(?![0-9])")
_WRITTEN = re.compile(r"[0-9](?:[ -]*[0-9])*")
_SEPARATORS = re.compile(r"[ -]+")
_NO_DIGITS = re.compile(r"[^0-9]+")
_LETTER = re.compile(r"[^\W\d_]")
may_be_card = re.compile("(?:[^0-9A-Za-z]*+[0-9]){14}|[\0-@[-`{-\x7f]*+[^\0-\x7f]").match
"""Few texts are numbers at this first look: ASCII letters stay letters, and digits digits, however a text is
normalized; so 14 digits come before any letter, or else what is not ASCII."""
_MONTH = re.compile(r"0[1-9]|1[0-2]")
_YEAR = re.compile(r"[0-9]{4}")

_SHOWN = 4
_SHORTEST, _LONGEST = 12, 19
SHORTEST_DISGUISED = 14
"""How many digits a text must have to look like a card's number."""
_LONGEST_WRITTEN = 200
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The digit sum of each digit's double."""


@dataclass(frozen=True, slots=True)
class _Issued:
    """The numbers of one type that begin with any of these, as many digits as `first` has."""

    type: str
    first: str
    last: str
    lengths: range | tuple[int, ...]


_RANGES = (
    _Issued("visa", "4", "4", (13, 16, 19)),
    _Issued("mastercard", "51", "55", (16,)),
    _Issued("mastercard", "2221", "2720", (16,)),
    _Issued("amex", "34", "34", (15,)),
    _Issued("amex", "37", "37", (15,)),
    _Issued("discover", "6011", "6011", range(16, 20)),
    _Issued("discover", "644", "659", range(16, 20)),
    _Issued("jcb", "3528", "3589", range(16, 20)),
    _Issued("diners", "300", "305", range(14, 20)),
    _Issued("diners", "3095", "3095", range(14, 20)),
    _Issued("diners", "36", "36", range(14, 20)),
    _Issued("diners", "38", "39", range(14, 20)),
    _Issued("unionpay", "62", "62", range(16, 20)),
    _Issued("unionpay", "8100", "8171", range(16, 20)),
    _Issued("maestro", "5018", "5018", range(12, 20)),
    _Issued("maestro", "5020", "5020", range(12, 20)),
    _Issued("maestro", "5038", "5038", range(12, 20)),
    _Issued("maestro", "56", "58", range(12, 20)),
    _Issued("maestro", "6304", "6304", range(12, 20)),
    _Issued("maestro", "67", "67", range(12, 20)),
)
"""Which type of card a number's first digits stand for; no two overlap."""


def _issued(digits: str) -> _Issued | None:
    for each in _RANGES:
        if each.first <= digits[: len(each.first)] <= each.last:
            return each
    return None


def _passes_luhn(digits: str) -> bool:
    """Whether the check digit at the end is right (ISO/IEC 7812-1, annex B)."""
    own = sum(int(digit) for digit in digits[-1::-2])
    return (own + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0
