"""The errors that the addresses of a link relation answer with: status, code, and when."""

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema

from app.docs.methods import keeps_keys, scopes
from app.docs.places import Place
from app.fields import Email
from app.hypermedia import READ, Registry, Relation
from app.schema import declared
from app.transitions import Affordance, Founding

Fault = tuple[int, str, str]
"""A status, the code of an entry, and when it is answered."""


def faults_of(registry: Registry, places: tuple[Place, ...]) -> list[dict[str, Any]]:
    """Those of all these addresses, by status."""
    found = sorted({fault[:2]: fault for place in places for fault in _faults(registry, place)}.values())
    return [{"status": status, "code": code, "when": when} for status, code, when in found]


def public_faults(parameters: tuple[str, ...] = (), *, named: bool = False) -> list[dict[str, Any]]:
    """Those of an address that needs no token."""
    found: list[Fault] = [(400, "unknown_parameter", "The query names a parameter that is not offered here.")]
    if parameters:
        found.append((400, "unknown_value", "A parameter has a value that it cannot have."))
    if named:
        found.append((404, "not_found", "There is none of this name."))
    found += [_METHOD, _FORMAT]
    return [{"status": status, "code": code, "when": when} for status, code, when in found]


_METHOD = (405, "method_not_allowed", "The method is not offered here; Allow says which are.")
_FORMAT = (406, "not_acceptable", "Accept allows none of the formats that are offered.")


def _faults(registry: Registry, place: Place) -> Iterator[Fault]:
    needed = " or ".join(scopes(place, "GET" if "GET" in place.methods else place.methods[0]))
    yield 401, "missing_token", "No token was sent."
    yield 401, "invalid_token", "The token is unknown, has expired or was revoked."
    yield 403, "insufficient_scope", f"The token is of another scope than {needed}, or may not write."
    if "{" in place.href:
        yield 404, "not_found", "What the address names does not exist, or not for this token."
    yield _METHOD
    yield _FORMAT
    yield 429, "too_many_requests", "Too many were made in a while; Retry-After says how long to wait."
    yield 503, "unavailable", "The database does not answer in time: try again after Retry-After."
    yield from _of_query(place)
    if any(method not in READ for method in place.methods):
        yield from _of_writing(place)
    yield from _of_clashes(registry, place)


def _of_query(place: Place) -> Iterator[Fault]:
    yield 400, "unknown_parameter", "The query names a parameter that is not offered here."
    yield 414, "query_too_long", "The query is longer than is read."
    if place.target is None or isinstance(place.relation, Founding):
        return
    yield 400, "unknown_zoom", "zoom names a relation that cannot be embedded here."
    yield 400, "zoom_too_large", "More would be embedded than one answer holds: ask for a smaller page."
    yield 400, "unknown_field", "fields names what is no property."
    if place.many:
        yield 400, "not_a_number", "limit or offset is not a whole number."
        yield 400, "bad_order", "order names what cannot be ordered by."
        yield 400, "bad_filter", "A filter has a value that its property cannot have."
        yield 400, "bad_cursor", "cursor is none that a page has led to."


def _of_writing(place: Place) -> Iterator[Fault]:
    yield 400, "malformed_body", "The body cannot be read as its media type."
    yield 412, "precondition_failed", "If-Match or If-None-Match does not hold: it has changed since."
    yield 413, "too_large", "The body is larger than what is read."
    yield (
        415,
        "unsupported_media_type",
        "The body's media type cannot be read; Accept-Post or -Patch lists those.",
    )
    schema = place.relation.schema if isinstance(place.relation, Affordance) else None
    yield from _of_body(schema or (place.target.schema if place.target else Schema))
    if "POST" in place.methods and keeps_keys(place):
        yield 422, "idempotency_key_reused", "The Idempotency-Key stood for another request before."
    if "PATCH" in place.methods and not place.many:
        yield 409, "patch_conflict", "A JSON Patch does not fit what is there."


def _of_body(schema: type[Schema]) -> Iterator[Fault]:
    known = [each for each in declared(schema).values() if not each.dump_only]
    yield 400, "unknown_property", "The body names what is no property; handling=lenient passes over it."
    if any(each.required or not each.allow_none for each in known):
        yield 400, "blank", "A property is missing or empty that is needed."
    if any(each.metadata.get("most") for each in known):
        yield 400, "too_long", "A text has more characters than its property takes."
    if any(each.metadata.get("choices") for each in known):
        yield 400, "not_listed", "A value is none of those that its property takes."
    if any(isinstance(each, Email) for each in known):
        yield 400, "not_an_email", "A text is no email address."
    if known:
        yield 400, "wrong_type", "A value is of another type than its property."
        yield 400, "invalid", "A value breaks another rule of its property, or does not fit the others."


def _of_clashes(registry: Registry, place: Place) -> Iterator[Fault]:
    """What conflicts with what is there; the messages stand in the declarations."""
    target, relation = place.target, place.relation
    if isinstance(relation, Affordance) and relation.when:
        yield 409, "not_possible_now", f"The {place.owner.rel} {relation.when.otherwise}."
    if target is None:
        return
    if target.clashes and any(method not in READ for method in place.methods):
        said = dict.fromkeys(f"{name}: {text}" for name, text in target.clashes.values())
        yield 409, "conflict", f"A value is taken already ({'; '.join(said)})."
    if "DELETE" in place.methods and _kept(registry, place):
        yield 409, "has_dependents", "Something active still needs it."


def _kept(registry: Registry, place: Place) -> bool:
    """Whether rows that are active may keep this one from being deleted."""
    return any(
        each.active
        and isinstance(relation, Relation)
        and relation.own_key
        and relation.target == place.owner.name
        for each in registry.types.values()
        for relation in each.relations
    )
