"""What each method of an address does, what it needs, and what it answers."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.auth.scopes import SCOPES
from app.docs.places import Place
from app.hypermedia import READ
from app.transitions import Founding
from app.wording import many_of, worded

Headers = Mapping[str, str]

BEARER = "Bearer {token}, with a token of one of these scopes."
ACCEPT = "The media type of the answer; without it, application/hal+json."
IF_NONE_MATCH = (
    "The ETag of what you have: the answer is 304, without a body, while nothing in it has changed."
)
IF_MATCH = "The ETag that you have read: the answer is 412 where somebody else has changed it since."
CONTENT_TYPE = "The media type of the body: JSON, HAL, Siren, XML or a form; OPTIONS lists them all."
IDEMPOTENCY_KEY = "A text of your own, new for each thing to do: sent again, it is done once."
PREFER_IN = (
    "return=minimal for a short answer, handling=lenient to pass over unknown properties,"
    ' transclude="{relations}" as zoom does.'
)
PREFER_OUT = 'transclude="{relations}", as zoom does.'


def methods_of(place: Place) -> dict[str, dict[str, Any]]:
    """The methods of an address, each with what it does, the scopes and headers, and its success."""
    titles = _titles(place)
    return {
        method: {
            "title": titles[method],
            "scopes": scopes(place, method),
            "headers": dict(_headers(place, method)),
            "status": 201 if method == "POST" and place.makes else 200,
        }
        for method in place.methods
    }


def public_methods(methods: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The methods of an address that needs no token."""
    titles = _READING | {"GET": "Read it", "POST": "Ask for a token (send a form)"}
    headers = {"GET": {"Accept": ACCEPT, "If-None-Match": IF_NONE_MATCH}}
    return {
        method: {"title": titles[method], "scopes": [], "headers": headers.get(method, {}), "status": 200}
        for method in methods
    }


def scopes(place: Place, method: str) -> list[str]:
    """The scopes of which a token needs one; those of a founding make what is their own."""
    reach = "client" if isinstance(place.relation, Founding) else place.owner.reach
    known = (each for each in SCOPES.values() if each.reach == reach)
    return [each.name for each in known if each.writes or method in READ]


_READING = {
    "HEAD": "Read its headers alone",
    "OPTIONS": "Ask what may be done here, and with which properties",
}


def _titles(place: Place) -> dict[str, str]:
    titles = dict(_READING)
    if place.target is None or isinstance(place.relation, Founding):
        return titles | dict.fromkeys(place.methods[:1], place.title)
    noun = place.target.rel.replace("_", " ")
    titles["GET"] = f"Read a page of {many_of(noun)}" if place.many else f"Read the {noun}"
    return titles | {method: title for method, _, title in worded(noun, place.methods, many=place.many)}


def _headers(place: Place, method: str) -> Iterable[tuple[str, str]]:
    yield "Authorization", BEARER
    yield "Accept", ACCEPT
    if method == "GET":
        yield "If-None-Match", IF_NONE_MATCH
        yield "Prefer", PREFER_OUT
    if method in {"POST", "PUT", "PATCH"}:
        yield "Content-Type", CONTENT_TYPE
        yield "Prefer", PREFER_IN
    if method in {"PUT", "PATCH", "DELETE"} or (method == "POST" and not place.makes):
        yield "If-Match", IF_MATCH
    if keeps_keys(place) and method == "POST":
        yield "Idempotency-Key", IDEMPOTENCY_KEY


def keeps_keys(place: Place) -> bool:
    """Whether a POST there may be named by a key; answers that hold secrets are kept for none."""
    linked = place.relation is not None and getattr(place.relation, "linked", False)
    return not (linked or isinstance(place.relation, Founding))
