"""Wire properties made from table columns, so that a type, a length or a default is written once.

The column says what can be stored; the schema adds what clients may do with it. Documentation,
form fields and validation all read the result. Faults are worded as hAPI words them (§5.3).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Literal

from marshmallow import Schema, fields
from sqlalchemy import Boolean as StoredBoolean
from sqlalchemy import Integer as StoredInteger
from sqlalchemy import String as StoredString
from sqlalchemy.orm import InstrumentedAttribute

from app.codes import is_region
from app.db.types import Ciphertext, Moment, Money
from app.fields import (
    NOT_LISTED,
    Amount,
    Boolean,
    Check,
    Date,
    Email,
    Integer,
    String,
    between,
    longest,
    no_card_number,
    one_of,
)
from app.structures import structured
from representations import Field

Kind = Literal["moment", "flag", "integer", "amount", "text"]


class Invalid(ValueError):
    """Properties that cannot be written so: pairs of a name and what is wrong with it."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{name} {text}" for name, text in faults))
        self.faults = faults


class Forbidden(Invalid):
    """Properties that make sense, and that what is there does not allow now."""


@dataclass(frozen=True, slots=True)
class Match:
    """Another column by which a property is found: `fold` makes what that column holds of a value."""

    column: str
    fold: Callable[[str], str]


def check_region(given: Mapping[str, Any], current: Mapping[str, Any] | None) -> None:
    """Holds a `region` that is set against the country.

    :raises Invalid: where it looks like a region's code and is none of that country's.
    """
    country = {**(current or {}), **given}.get("country")
    if country and given.get("region") and not is_region(country, given["region"]):
        raise Invalid(("region", NOT_LISTED))


def of(
    column: "InstrumentedAttribute[Any]",
    description: str,
    *,
    required: bool = False,
    read_only: bool = False,
    once: bool = False,
    kept: bool = False,
    secret: bool = False,
    audited: bool = False,
    group: str | None = None,
    most: int | None = None,
    within: tuple[int, int] | None = None,
    choices: Sequence[str] = (),
    checks: Sequence[Check] = (),
    see: str | None = None,
    example: Any = None,
    kind: Callable[..., fields.Field[Any]] | None = None,
) -> fields.Field[Any]:
    """The property that shows a column.

    :param once: settable when the resource is created, read-only afterwards.
    :param kept: a PUT that leaves it out leaves it as it is, instead of setting its default.
    :param secret: can be neither filtered nor ordered by, and is `audited`: its change is in that trail.
    :param group: of properties that mean something only together; where one changes, all count.
    :param most: the most characters, where fewer than the column holds; `within` has a number's bounds.
    :param see: the link relation whose resource lists the values; `example` is one, for documentation.
    """
    stored = column.property.columns[0]
    length = most or (None if isinstance(stored.type, Ciphertext) else getattr(stored.type, "length", None))
    made = kind or _KINDS[stored_kind(stored.type)]
    told = {"once": once, "kept": kept, "secret": secret, "group": group, "see": see, "example": example}
    told |= {"description": description, "most": length, "within": within, "choices": tuple(choices)}
    return made(
        required=required,
        allow_none=stored.nullable and not required,
        dump_only=read_only,
        validate=[*(() if read_only else _always(made, length, within, choices, secret=secret)), *checks],
        metadata=told | {"audited": audited} | _stored(stored),
    )


def _always(
    made: Callable[..., fields.Field[Any]],
    length: int | None,
    within: tuple[int, int] | None,
    choices: Sequence[str],
    *,
    secret: bool,
) -> list[Check]:
    """The checks that a property has by what it is."""
    always = [longest(length)] if length else []
    is_text = isinstance(made, type) and issubclass(made, String)
    always += [no_card_number] if is_text and not secret else []
    always += [between(*within)] if within else []
    return always + ([one_of(choices)] if choices else [])


def _stored(stored: Any) -> dict[str, Any]:
    """What a column says of itself."""
    default = stored.default.arg if stored.default is not None and stored.default.is_scalar else None
    return {"default": default, "column": str(stored.name)}


of_liftoff = partial(of, kept=True)
"""A property of Liftoff's: clients of hAPI do not know it, so a PUT that leaves it out leaves it alone."""


