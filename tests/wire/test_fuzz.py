"""Whatever is sent to whichever address is answered as documented, in the client's format: never a failure.

`PATRON_FUZZ_SECONDS` lets it look for longer than continuous integration does, on each engine; with
`pytest -s` it then says every minute how many requests were answered how.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from itertools import count
from pathlib import Path
from random import randrange
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from lxml import etree
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.db.engine import unguarded_engine
from app.db.tables import is_global
from app.errors import CODES
from app.portal.portals import OWN_PATH
from app.sandbox import CUSTOMER_EMAIL, STORE_ID
from tests.site import BASE, FORMATS, SECRET, Site, open_site
from tests.wire.fuzzing import WRITING, Asked, requests
from tests.wire.hostile import CANARIES
from tests.wire.test_refusals import READERS
from tests.wire.test_store_walls import EXPLORER, OAUTH, ODATA

SECONDS = float(os.environ.get("PATRON_FUZZ_SECONDS", "5"))
STEADY = "PATRON_FUZZ_SECONDS" not in os.environ
SECONDS_OF_A_SITE = 60
"""What is written makes a site larger and slower: a long run goes on with a new one."""

DONE = {200, 201, 304}
SENT_ON = 303
TALES = (
    "Traceback",
    "sqlalchemy",
    "psycopg",
    "sqlite3",
    "SELECT ",
    "INSERT INTO",
    "UPDATE ",
    "site-packages",
    SECRET,
)
"""What tells of the inside."""

ROUND = settings(
    max_examples=100,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class Fuzzed:
    """A site that is sent anything, what it has of each kind of row, and how it answers."""

    def __init__(self, site: Site) -> None:
        self.statuses = Counter[int]()
        self.written = Counter[bool]()
        self._site = site
        self._client = site.app.test_client()
        self._registry = site.app.extensions["patron"].registry
        self._rows = unguarded_engine(site.url)
        self._created = 0

    def close(self) -> None:
        self._rows.dispose()

    def send(self, asked: Asked) -> None:
        """Sends a request and judges the answer."""
        path = asked.rule
        if "<" in path:
            name = asked.id if isinstance(asked.id, str) else quote(self._existing(path, asked.id))
            path = f"{path.partition('<')[0]}{name}{path.partition('>')[2]}"
        answer = self._open(path, asked)
        self.statuses[answer.status_code] += 1
        offered = any(each.rule == asked.rule and asked.method in each.methods for each in self._rules())
        if asked.method in WRITING and offered:
            self.written[answer.status_code in DONE] += 1
        require_sound(asked, answer)

    def _rules(self):
        return rules_of(self._site)

    def _token(self, path: str) -> str:
        return self._site.reaching(path)

    def _open(self, path: str, asked: Asked) -> TestResponse:
        sent = {"Authorization": f"Bearer {self._token(path)}", **asked.headers}
        environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.items()}
        environ["QUERY_STRING"] = asked.query
        if "Content-Type" in asked.headers:
            environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
        body = BytesIO(asked.body)
        if asked.chunked:  # as gunicorn passes on what comes in chunks
            environ |= {"wsgi.input_terminated": True, "wsgi.input": body}
            return self._client.open(path, method=asked.method, environ_overrides=environ)
        length = len(asked.body) if asked.method in WRITING else None
        return self._client.open(
            path, method=asked.method, input_stream=body, content_length=length, environ_overrides=environ
        )

    def _existing(self, rule: str, number: int) -> str:
        """A name that is there. Rows that were deleted are made again, lest there be none left."""
        noun = rule.split("/")[1]
        if noun in ("rels", "property_helpers", "schemas"):
            return ("customer", "countries", "regions", "attributes")[number % 4]
        ids = self._ids(noun)
        while len(ids) < 3 and noun in _CREATED:
            self._create(noun)
            ids = self._ids(noun)
        return str(ids[number % len(ids)]) if ids else "1"

    def _ids(self, noun: str) -> list[int]:
        (target,) = (each for each in self._registry.types.values() if each.path == f"/{noun}/{{id}}")
        table = target.table
        if is_global(table):  # of those a token reaches one
            return [STORE_ID if noun == "stores" else 1]
        latest = select(table.c.id).where(table.c.store_id == STORE_ID).order_by(table.c.id.desc()).limit(8)
        if target.where is not None:
            latest = latest.where(target.where(table)).params(client="")
        with self._rows.connect() as connection:
            return list(connection.scalars(latest))

    def _create(self, noun: str) -> None:
        collection, document = _CREATED[noun]
        self._created += 1
        owner = self._existing(collection, 0)
        answer = self._client.post(
            collection.replace("<id>", owner),
            json={
                name: value.format(self._created) if isinstance(value, str) else value
                for name, value in document.items()
            },
            headers={"Authorization": f"Bearer {self._site.token}"},
        )
        assert answer.status_code == 201, answer.text


_CREATED = {
    "customers": ("/stores/<id>/customers", {"email": "filled-in-{}@example.com"}),
    "webhooks": (
        "/stores/<id>/webhooks",
        {
            "name": "{}",
            "url": "https://receiver.example/{}",
            "event_resource": "customer",
            "format": "json",
            "encryption_key": "key-{}",
        },
    ),
    "subscriptions": (
        "/stores/<id>/subscriptions",
        {"customer_email": CUSTOMER_EMAIL, "frequency": "1m", "items": [{"name": "x", "price": 1}]},
    ),
    "customer_addresses": ("/customers/<id>/addresses", {"address_name": "filled in {}", "address1": "x"}),
    "customer_attributes": ("/customers/<id>/attributes", {"name": "filled in {}", "value": "x"}),
    "store_attributes": ("/stores/<id>/attributes", {"name": "filled in {}", "value": "x"}),
}


def require_sound(asked: Asked, answer: TestResponse) -> None:
    """Holds an answer to what the documentation promises of every one."""
    status, text = answer.status_code, answer.get_data(as_text=True)
    if status == SENT_ON:
        require_tidier(asked, answer.headers["Location"])
        return
    assert status in DONE | set(CODES), text
    assert status < 500, text
    if asked.method == "HEAD" or status == 304:
        assert text == ""
        return
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if (accept := asked.headers["Accept"]) in FORMATS:
        assert media_type == accept
    entries = READERS[media_type](answer.data) if status >= 400 and media_type in READERS else []
    require_well_formed(media_type, answer.data)
    assert bool(entries) == (status >= 400 and media_type in READERS)
    assert all(each["logref"] and each["message"] and each["code"] for each in entries)
    assert [each for each in TALES if each in text] == []
    names = " ".join(each["property"] or "" for each in entries)  # which may be anything a client thinks of
    assert [each for each in CANARIES if each in text and each not in names] == []


def require_tidier(asked: Asked, location: str) -> None:
    """Only who asks for a page is sent on, within the API, and not to be sent on again."""
    assert asked.method == "GET"
    assert location.startswith(f"{BASE}/")
    assert [each for each in location.partition("?")[2].split("&") if each.endswith("=")] == []


def require_well_formed(media_type: str, body: bytes) -> None:
    if media_type == "text/html":
        assert body.startswith(b"<!doctype html>")
    elif "json" in media_type:
        assert isinstance(json.loads(body), dict)
    else:
        etree.fromstring(body)


@pytest.mark.timeout(SECONDS + 600)
def test_no_request_makes_the_server_fail(engine_name: str, tmp_path: Path) -> None:
    started, statuses, written = time.monotonic(), Counter[int](), Counter[bool]()
    while (left := SECONDS - (time.monotonic() - started)) > 0:
        with open_site(engine_name, tmp_path) as site:
            fuzzed = Fuzzed(site)
            registry = site.app.extensions["patron"].registry
            try:
                fuzz(requests(rules_of(site), registry), fuzzed, min(left, SECONDS_OF_A_SITE))
            finally:
                statuses += fuzzed.statuses
                written += fuzzed.written
                fuzzed.close()
                print(_figures(engine_name, time.monotonic() - started, statuses, written), flush=True)

    assert written[True] > written.total() / 4


def fuzz(strategy: SearchStrategy[Asked], fuzzed: Fuzzed, seconds: float) -> None:
    """Sends whatever comes to mind, for so long."""

    @ROUND
    @given(asked=strategy)
    def a_round(asked: Asked) -> None:
        fuzzed.send(asked)

    again(a_round, seconds)


def again(a_round: Callable[[], None], seconds: float) -> None:
    """Runs rounds for so long: always the same ones in a check of a change, others in a search."""
    ends, begun = time.monotonic() + seconds, 0 if STEADY else randrange(2**32)
    for number in count(begun):
        seed(number)(a_round)()
        if time.monotonic() > ends:
            return


def rules_of(site: Site) -> list[Rule]:
    """The rules of the API; the portal and OData have fuzz tests of their own."""
    rules = site.app.url_map.iter_rules()
    return [each for each in rules if OWN_PATH not in each.rule and each.rule not in OAUTH | ODATA | EXPLORER]


def _figures(engine: str, seconds: float, statuses: Counter[int], written: Counter[bool]) -> str:
    classes = Counter[str]()
    for status, number in statuses.items():
        classes[f"{status // 100}xx"] += number
    by_class = ", ".join(f"{number} {name}" for name, number in sorted(classes.items()))
    return (
        f"{engine}: {statuses.total()} requests in {seconds:.0f} s ({by_class}); of {written.total()} writes"
        f" {written[True]} were done; by status: {dict(sorted(statuses.items()))}"
    )
