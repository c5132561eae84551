"""What a webhook is told of a resource: as a GET would give it, less what is nobody else's to know."""

from functools import lru_cache
from typing import Any, Protocol

import orjson

from app.catalogue import Catalogue
from app.db.reader import Run
from app.errors import Refusal
from app.hypermedia import Registry, ResourceType
from app.query import Query, parse_one
from app.reading import Caller
from app.schema import declared, secrets
from representations import Resource, hal_json


class Receiver(Protocol):
    """Where it goes, and the query by which its payloads are made."""

    @property
    def url(self) -> str | None:
        """Its address."""

    @property
    def query(self) -> str | None:
        """A query string, as a client would append it to the resource's address."""


def payload(
    catalogue: Catalogue,
    registry: Registry,
    resource_type: ResourceType,
    caller: Caller,
    row_id: int,
    webhook: Receiver,
    base: str,
    run: Run | None = None,
) -> bytes:
    """The resource in HAL+JSON, as it is now.

    A query that means nothing any more is passed over: better told too little than not at all.

    :param caller: the store itself, through no client: what only one client sees is not told.
    :param run: reads within somebody's transaction, where given.
    :raises Refusal: 404 where it is not there.
    """
    asked = asked_by(registry, resource_type, webhook.query)
    try:
        resource = catalogue.one(resource_type, caller, row_id, asked, run)
    except Refusal as refusal:
        if refusal.status == 404 or not asked.zoom:
            raise
        resource = catalogue.one(resource_type, caller, row_id, Query(), run)  # too much to be embedded
    _strip(resource, _withheld(registry, encrypted=_is_encrypted(webhook.url)))
    return hal_json.render(resource, base)


def as_told(registry: Registry, made: str, url: str | None) -> str:
    """A payload that was made before, as it may go to where its webhook leads now.

    One that was made for https loses what nobody else may read.

    :raises ValueError: where it is no JSON any more.
    """
    document = orjson.loads(made)
    withheld = _withheld(registry, encrypted=False)
    if _is_encrypted(url) or not any(f'"{name}":' in made for name in withheld):
        return made
    return orjson.dumps(_without(document, withheld)).decode()


def asked_by(registry: Registry, resource_type: ResourceType, query: str | None) -> Query:
    """What a webhook's query asks for; nothing in particular where it is not understood."""
    try:
        return parse_one((query or "").removeprefix("?"), registry, resource_type)
    except Refusal:
        return Query()


def query_fault(registry: Registry, resource: str, query: str) -> str | None:
    """What is wrong with a query for the payloads of a resource, where anything is."""
    resource_type = registry.types.get(resource)
    if resource_type is None:
        return None
    try:
        parse_one(query.removeprefix("?"), registry, resource_type)
    except Refusal as refusal:
        return f"cannot be applied to a {resource}: {refusal.faults[0].message}"
    return None


def _is_encrypted(url: str | None) -> bool:
    return (url or "").lower().startswith("https:")


def _without(document: Any, withheld: frozenset[str]) -> Any:
    """The same document and all that it holds, less the members of these names."""
    if isinstance(document, list):
        return [_without(each, withheld) for each in document]
    if isinstance(document, dict):
        return {name: _without(each, withheld) for name, each in document.items() if name not in withheld}
    return document


def _strip(resource: Resource, withheld: frozenset[str]) -> None:
    """Hides properties of a resource and of all that it embeds."""
    shown = frozenset(resource.shape.properties)
    if shown & withheld:
        resource.shape = resource.shape.only(shown - withheld)
    for _, resources in resource.embedded:
        for each in resources:
            _strip(each, withheld)


HASHED = "password_hash"
"""The group of those secrets with which customers move in and out: hashes, and how they were made."""


@lru_cache(maxsize=8)
def _withheld(registry: Registry, *, encrypted: bool) -> frozenset[str]:
    """The secrets that no payload holds; on a connection that anybody may listen to that is all of them."""
    schemas = {each.schema for each in registry.types.values()}
    return frozenset(
        name
        for schema in schemas
        for name in secrets(schema)
        if not (encrypted and declared(schema)[name].metadata.get("group") == HASHED)
    )
