"""Parameters of OAuth requests, from bytes that anybody may send: each once, as text (RFC 6749 §3)."""

import re
from collections.abc import Mapping

from app.auth.declined import Declined, invalid_request
from app.errors import shortened
from representations import Malformed, form, strict_json
from representations.body import properties_from

FORM = form.MEDIA_TYPE
JSON = "application/json"

_MEDIA_TYPE = re.compile(r"\s*([^;\s]*)")
_OF_DOCUMENTS = ", which XML cannot carry"
"""Why a character is refused elsewhere; parameters are in no document."""


def of_body(raw: bytes, content_type: str) -> dict[str, str]:
    """The parameters of a body: a form, whether it says so or not, or an object of JSON.

    :raises Declined: where the body is neither, or says a parameter twice.
    """
    matched = _MEDIA_TYPE.match(content_type.lower())
    media_type = matched[1] if matched else ""
    if media_type not in {FORM, JSON, "text/plain", ""}:
        raise Declined(
            "invalid_request",
            f'The content type for POST requests must be "{FORM}"',
            headers={"Accept": FORM},
        )
    return _readable(raw, json=media_type == JSON)


def of_query(raw: str) -> dict[str, str]:
    """The parameters of a query.

    :raises Declined: where it cannot be read, or says a parameter twice.
    """
    return _readable(raw.encode("latin-1", "replace"), json=False)


def _readable(raw: bytes, *, json: bool) -> dict[str, str]:
    try:
        members = _members(raw) if json else form.parse(raw).properties
    except Malformed as error:
        raise invalid_request(shortened(error.message.replace(_OF_DOCUMENTS, ""), 200)) from None
    texts: dict[str, str] = {}
    for name, value in members.items():
        if not isinstance(value, str):
            raise invalid_request(f"{shortened(name)} is no text")
        if value:  # §3.1: one without a value is none
            texts[name] = value
    return texts


def _members(raw: bytes) -> Mapping[str, object]:
    document = strict_json.load(raw)
    if not isinstance(document, dict):
        raise Malformed("the body is no object")
    return properties_from(document)
