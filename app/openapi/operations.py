"""From an address to its operations: what a request may say in each, and what is answered."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from app.addresses import Address, Place, faults, headers, scopes
from app.addresses.faults import NOT_OFFERED
from app.addresses.headers import CONDITIONS_AND_WISHES
from app.hypermedia import Registry, Relation
from app.openapi.bodies import answers, requests
from app.query import MEANINGS, described_filters
from app.transitions import Affordance, Founding

Operation = dict[str, Any]

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


def paths(registry: Registry, addresses: Iterable[Address], pool: Pool) -> dict[str, Any]:
    """All addresses with their operations."""
    return {
        each.href: {
            "parameters": _slots(each),
            **{method.lower(): _pooled(_operation(registry, each, method), pool) for method in each.methods},
        }
        for each in addresses
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


def _slots(address: Address) -> list[Any]:
    if "{" not in address.href:
        return []
    slot, of = ("id", address.owner.name) if isinstance(address, Place) else ("name", address.name)
    kind = {"type": "integer", "minimum": 1} if slot == "id" else {"type": "string"}
    text = f"The {slot} of the {of.replace('_', ' ')}."
    return [{"name": slot, "in": "path", "required": True, "description": text, "schema": kind}]


def _operation(registry: Registry, address: Address, method: str) -> Operation:
    place = address if isinstance(address, Place) else None
    made: Operation = {
        "operationId": f"{method.lower()}_{address.name}",
        "summary": _summary(address, method),
        "description": address.meaning,
        "tags": [place.owner.name if place and "{" in place.href else address.name],
        "parameters": list(_parameters(registry, address, method)),
        "responses": _responses(registry, address, method),
        "security": list(_security(place, method)) if place else [{}],
    }
    if place and method in {"POST", "PUT", "PATCH"}:
        made["requestBody"] = {"content": requests(place, method)}
    return made


def _summary(address: Address, method: str) -> str:
    """What it does; what is called by its meaning, by that meaning's first sentence."""
    title = address.title
    if isinstance(address, Place) and address.relation is None and title == address.meaning:
        title = title.partition(".")[0]
    offered = isinstance(address, Place) and isinstance(address.relation, Affordance | Founding)
    return title if offered and method == "POST" else _TITLES[method].format(title)


def _security(place: Place, method: str) -> Iterator[dict[str, list[str]]]:
    """A token with one of the scopes; none, where strangers may."""
    if place.open:
        yield {}
    yield {"bearer": []}
    for scope in scopes(place, method):
        yield {"oauth2": [scope]}


def _parameters(registry: Registry, address: Address, method: str) -> Iterator[Any]:
    if method != "DELETE":
        for name, meaning in address.parameters.items():
            yield _referred(name) if name in MEANINGS else _query(name, meaning)
    relation = address.relation if isinstance(address, Place) else None
    if method in {"GET", "HEAD"} and isinstance(relation, Relation) and relation.many:
        filters = described_filters(registry, relation)
        for name, forms in filters.items():
            if not name.endswith(":…"):
                yield _query(name, f"Filter: {name}, written {forms}.")
        if filters:
            yield _further(filters)
    for header in headers(address, method):
        if header in CONDITIONS_AND_WISHES:
            yield _referred(header.key)


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


def _responses(registry: Registry, address: Address, method: str) -> dict[str, Any]:
    makes = method == "POST" and isinstance(address, Place) and address.makes
    made: dict[str, Any] = {}
    made["201" if makes else "200"] = {"description": _DONE[method], **answers(address, method)}
    if makes:
        location = {"description": "The address of the new resource.", "schema": {"type": "string"}}
        made["201"]["headers"] = {"Location": location}
    if method in {"GET", "HEAD"}:
        made["304"] = {"description": "The client has this representation."}
    for status in sorted({each.status for each in faults(registry, address, method)} - {NOT_OFFERED}):
        made[str(status)] = {"$ref": f"#/components/responses/refused_{status}"}
    return made
