"""Whatever is sent to the portal is answered as documented: never a failure."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.hypermedia import Registry
from app.portal.entry import PREFIXES
from app.portal.sessions import open_session
from app.portal.types import OWN_TYPES
from app.sandbox import STORE_ID
from tests.site import Site, hash_cheaply, open_site
from tests.wire.fuzzing import requests
from tests.wire.test_fuzz import Fuzzed, fuzz

SECONDS = float(os.environ.get("PATRON_FUZZ_SECONDS", "8")) / 2
ADA = 116


@dataclass(frozen=True)
class OwnRule:
    """A rule of store 66's portal, named as the portal's own types are."""

    rule: str
    endpoint: str
    methods: set[str]


def own_rules(site: Site) -> list[OwnRule]:
    prefix = PREFIXES[1]
    return [
        OwnRule(
            each.rule.replace("<store_id>", str(STORE_ID)),
            each.endpoint.removeprefix("portal."),
            set(each.methods or ()),
        )
        for each in site.app.url_map.iter_rules()
        if each.rule.startswith(prefix)
    ]


class FuzzedPortal(Fuzzed):
    """A portal that a customer sends anything, with a session for each request: some sign out."""

    def _rules(self) -> Any:
        return own_rules(self._site)

    def _token(self, path: str) -> str:
        with self._site.engine.begin() as connection:
            return open_session(connection, STORE_ID, ADA, 3600, must_reset=False)

    def _existing(self, rule: str, number: int) -> str:
        """The id of one of the customer's own rows, or of somebody else's."""
        named = {each.path.partition("}/")[2].partition("/")[0]: each for each in OWN_TYPES}
        table = named[rule.partition("customer/")[2].partition("/")[0]].table.c
        mine = select(table.id).where(table.store_id == STORE_ID)
        if "customer_id" in table and number % 4:
            mine = mine.where(table.customer_id == ADA)
        with self._rows.connect() as connection:
            ids = list(connection.scalars(mine.order_by(table.id).limit(8)))
        return str(ids[number % len(ids)]) if ids else "1"


@pytest.mark.timeout(SECONDS + 600)
def test_no_request_makes_the_portal_fail(engine_name: str, tmp_path: Path) -> None:
    with open_site(engine_name, tmp_path) as site:
        hash_cheaply(site)
        fuzzed = FuzzedPortal(site)
        try:
            fuzz(requests(own_rules(site), Registry(OWN_TYPES, "/rels/")), fuzzed, SECONDS)  # type: ignore[arg-type]
            assert site.app.extensions["patron"].behind.finish(30)
        finally:
            fuzzed.close()

    assert fuzzed.statuses[200] > 0
    assert fuzzed.written[True] > fuzzed.written.total() / 10
