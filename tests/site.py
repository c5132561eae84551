"""A site under test: the application on a database that holds the sandbox, asked over its wire."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from lxml import etree
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config
from app.db import guard
from app.db.engine import open_engine
from app.db.migrate import upgrade
from app.encryption import Cipher
from app.resources.store import Store
from app.sandbox import STORE_ID, fill
from app.sandbox.credentials import mint
from tests.databases import empty_database

BASE = "http://localhost"
SECRET = "a secret key that only the tests know, and long enough"
JSON = "application/json"
HAL, XML, SIREN = "application/hal+json", "application/hal+xml", "application/vnd.siren+json"
FORMATS = (HAL, XML, SIREN)


@dataclass(slots=True)
class Site:
    """What a test needs of a running Patron."""

    app: Flask
    engine: Engine
    url: str
    token: str
    other_store_token: str

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
        """The answer to a request; with the store's token unless another, or None, is given."""
        sent = {"Accept": accept} if accept is not None else {}
        token = self.token if token == "" else token
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        path = path.removeprefix(BASE)
        with self.app.test_client() as client:
            return client.open(path, method=method, headers=sent | dict(headers or {}), data=data)

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
    """A site of its own on an engine, filled with the sandbox."""
    with empty_database(engine, folder) as url:
        upgrade(url)
        opened = open_engine(url)
        fill(opened, Cipher(SECRET))
        (folder / engine).mkdir(exist_ok=True)
        credentials = mint(opened, folder / engine, BASE)
        app = create_app(Config(database_url=url, secret_key=SECRET, sandbox=True, **settings))
        yield Site(app, opened, url, credentials["token"], credentials["other_store_token"])
        app.extensions["patron"].reader.close()
        app.extensions["patron"].engine.dispose()
        opened.dispose()


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
