"""Documents of one form: they have the same properties in the same order, as those of a file mostly have.

A form that comes often is compiled: its values are checked, and made rows, by their places. All others are
looked at by name.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.db.tables import StoreRow
from app.moving.compiling import ByName, Taken, by_name, by_place, row_by_place
from app.moving.making import Row, defaults, maker_of

Values = Mapping[str, Any]
Names = tuple[str, ...]

OFTEN = 10
"""How often a form must come until it is worth compiling."""

MOST, MOST_MET = 100, 1000
"""How many forms of a type are compiled, and how many more are counted."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is done with documents of one form.

    `take` gives the values of a document, and by name those from which columns follow; it raises `Doubt` or
    `ValidationError` where one may be wrong. `named` gives all by name. `row` makes a row of the values, of
    the columns that a class of rows has made of those by name, and of what `Maker.row` takes besides.
    """

    take: Callable[[Values], tuple[Any, dict[str, Any]]]
    named: Callable[[Any], dict[str, Any]]
    row: Callable[..., Row]


Part = tuple[Form, Any, dict[str, Any]]
"""A customer, or what belongs to one, that may be written: a form, its values, and those apart by name."""


def named(part: Part) -> dict[str, Any]:
    """All values of a part by name."""
    form, values, _ = part
    return form.named(values)


class Forms:
    """The forms of one type.

    :param taken: how each property is taken.
    :param known: what else a document may have, which is passed over.
    :param refused: the names, in small letters, of what it may not have; None where it may have nothing else.
    :param trusted: look at types, lengths, closed sets and card numbers only.
    :param often: how often a form must come until it is compiled.
    """

    def __init__(
        self,
        row: type[StoreRow],
        taken: Mapping[str, Taken],
        known: frozenset[str],
        refused: frozenset[str] | None,
        *,
        trusted: bool,
        often: int = OFTEN,
    ) -> None:
        self._row, self._taken, self._trusted = row, taken, trusted
        self._known = taken.keys() | known
        self._required = {name for name, each in taken.items() if each.field.required}
        self._often, self._met = often, Counter[Names]()
        self.compiled: dict[Names, Form] = {}
        self._any = _of_any(row, by_name(taken, known, refused, trusted=trusted))

    def of(self, names: Names) -> Form:
        """The form of documents that have these properties, compiled once they have come often."""
        return self.compiled.get(names) or self._meet(names)

    def part(self, values: dict[str, Any]) -> Part:
        """A part of values that have been checked already."""
        return self._any, values, values

    def _meet(self, names: Names) -> Form:
        if self._row.apart is None or len(self.compiled) == MOST or not self._required <= {*names}:
            return self._any
        if not self._known.issuperset(names):
            return self._any
        if len(self._met) == MOST_MET:
            self._met.clear()
        self._met[names] += 1
        if self._met[names] < self._often:
            return self._any
        return self.compiled.setdefault(names, self._of_these(names, self._row.apart))

    def _of_these(self, names: Names, apart: frozenset[str]) -> Form:
        own = [name for name in names if name in self._taken]

        def named(values: tuple[Any, ...]) -> dict[str, Any]:
            return dict(zip(own, values, strict=True))

        take = by_place(names, self._taken, apart, trusted=self._trusted)
        return Form(take, named, row_by_place(own, apart, defaults(self._row)))


def _of_any(row: type[StoreRow], compiled: ByName) -> Form:
    """The form of documents that have whatever they have."""
    maker = maker_of(row)

    def take(given: Values) -> tuple[dict[str, Any], dict[str, Any]]:
        values = compiled(given)
        return values, values

    def made(_values: Values, columns: Values, *others: Any) -> Row:
        return maker.row(columns, *others)

    return Form(take, lambda values: values, made)
