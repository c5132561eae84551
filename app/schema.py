"""Wire properties made from table columns, so that a type, a length or a default is written once.

The column says what can be stored; the schema adds what clients may do with it. Documentation,
form fields and validation all read the result.
"""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import InstrumentedAttribute

from app.db.types import Ciphertext, Moment


class Date(fields.DateTime):
    """A moment as hAPI writes it: `2013-08-16T14:13:54-0700`."""


def of(
    column: "InstrumentedAttribute[Any]",
    description: str,
    *,
    required: bool = False,
    read_only: bool = False,
    once: bool = False,
    longest: int | None = None,
    one_of: Sequence[str] = (),
    see: str | None = None,
    kind: type[fields.Field[Any]] | None = None,
) -> fields.Field[Any]:
    """The property that shows a column.

    :param once: settable when the resource is created, read-only afterwards.
    :param longest: the most characters, where they are fewer than the column holds.
    :param see: the link relation whose resource lists the values.
    """
    stored = column.property.columns[0]
    length = longest or (
        None if isinstance(stored.type, Ciphertext) else getattr(stored.type, "length", None)
    )
    validators: list[Any] = [validate.Length(max=length)] if length and not read_only else []
    if one_of:
        validators.append(validate.OneOf(one_of))
    made = kind or _KINDS[_stored_kind(stored.type)]
    return made(
        required=required,
        allow_none=stored.nullable,
        dump_only=read_only,
        validate=validators,
        metadata={"description": description, "once": once, "see": see},
    )


def write_only(description: str, *, longest: int) -> fields.String:
    """A property that can be written and is never shown."""
    return fields.String(
        load_only=True, validate=validate.Length(max=longest), metadata={"description": description}
    )


def shown(schema: type[Schema]) -> tuple[str, ...]:
    """The names of the properties that a representation shows, in their order."""
    return tuple(name for name, field in declared(schema).items() if not field.load_only)


def declared(schema: type[Schema]) -> dict[str, fields.Field[Any]]:
    """All properties of a schema, in their order."""
    return dict(schema().fields)


def describe(field: fields.Field[Any]) -> dict[str, Any]:
    """What documentation says about a property: its type, constraints and meaning."""
    return {
        "type": _type_name(field),
        "constraints": " ".join(_constraints(field)),
        "description": field.metadata.get("description", ""),
    }


def _constraints(field: fields.Field[Any]) -> list[str]:
    if field.dump_only:
        return ["Read only."]
    said = ["Required." if field.required else "Optional."]
    for validator in field.validators:
        if isinstance(validator, validate.Length) and validator.max:
            said.append(f"{validator.max} characters or less.")
        if isinstance(validator, validate.OneOf):
            said.append("One of " + ", ".join(str(choice) for choice in validator.choices) + ".")
    if field.load_only:
        said.append("Write only.")
    if field.metadata.get("once"):
        said.append("Read only after creation.")
    if see := field.metadata.get("see"):
        said.append(f"See {see}.")
    return said


_KINDS: dict[str, type[fields.Field[Any]]] = {
    "moment": Date,
    "flag": fields.Boolean,
    "integer": fields.Integer,
    "text": fields.String,
}


def _stored_kind(stored: Any) -> str:
    if isinstance(stored, Moment):
        return "moment"
    if isinstance(stored, Boolean):
        return "flag"
    if isinstance(stored, Integer):
        return "integer"
    assert isinstance(stored, String)
    return "text"


def input_type(stored: Any) -> str:
    """HTML's input type for what a column holds."""
    return {"flag": "checkbox", "integer": "number", "moment": "datetime"}.get(_stored_kind(stored), "text")


def _type_name(field: fields.Field[Any]) -> str:
    return type(field).__name__
