"""The kinds of wire properties: strict in what they take, with faults worded as hAPI words them (§5.3).

A text says what is wrong with a property, and follows its name: "email can't be blank". One that
begins as a sentence does stands alone.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields

from app import amounts, cards, codes, passwords
from app.redirect_uris import is_redirect_uri

BLANK = "can't be blank"
SHORT = "is too short (minimum is 1 characters)"
NOT_LISTED = "is not included in the list"

MOST_ADDRESSES = 30
"""How many email addresses one property may hold: looking at each takes its time."""

Check = Callable[[Any], None]


FIRST_YEAR, LAST_YEAR = 1000, 9998
"""Beyond these some store's clocks would leave the calendar."""


def _messages(invalid: str) -> dict[str, Any]:
    return {"required": BLANK, "null": BLANK, "invalid": invalid}


class Date(fields.DateTime):
    """A moment as hAPI writes it: `2013-08-16T14:13:54-0700`; or a date. Without an offset it is local."""

    default_error_messages = _messages("is not a date: YYYY-MM-DD, perhaps with a time and an offset") | {
        "far": f"must be a date of the years {FIRST_YEAR} to {LAST_YEAR}"
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:  # noqa: ARG002 - so named
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise self.make_error("far")
        return moment


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


class String(fields.String):
    """A text; an empty one is blank where there must be one, unless it is one of its choices."""

    default_error_messages = _messages("is not a string")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        if not self.allow_none and not text.strip() and text not in self.metadata.get("choices", ()):
            raise ValidationError([BLANK, SHORT] if self.required else [BLANK])
        return text


class Boolean(fields.Boolean):
    """True or false, and nothing that might mean one of them."""

    default_error_messages = _messages("is not true or false")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Integer(fields.Integer):
    """A whole number, and no text that looks like one."""

    default_error_messages = _messages("is not a number")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:  # noqa: ARG002 - so named
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Amount(fields.Field[Decimal]):
    """An amount of money: a number of few decimals, and no text that looks like one."""

    default_error_messages = _messages("is not a number") | {
        "decimals": f"has too many digits (at most {amounts.PLACES} decimals)",
        "large": f"must be less than or equal to {amounts.LARGEST}",
        "small": f"must be greater than or equal to {-amounts.LARGEST}",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:  # noqa: ARG002 - so named
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.make_error("invalid")
        if abs(value) > amounts.LARGEST:
            raise self.make_error("large" if value > 0 else "small")
        amount = amounts.exact(value)
        if amount is None:
            raise self.make_error("decimals")
        return amount


class Email(String):
    """An email address."""


def longest(length: int) -> Check:
    """No more characters than this."""
    return partial(at_most, length)


def at_most(length: int, value: str) -> None:
    """What `longest` checks."""
    if len(value) > length:
        raise ValidationError(f"is too long (maximum is {length} characters)")


def shortest(length: int) -> Check:
    """No fewer characters than this; an empty text stands for none."""

    def check(value: str) -> None:
        if value and len(value) < length:
            raise ValidationError(f"is too short (minimum is {length} characters)")

    return check


def one_of(choices: Sequence[str]) -> Check:
    """One of these."""
    return partial(is_chosen, choices)


def is_chosen(choices: Sequence[str], value: str) -> None:
    """What `one_of` checks."""
    if value not in choices:
        raise ValidationError(f"{NOT_LISTED}: {', '.join(choices)}")


def listed(known: Callable[[str], bool], fault: str = NOT_LISTED) -> Check:
    """Known to a standard's list; an empty text stands for none."""
    return partial(is_listed, known, fault)


def is_listed(known: Callable[[str], bool], fault: str, value: str) -> None:
    """What `listed` checks."""
    if value and not known(value):
        raise ValidationError(fault)


def matching(pattern: str, fault: str) -> Check:
    """Of a form; an empty text stands for none."""
    form = re.compile(pattern)

    def check(value: str) -> None:
        if value and not form.fullmatch(value):
            raise ValidationError(fault)

    return check


def between(least: int, most: int) -> Check:
    """A number from `least` to `most`."""

    def check(value: int) -> None:
        if value < least:
            raise ValidationError(f"must be greater than or equal to {least}")
        if value > most:
            raise ValidationError(f"must be less than or equal to {most}")

    return check


def email_address(value: str) -> None:
    """An address that mail could be sent to."""
    if value and not codes.is_email(value):
        raise ValidationError("is not a valid email address.")


def email_addresses(value: str) -> None:
    """Addresses that mail could be sent to, with commas between them."""
    for each in value.split(",", MOST_ADDRESSES) if value else ():  # what is left over has commas
        email_address(each.strip() or "?")


def web_address(value: str) -> None:
    """An address of the web, which a browser may be sent to."""
    if value and not _WEB_ADDRESS.fullmatch(value):
        raise ValidationError("is not an http or https address")


_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)


def redirect_uri(value: str) -> None:
    """An address that browsers may be sent to with a code."""
    if value and not is_redirect_uri(value):
        raise ValidationError("must be an https address without a fragment, or http on localhost")


def name_to_show(value: str) -> None:
    """A name that a person is shown who has to trust it: nothing in it turns the words around it."""
    if any(unicodedata.category(each) == "Cc" or each in _TURNING for each in value):
        raise ValidationError("is invalid")


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""The characters that embed, override or isolate a direction of writing."""


def usable_password(value: str) -> None:
    """A password that can be hashed."""
    if value:
        try:
            passwords.require_usable(value)
        except passwords.UnusablePassword as error:
            raise ValidationError(str(error)) from None


def card_number(value: str) -> None:
    """The number of a card of a known type."""
    if value:
        try:
            cards.reduce(value)
        except cards.InvalidCard as error:
            raise ValidationError(str(error)) from None


def no_card_number(value: str) -> None:
    """No card number in a text that is kept: only the payment method takes one, and forgets it."""
    if cards.looks_like_card(value):
        raise ValidationError("looks like a card number, which is kept nowhere: leave it out")
