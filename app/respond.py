"""The Flask end of negotiation: which format a request wants, and the response that carries it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
import xxhash
from flask import Response, current_app, request

from app import Patron, bodies
from app.addresses.public import SERVICE
from app.application import Rendered, request_environ
from app.auth.explorer_session import ASKING
from app.conditions import Precondition, tags
from app.db.tables import ROW_VERSION
from app.errors import Refusal, explained, new_logref
from app.idempotency import Answer
from app.odata.exchange import ROOT
from app.odata.failures import refusal_answer
from app.origin import OWN_HOST as OWN_HOST
from app.origin import base_url as base_url
from app.origin import origin as origin
from app.preferences import Preferences, parse_prefer
from app.writing import Written
from representations import (
    ERROR_OFFERS,
    FORMATS,
    OFFERS,
    Offer,
    Resource,
    explorer,
    link_header,
    negotiate,
)

log = structlog.get_logger()

VARY = "Accept, Authorization"
CACHE_CONTROL = "private, must-revalidate"


def negotiated() -> Offer:
    """The format of the answer.

    :raises Refusal: 406, listing what is offered.
    """
    offer = negotiate(request_environ().get("HTTP_ACCEPT", ""), OFFERS)
    if offer is None:
        offered = ", ".join(each.MEDIA_TYPE for each in FORMATS)
        raise Refusal.of(406, f"Accept allows none of the media types that are offered: {offered}")
    return offer


def require_version() -> None:
    """Refuses versions of the API that Patron does not speak.

    :raises Refusal: 400 for a version other than 1.
    """
    environ = request_environ()
    for name in ("FOXY-API-VERSION", "FOXYCART-API-VERSION"):
        version = environ.get("HTTP_" + name.replace("-", "_"))
        if version is not None and version.strip() != "1":
            raise Refusal.of(400, f"{name} must be 1 where it is sent", properties=[name])


def preferences() -> Preferences:
    """What the client would rather have."""
    return parse_prefer(request_environ().get("HTTP_PREFER", ""))


def answer(resource: Resource, offer: Offer, base: str, applied: str = "") -> Response:
    """A 200 with the representation, or a 304 where the client has it already.

    :raises Refusal: 412 where If-Match does not hold.
    :param applied: the preferences that were honoured (RFC 7240 §3).
    """
    body = offer.format.render(resource, base)
    tag = _tag(resource, body)
    if "HTTP_IF_MATCH" in request_environ():
        _require_match(resource, tag)
    headers = _headers(resource, offer, base, tag, applied)
    if matches(request_environ().get("HTTP_IF_NONE_MATCH"), tag):
        return Rendered(304, headers)
    return Rendered(200, [*headers, *_of_body(offer)], body)


def answer_once(resource: Resource, offer: Offer, base: str) -> Response:
    """A 200 with what is said to one client once, and is to be kept by nobody."""
    sent = [("Vary", VARY), ("Cache-Control", "no-store"), *_of_body(offer)]
    return Response(offer.format.render(resource, base), 200, sent)


def _require_match(resource: Resource, tag: str) -> None:
    """Holds a resource that is read against If-Match, as one that is written is held.

    :raises Refusal: 412 where the client saw another.
    """
    seen, index = Precondition(request_environ()["HTTP_IF_MATCH"], None), resource.shape.index
    if ROW_VERSION in index:
        seen.require_version(resource.values[index[ROW_VERSION]])
    else:
        seen.require_tag(tag)


def tag_of(resource: Resource, offer: Offer, base: str) -> str:
    """The tag of the representation that this client would get."""
    return _tag(resource, offer.format.render(resource, base))


def answer_written(written: Written, offer: Offer, base: str, transcluded: str = "") -> Answer:
    """The answer to a write: the representation as it is now, or no more than its address.

    :param transcluded: the preference for what is embedded, as it was honoured.
    """
    wants = preferences()
    brief = written.tells == "message"
    minimal = wants.minimal and bool(written.message) and not written.told  # which can be read only now
    applied = ["return=minimal"] if minimal else []
    applied += ["handling=lenient"] if wants.lenient else []
    applied += [transcluded] if transcluded and written.message and not minimal else []
    resource, created = written.resource, written.status == CREATED
    if written.message and (created or minimal or written.tells != "resource"):
        said = {"message": written.message, **written.told}
        resource = _saying(written.resource, said, minimal=minimal or brief)
    body = offer.format.render(resource, base)
    headers = _headers(resource, offer, base, _tag(resource, body), ", ".join(applied))
    if written.told:
        headers = [pair if pair[0] != "Cache-Control" else NEVER_KEPT for pair in headers]
    untold = OF_A_REPRESENTATION if brief else {"ETag"} if request.method == "DELETE" else ()
    headers = [(name, value) for name, value in headers if name not in untold]  # what is gone has no tag
    if created:
        headers.append(("Location", base + (written.resource.href or "")))
    return Answer(written.status, [*headers, *_of_body(offer)], body)


CREATED = 201
OF_A_REPRESENTATION = frozenset({"ETag", "Content-Location", "Last-Modified"})
"""The headers that a mere message about a resource does not have."""
NEVER_KEPT = ("Cache-Control", "no-store")


def _saying(resource: Resource, said: Mapping[str, Any], *, minimal: bool) -> Resource:
    """A resource with a message and what else is told among its properties; of a minimal one that is all."""
    shape = resource.shape.bare() if minimal else resource.shape
    values = [*resource.values[: len(shape.index)], *said.values()]
    for name in said:
        shape = shape.plus(name)
    return Resource(shape, values, () if minimal else resource.embedded)


def _tag(resource: Resource, body: bytes) -> str:
    index = resource.shape.index
    version = resource.values[index[ROW_VERSION]] if ROW_VERSION in index else 0
    return f'"{version}-{xxhash.xxh3_128_hexdigest(body)}"'


def _headers(resource: Resource, offer: Offer, base: str, tag: str, applied: str) -> list[tuple[str, str]]:
    """The headers that tell of a representation, whether it is sent or not."""
    index, values = resource.shape.index, resource.values
    headers = [("Vary", vary(offer, applied)), ("Cache-Control", kept(offer)), ("ETag", tag)]
    headers += [("Link", link_header(resource, base, SERVICE))]
    if "date_modified" in index and (modified := values[index["date_modified"]]):
        headers.append(("Last-Modified", _http_date(modified)))
    own, environ = resource_path(resource), request_environ()
    if own is not None and own != environ["PATH_INFO"] and not environ.get("QUERY_STRING"):
        headers.append(("Content-Location", base + own))
    if applied:
        headers.append(("Preference-Applied", applied))
    return headers


def vary(offer: Offer, applied: str = "") -> str:
    """What else would have made another answer; pages are shown to who is signed in by a cookie, too."""
    vary = f"{VARY}, Cookie" if offer.format is explorer else VARY
    return f"{vary}, Prefer" if applied else vary


def kept(offer: Offer) -> str:
    """A browser may keep a page, but not show it without asking whether it still is as it was.

    What it is answered because of its cookie in other formats, it does not keep.
    """
    if ASKING in request_environ():
        return "no-store"
    return "private, no-cache" if offer.format is explorer else CACHE_CONTROL


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that is refused, for who keeps it."""
    patron: Patron = current_app.extensions["patron"]
    return _error(*explained(refusal, patron.errors))


