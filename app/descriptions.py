"""What describes the API to machines: the JSON Schema of each type at /schemas/{name}."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask, Response, request

from app import respond
from app.affordances import Affordances
from app.conditions import Precondition
from app.errors import Refusal, shortened
from app.hypermedia import READ, Registry
from app.json_schema import DIALECT, JSON_SCHEMA, SCHEMAS, schemas
from app.query import refuse_query
from app.views import here
from representations import OFFERS, Offer, hal_json, negotiate

Describe = Callable[[str, str], dict[str, Any]]
"""From the name in an address and the API's base to a document; a name that is none is refused."""

JSON = "application/json"


def add_schemas(app: Flask, registry: Registry) -> None:
    """Adds the URL rule of the schemas."""
    made = schemas(registry, lambda name: name)

    def describe(name: str, base: str) -> dict[str, Any]:
        if name not in made:
            raise Refusal.of(404, f"schema {shortened(name)} does not exist, these do: {', '.join(made)}")
        return {"$schema": DIALECT, "$id": f"{base}{SCHEMAS}{name}", **made[name]}

    add_description(app, registry, f"{SCHEMAS}<name>", "schema", (JSON_SCHEMA, JSON), describe)


def add_description(
    app: Flask, registry: Registry, path: str, endpoint: str, media_types: tuple[str, ...], describe: Describe
) -> None:
    """Adds the URL rule of documents that need no token, in one language that goes by several media types."""
    affordances = Affordances(registry.curie, READ)
    offered = tuple(Offer(each, hal_json) for each in media_types)  # all are JSON: the type alone is chosen

    def view(name: str = "") -> Response:
        respond.require_version()
        accept, base = request.environ.get("HTTP_ACCEPT", ""), respond.base_url()
        refuse_query(request.environ.get("QUERY_STRING", ""))
        document = describe(name, base)
        if request.method == "OPTIONS":
            said, offer = affordances.resource(here()), negotiate(accept, OFFERS) or OFFERS[0]
            return respond.answer_options(READ, said, offer, base)
        chosen = negotiate(accept, offered)
        if chosen is None:
            text = f"Accept allows none of the media types that are offered: {', '.join(media_types)}"
            raise Refusal.of(406, text)
        return _answer(orjson.dumps(document), chosen.media_type)

    app.add_url_rule(path, endpoint, view, methods=READ, provide_automatic_options=False)


def _answer(body: bytes, media_type: str) -> Response:
    """The document, or a 304 where the client has it already.

    :raises Refusal: 412 where If-Match does not hold.
    """
    environ = request.environ
    tag = f'"0-{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:20]}"'
    if "HTTP_IF_MATCH" in environ:
        Precondition(environ["HTTP_IF_MATCH"], None).require_tag(tag)
    headers = [("Vary", "Accept"), ("Cache-Control", respond.CACHE_CONTROL), ("ETag", tag)]
    if respond.matches(environ.get("HTTP_IF_NONE_MATCH"), tag):
        return Response(status=304, headers=headers, mimetype=media_type)
    sent = [("Content-Type", media_type), ("X-Content-Type-Options", "nosniff")]
    return Response(body, 200, [*headers, *sent])
