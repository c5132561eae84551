"""What several operations of OpenAPI refer to: schemas, parameters, and the answers that refuse."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema

from app.addresses.faults import NOT_OFFERED, refusals
from app.addresses.headers import CONDITIONS_AND_WISHES
from app.hypermedia import DEFAULT_LIMIT, LARGEST_LIMIT, Registry
from app.json_schema import JsonSchema, property_schemas, schemas
from app.query.parameters import MEANINGS
from representations import FORMATS, Format, explorer, hal_forms, hal_json, hal_xml, problem_json, siren

SIREN: JsonSchema = {
    "title": "Siren entity",
    "type": "object",
    "properties": {
        "class": {"type": "array", "items": {"type": "string"}},
        "rel": {"type": "array", "items": {"type": "string"}},
        "properties": {"type": "object"},
        "entities": {"type": "array", "items": {"$ref": "#/components/schemas/siren"}},
        "links": {"type": "array", "items": {"type": "object", "required": ["rel", "href"]}},
        "actions": {"type": "array", "items": {"type": "object", "required": ["name", "href"]}},
    },
    "additionalProperties": False,
}
RESOURCE: JsonSchema = {
    "title": "HAL resource",
    "type": "object",
    "properties": {"_links": {"type": "object"}},
}
PROBLEM: JsonSchema = {
    "title": "Problem details (RFC 9457)",
    "type": "object",
    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}},
    "required": ["status"],
}


def components(registry: Registry) -> dict[str, Any]:
    """All of them but for the security schemes, which say where this server stands."""
    return {
        "schemas": dict(_schemas(registry)),
        "parameters": dict(_parameters()),
        "responses": {
            f"refused_{status}": _refused(said)
            for status, said in refusals().items()
            if status != NOT_OFFERED
        },
    }


def schema(name: str) -> JsonSchema:
    """The reference to a schema."""
    return {"$ref": _refer(name)}


def _refer(name: str) -> str:
    return f"#/components/schemas/{name}"


def _schemas(registry: Registry) -> Iterator[tuple[str, JsonSchema]]:
    yield from schemas(registry, _refer).items()
    yield from {"siren": SIREN, "resource": RESOURCE, "problem": PROBLEM, "errors": _errors(registry)}.items()
    for owner, affordance in registry.affordances():
        taken = property_schemas(registry, _refer, owner, affordance.schema)
        yield f"{owner.name}_{affordance.name}", _taking(affordance.schema, taken)


def _taking(declared: type[Schema], properties: Mapping[str, JsonSchema]) -> JsonSchema:
    """The schema of what an affordance takes."""
    needed = [name for name, field in declared().fields.items() if field.required]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _errors(registry: Registry) -> JsonSchema:
    entry = {
        "type": "object",
        "properties": {
            "_links": {"type": "object"},
            "logref": {"type": "string"},
            "message": {"type": "string"},
            "property": {"type": ["string", "null"]},
            "code": {"type": "string"},
        },
        "required": ["logref", "message", "property", "code"],
    }
    embedded = {registry.rel("errors").compact: {"type": "array", "items": entry}}
    return {
        "title": "Errors",
        "description": "Why a request was refused: how many faults it had, and each of them.",
        "type": "object",
        "properties": {
            "total": {"type": "integer"},
            "error": {"type": "string"},
            "error_description": {"type": "string"},
            "_embedded": {"type": "object", "properties": embedded, "required": list(embedded)},
        },
        "required": ["total", "_embedded"],
    }


def _parameters() -> Iterator[tuple[str, Any]]:
    kinds = {
        "limit": {"type": "integer", "minimum": 0, "default": DEFAULT_LIMIT, "maximum": LARGEST_LIMIT},
        "offset": {"type": "integer", "minimum": 0, "default": 0},
    }
    for name, meaning in MEANINGS.items():
        kind = kinds.get(name, {"type": "string"})
        yield name, {"name": name, "in": "query", "description": meaning, "schema": kind}
    for key, name, meaning in CONDITIONS_AND_WISHES:
        yield key, {"name": name, "in": "header", "description": meaning, "schema": {"type": "string"}}


def _refused(said: Mapping[str, str]) -> dict[str, Any]:
    """An answer that refuses, with all the codes that its entries may have."""
    text = "\n".join(f"- `{code}`: {when}" for code, when in said.items())
    content = answered(schema("errors")) | {problem_json.MEDIA_TYPE: {"schema": schema("problem")}}
    return {"description": text, "content": content}


def answered(shown: JsonSchema) -> dict[str, Any]:
    """What stands in an answer, in each format that it is given in."""
    said: Mapping[Format, JsonSchema] = {
        hal_json: shown,
        hal_forms: shown,
        siren: schema("siren"),
        hal_xml: {"type": "string", "description": "HAL+XML, which says the same."},
        explorer: {"type": "string", "description": "A page for people."},
    }
    return {
        media_type: {"schema": said[each]}
        for each in FORMATS
        for media_type in (each.MEDIA_TYPE, *each.ALIASES)
    }