def write_only(
    description: str,
    *,
    most: int,
    secret: bool = True,
    group: str | None = None,
    checks: Sequence[Check] = (),
    example: str | None = None,
) -> String:
    """A property that can be written and is never shown; a secret, unless it changes nothing."""
    return String(
        load_only=True,
        allow_none=True,
        validate=[longest(most), *checks],
        metadata={
            "description": description, "kept": True, "most": most, "secret": secret, "group": group,
            "input": "password", "example": example,
        },
    )  # fmt: skip


def instruction(
    description: str, kind: Callable[..., fields.Field[Any]] = String, *checks: Check, **told: Any
) -> fields.Field[Any]:
    """What a POST says of how a resource is to be made, and what the resource does not show.

    :param told: `most`, `choices` and `example`, as `of` takes them; `see` is the relation that says more.
    """
    always = [longest(told["most"])] if told.get("most") else []
    always += [one_of(told["choices"])] if told.get("choices") else []
    return kind(
        load_only=True,
        allow_none=True,
        validate=[*always, *checks],
        metadata={"description": description, "once": True, **told},
    )


def shown(schema: type[Schema], *, secrets: bool = True) -> tuple[str, ...]:
    """The names of the properties that a representation shows, in their order.

    :param secrets: with those that are secrets.
    """
    return tuple(
        name
        for name, field in declared(schema).items()
        if not field.load_only and (secrets or not field.metadata.get("secret"))
    )


def comparable(schema: type[Schema]) -> tuple[str, ...]:
    """The names of the properties that may be filtered and ordered by: no secrets, nor what holds others."""
    known = declared(schema)
    names = (name for name in shown(schema, secrets=False) if column_of(schema, name) == name)
    return tuple(name for name in names if not structured(known[name]))


def column_of(schema: type[Schema], name: str) -> str:
    """The column that a property shows, where it is one; else it is a column itself."""
    return str(declared(schema)[name].metadata.get("column", name)) if name in declared(schema) else name


@lru_cache(maxsize=64)
def secrets(schema: type[Schema]) -> frozenset[str]:
    """The names of the properties whose change stands in the audit trail."""
    return frozenset(name for name, field in declared(schema).items() if field.metadata.get("secret"))


@lru_cache(maxsize=64)
def audited(schema: type[Schema]) -> frozenset[str]:
    """The names of the properties that are no secrets, and whose change stands in the audit trail too."""
    return frozenset(name for name, field in declared(schema).items() if field.metadata.get("audited"))


@lru_cache(maxsize=64)
def declared(schema: type[Schema]) -> Mapping[str, fields.Field[Any]]:
    """All properties of a schema, in their order."""
    return dict(schema().fields)


def inputs(schema: type[Schema], method: str, *, many: bool = False) -> tuple[Field, ...]:
    """The form fields by which a method writes: a PATCH requires none of them.

    :param many: it writes members of a collection, and so may create some.
    """
    return tuple(
        Field(
            name,
            _input_type(field),
            field.metadata["description"],
            field.metadata.get("default") if method == "POST" else None,
            required=field.required and method != "PATCH",
            longest=field.metadata.get("most"),
            choices=field.metadata.get("choices", ()),
            within=field.metadata.get("within"),
            structured=structured(field),
        )
        for name, field in declared(schema).items()
        if not field.dump_only and (many or not field.metadata.get("once"))
    )


_KINDS: Mapping[Kind, type[fields.Field[Any]]] = {
    "moment": Date,
    "flag": Boolean,
    "integer": Integer,
    "amount": Amount,
    "text": String,
}


def stored_kind(stored: Any) -> Kind:
    """What kind of value a column's type holds."""
    if isinstance(stored, Moment):
        return "moment"
    if isinstance(stored, StoredBoolean):
        return "flag"
    if isinstance(stored, StoredInteger):
        return "integer"
    if isinstance(stored, Money):
        return "amount"
    assert isinstance(stored, StoredString)
    return "text"


def input_type(stored: Any) -> str:
    """HTML's input type for what a column holds."""
    types: Mapping[Kind, str] = {
        "flag": "checkbox", "integer": "number", "amount": "number", "moment": "datetime",
    }  # fmt: skip
    return types.get(stored_kind(stored), "text")


def _input_type(field: fields.Field[Any]) -> str:
    """HTML's input type for a property."""
    if said := field.metadata.get("input"):
        return str(said)
    types = {Boolean: "checkbox", Integer: "number", Amount: "number", Date: "datetime", Email: "email"}
    return types.get(type(field), "text")
