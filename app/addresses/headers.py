"""The headers that a request may have at an address, and what each is for."""

from collections.abc import Iterator
from typing import NamedTuple

from app.addresses.places import Address, Place


class Header(NamedTuple):
    """A header of requests. `key` tells apart what is said of one name in different places."""

    key: str
    name: str
    meaning: str


BEARER = Header("Authorization", "Authorization", "Bearer {token}, with a token of one of these scopes.")
BEARER_OR_NONE = Header(
    "Authorization.open",
    "Authorization",
    "Bearer {token}, with a token of one of these scopes; in this sandbox it may be left out.",
)
ACCEPT = Header("Accept", "Accept", "The media type of the answer; without it, application/hal+json.")
CONTENT_TYPE = Header(
    "Content-Type",
    "Content-Type",
    "The media type of the body: JSON, HAL, Siren, XML or a form; OPTIONS lists them all.",
)
IF_NONE_MATCH = Header(
    "If-None-Match",
    "If-None-Match",
    "The ETag of what you have: the answer is 304, without a body, while nothing in it has changed.",
)
IF_MATCH = Header(
    "If-Match",
    "If-Match",
    "The ETag that you have read: the answer is 412 where somebody else has changed it since.",
)
PREFER_READING = Header("Prefer", "Prefer", 'transclude="{relations}", as zoom does.')
PREFER_WRITING = Header(
    "Prefer.writing",
    "Prefer",
    "return=minimal for a short answer, handling=lenient to pass over unknown properties,"
    ' transclude="{relations}" as zoom does.',
)
IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "Idempotency-Key",
    "A text of your own, new for each thing to do: sent again, it is done once.",
)

CONDITIONS_AND_WISHES = (IF_NONE_MATCH, IF_MATCH, PREFER_READING, PREFER_WRITING, IDEMPOTENCY_KEY)
"""Those that say more than who asks, what is sent and what is to be answered."""


def headers(address: Address, method: str) -> Iterator[Header]:
    """The headers that a method takes at an address."""
    place = address if isinstance(address, Place) else None
    if place:
        yield BEARER_OR_NONE if place.open else BEARER
    yield ACCEPT
    if method in {"GET", "HEAD"}:
        yield IF_NONE_MATCH
        if place:
            yield PREFER_READING
    elif place and method != "OPTIONS":
        yield from _of_writing(place, method)


def _of_writing(place: Place, method: str) -> Iterator[Header]:
    if method != "DELETE":
        yield CONTENT_TYPE
        yield PREFER_WRITING
    if method != "POST" or not place.makes:
        yield IF_MATCH
    if method == "POST" and place.keeps_keys:
        yield IDEMPOTENCY_KEY
