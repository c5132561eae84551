"""What each method of an address does, what it needs, and what it answers."""

from collections.abc import Iterable
from typing import Any

from app.addresses import Address, Place, PublicPlace, headers, scopes
from app.transitions import Founding
from app.wording import many_of, worded


def methods_of(place: Place) -> dict[str, dict[str, Any]]:
    """The methods of an address, each with what it does, the scopes and headers, and its success."""
    titles = _titles(place)
    return {
        method: {
            "title": titles[method],
            "scopes": scopes(place, method),
            "headers": _headers(place, method),
            "status": 201 if method == "POST" and place.makes else 200,
        }
        for method in place.methods
    }


def public_methods(place: PublicPlace) -> dict[str, dict[str, Any]]:
    """The methods of an address that needs no token."""
    told = untold_methods(place.methods)
    return {method: said | {"headers": _headers(place, method)} for method, said in told.items()}


def untold_methods(methods: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The methods of an address whose requests are not as others."""
    titles = _READING | {"GET": "Read it", "POST": "Ask for a token (send a form)"}
    return {
        method: {"title": titles[method], "scopes": [], "headers": {}, "status": 200} for method in methods
    }


def _headers(address: Address, method: str) -> dict[str, str]:
    return {each.name: each.meaning for each in headers(address, method)}


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
