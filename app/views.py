"""The uniform interface: a handful of views that serve every declared type.

URL rules come from the declarations: one for each type, one for each relation that has an address of
its own, one for each affordance.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, request

from app import respond
from app.affordances import Affordances
from app.auth.bearer import Bearer
from app.catalogue import Catalogue
from app.db.ids import LARGEST
from app.errors import Refusal, shortened
from app.hypermedia import READ, Registry, Relation, ResourceType
from app.method_override import HEADER, METHODS
from app.preferences import transcluded
from app.query import Query, parse_one, parse_page, refuse_query
from app.reading import Caller
from app.writes import Write, Writes
from representations import Resource

Read = Callable[[Caller, int, str], Resource]
ReadPublic = Callable[[Caller | None, str, str], Resource]

_ID = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_SLOT = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One URL rule: whose id it names, what stands there, and what may be done with it."""

    href: str
    endpoint: str
    owner: ResourceType
    target: ResourceType | None
    affordances: Affordances
    read: Read
    write: Write | None = None
    one: bool = True


def add_resources(
    app: Flask, registry: Registry, catalogue: Catalogue, bearer: Bearer, writes: Writes
) -> None:
    """Adds the URL rules of all declared types."""
    for each in registry.types.values():
        if "{id}" in each.path:
            _add(app, registry, bearer, _one(registry, catalogue, writes, each))
    for owner, relation in registry.served():
        make = _collection if relation.many else _related
        _add(app, registry, bearer, make(registry, catalogue, writes, owner, relation))
    for owner, affordance in registry.affordances():
        address = Address(
            href=affordance.href,
            endpoint=f"{owner.name}.{affordance.name}",
            owner=owner,
            target=None,
            affordances=Affordances(registry.curie, affordance.methods),
            read=_offered(catalogue, owner),
        )
        _add(app, registry, bearer, address)


def add_public(
    app: Flask, registry: Registry, bearer: Bearer, path: str, endpoint: str, read: ReadPublic
) -> None:
    """Adds a URL rule that needs no token; a token that is sent is looked at all the same."""
    affordances = Affordances(registry.curie, READ)

    def view(name: str = "") -> Response:
        respond.require_version()
        header = request.environ.get("HTTP_AUTHORIZATION")
        caller = bearer.caller(header) if header else None
        offer, base = respond.negotiated(), respond.base_url()
        resource = read(caller, name, request.environ.get("QUERY_STRING", ""))
        if request.method == "OPTIONS":
            return respond.answer_options(READ, affordances.resource(_path()), offer, base)
        return respond.answer(resource, offer, base)

    app.add_url_rule(path, endpoint, view, methods=READ, provide_automatic_options=False)


def _add(app: Flask, registry: Registry, bearer: Bearer, address: Address) -> None:
    owner, methods = address.owner, address.affordances.methods

    def view(owner_id: str) -> Response:
        respond.require_version()
        _require_override()
        environ = request.environ
        caller = bearer.caller(environ.get("HTTP_AUTHORIZATION"))
        offer, base = respond.negotiated(), respond.base_url()
        row_id, method = _parse_id(owner_id, owner), environ["REQUEST_METHOD"]
        raw, applied = environ.get("QUERY_STRING", ""), ""
        if "HTTP_PREFER" in environ and address.target:
            raw, applied = transcluded(raw, respond.preferences(), registry, address.target)
        if address.write is not None and method not in READ:
            return address.write(caller, row_id, raw, offer, base, applied)
        resource = address.read(caller, row_id, raw)
        if method == "OPTIONS":
            said = address.affordances.resource(_path())
            return respond.answer_options(methods, said, offer, base, one=address.one)
        return respond.answer(resource, offer, base, applied)

    rule = _SLOT.sub("<owner_id>", address.href)
    app.add_url_rule(rule, address.endpoint, view, methods=methods, provide_automatic_options=False)


def _one(registry: Registry, catalogue: Catalogue, writes: Writes, target: ResourceType) -> Address:
    def read(caller: Caller, row_id: int, raw: str) -> Resource:
        return catalogue.one(target, caller, row_id, parse_one(raw, registry, target))

    return Address(
        href=target.path,
        endpoint=target.name,
        owner=target,
        target=target,
        affordances=Affordances(registry.curie, target.methods, registry.shape(target).actions),
        read=read,
        write=writes.one(target),
    )


def _related(
    registry: Registry, catalogue: Catalogue, writes: Writes, owner: ResourceType, relation: Relation
) -> Address:
    target = registry.target(relation)

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        return catalogue.related(owner, relation, caller, owner_id, parse_one(raw, registry, target))

    actions = registry.actions(target, relation.methods, relation.href)
    return Address(
        href=relation.href,
        endpoint=f"{owner.name}.{relation.name}",
        owner=owner,
        target=target,
        affordances=Affordances(registry.curie, relation.methods, actions),
        read=read,
        write=writes.related(owner, relation),
    )


def _collection(
    registry: Registry, catalogue: Catalogue, writes: Writes, owner: ResourceType, relation: Relation
) -> Address:
    target = registry.target(relation)

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        return catalogue.page(
            owner, relation, caller, owner_id, parse_page(raw, registry, target, caller.zone)
        )

    actions = registry.actions(target, relation.methods, relation.href, many=True)
    return Address(
        href=relation.href,
        endpoint=f"{owner.name}.{relation.name}",
        owner=owner,
        target=target,
        affordances=Affordances(registry.curie, relation.methods, (registry.paging(relation), *actions)),
        read=read,
        write=writes.collection(owner, relation),
        one=False,
    )


def _offered(catalogue: Catalogue, owner: ResourceType) -> Read:
    """An affordance stands on its owner: where that does not exist, neither does this."""

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        refuse_query(raw)
        return catalogue.one(owner, caller, owner_id, Query())

    return read


def _path() -> str:
    return quote(request.path.removeprefix("/"))


def _require_override() -> None:
    """Refuses an override that was not followed.

    :raises Refusal: 400 for a method that a POST cannot stand for.
    """
    override = request.environ.get(HEADER)
    if override is not None and request.method == "POST" and override.strip().upper() != "POST":
        message = f"X-HTTP-Method-Override must be one of {', '.join(sorted(METHODS))}"
        raise Refusal.of(400, message, properties=["X-HTTP-Method-Override"])


def _parse_id(text: str, owner: ResourceType) -> int:
    if not _ID.fullmatch(text) or int(text) > LARGEST:
        message = (
            f"{owner.rel} {shortened(text)} does not exist: an id is a whole number from 1 to {LARGEST}."
        )
        raise Refusal.of(404, message, properties=["id"])
    return int(text)
