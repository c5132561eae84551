"""A store is pulled out of another Patron, over HTTP, and is the same here."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.events import Event
from app.sandbox import PASSWORD, STORE_ID
from tests.databases import empty_database
from tests.pulling.crawling import everything
from tests.pulling.target import STORE, Target
from tests.server.processes import sandboxed


class Source:
    """A sandbox in a process of its own, with more in it than sandboxes have."""

    def __init__(self, port: int, known: dict[str, Any]) -> None:
        self.url, self.known = f"http://127.0.0.1:{port}/", known

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.known['token']}", "Accept": "application/hal+json"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        data = None if body is None else json.dumps(body).encode()
        href = path if path.startswith("http") else self.url + path.removeprefix("/")
        asked = urllib.request.Request(href, data, headers, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)


@pytest.fixture(scope="module")
def source(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    folder = tmp_path_factory.mktemp("source")
    with (
        empty_database(engine_name, folder) as url,
        sandboxed(folder, PATRON_DATABASE_URL=url) as (port, known),
    ):
        made = Source(port, known)
        made.ask(
            "POST",
            f"/stores/{STORE_ID}/attributes",
            {"name": "Motto", "value": "Read", "visibility": "public"},
        )
        made.ask(
            "POST",
            f"/stores/{STORE_ID}/webhooks",
            {"name": "ERP", "format": "json", "event_resource": "customer", "url": "http://127.0.0.1:9/",
             "encryption_key": "a key", "query": "zoom=attributes"},
        )  # fmt: skip
        attributes = [{"name": f"Size {number}", "value": str(number)} for number in range(26)]
        made.ask("PATCH", "/customers/117/attributes", attributes)
        made.ask(
            "PATCH", "/customers/118", {"tax_id": "", "force_password_reset": True, "external_id": "E-1"}
        )
        yield made


def test_a_pulled_store_is_the_same_resource_by_resource_and_its_customers_sign_in_as_ever(
    source: Source, target: Target
) -> None:
    pulled = target.pull(source.url, token=source.known["token"])

    assert pulled.returncode == 0, pulled.stderr
    here, there = everything(target.get, f"/stores/{STORE}"), everything(source.get, f"/stores/{STORE_ID}")
    for each in (here["store"], there["store"]):
        each.pop("store_domain")
        for name in ("customers", "attributes"):
            each["_links"].pop(f"fx:{name}")
    assert here.keys() == there.keys()
    for href in there:
        assert _comparable(here[href]) == _comparable(there[href])
    for email in emails_by_hash_type(source).values():
        status, answer = target.signs_in(email, PASSWORD)
        assert (status, "session_token" in answer) == (200, True), email
        assert target.signs_in(email, "another")[0] == 401


def test_a_second_pull_changes_nothing_and_a_later_one_what_has_changed_there_telling_nobody(
    source: Source, target: Target
) -> None:
    target.pull(source.url, token=source.known["token"])
    assert target.get("/webhooks/1")["is_active"] == 0
    assert target.send("PATCH", "/webhooks/1", {"is_active": 1}) == 200
    first = everything(target.get, f"/stores/{STORE}")
    again = target.pull(source.url, token=source.known["token"])
    assert again.returncode == 0
    assert "created" not in again.stdout
    assert everything(target.get, f"/stores/{STORE}") == first

    assert target.send("PATCH", "/customers/120", {"last_name": "Changed-Here"}) == 200
    source.ask("PATCH", "/customers/121", {"last_name": "Changed-There"})
    later = target.pull(source.url, token=source.known["token"])
    assert later.returncode == 0
    names = {each["id"]: each["last_name"] for each in target.customers()}
    assert (names[120], names[121]) == ("Changed-Here", "Changed-There")
    assert "1 newer here" in later.stdout
    with target.site.engine.connect() as connection:
        told = select(Event.resource_id).where(Event.store_id == STORE)
        assert set(connection.scalars(told)) == {120}


def emails_by_hash_type(source: Source) -> dict[str, str]:
    """A customer of each type of hash that the sandbox has."""
    page = source.get(f"/stores/{STORE_ID}/customers?limit=100&id:greaterthan=118&is_active=true")
    return {each["password_hash_type"]: each["email"] for each in page["_embedded"]["fx:customers"]}


def _comparable(document: Any) -> Any:
    """What is to be the same: a webhook comes switched off; temporary passwords and the like stay."""
    for name in ("forgot_password", "forgot_password_timestamp"):
        document.pop(name, None)
    document.pop("is_active", None) if "encryption_key" in document else None
    embedded = document.get("_embedded", {}).get("fx:attributes", [])
    embedded[:] = [each for each in embedded if each["visibility"] != "restricted"]
    return document
