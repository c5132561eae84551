"""The pages of what is no type's: home, lists of values, documentation itself, tokens, errors."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.addresses import PublicPlace
from app.addresses.public import HELPER, HELPERS, HOME, RELS
from app.addresses.public import REL as ONE_REL
from app.auth.authorization_server import REQUIRED
from app.docs.links import links_of
from app.docs.methods import public_methods, untold_methods
from app.docs.pages import Page, telling
from app.docs.properties import shown
from app.docs.refusals import refusals_of
from app.home import MEANINGS, TOKEN_TITLE
from app.hypermedia import Registry
from app.resources.property_helper import PROPERTY_HELPERS
from representations import Shape

REL = {
    "rel": "The link relation's name; behind the curie's prefix it is what links have.",
    "title": "What links of this relation are titled.",
    "description": "What the link relation means.",
    "message": "What there is to know of the example; of whom there is none, how to get one.",
    "addresses": "The addresses that it leads to, each with its title.",
    "methods": "What can be done there: the scopes that it needs, the headers that it takes, a curl line.",
    "parameters": "The query's parameters, each with what it is for.",
    "filters": "By what a collection can be narrowed: properties, each with how it is written.",
    "order": "By what a collection can be ordered.",
    "zoom": "What can be embedded, as zoom names it.",
    "properties": "The properties, each with its type, its constraints and its meaning.",
    "links": "The links of the resource, each with what it means.",
    "page": "What a page of a collection has besides the resources on it.",
    "errors": "The refusals: status, code, and when.",
}
"""The properties of a page of documentation."""

ERROR = {
    "logref": "A name for this failure, under which the server's log has it too.",
    "message": "What is wrong, and what to do about it.",
    "property": "Which property, parameter or header it is about.",
    "code": "What kind of fault it is: a word that stays.",
}

_TOKEN: Mapping[str, Mapping[str, Any]] = {
    "grant_type": {"required": True, "choices": list(REQUIRED), "description": "What is exchanged."},
    "refresh_token": {"description": "The refresh token that is exchanged."},
    "code": {"description": "The code that the page of consent has sent."},
    "redirect_uri": {"description": "Where it was sent, as it was asked for."},
    "code_verifier": {
        "description": "The verifier of the challenge that the code was asked for with (RFC 7636)."
    },
    "client_id": {"description": "The client's name, where it is not in the Authorization header (Basic)."},
    "client_secret": {"description": "The client's secret, where it is not there either."},
}


_DECLINED = (
    (400, "invalid_request", "A parameter is missing, or stands there twice."),
    (400, "invalid_grant", "The code or the refresh token is unknown, has ended, or is another client's."),
    (400, "unsupported_grant_type", "grant_type is none of those that there are."),
    (401, "invalid_client", "The client is unknown, or has not proved who it is."),
    (429, "temporarily_unavailable", "Too many were asked for in a while."),
)
"""OAuth's errors (RFC 6749 §5.2), in flat JSON."""


def general_pages(
    registry: Registry, home: tuple[Shape, ...], helpers: Mapping[str, Shape], meanings: Mapping[str, str]
) -> Iterator[Page]:
    """These pages.

    :param home: what home looks like, whoever asks.
    :param helpers: what the lists of values look like, and by "" what lists them.
    :param meanings: those of other link relations.
    """
    meanings = {**meanings, **_MEANINGS}
    message = {"message": shown("String", "What this is.")}
    links = {name: each for shape in home for name, each in links_of(shape, meanings).items()}
    yield _read(registry, HOME, properties=message, links=links)
    yield _read(registry, HELPERS, properties=message, links=links_of(helpers[""], meanings))
    values = message | {"values": shown("Object", "The values, each with what there is to know of it.")}
    for each in PROPERTY_HELPERS:
        said = {"properties": values, "links": links_of(helpers[each.name], meanings)}
        place = replace(
            HELPER,
            href=HELPER.href.replace("{name}", each.name),
            name=each.name,
            title=each.title,
            meaning=each.meaning,
            parameters=each.parameters,
        )
        yield _read(registry, place, **said)
    yield from _documentation(registry)
    yield from _others()


_MEANINGS = MEANINGS | {each.name: each.meaning for each in PROPERTY_HELPERS}


def _documentation(registry: Registry) -> Iterator[Page]:
    listed = {name: shown("String", REL[name]) for name in ("rel", "title", "description")}
    listed = {"message": shown("String", "How many were found, and by what.")} | listed
    yield _read(registry, RELS, properties=listed)
    kinds = {"rel": "String", "title": "String", "description": "String", "message": "String"}
    kinds |= {"order": "List", "errors": "List"}
    told = {name: shown(kinds.get(name, "Object"), meaning) for name, meaning in REL.items()}
    yield _read(registry, ONE_REL, properties=told)
    example = "The resource that a link relation leads to, as it is at this moment; without secrets."
    yield Page(rel="example", title="Example", meaning=example, told=telling({}))


def _others() -> Iterator[Page]:
    token = {name: {"type": "String", "constraints": "", **each} for name, each in _TOKEN.items()}
    told = {
        "addresses": {"/token": TOKEN_TITLE},
        "methods": untold_methods(("POST", "OPTIONS")),
        "errors": [{"status": status, "code": code, "when": when} for status, code, when in _DECLINED],
    }
    yield Page(
        rel="token",
        title=TOKEN_TITLE,
        meaning=MEANINGS["token"],
        public="/token",
        told=telling({**told, "properties": token}),
    )
    checkout = "Where a customer of the portal is signed in at the store's checkout."
    yield Page(rel="checkout", title="Checkout", meaning=checkout, told=telling({}))
    errors = "Why a request was refused: how many faults it had, and each of them."
    total = {"properties": {"total": shown("Integer", "How many faults there are.")}}
    yield Page(rel="errors", title="Errors", meaning=errors, told=telling(total))
    error = "One fault of a request: what is wrong, with which property, and a stable code."
    entry = {"properties": {name: shown("String", meaning) for name, meaning in ERROR.items()}}
    yield Page(rel="error", title="Error", meaning=error, told=telling(entry))


def _read(registry: Registry, place: PublicPlace, **said: Any) -> Page:
    told = {
        "addresses": {place.href: place.title},
        "methods": public_methods(place),
        "parameters": dict(place.parameters),
        "errors": refusals_of(registry, (place,)),
    }
    return Page(
        rel=place.name,
        title=place.title,
        meaning=place.meaning,
        public=place.href,
        told=telling({**told, **said}),
    )
