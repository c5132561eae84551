"""What describes the API to machines: the JSON Schemas at /schemas/{name}, all of it at /openapi.json."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask, Response, request

from app import respond
from app.addresses.public import OPENAPI
from app.affordances import Affordances
from app.auth.explorer_session import ExplorerSession
from app.conditions import Precondition
from app.errors import Refusal, shortened
from app.hypermedia import READ, Registry
from app.json_schema import DIALECT, JSON_SCHEMA, SCHEMAS, schemas
from app.openapi import OpenApi
from app.query import refuse_query
from app.views import here
from representations import OFFERS, Offer, hal_json, negotiate

JSON = "application/json"
MOST_KEPT = 8
"""How many documents of a kind are kept as bytes; one is made for each origin by which clients call."""


@dataclass(frozen=True, slots=True)
class Description:
    """Documents that need no token, in one language of JSON that goes by several media types.

    `describe` makes one from the name in its address and the API's base, and refuses a name that is none.
    """

    path: str
    endpoint: str
    media_types: tuple[str, ...]
    describe: Callable[[str, str], dict[str, Any]]


def add_descriptions(app: Flask, registry: Registry, session: ExplorerSession, *, sandbox: bool) -> None:
    """Adds the URL rules of all of them."""
    openapi = OpenApi(registry, sandbox=sandbox)
    whole = Description("/openapi.json", "openapi", (OPENAPI, JSON), lambda _, base: openapi.at(base))
    for each in (_of_resources(registry), whole):
        _add(app, registry, session, each)


def _of_resources(registry: Registry) -> Description:
    made = schemas(registry, lambda name: name)

    def describe(name: str, base: str) -> dict[str, Any]:
        if name not in made:
            raise Refusal.of(404, f"schema {shortened(name)} does not exist, these do: {', '.join(made)}")
        return {"$schema": DIALECT, "$id": f"{base}{SCHEMAS}{name}", **made[name]}

    return Description(f"{SCHEMAS}<name>", "schema", (JSON_SCHEMA, JSON), describe)


def _add(app: Flask, registry: Registry, session: ExplorerSession, described: Description) -> None:
    affordances = Affordances(registry.curie, READ)
    made = lru_cache(maxsize=MOST_KEPT)(lambda name, base: _tagged(described.describe(name, base)))
    labels = {each.partition(";")[0]: each for each in described.media_types}
    offered = tuple(Offer(each, hal_json) for each in labels)  # all are JSON: the type alone is chosen

    def view(name: str = "") -> Response:
        respond.require_version()
        session.anyone()
        accept, base = request.environ.get("HTTP_ACCEPT", ""), respond.base_url()
        refuse_query(request.environ.get("QUERY_STRING", ""))
        document = made(name, base)
        if request.method == "OPTIONS":
            said, offer = affordances.resource(here()), negotiate(accept, OFFERS) or OFFERS[0]
            return respond.answer_options(READ, said, offer, base)
        chosen = negotiate(accept, offered)
        if chosen is None:
            types = ", ".join(described.media_types)
            raise Refusal.of(406, f"Accept allows none of the media types that are offered: {types}")
        return _answer(document, labels[chosen.media_type])

    app.add_url_rule(described.path, described.endpoint, view, methods=READ, provide_automatic_options=False)


def _tagged(document: dict[str, Any]) -> tuple[bytes, str]:
    """The bytes of a document, and their tag."""
    body = orjson.dumps(document)
    return body, f'"0-{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:20]}"'


def _answer(document: tuple[bytes, str], media_type: str) -> Response:
    """The document, or a 304 where the client has it already.

    :raises Refusal: 412 where If-Match does not hold.
    """
    environ = request.environ
    body, tag = document
    if "HTTP_IF_MATCH" in environ:
        Precondition(environ["HTTP_IF_MATCH"], None).require_tag(tag)
    headers = [("Vary", "Accept"), ("Cache-Control", respond.CACHE_CONTROL), ("ETag", tag)]
    if respond.matches(environ.get("HTTP_IF_NONE_MATCH"), tag):
        return Response(status=304, headers=headers, mimetype=media_type)
    sent = [("Content-Type", media_type), ("X-Content-Type-Options", "nosniff")]
    return Response(body, 200, [*headers, *sent])
