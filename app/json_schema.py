"""The JSON Schema (draft 2020-12) of what the API shows and takes, derived from the declarations.

A resource's schema holds for each of its representations in HAL, whole or with `?fields=`, and so it asks
for nothing to be there; what a POST must bring besides is in the schema of a new one. An unknown property
is a 400, so the schemas are closed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from marshmallow import Schema
from marshmallow import fields as marshmallow

from app import amounts, fields
from app.hypermedia import JSON_SCHEMA as JSON_SCHEMA
from app.hypermedia import PAGE_PROPERTIES, Registry, Relation, ResourceType
from app.schema import column_of, declared
from app.structures import Either, List, Member, Object
from app.wording import many_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS = "/schemas/"
"""Where they stand, each under its name."""

JsonSchema = dict[str, Any]
Refer = Callable[[str], str]
"""From the name of a schema to the reference to it, which depends on the document that refers."""

LINK: JsonSchema = {
    "title": "Link",
    "description": "A Link Object of HAL.",
    "type": "object",
    "properties": {
        "href": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "type": {"type": "string"},
        "name": {"type": "string"},
        "templated": {"type": "boolean"},
    },
    "required": ["href"],
    "additionalProperties": False,
}
MESSAGE: JsonSchema = {
    "description": "What a request that wrote has done.",
    "type": "string",
    "readOnly": True,
}
TEMPLATES: JsonSchema = {"description": "What may be done next, in HAL-FORMS.", "type": "object"}

_SHOWN_MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4}$"
_TAKEN_MOMENT = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    "([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_FORMATS: Mapping[Any, str] = {
    fields.email_address: "idn-email",
    fields.web_address: "iri",
    fields.redirect_uri: "uri",
}
"""What a check holds a text to, where JSON Schema has a name for it."""


def schemas(registry: Registry, refer: Refer) -> Mapping[str, JsonSchema]:
    """All schemas by their names: of a link, of each type, of a new one where a POST makes it, of a page."""
    made, creatable = {"link": LINK}, _creatable(registry)
    for each in registry.types.values():
        made[each.name] = _Resource(registry, refer, each).schema()
        if each.name in creatable:
            made[f"new_{each.name}"] = _new(each, refer)
    for _, relation in registry.served():
        if relation.many:
            made[registry.target(relation).plural] = _page(registry, refer, relation)
    return made


def property_schemas(
    registry: Registry, refer: Refer, owner: ResourceType, schema: type[Schema]
) -> Mapping[str, JsonSchema]:
    """The schemas of what is said to an affordance of a type."""
    return _Resource(registry, refer, owner).properties(schema)


def _creatable(registry: Registry) -> set[str]:
    """The names of the types that a POST creates."""
    collections = {each.target for _, each in registry.served() if "POST" in each.methods}
    return collections | {each.name for each, _ in registry.founded()}


def _new(resource_type: ResourceType, refer: Refer) -> JsonSchema:
    known = declared(resource_type.schema)
    return {
        "title": f"New {_words(resource_type)}",
        "description": f"What a POST must bring to create {_words(resource_type)}, besides what it may.",
        "$ref": refer(resource_type.name),
        "type": "object",
        "required": [name for name, field in known.items() if field.required],
    }


def _page(registry: Registry, refer: Refer, relation: Relation) -> JsonSchema:
    target = registry.target(relation)
    counts = {name: {"type": "integer", "minimum": 0} for name in PAGE_PROPERTIES}
    members = {registry.rel(relation.name).compact: _array(refer(target.name))}
    return {
        "title": f"Page of {many_of(_words(target))}",
        "type": "object",
        "properties": {"_links": _links(refer), "_embedded": _closed(members), **counts,
                       "message": MESSAGE, "_templates": TEMPLATES},
        "required": ["_links", *PAGE_PROPERTIES],
        "additionalProperties": False,
    }  # fmt: skip


class _Resource:
    """The schema of one type."""

    def __init__(self, registry: Registry, refer: Refer, resource_type: ResourceType) -> None:
        self._registry, self._refer, self._type = registry, refer, resource_type
        self._may_be_blank = any(
            each.target == resource_type.name and not each.many for _, each in registry.served()
        )

    def schema(self) -> JsonSchema:
        """The schema; `message` and HAL's own members are there where a representation has them."""
        links = (link.rel.compact for link in self._registry.shape(self._type).links)
        return {
            "title": _words(self._type).capitalize(),
            "description": self._type.meaning,
            "type": "object",
            "properties": {
                "_links": _links(self._refer, *links),
                "_embedded": _closed(dict(self._embedded())),
                "_templates": TEMPLATES,
                "message": MESSAGE,
                **self.properties(self._type.schema),
            },
            "additionalProperties": False,
        }

    def properties(self, schema: type[Schema]) -> Mapping[str, JsonSchema]:
        """The schemas of what a schema of marshmallow declares about resources of this type."""
        return {name: self._property(name, field) for name, field in declared(schema).items()}

    def _embedded(self) -> Iterator[tuple[str, JsonSchema]]:
        for name, relation in self._type.embeddable.items():
            target = self._refer(relation.target)
            yield self._registry.rel(name).compact, _array(target) if relation.many else {"$ref": target}

    def _property(self, name: str, field: marshmallow.Field[Any]) -> JsonSchema:
        said = field.metadata
        made = self._value(field)
        if self._may_be_null(name, field):
            made = _or_null(made)
        about: JsonSchema = {"description": said.get("description", "")}
        if field.dump_only:
            about["readOnly"] = True
        if field.load_only:
            about["writeOnly"] = True
        if said.get("default") is not None and not field.dump_only:
            about["default"] = said["default"]
        return about | made

    def _may_be_null(self, name: str, field: marshmallow.Field[Any]) -> bool:
        """Whether it may be set to null, or be shown as null: as the column allows, or while it is blank."""
        if field.allow_none or field.load_only:
            return bool(field.allow_none)
        column = self._type.table.c.get(column_of(self._type.schema, name))
        return (self._may_be_blank and not isinstance(field, fields.Boolean)) or (
            field.dump_only and column is not None and bool(column.nullable)
        )

    def _value(self, field: marshmallow.Field[Any]) -> JsonSchema:
        """What a value of it is, but for null."""
        if isinstance(field, Object):
            parts = field.parts.items()
            return _closed({name: self._part(part) for name, part in parts}) | _required(dict(parts))
        if isinstance(field, List):
            inner = {"$ref": self._refer(self._member(field))} if _of_members(field) else None
            return {"type": "array", "items": inner or self._part(field.inner), "maxItems": field.most}
        if isinstance(field, Either):
            return {"anyOf": [{"type": "boolean"}, self._value(field.rules)]}
        return _scalar(field)

    def _part(self, field: marshmallow.Field[Any]) -> JsonSchema:
        made = self._value(field)
        return _or_null(made) if field.allow_none else made

    def _member(self, field: List) -> str:
        """The type of the resources that are made together with this one: what its relation leads to."""
        named = field.metadata["see"]
        relations = (each for owner in self._registry.types.values() for each in owner.relations)
        return next(each.target for each in relations if isinstance(each, Relation) and each.name == named)