def answer_error(resource: Resource, status: int, headers: Mapping[str, str]) -> Response:
    """An error resource in the format that the client asked for; HAL+JSON where that is none."""
    answer = _error(resource, status, headers)
    return Response(answer.body, answer.status, list(answer.headers))


def _error(resource: Resource, status: int, headers: Mapping[str, str]) -> Answer:
    offer = negotiate(request_environ().get("HTTP_ACCEPT", ""), ERROR_OFFERS) or OFFERS[0]
    try:
        base = base_url()
    except Refusal:
        base = ""
    body = offer.format.render(resource, base)
    sent = [("Vary", vary(offer)), ("Cache-Control", "no-store"), *headers.items(), *_of_body(offer)]
    return Answer(status, sent, body)


def refuse_unparsed(
    status: int, message: str, accept: str, path: str
) -> tuple[Sequence[tuple[str, str]], bytes]:
    """The headers and body of a refusal to what the server could not read as a request.

    :param path: where it was sent, as far as that is known: the OData face has errors of its own.
    """
    patron: Patron = current_app.extensions["patron"]
    refusal = Refusal.of(status, message, code="malformed_request" if status == 400 else None)
    logref = new_logref()
    log.info("refused", logref=logref, status=status, codes=[fault.code for fault in refusal.faults])
    if path.startswith(ROOT):
        answer = refusal_answer(refusal, logref)
        return answer.headers, answer.body
    resource = patron.errors.resource(refusal, logref)
    offer = negotiate(accept, ERROR_OFFERS) or OFFERS[0]
    return [("Content-Type", offer.media_type)], offer.format.render(resource, patron.config.base_url or "")


def answer_options(
    methods: Sequence[str], resource: Resource, offer: Offer, base: str, *, one: bool = True
) -> Response:
    """What may be done at an address, in the header and as a representation.

    :param one: a single resource stands there.
    """
    body = offer.format.render(resource, base)
    headers = [("Allow", ", ".join(methods)), ("Vary", vary(offer)), ("Cache-Control", kept(offer))]
    for method, header in (("PATCH", "Accept-Patch"), ("POST", "Accept-Post")):
        if method in methods:
            headers.append((header, ", ".join(bodies.offered(method, one=one))))
    return Response(body, 200, [*headers, *_of_body(offer)])


def resource_path(resource: Resource) -> str | None:
    """The resource's own path, where it is a row that has one address for all the ways to it."""
    if ROW_VERSION not in resource.shape.index:
        return None
    return resource.href


OF_A_PAGE = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", explorer.CONTENT_SECURITY_POLICY),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
)
"""The headers of what a browser shows."""


def _of_body(offer: Offer) -> Sequence[tuple[str, str]]:
    if offer.format is explorer:
        return OF_A_PAGE
    return [("Content-Type", offer.media_type), ("X-Content-Type-Options", "nosniff")]


def matches(header: str | None, tag: str) -> bool:
    """If-None-Match compares weakly, and takes a list or `*` (RFC 9110 §13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or tag.strip('"') in tags(header)


@lru_cache(maxsize=4096)
def _http_date(shown: Any) -> str:
    """`2013-08-16T14:13:54-0700` as an HTTP date in GMT."""
    moment = datetime.fromisoformat(shown).astimezone(UTC)
    day = f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d}"
    return f"{day} {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} GMT"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
