"""From an address to its operations: what a request may say in each, and what is answered."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from app.bodies import MERGE_PATCH, MULTIPART, offered
from app.openapi.components import answered, schema
from app.openapi.places import Place
from app.query.parameters import MEANINGS
from representations import form, hal_xml, json_patch, siren

Operation = dict[str, Any]

_ALWAYS = (400, 406, 414, 429, 503)
_WITH_TOKEN = (401, 403, 404)
_WRITING = (409, 412, 413, 415, 422)
_DONE = {
    "GET": "The representation.",
    "HEAD": "The headers of the representation.",
    "POST": "It is done.",
    "PUT": "What stands there now.",
    "PATCH": "What stands there now.",
    "DELETE": "It is deleted; a message says so.",
    "OPTIONS": "What may be done here: in Allow, and in the body with its properties.",
}
_TITLES = {
    "GET": "{}",
    "HEAD": "{} (headers alone)",
    "POST": "Create: {}",
    "PUT": "Replace: {}",
    "PATCH": "Change: {}",
    "DELETE": "Delete: {}",
    "OPTIONS": "What may be done: {}",
}
_PATCH_OF_JSON = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"op": {"type": "string"}, "path": {"type": "string"}, "value": {}},
        "required": ["op", "path"],
    },
}


class Pool:
    """What several operations have alike, kept once under the name of the first that has it."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self._names: dict[bytes, str] = {}

    def reference(self, kind: str, name: str, value: dict[str, Any]) -> dict[str, Any]:
        """A reference to a component of a kind, which is kept where it is new."""
        if "$ref" in value:
            return value
        text = kind.encode() + orjson.dumps(value)
        if text not in self._names:
            self._names[text] = name
            self.kept.setdefault(kind, {})[name] = value
        return {"$ref": f"#/components/{kind}/{self._names[text]}"}


def paths(places: Iterable[Place], pool: Pool) -> dict[str, Any]:
    """All addresses with their operations."""
    return {
        each.path: {
            "parameters": _slots(each),
            **{method.lower(): _pooled(_operation(each, method), pool) for method in each.methods},
        }
        for each in places
    }


def _pooled(operation: Operation, pool: Pool) -> Operation:
    name = operation["operationId"]
    for status, answer in operation["responses"].items():
        operation["responses"][status] = pool.reference("responses", f"{name}_{status}", answer)
    if "requestBody" in operation:
        operation["requestBody"] = pool.reference("requestBodies", name, operation["requestBody"])
    parameters = operation["parameters"]
    operation["parameters"] = [
        pool.reference("parameters", f"{name}_{position}", each) for position, each in enumerate(parameters)
    ]
    return operation


def _slots(place: Place) -> list[Any]:
    if not place.slot:
        return []
    kind = {"type": "integer", "minimum": 1} if place.slot == "id" else {"type": "string"}
    text = f"The {place.slot} of the {place.of.replace('_', ' ')}."
    return [{"name": place.slot, "in": "path", "required": True, "description": text, "schema": kind}]


def _operation(place: Place, method: str) -> Operation:
    writes = method in {"POST", "PUT", "PATCH", "DELETE"}
    title = place.title if place.takes and place.shows == "resource" and method == "POST" else ""
    made: Operation = {
        "operationId": f"{method.lower()}_{place.name}",
        "summary": title or _TITLES[method].format(place.title),
        "description": place.meaning,
        "tags": [place.of or place.name],
        "parameters": list(_parameters(place, method, writes=writes)),
        "responses": _responses(place, method, writes=writes),
    }
    if method in {"POST", "PUT", "PATCH"}:
        made["requestBody"] = {"content": _bodies(place, method)}
    if place.public:
        made["security"] = [{}]
    elif not place.slot:
        made["security"] = [
            {},
            {"bearer": []},
            {"oauth2": []},
        ]  # what belongs to nobody yet may be made by strangers
    return made


def _parameters(place: Place, method: str, *, writes: bool) -> Iterable[Any]:
    headers = ["If-Match"] if writes else ["If-None-Match"] if method != "OPTIONS" else []
    headers += ["Prefer"] if not place.public and method != "OPTIONS" else []
    headers += ["Idempotency-Key"] if method == "POST" else []
    if method != "DELETE" and not place.language:
        for name in place.parameters:
            yield _referred(name) if name in MEANINGS else _query(name, "Narrows the values.")
    if method in {"GET", "HEAD"}:
        for name, forms in place.filters.items():
            if not name.endswith(":…"):
                yield _query(name, f"Filter: {name}, written {forms}.")
        if place.filters:
            yield _further(place.filters)
    yield from map(_referred, headers)


def _referred(name: str) -> Any:
    return {"$ref": f"#/components/parameters/{name}"}


def _query(name: str, description: str) -> Any:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


def _further(filters: Mapping[str, str]) -> Any:
    """The filters whose names are put together: with an operator, with the name of a relation."""
    related = [name.removesuffix(":…") for name in filters if name.endswith(":…")]
    text = "Filters with an operator (`name:operator=`)"
    text += f", and by what is related (`relation:name=`): {', '.join(related)}." if related else "."
    kind = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "name": "filters",
        "in": "query",
        "style": "form",
        "explode": True,
        "description": text,
        "schema": kind,
    }


def _responses(place: Place, method: str, *, writes: bool) -> dict[str, Any]:
    status = "201" if method == "POST" and place.new else "200"
    made: dict[str, Any] = {status: {"description": _DONE[method], **_content(place, method)}}
    if status == "201":
        location = {"description": "The address of the new resource.", "schema": {"type": "string"}}
        made[status]["headers"] = {"Location": location}
    if method in {"GET", "HEAD"}:
        made["304"] = {"description": "The client has this representation."}
    refused = {*_ALWAYS, *(() if place.public else _WITH_TOKEN), *(_WRITING if writes else ())}
    refused |= {404} if place.slot else set()
    refused |= {412} if method in {"GET", "HEAD"} else set()
    for each in sorted(refused):
        made[str(each)] = {"$ref": f"#/components/responses/refused_{each}"}
    return made


def _content(place: Place, method: str) -> dict[str, Any]:
    if method == "HEAD":
        return {}
    if place.language and method == "GET":
        return {
            "content": {each: {"schema": {"type": "object"}} for each in (place.language, "application/json")}
        }
    if method == "GET" or (method in {"PUT", "PATCH"} and place.takes):
        return {"content": answered(schema(place.shows))}
    if method == "POST" and place.new and not place.tells:
        return {"content": answered({"anyOf": [schema(place.takes), schema(place.shows)]})}
    return {"content": answered(schema("resource"))}


def _bodies(place: Place, method: str) -> dict[str, Any]:
    return {each: {"schema": _body(place, method, each)} for each in offered(method, one=place.one)}


def _body(place: Place, method: str, media_type: str) -> Any:
    """What is sent in a media type. Of a collection, a POST sends one or several, a PATCH or PUT several."""
    if media_type == json_patch.MEDIA_TYPE:
        return _PATCH_OF_JSON
    if media_type == siren.MEDIA_TYPE:
        return schema("siren")
    if media_type in {hal_xml.MEDIA_TYPE, "application/xml", "text/xml"}:
        return {"type": "string", "description": f"XML, which says what JSON says of {place.takes}."}
    if media_type in {form.MEDIA_TYPE, MULTIPART}:
        return {"type": "object", "description": f"The properties of {place.takes}, as text."}
    one = schema(place.new if method == "POST" and place.new else place.takes)
    if place.one or media_type == MERGE_PATCH:
        return one
    several = {"type": "array", "items": one}
    return {"anyOf": [one, several]} if method == "POST" else several