def _of_members(field: List) -> bool:
    return isinstance(field.inner, Member)


def _scalar(field: marshmallow.Field[Any]) -> JsonSchema:
    said, made = field.metadata, dict(_type(field))
    if most := said.get("most"):
        made["maxLength"] = most
    if choices := said.get("choices"):
        made["enum"] = list(choices)
    if within := said.get("within"):
        made["minimum"], made["maximum"] = within
    for check in field.validators:
        if check in _FORMATS:
            made["format"] = _FORMATS[check]
    return made


def _type(field: marshmallow.Field[Any]) -> JsonSchema:
    if isinstance(field, fields.Boolean):
        return {"type": "boolean"}
    if isinstance(field, fields.Amount):
        return {"type": "number", "minimum": -amounts.LARGEST, "maximum": amounts.LARGEST}
    if isinstance(field, marshmallow.Integer):
        return {"type": "integer"}
    if isinstance(field, marshmallow.Number):
        return {"type": "number"}
    if isinstance(field, fields.Date):
        return {"type": "string", "pattern": _SHOWN_MOMENT if field.dump_only else _TAKEN_MOMENT}
    return {"type": "string"}


def _or_null(made: JsonSchema) -> JsonSchema:
    if "type" not in made:
        return {"anyOf": [*made.get("anyOf", [made]), {"type": "null"}]}
    null = {"enum": [*made["enum"], None]} if "enum" in made else {}
    return made | {"type": [made["type"], "null"]} | null


def _links(refer: Refer, *names: str) -> JsonSchema:
    """HAL's links: of a resource just those that it can have."""
    link = {"$ref": refer("link")}
    known = {"curies": {"type": "array", "items": link}} | dict.fromkeys(names, link)
    rest = {"additionalProperties": False if names else link}
    return {"type": "object", "properties": known, "readOnly": True, **rest}


def _closed(properties: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _required(parts: Mapping[str, marshmallow.Field[Any]]) -> JsonSchema:
    names = [name for name, part in parts.items() if part.required]
    return {"required": names} if names else {}


def _array(target: str) -> JsonSchema:
    return {"type": "array", "items": {"$ref": target}}


def _words(resource_type: ResourceType) -> str:
    return resource_type.name.replace("_", " ")
