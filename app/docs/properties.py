"""What documentation says of a property: its type, its constraints, its meaning, its name in OData."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from app.hypermedia import ResourceType
from app.odata.edm import odata_names
from app.schema import declared
from app.structures import Either, List, Object

Described = dict[str, Any]


def of_schema(schema: type[Schema] | None, target: ResourceType | None = None) -> dict[str, Described]:
    """All properties of a schema, in their order.

    :param target: the type whose they are, where OData may know it too.
    """
    named = odata_names(target.row) if target else {}
    known = declared(schema) if schema else {}
    return {name: described(field, named.get(name)) for name, field in known.items()}


def of_page(meanings: Mapping[str, str]) -> dict[str, Described]:
    """Properties that count something."""
    return {name: shown("Integer", meaning) for name, meaning in meanings.items()}


def shown(kind: str, meaning: str) -> Described:
    """A property of what is no row, and is read alone."""
    return {"type": kind, "constraints": "Read only.", "description": meaning, "read_only": True}


def described(field: fields.Field[Any], odata: str | None = None) -> Described:
    """A property, in words and as a program reads it; of the latter, what says nothing is left out."""
    told = field.metadata
    least, greatest = told.get("within") or (None, None)
    said = {
        "required": field.required,
        "nullable": field.allow_none and not field.load_only,
        "read_only": field.dump_only,
        "write_only": field.load_only,
        "once": bool(told.get("once")),
        "secret": bool(told.get("secret")),
        "max_length": None if field.dump_only else told.get("most"),
        "min": least,
        "max": greatest,
        "choices": list(told.get("choices", ())),
        "default": None if field.dump_only else told.get("default"),
        "example": told.get("example"),
        "see": told.get("see"),
        "holds": _held(field),
        "odata": odata,
    }
    words = {
        "type": type(field).__name__,
        "constraints": " ".join(_constraints(field, told)),
        "description": told.get("description", ""),
    }
    return words | {name: value for name, value in said.items() if _says(value)}


def _says(value: Any) -> bool:
    """Whether a value says something; a 0 does."""
    return bool(value) or (value == 0 and value is not False)


def _held(field: fields.Field[Any]) -> dict[str, Described]:
    """The properties inside a property, or inside what it lists."""
    if isinstance(field, Either):
        return _held(field.rules)
    if isinstance(field, List):
        return _held(field.inner)
    return {name: described(each) for name, each in field.parts.items()} if isinstance(field, Object) else {}


def _constraints(field: fields.Field[Any], said: Mapping[str, Any]) -> list[str]:
    if field.dump_only:
        return ["Read only."]
    constraints = ["Required." if field.required else "Optional."]
    if most := said.get("most"):
        constraints.append(f"{most} characters or less.")
    if within := said.get("within"):
        constraints.append("From {} to {}.".format(*within))
    if choices := said.get("choices"):
        constraints.append("One of " + ", ".join(each or '""' for each in choices) + ".")
    if field.load_only:
        constraints.append("Write only.")
    if said.get("once"):
        constraints.append("Read only after creation.")
    if see := said.get("see"):
        constraints.append(f"See {see}.")
    return constraints
