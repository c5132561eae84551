"""Customers are pulled out of the OData face of another Patron."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pulling.target import STORE, Target
from tests.server.processes import sandboxed


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with sandboxed(folder) as (port, known):
        yield f"http://127.0.0.1:{port}/odata/v1/", known


def test_the_odata_face_of_another_patron_gives_what_this_one_shows_on_its_own(
    sandbox: tuple[str, dict[str, Any]], target: Target
) -> None:
    root, known = sandbox
    shown = {"PATRON_PULL_ACCOUNT": known["account_code"], "PATRON_PULL_API_KEY": known["api_key"]}
    pulled = target.pull(root, "--odata", **shown)

    assert pulled.returncode == 0, pulled.stderr
    assert known["api_key"] not in pulled.stdout + pulled.stderr
    people = "?$expand=BillingAddresses,ShippingAddresses&$orderby=Id"
    there = _entities(root, people, shown["PATRON_PULL_ACCOUNT"], shown["PATRON_PULL_API_KEY"])
    answer = target.site.ask(f"/odata/v1/Customer{people}", "application/json", token=target.token)
    here = answer.get_json()["value"]
    assert len(here) == len(there) > 40
    for mine, theirs in zip(here, there, strict=True):
        assert _comparable(mine) == _comparable(theirs)
    assert target.get(f"/stores/{STORE}/customers?force_password_reset=false")["total_items"] == 0


def _entities(root: str, query: str, name: str, key: str) -> list[dict[str, Any]]:
    basic = base64.b64encode(f"{name}:{key}".encode()).decode()
    asked = urllib.request.Request(f"{root}Customer{query}", headers={"Authorization": f"Basic {basic}"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)["value"]
    return found


def _comparable(entity: dict[str, Any]) -> dict[str, Any]:
    """All but the account, the versions, and that here a new password must be set."""
    left_out = {"AccountId", "ForcePasswordReset", "@odata.etag"}
    said = {name: value for name, value in entity.items() if name not in left_out}
    for name in ("BillingAddresses", "ShippingAddresses"):
        said[name] = [{key: each[key] for key in each if key != "@odata.etag"} for each in entity[name]]
    return said
