"""What several operations of OpenAPI refer to: schemas, parameters, and the answers that refuse."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema

from app.hypermedia import DEFAULT_LIMIT, LARGEST_LIMIT, Registry
from app.json_schema import JsonSchema, property_schemas, schemas
from app.query.parameters import MEANINGS
from representations import FORMATS, Format, explorer, hal_forms, hal_json, hal_xml, problem_json, siren

REFUSALS = {
    400: "The request is malformed, or says what is not known or valid here: each fault with its property.",
    401: "There is no token, or one that is not valid.",
    403: "The token's scope does not reach this.",
    404: "There is no such resource in this store.",
    406: "Accept allows none of the formats that are offered.",
    409: "It clashes with what there is, or is not possible now.",
    412: "If-Match or If-None-Match does not hold.",
    413: "The body is too large.",
    414: "The query string is too long.",
    415: "The body's media type is not taken here.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests: Retry-After says when to ask again.",
    503: "There is no room for the request just now: Retry-After says when to ask again.",
}

HEADERS = {
    "If-Match": "Do it only while the resource has this ETag.",
    "If-None-Match": "Answer 304 where the representation still has this ETag.",
    "Prefer": "`return=minimal`, `handling=lenient` or `transclude=` (RFC 7240).",
    "Idempotency-Key": "A key, in quotes, with which the request is done once however often it is sent.",
}

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
        "responses": {f"refused_{status}": _refused(text) for status, text in REFUSALS.items()},
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
    for name, meaning in HEADERS.items():
        yield name, {"name": name, "in": "header", "description": meaning, "schema": {"type": "string"}}


def _refused(text: str) -> dict[str, Any]:
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
