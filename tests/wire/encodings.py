"""One document, written in each media type that a body may have."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from tests.site import HAL, SIREN, XML

BOUNDARY = "a-boundary"
FORM, MULTIPART = "application/x-www-form-urlencoded", f"multipart/form-data; boundary={BOUNDARY}"
MERGE, PATCH = "application/merge-patch+json", "application/json-patch+json"

Document = Mapping[str, Any] | list[Any]


def plain(document: Document) -> bytes:
    return json.dumps(document).encode()


def siren(document: Document) -> bytes:
    if isinstance(document, list):
        return json.dumps([{"properties": each} for each in document]).encode()
    return json.dumps({"class": ["any"], "properties": document}).encode()


def xml(document: Document) -> bytes:
    if isinstance(document, list):
        return f"<list>{''.join(f'<item>{_elements(each)}</item>' for each in document)}</list>".encode()
    return f'<?xml version="1.0" encoding="UTF-8"?><document>{_elements(document)}</document>'.encode()


def form(document: Document) -> bytes:
    return urlencode(_fields(document)).encode()


def multipart(document: Document) -> bytes:
    parts = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _fields(document)
    )
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


def patch(document: Document) -> bytes:
    """A JSON Patch that sets the same."""
    if isinstance(document, list):
        return json.dumps(document).encode()
    return json.dumps(
        [
            {"op": "add", "path": f"/{name.replace('~', '~0').replace('/', '~1')}", "value": value}
            for name, value in document.items()
        ]
    ).encode()


WRITERS: dict[str, Callable[[Document], bytes]] = {
    "application/json": plain,
    HAL: plain,
    "text/plain": plain,
    SIREN: siren,
    XML: xml,
    "application/xml": xml,
    FORM: form,
    MULTIPART: multipart,
    MERGE: plain,
    PATCH: patch,
}
EVERYWHERE = tuple(each for each in WRITERS if each not in (MERGE, PATCH))
"""Those that every method takes; patches are for PATCH alone."""


def _text(value: Any) -> str:
    """A value as formats write it that know texts alone."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(value)
    return "" if value is None else str(value)


def _elements(document: Any) -> str:
    if not isinstance(document, dict):
        return escape(_text(document))
    return "".join(f"<{name}>{_element(value)}</{name}>" for name, value in document.items())


def _element(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"<value>{_element(each)}</value>" for each in value)
    return _elements(value)


def _fields(document: Document) -> list[tuple[str, str]]:
    if isinstance(document, list):
        items = [each if isinstance(each, dict) else {"": each} for each in document]
        return [(f"{at}[{name}]", _text(of)) for at, each in enumerate(items) for name, of in each.items()]
    return [(name, _text(value)) for name, value in document.items()]
