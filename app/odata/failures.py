"""Errors as OData clients read them (JSON Format 4.01 §21): one error, what it is about, its details."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.errors import MOST_FAULTS, Fault, Refusal, refused
from app.odata.exchange import Answer
from app.odata.negotiation import VERSION

_JSON = "application/json;odata.metadata=minimal"


def failure(error: Exception) -> Answer:
    """The answer to whatever went wrong; the log is told of it under the same `logref`."""
    refusal, logref = refused(error)
    return refusal_answer(refusal, logref)


def refusal_answer(refusal: Refusal, logref: str) -> Answer:
    """The answer of a refusal."""
    headers = (
        ("OData-Version", VERSION),
        ("Content-Type", _JSON),
        ("Content-Language", "en"),
        ("Cache-Control", "no-store"),
        *refusal.headers.items(),
    )
    return Answer(status=refusal.status, headers=headers, body=orjson.dumps(document(refusal, logref)))


def document(refusal: Refusal, logref: str) -> dict[str, Any]:
    """The error of a refusal: its first entry, all of them as details where there are several."""
    first, *others = refusal.faults[:MOST_FAULTS]
    error: dict[str, Any] = {**_entry(first)}
    if others:
        error["message"] = "; ".join(each.message for each in (first, *others))
        error["details"] = [_entry(each) for each in (first, *others)]
    error["innererror"] = {"logref": logref}
    return {"error": error}


def _entry(fault: Fault) -> Mapping[str, Any]:
    said = {"code": fault.code or "error", "message": fault.message}
    return said | ({"target": fault.property} if fault.property else {})
