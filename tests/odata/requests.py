"""Requests to the OData face, by whoever asks."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.auth.api_keys import PERMISSIONS
from app.auth.key_administration import new_key
from app.resources.store import Store
from app.sandbox import STORE_ID
from tests.site import JSON, Site

ROOT = "/odata/v1/"


def odata(
    site: Site, method: str, path: str, body: Any = None, *, authorization: str = "", **headers: str
) -> TestResponse:
    """The answer to a request: with the token that reaches store 66 unless another authorization is given.

    A body is sent as JSON, bytes as they are. Further headers are named with `_` for `-`.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = authorization or f"Bearer {site.token}"
    if body is not None:
        sent.setdefault("Content-Type", JSON)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    return site.ask(f"{ROOT}{path}", None, token=None, method=method, headers=sent, data=data)


def error_of(answer: TestResponse) -> dict[str, Any]:
    """The error of an answer, which must be one."""
    assert answer.status_code >= 400, answer.text
    error: dict[str, Any] = json.loads(answer.data)["error"]
    return error


def new_entity(site: Site, path: str, **properties: Any) -> dict[str, Any]:
    """An entity of a test's own."""
    answer = odata(site, "POST", path, properties)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = json.loads(answer.data)
    return made


def new_customer(site: Site, **properties: Any) -> dict[str, Any]:
    """A customer of a test's own."""
    return new_entity(site, "Customer", **{"Email": f"{uuid4().hex}@example.com", **properties})


def basic(code: str, key: str) -> str:
    """The header by which an account's code and a key sign in."""
    return f"Basic {base64.b64encode(f'{code}:{key}'.encode()).decode()}"


def new_basic(site: Site, permissions: Sequence[str] = PERMISSIONS, store_id: int = STORE_ID) -> str:
    """The header of a new key of a store."""
    key, row = new_key(store_id, "A test's", permissions, is_sandbox=True)
    with Session(site.engine) as session, session.begin():
        code = session.get_one(Store, store_id).code
        session.add(row)
    return basic(code, key)


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an entity, without what else is said of it."""
    return {name: value for name, value in document.items() if "@" not in name}
