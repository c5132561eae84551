"""A site under test: the application on a database that holds the sandbox, asked over its wire."""

import atexit
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from lxml import etree
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.auth.grants import issue
from app.config import Config
from app.db import guard
from app.db.engine import open_engine
from app.db.migrate import upgrade
from app.encryption import Cipher
from app.resources.store import Store
from app.sandbox import CLIENT, STORE_ID, fill
from app.sandbox.credentials import mint
from app.sandbox.owner import CLIENT_ROW, USER_ID
from tests.databases import empty_database

BASE = "http://localhost"
SECRET = "a secret key that only the tests know, and long enough"
JSON = "application/json"
HAL, XML, SIREN = "application/hal+json", "application/hal+xml", "application/vnd.siren+json"
HAL_FORMS = "application/prs.hal-forms+json"
FORMATS = (HAL, XML, SIREN)
"""Those that most tests go through; what HAL-FORMS adds to HAL+JSON has tests of its own."""


_TOKEN = re.compile(r'access_token">?:?"?([\w-]{43})')


@dataclass(slots=True)
class Site:
    """What a test needs of a running Patron."""

    app: Flask
    engine: Engine
    url: str
    token: str
    other_store_token: str
    client_token: str
    user_token: str
    client_secret: str
    refresh_token: str
    tokens: dict[str, str] = field(default_factory=dict)
    """What token was told with a client, a user or a store, by its path; the sandbox's by its noun too."""

    def ask(
        self,
        path: str,
        accept: str | None = HAL,
        *,
        token: str | None = "",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> TestResponse:
        """The answer to a request; with the token that reaches the path unless another, or None, is given."""
        sent = {"Accept": accept} if accept is not None else {}
        token = self.reaching(path) if token == "" else token
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        path = path.removeprefix(BASE)
        with self.app.test_client(use_cookies=False) as client:
            answer = client.open(path, method=method, headers=sent | dict(headers or {}), data=data)
        if answer.status_code == 201 and (told := _TOKEN.search(answer.text)):
            made = answer.headers["Location"].removeprefix(BASE)
            self.tokens[made] = told[1]
        return answer

    def reaching(self, path: str) -> str:
        """The token that reaches a path: the one told for what it leads to, else that of the first such."""
        parts = path.removeprefix(BASE).partition("?")[0].split("/")
        if parts[1:] in (["clients"], ["users"]):
            return self.tokens["/clients"]
        first = self.token if parts[1] == "stores" else self.tokens.get(f"/{parts[1]}", self.token)
        return self.tokens.get("/".join(parts[:3]), first)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        media_type: str = JSON,
        accept: str | None = HAL,
        *,
        token: str | None = "",
        **headers: str,
    ) -> TestResponse:
        """The answer to a request with a body: bytes as they are, properties as the media type has them.

        Further headers are named with `_` for `-`.
        """
        from tests.wire.encodings import WRITERS  # which names the media types as this module does

        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = media_type
        data = body if body is None or isinstance(body, bytes) else WRITERS[media_type](body)
        return self.ask(path, accept, token=token, method=method, headers=sent, data=data)

    def hal(self, path: str, **options: Any) -> dict[str, Any]:
        """A HAL+JSON document that is there."""
        response = self.ask(path, HAL, **options)
        assert response.status_code == 200, response.text
        document: dict[str, Any] = json.loads(response.data)
        return document

    def xml(self, path: str, **options: Any) -> etree._Element:
        """A HAL+XML document that is there."""
        response = self.ask(path, XML, **options)
        assert response.status_code == 200, response.text
        return etree.fromstring(response.data)

    def siren(self, path: str, **options: Any) -> dict[str, Any]:
        """A Siren document that is there."""
        response = self.ask(path, SIREN, **options)
        assert response.status_code == 200, response.text
        document: dict[str, Any] = json.loads(response.data)
        return document

    def refused(self, path: str, **options: Any) -> tuple[int, list[dict[str, Any]]]:
        """The status and the entries of an error document."""
        response = self.ask(path, HAL, **options)
        document = json.loads(response.data)
        return response.status_code, document["_embedded"]["fx:errors"]


@contextmanager
def open_site(engine: str, folder: Path, **settings: Any) -> Iterator[Site]:
    """A site of its own on an engine, filled with the sandbox; without rate limits unless they are set."""
    settings = {"rate_limits": "off", **settings}
    with empty_database(engine, folder, _filled(engine)) as url:
        opened = open_engine(url)
        (folder / engine).mkdir(exist_ok=True)
        credentials = mint(opened, folder / engine, BASE)
        app = create_app(Config(database_url=url, secret_key=SECRET, sandbox=True, **settings))
        site = Site(
            app,
            opened,
            url,
            **{name: credentials[name] for name in ("token", "other_store_token")},
            **{name: credentials[name] for name in ("client_secret", "refresh_token")},
            client_token=_own_token(opened, "client_full_access"),
            user_token=_own_token(opened, "user_full_access", USER_ID),
        )
        site.tokens |= {f"/clients/{CLIENT_ROW}": site.client_token, "/clients": site.client_token}
        site.tokens |= {f"/users/{USER_ID}": site.user_token, "/users": site.user_token}
        yield site
        app.extensions["patron"].reader.close()
        app.extensions["patron"].engine.dispose()
        opened.dispose()


@cache
def _filled(engine: str) -> str:
    """The URL of a database with the sandbox in it, made once in each process: sites are copies of it."""
    folder = Path(_kept.enter_context(tempfile.TemporaryDirectory(prefix="patron-filled-")))
    url = _kept.enter_context(empty_database(engine, folder))
    upgrade(url)
    opened = open_engine(url)
    fill(opened, Cipher(SECRET))
    opened.dispose()
    return url


def forget_filled() -> None:
    """Removes what sites are copies of."""
    _filled.cache_clear()
    _kept.close()


_kept = ExitStack()
atexit.register(forget_filled)


def _own_token(engine: Engine, scope: str, user_id: int | None = None) -> str:
    """An access token of the sandbox's client, or of its user."""
    whose = {"client": CLIENT, "client_row": CLIENT_ROW, "user_id": user_id, "store_id": None}
    with Session(engine) as session, session.begin():
        return issue(session, scope=scope, **whose, is_sandbox=True, with_refresh=False).access_token


def hash_cheaply(site: Site) -> None:
    """Lets the store's passwords be hashed at bcrypt's lowest cost, which no store could choose."""
    with site.engine.begin() as connection:
        cheap = update(Store).where(Store.id == STORE_ID)
        connection.execute(cheap.values(customer_password_hash_config="4"))


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The texts of the statements that run meanwhile, whichever way they run."""
    statements: list[str] = []
    guard.observers.append(statements.append)
    try:
        yield statements
    finally:
        guard.observers.remove(statements.append)


def writing(statements: Iterable[str]) -> list[str]:
    """Those of the statements that write."""
    return [each for each in statements if each.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))]
