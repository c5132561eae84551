"""What a store lets customers do to their subscriptions: how often they repeat, when next, and their end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.errors import Fault, Refusal
from app.rhythms import later

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""As JavaScript counts them, whose pages read the same rules."""

Rule = Mapping[str, Any]
Matching = Callable[[Sequence[Rule]], Iterable[Rule]]
"""Picks of rules those whose query the subscription satisfies."""


def allowed_frequencies(rules: Sequence[Rule]) -> list[str]:
    """What the rules that match allow, taken together."""
    return list(dict.fromkeys(value for rule in rules for value in rule["values"]))


@dataclass(frozen=True, slots=True)
class Dates:
    """When the next transaction may be: what rules allow, taken together as Foxy's pages take them.

    The least of their minima and the greatest of their maxima hold, all of the days that they list, and
    none of the dates that one of them disallows.
    """

    min: str | None
    max: str | None
    of_week: frozenset[int]
    of_month: frozenset[int]
    disallowed: tuple[str, ...]

    @classmethod
    def of(cls, rules: Sequence[Rule], today: datetime) -> "Dates":
        """Those of the rules that match."""

        def bounds(name: str) -> list[str]:
            return sorted(
                (rule[name] for rule in rules if rule.get(name)), key=lambda each: later(today, each)
            )

        def days(kind: str) -> frozenset[int]:
            allowed = [rule.get("allowedDays") or {} for rule in rules]
            return frozenset(day for each in allowed if each.get("type") == kind for day in each["days"])

        return cls(
            min=next(iter(bounds("min")), None),
            max=next(reversed(bounds("max")), None),
            of_week=days("day"),
            of_month=days("month"),
            disallowed=tuple(each for rule in rules for each in rule.get("disallowedDates") or ()),
        )

    def allow(self, day: date, today: datetime) -> bool:
        """Whether the next transaction may be on a day."""
        return (
            (not self.min or day >= later(today, self.min).date())
            and (not self.max or day <= later(today, self.max).date())
            and (not self.of_week or day.isoweekday() % 7 in self.of_week)
            and (not self.of_month or day.day in self.of_month)
            and not any(_within(day.isoformat(), each) for each in self.disallowed)
        )

    def __str__(self) -> str:
        said = [f"not before {self.min} from today"] if self.min else []
        said += [f"not after {self.max} from today"] if self.max else []
        said += [f"on a {_listed(DAYS[day % 7] for day in sorted(self.of_week))}"] if self.of_week else []
        said += [f"on day {_listed(map(str, sorted(self.of_month)))} of a month"] if self.of_month else []
        said += [f"not on {', '.join(self.disallowed)}"] if self.disallowed else []
        return "; ".join(said) or "any day from today on"


def unfit_frequency(value: str, rules: Sequence[Rule], matching: Matching) -> Fault | None:
    """Why a customer may not choose this frequency, where they may not."""
    allowed = allowed_frequencies([*matching(rules)])
    if value in allowed:
        return None
    said = f"can be one of {', '.join(allowed)}" if allowed else "cannot be changed by customers"
    return Fault(f"frequency of this subscription {said}", "frequency", "not_allowed")


def unfit_date(day: date, rules: bool | Sequence[Rule], today: datetime, matching: Matching) -> Fault | None:
    """Why a customer may not choose this day for the next transaction, where they may not."""
    if isinstance(rules, bool):
        chosen: Sequence[Rule] | None = () if rules else None
    else:
        chosen = [*matching(rules)] or None
    if chosen is None:
        said = "customers cannot change it"
    else:
        dates = Dates.of(chosen, today)
        if day >= today.date() and dates.allow(day, today):
            return None
        said = f"allowed is {dates}"
    refers = "can't be set as next transaction date. Please refer to customer portal settings for more info."
    return Fault(f"{day.isoformat()} {refers} {said.capitalize()}.", "next_transaction_date", "not_allowed")


def unfit_end(day: date | None, current: date | None, today: date) -> Fault | None:
    """Why a customer may not end it then, where they may not: they cancel, and take nothing back."""
    if day is None:
        text = "end_date cannot be taken back: ask the store"
    elif day < today:
        text = "end_date must not be in the past"
    elif current is not None and day > current:
        text = f"end_date must not be after {current.isoformat()}, when it ends already"
    else:
        return None
    return Fault(text, "end_date", "not_allowed")


def refuse(faults: Iterable[Fault | None]) -> None:
    """Refuses what a store does not let customers do.

    :raises Refusal: 403, one entry for each property, where there is anything.
    """
    found = tuple(each for each in faults if each)
    if found:
        raise Refusal(403, found)


def _within(day: str, span: str) -> bool:
    first, _, last = span.partition("..")
    return first <= day <= (last or first)


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
