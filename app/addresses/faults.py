"""The refusals that an address answers with: status, code, and when."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from marshmallow import Schema

from app.addresses.places import Address, Place, scopes
from app.errors import CODES
from app.fields import Email
from app.hypermedia import READ, Registry, Relation
from app.schema import declared
from app.transitions import Affordance, Founding


class Fault(NamedTuple):
    """A status, the code of an entry, and when it is answered."""

    status: int
    code: str
    when: str


_STATUSES = {code: status for status, code in CODES.items()} | {
    "missing_token": 401,
    "invalid_token": 401,
    "not_allowed": 409,
    "not_possible_now": 409,
    "has_dependents": 409,
    "patch_conflict": 409,
    "taken": 409,
}
"""The status of a code; that of all others is 400."""

WHEN: Mapping[str, str] = {
    "unknown_parameter": "The query names a parameter that is not offered here.",
    "unknown_value": "A parameter has a value that it cannot have.",
    "unknown_zoom": "zoom names a relation that cannot be embedded here.",
    "zoom_too_large": "More would be embedded than one answer holds: ask for a smaller page.",
    "unknown_field": "fields names what is no property.",
    "not_a_number": "limit or offset is not a whole number.",
    "bad_order": "order names what cannot be ordered by.",
    "bad_filter": "A filter has a value that its property cannot have.",
    "bad_cursor": "cursor is none that a page has led to.",
    "malformed_body": "The body cannot be read as its media type.",
    "unknown_property": "The body names what is no property; handling=lenient passes over it.",
    "blank": "A property is missing or empty that is needed.",
    "too_long": "A text has more characters than its property takes.",
    "not_listed": "A value is none of those that its property takes.",
    "not_an_email": "A text is no email address.",
    "wrong_type": "A value is of another type than its property.",
    "invalid": "A value breaks another rule of its property, or does not fit the others.",
    "missing_token": "No token was sent.",
    "invalid_token": "The token is unknown, has expired or was revoked.",
    "insufficient_scope": "The token is of another scope than {needed}, or may not write.",
    "not_found": "What the address names does not exist, or not for this token.",
    "method_not_allowed": "The method is not offered here; Allow says which are.",
    "not_acceptable": "Accept allows none of the formats that are offered.",
    "taken": "A value is taken already{values}.",
    "conflict": "The request that the Idempotency-Key stands for is still being worked on.",
    "not_allowed": "What is asked for is not allowed as things are{why}.",
    "not_possible_now": "The {offered}.",
    "has_dependents": "Something active still needs it.",
    "patch_conflict": "A JSON Patch does not fit what is there.",
    "precondition_failed": "If-Match or If-None-Match does not hold: it has changed since.",
    "too_large": "The body is larger than what is read.",
    "query_too_long": "The query is longer than is read.",
    "unsupported_media_type": "The body's media type cannot be read; Accept-Post or -Patch lists those.",
    "idempotency_key_reused": "The Idempotency-Key stood for another request before.",
    "too_many_requests": "Too many were made in a while; Retry-After says how long to wait.",
    "unavailable": "The database does not answer in time: try again after Retry-After.",
}
"""When each is answered; what stands in braces is known where it is."""

_ANYWHERE = {
    "needed": "is needed",
    "values": "",
    "why": "",
    "offered": "resource is in no state for it: it shows no link then",
}


def refusals() -> dict[int, dict[str, str]]:
    """All of them, wherever: by status, the codes that an entry may have, each with when it is answered."""
    found: dict[int, dict[str, str]] = {}
    for code, when in WHEN.items():
        found.setdefault(_STATUSES.get(code, 400), {})[code] = when.format(**_ANYWHERE)
    return {status: found[status] for status in sorted(found)}


NOT_OFFERED = 405
"""What a method that is offered is never answered with."""


def faults(registry: Registry, address: Address, method: str) -> Iterator[Fault]:
    """Those that a method may be answered with at an address."""
    if isinstance(address, Place):
        yield from _of_token(address)
        yield _fault("too_many_requests")
        yield from _of_query(address)
        yield from _of_method(registry, address, method)
    else:
        yield _fault("unknown_parameter")
        yield _fault("invalid_token")
        if address.parameters:
            yield _fault("unknown_value")
    if "{" in address.href:
        yield _fault("not_found") if isinstance(address, Place) else _NO_SUCH_NAME
    for code in ("method_not_allowed", "not_acceptable", "query_too_long", "unavailable"):
        yield _fault(code)
    if method in {"GET", "HEAD"}:
        yield _fault("precondition_failed")


def _fault(code: str, **known: str) -> Fault:
    return Fault(_STATUSES.get(code, 400), code, WHEN[code].format(**known))


_NO_SUCH_NAME = Fault(404, "not_found", "There is none of this name.")


def _of_token(place: Place) -> Iterator[Fault]:
    reading = "GET" if "GET" in place.methods else place.methods[0]
    if not place.open:
        yield _fault("missing_token")
    yield _fault("invalid_token")
    yield _fault("insufficient_scope", needed=" or ".join(scopes(place, reading)))


def _of_query(place: Place) -> Iterator[Fault]:
    yield _fault("unknown_parameter")
    if place.target is None or isinstance(place.relation, Founding):
        return
    yield from map(_fault, ("unknown_zoom", "zoom_too_large", "unknown_field"))
    if place.many:
        yield from map(_fault, ("not_a_number", "bad_order", "bad_filter", "bad_cursor"))


def _of_method(registry: Registry, place: Place, method: str) -> Iterator[Fault]:
    if method in READ:
        return
    yield from map(_fault, ("malformed_body", "precondition_failed", "too_large"))
    if method == "DELETE":
        if _kept(registry, place):
            yield _fault("has_dependents")
        return
    yield _fault("unsupported_media_type")
    schema = place.relation.schema if isinstance(place.relation, Affordance) else None
    yield from _of_body(schema or (place.target.schema if place.target else Schema))
    yield from _of_clashes(place)
    if method == "POST" and place.keeps_keys:
        yield from map(_fault, ("conflict", "idempotency_key_reused"))
    if method == "PATCH" and not place.many:
        yield _fault("patch_conflict")


def _of_body(schema: type[Schema]) -> Iterator[Fault]:
    known = [each for each in declared(schema).values() if not each.dump_only]
    yield _fault("unknown_property")
    if any(each.required or not each.allow_none for each in known):
        yield _fault("blank")
    if any(each.metadata.get("most") for each in known):
        yield _fault("too_long")
    if any(each.metadata.get("choices") for each in known):
        yield _fault("not_listed")
    if any(isinstance(each, Email) for each in known):
        yield _fault("not_an_email")
    if known:
        yield from map(_fault, ("wrong_type", "invalid"))


def _of_clashes(place: Place) -> Iterator[Fault]:
    """What conflicts with what is there; the messages stand in the declarations."""
    target, relation = place.target, place.relation
    if isinstance(relation, Affordance) and relation.when:
        yield _fault("not_possible_now", offered=f"{place.owner.rel} {relation.when.otherwise}")
    if target and target.clashes:
        said = dict.fromkeys(f"{name}: {text}" for name, text in target.clashes.values())
        yield _fault("taken", values=f" ({'; '.join(said)})")
    if target and target.forbids:
        yield _fault("not_allowed", why=f" ({target.forbids})")


def _kept(registry: Registry, place: Place) -> bool:
    """Whether rows that are active may keep this one from being deleted."""
    return any(
        each.active
        and isinstance(relation, Relation)
        and relation.own_key
        and place.target is not None
        and relation.target == place.target.name
        for each in registry.types.values()
        for relation in each.relations
    )
