"""The uniform interface: a handful of views that serve every declared type.

URL rules come from the declarations: one for each type, one for each relation that has an address of
its own, one for each affordance.
"""

import re
from collections.abc import Callable

from flask import Flask, Response, request

from app import respond
from app.auth.bearer import Bearer
from app.catalogue import Catalogue
from app.db.ids import LARGEST
from app.errors import Refusal, shortened
from app.hypermedia import READ, Registry, Relation, ResourceType
from app.query import Query, parse_one, parse_page, refuse_query
from app.reading import Caller
from representations import Resource

Read = Callable[[Caller, int, str], Resource]
ReadPublic = Callable[[Caller | None, str, str], Resource]

_ID = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_SLOT = re.compile(r"\{\w+\}")


def add_resources(app: Flask, registry: Registry, catalogue: Catalogue, bearer: Bearer) -> None:
    """Adds the URL rules of all declared types."""
    for each in registry.types.values():
        if "{id}" in each.path:
            _add(app, bearer, each.path, each.name, each, each.methods, _one(registry, catalogue, each))
    for owner, relation in registry.served():
        read = (_page if relation.many else _related)(registry, catalogue, owner, relation)
        _add(app, bearer, relation.href, f"{owner.name}.{relation.name}", owner, relation.methods, read)
    for owner, affordance in registry.affordances():
        read = _offered(catalogue, owner)
        _add(app, bearer, affordance.href, f"{owner.name}.{affordance.name}", owner, affordance.methods, read)


def add_public(app: Flask, bearer: Bearer, path: str, endpoint: str, read: ReadPublic) -> None:
    """Adds a URL rule that needs no token; a token that is sent is looked at all the same."""

    def view(name: str = "") -> Response:
        respond.require_version()
        header = request.environ.get("HTTP_AUTHORIZATION")
        caller = bearer.caller(header) if header else None
        offer, base = respond.negotiated(), respond.base_url()
        resource = read(caller, name, request.environ.get("QUERY_STRING", ""))
        if request.method == "OPTIONS":
            return respond.answer_options(READ, offer, base)
        return respond.answer(resource, offer, base)

    app.add_url_rule(path, endpoint, view, methods=READ, provide_automatic_options=False)


def _add(
    app: Flask,
    bearer: Bearer,
    href: str,
    endpoint: str,
    owner: ResourceType,
    methods: tuple[str, ...],
    read: Read,
) -> None:
    def view(owner_id: str) -> Response:
        respond.require_version()
        environ = request.environ
        caller = bearer.caller(environ.get("HTTP_AUTHORIZATION"))
        offer, base = respond.negotiated(), respond.base_url()
        resource = read(caller, _parse_id(owner_id, owner), environ.get("QUERY_STRING", ""))
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return respond.answer_options(methods, offer, base)
        return respond.answer(resource, offer, base)

    rule = _SLOT.sub("<owner_id>", href)
    app.add_url_rule(rule, endpoint, view, methods=methods, provide_automatic_options=False)


def _one(registry: Registry, catalogue: Catalogue, resource_type: ResourceType) -> Read:
    def read(caller: Caller, row_id: int, raw: str) -> Resource:
        return catalogue.one(resource_type, caller, row_id, parse_one(raw, registry, resource_type))

    return read


def _related(registry: Registry, catalogue: Catalogue, owner: ResourceType, relation: Relation) -> Read:
    target = registry.target(relation)

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        return catalogue.related(owner, relation, caller, owner_id, parse_one(raw, registry, target))

    return read


def _page(registry: Registry, catalogue: Catalogue, owner: ResourceType, relation: Relation) -> Read:
    target = registry.target(relation)

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        return catalogue.page(owner, relation, caller, owner_id, parse_page(raw, registry, target))

    return read


def _offered(catalogue: Catalogue, owner: ResourceType) -> Read:
    """An affordance stands on its owner: where that does not exist, neither does this."""

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        refuse_query(raw)
        return catalogue.one(owner, caller, owner_id, Query())

    return read


def _parse_id(text: str, owner: ResourceType) -> int:
    if not _ID.fullmatch(text) or int(text) > LARGEST:
        message = (
            f"{owner.rel} {shortened(text)} does not exist: an id is a whole number from 1 to {LARGEST}."
        )
        raise Refusal.of(404, message, properties=["id"])
    return int(text)
