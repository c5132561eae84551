"""What is read of the OData face of a site under test, over its wire."""

import json
from typing import Any

from werkzeug.test import TestResponse

from app.odata.exchange import ROOT
from tests.odata.requests import odata
from tests.site import JSON, Site

SERVICE = f"http://localhost{ROOT}"


def ask(
    site: Site, path: str, *, accept: str | None = JSON, method: str = "GET", **headers: str
) -> TestResponse:
    """The answer to a request without a body; `path` is below the service root, or an address."""
    accepted = {} if accept is None else {"Accept": accept}
    authorization = headers.pop("Authorization", "")
    path = path.removeprefix(SERVICE)
    return odata(site, method, path, authorization=authorization, **accepted, **headers)


def found(site: Site, path: str, **headers: str) -> dict[str, Any]:
    """A document that is there."""
    answer = ask(site, path, **headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = json.loads(answer.data)
    return document


def values(site: Site, path: str, name: str = "Id") -> list[Any]:
    """A property of each of the entities that are listed."""
    return [each[name] for each in found(site, path)["value"]]


def refused(site: Site, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """The status of a refusal, and the error that it says."""
    answer = ask(site, path, **headers)
    error: dict[str, Any] = json.loads(answer.data)["error"]
    return answer.status_code, error
