"""Problem details (RFC 9457): an error resource for clients that ask for this type by name."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson

from representations.model import Resource

MEDIA_TYPE = "application/problem+json"
ALIASES: tuple[str, ...] = ()


def render(resource: Resource, base: str) -> bytes:  # noqa: ARG001 - problems have no links
    """The error as one problem, its entries under `errors`; the status stands among its values."""
    errors = [each.properties for _, resources in resource.embedded for each in resources]
    status = HTTPStatus(resource.value("status"))
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": "; ".join(str(each["message"]) for each in errors),
        "errors": [_error(each) for each in errors],
    }
    return orjson.dumps(document)


def _error(entry: dict[str, Any]) -> dict[str, Any]:
    described = {"detail": entry["message"], "code": entry["code"], "logref": entry["logref"]}
    return described | ({"pointer": _pointer(entry["property"])} if entry["property"] else {})


def _pointer(name: str) -> str:
    """A JSON Pointer as a URI fragment (RFC 6901 §6)."""
    return "#/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~")
