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
from app.application import request_environ
from app.auth import limited
from app.auth.bearer import STRANGER, Bearer
from app.auth.explorer_session import ExplorerSession
from app.auth.faces import Face
from app.catalogue import Catalogue
from app.db.ids import LARGEST
from app.errors import Refusal, shortened
from app.explorer import without_blanks
from app.hypermedia import READ, Registry, Relation, ResourceType
from app.method_override import HEADER, METHODS
from app.preferences import transcluded
from app.query import Query, parse_one, parse_page, refuse_query
from app.reading import Caller
from app.transitions import Affordance, Founding
from app.writes import Write, Writes
from representations import Resource

Read = Callable[[Caller, int, str], Resource]
ReadPublic = Callable[[Caller | None, str, str, str], Resource]
"""Reads for a caller what has a name, with a query, for who knows the API by its base URL."""

_ID = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


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


def add_resources(app: Flask, registry: Registry, catalogue: Catalogue, face: Face, writes: Writes) -> None:
    """Adds the URL rules of all declared types."""
    for each in registry.types.values():
        if "{id}" in each.path:
            add_address(app, registry, face, one(registry, catalogue, writes, each))
    for owner, relation in registry.served():
        make = _collection if relation.many else _related
        add_address(app, registry, face, make(registry, catalogue, writes, owner, relation))
    for owner, affordance in registry.affordances():
        add_address(app, registry, face, _taken(registry, catalogue, writes, owner, affordance))


def add_public(
    app: Flask, registry: Registry, session: ExplorerSession, path: str, endpoint: str, read: ReadPublic
) -> None:
    """Adds a URL rule that needs no token; a token that is sent is looked at all the same."""
    affordances = Affordances(registry.curie, READ)

    def view(name: str = "") -> Response:
        respond.require_version()
        caller = session.anyone()
        offer, base = respond.negotiated(), respond.base_url()
        resource = read(caller, name, request_environ().get("QUERY_STRING", ""), base)
        if request.method == "OPTIONS":
            return respond.answer_options(READ, affordances.resource(here()), offer, base)
        return respond.answer(resource, offer, base)

    app.add_url_rule(path, endpoint, view, methods=READ, provide_automatic_options=False)


def add_address(app: Flask, registry: Registry, face: Face, address: Address) -> None:
    """Adds the URL rules of one address. One that names no id is about the customer who asks."""
    owner, methods = address.owner, address.affordances.methods
    for_readers = address.affordances.reading()

    def view(owner_id: str | None = None, store_id: str = "") -> Response:  # noqa: ARG001 - the face's to read
        respond.require_version()
        _require_override()
        environ = request_environ()
        method = environ["REQUEST_METHOD"]
        caller = face.caller(owner.reach, writing=method not in READ)
        offer, base = respond.negotiated(), respond.base_url()
        if tidy := without_blanks(offer, base):
            return tidy
        row_id = caller.customer_id if owner_id is None else _parse_id(owner_id, owner)
        raw, applied = environ.get("QUERY_STRING", ""), ""
        if "HTTP_PREFER" in environ and address.target:
            raw, applied = transcluded(raw, respond.preferences(), registry, address.target)
        if address.write is not None and method not in READ:
            return address.write(caller, row_id, raw, offer, base, applied)
        resource = address.read(caller, row_id, raw)
        if method == "OPTIONS":
            offered = address.affordances if caller.scope.writes else for_readers
            said = offered.resource(here())
            return respond.answer_options(offered.methods, said, offer, base, one=address.one)
        return respond.answer(resource, offer, base, applied)

    for rule in face.rules(address.href):
        endpoint = f"{face.name}{address.endpoint}"
        app.add_url_rule(rule, endpoint, view, methods=methods, provide_automatic_options=False)


def add_foundings(app: Flask, registry: Registry, bearer: Bearer, writes: Writes) -> None:
    """Adds the URL rules where what belongs to nobody yet is made."""
    for target, founding in registry.founded():
        _add_founding(app, registry, bearer, writes, target, founding)


def _add_founding(
    app: Flask, registry: Registry, bearer: Bearer, writes: Writes, target: ResourceType, founding: Founding
) -> None:
    methods, write = founding.methods, writes.founding(target)
    affordances = Affordances(
        registry.curie, methods, registry.actions(target, methods, founding.href, many=True)
    )

    def view() -> Response:
        respond.require_version()
        _require_override()
        environ = request_environ()
        writing = environ["REQUEST_METHOD"] not in READ
        caller = bearer.founder(environ.get("HTTP_AUTHORIZATION"), writing=writing)
        offer, base = respond.negotiated(), respond.base_url()
        if writing:
            if caller is STRANGER:
                limited.take("bootstrap")
            return write(caller, 0, environ.get("QUERY_STRING", ""), offer, base, "")
        refuse_query(environ.get("QUERY_STRING", ""))
        return respond.answer_options(methods, affordances.resource(here()), offer, base, one=False)

    app.add_url_rule(
        founding.href,
        f"{target.name}.{founding.name}",
        view,
        methods=methods,
        provide_automatic_options=False,
    )


def one(registry: Registry, catalogue: Catalogue, writes: Writes, target: ResourceType) -> Address:
    """The address of one resource of a type."""

    def read(caller: Caller, row_id: int, raw: str) -> Resource:
        return catalogue.one(target, caller, row_id, parse_one(raw, registry, target))

    return Address(
        href=target.path,
        endpoint=target.name,
        owner=target,
        target=target,
        affordances=Affordances(
            registry.curie, target.methods, registry.actions(target, target.methods, target.path)
        ),
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
        write=(writes.founding_in if relation.linked else writes.collection)(owner, relation),
        one=False,
    )


def _taken(
    registry: Registry, catalogue: Catalogue, writes: Writes, owner: ResourceType, affordance: Affordance
) -> Address:
    """An affordance stands on its owner: where that does not exist, neither does this."""

    def read(caller: Caller, owner_id: int, raw: str) -> Resource:
        refuse_query(raw)
        return catalogue.one(owner, caller, owner_id, Query())

    return Address(
        href=affordance.href,
        endpoint=f"{owner.name}.{affordance.name}",
        owner=owner,
        target=None,
        affordances=Affordances(registry.curie, affordance.methods, [registry.taking(affordance)]),
        read=read,
        write=writes.affordance(owner, affordance),
    )


def here() -> str:
    """The path of the request, percent-encoded, without the slash at its beginning."""
    return quote(request.path.removeprefix("/"))


def _require_override() -> None:
    """Refuses an override that was not followed.

    :raises Refusal: 400 for a method that a POST cannot stand for.
    """
    override = request_environ().get(HEADER)
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
