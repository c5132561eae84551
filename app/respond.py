"""The Flask end of negotiation: which format a request wants, and the response that carries it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import structlog
from flask import Response, current_app, request

from app import Patron
from app.errors import Refusal, new_logref
from representations import (
    ERROR_OFFERS,
    FORMATS,
    OFFERS,
    SELF,
    Curie,
    Link,
    Offer,
    Resource,
    Shape,
    html,
    link_header,
    negotiate,
)

log = structlog.get_logger()

VARY = "Accept, Authorization"
CACHE_CONTROL = "private, must-revalidate"

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_LARGEST_PORT = 65535
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def base_url() -> str:
    """The API's address as this client uses it: the configured one, else the request's own origin.

    :raises Refusal: 400 for a Host that is none; headers of proxies are never believed.
    """
    patron: Patron = current_app.extensions["patron"]
    if patron.config.base_url:
        return patron.config.base_url
    environ = request.environ
    host = environ.get("HTTP_HOST", "")
    matched = _HOST.fullmatch(host)
    if not matched or int(matched[1] or 0) > _LARGEST_PORT:
        raise Refusal.of(400, "Host names no server: send the name of this one", properties=["Host"])
    return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '').rstrip('/')}"


def negotiated() -> Offer:
    """The format of the answer.

    :raises Refusal: 406, listing what is offered.
    """
    offer = negotiate(request.environ.get("HTTP_ACCEPT", ""), OFFERS)
    if offer is None:
        offered = ", ".join(each.MEDIA_TYPE for each in FORMATS)
        raise Refusal.of(406, f"Accept allows none of the media types that are offered: {offered}")
    return offer


def require_version() -> None:
    """Refuses versions of the API that Patron does not speak.

    :raises Refusal: 400 for a version other than 1.
    """
    environ = request.environ
    for name in ("FOXY-API-VERSION", "FOXYCART-API-VERSION"):
        version = environ.get("HTTP_" + name.replace("-", "_"))
        if version is not None and version.strip() != "1":
            raise Refusal.of(400, f"{name} must be 1 where it is sent", properties=[name])


def answer(resource: Resource, offer: Offer, base: str) -> Response:
    """A 200 with the representation, or a 304 where the client has it already."""
    body = offer.format.render(resource, base)
    index, values = resource.shape.index, resource.values
    version = values[index["version"]] if "version" in index else 0
    tag = f'"{version}-{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:20]}"'
    headers = [("Vary", VARY), ("Cache-Control", CACHE_CONTROL), ("ETag", tag)]
    headers += [("Link", link_header(resource, base))]
    if "date_modified" in index and (modified := values[index["date_modified"]]):
        headers.append(("Last-Modified", _http_date(modified)))
    own = resource_path(resource)
    if own is not None and own != request.environ["PATH_INFO"] and not request.environ.get("QUERY_STRING"):
        headers.append(("Content-Location", base + own))
    if _matches(request.environ.get("HTTP_IF_NONE_MATCH"), tag):
        return Response(status=304, headers=headers)
    return Response(body, 200, [*headers, *_of_body(offer)])


def answer_error(resource: Resource, status: int, headers: Mapping[str, str]) -> Response:
    """An error resource in the format that the client asked for; HAL+JSON where that is none."""
    offer = negotiate(request.environ.get("HTTP_ACCEPT", ""), ERROR_OFFERS) or OFFERS[0]
    try:
        base = base_url()
    except Refusal:
        base = ""
    body = offer.format.render(resource, base)
    sent = [("Vary", VARY), ("Cache-Control", "no-store"), *headers.items(), *_of_body(offer)]
    return Response(body, status, sent)


def refuse_unparsed(status: int, message: str, accept: str) -> tuple[str, bytes]:
    """The media type and body of a refusal to what the server could not read as a request."""
    patron: Patron = current_app.extensions["patron"]
    refusal = Refusal.of(status, message, code="malformed_request" if status == 400 else None)
    logref = new_logref()
    log.info("refused", logref=logref, status=status, codes=[fault.code for fault in refusal.faults])
    resource = patron.errors.resource(refusal, logref)
    offer = negotiate(accept, ERROR_OFFERS) or OFFERS[0]
    return offer.media_type, offer.format.render(resource, patron.config.base_url or "")


def answer_options(methods: Iterable[str], offer: Offer, base: str) -> Response:
    """What may be done at this address."""
    allow = ", ".join(methods)
    patron: Patron = current_app.extensions["patron"]
    shape = _options_shape(patron.registry.curie)
    resource = Resource(shape, (f"Supported here: {allow}.", quote(request.path.removeprefix("/"))))
    body = offer.format.render(resource, base)
    headers = [("Allow", allow), ("Vary", VARY), ("Cache-Control", CACHE_CONTROL), *_of_body(offer)]
    return Response(body, 200, headers)


@lru_cache(maxsize=8)
def _options_shape(curie: Curie) -> Shape:
    return Shape(None, ("message",), (Link(SELF, "/{path}"),), hidden=("path",), curie=curie)


def resource_path(resource: Resource) -> str | None:
    """The resource's own path, where it is a row that has one address for all the ways to it."""
    if "version" not in resource.shape.index:
        return None
    return resource.href


def _of_body(offer: Offer) -> list[tuple[str, str]]:
    if offer.format.MEDIA_TYPE == html.MEDIA_TYPE:
        return [
            ("Content-Type", f"{offer.media_type}; charset=utf-8"),
            ("Content-Security-Policy", html.CONTENT_SECURITY_POLICY),
            ("X-Content-Type-Options", "nosniff"),
        ]
    return [("Content-Type", offer.media_type), ("X-Content-Type-Options", "nosniff")]


def _matches(header: str | None, tag: str) -> bool:
    """If-None-Match compares weakly, and takes a list or `*` (RFC 9110 §13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or tag in _TAG.findall(header)


def _http_date(shown: Any) -> str:
    """`2013-08-16T14:13:54-0700` as an HTTP date in GMT."""
    moment = datetime.fromisoformat(shown).astimezone(UTC)
    day = f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d}"
    return f"{day} {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} GMT"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
