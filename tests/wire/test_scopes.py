"""What a token's scope lets it do, and what a look at the token costs."""

import json
import re

import pytest
from sqlalchemy import insert

from app.auth.scopes import SCOPES
from app.auth.tokens import Token, new_token, token_hash
from app.db.engine import unguarded_engine
from app.sandbox import STORE_ID
from app.schema import declared
from tests.site import FORMATS, Site, counted_statements, writing
from tests.wire.addresses import ADDRESSES, Address
from tests.wire.valid import REGISTRY

ZOOMED = "/customers/115?zoom=default_payment_method,customer_addresses,default_billing_address"


@pytest.fixture(scope="module")
def reader(shared_site: Site) -> str:
    """A token of store 66 that reads."""
    return token_with(shared_site, "store_read_access")


def token_with(site: Site, scope: str) -> str:
    """A new token of store 66."""
    token, engine = new_token(), unguarded_engine(site.url)
    row = {"store_id": STORE_ID, "scope": scope, "client": "another", "is_sandbox": True}
    with engine.begin() as connection:
        connection.execute(insert(Token).values(hash=token_hash(token), **row))
    engine.dispose()
    return token


def secrets() -> set[str]:
    """The names of all properties that are secrets, of whatever type."""
    return {
        name
        for each in REGISTRY.types.values()
        for name, field in declared(each.schema).items()
        if field.metadata.get("secret") and not field.load_only
    }


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize(
    "path",
    [
        "/customers/115",
        ZOOMED,
        "/stores/66",
        "/stores/66/customers?limit=300",
        "/customers/115?fields=password_hash,first_name",
        "/transactions/1?zoom=customer",
    ],
)
def test_a_reader_sees_no_secret(shared_site: Site, reader: str, path: str, media_type: str) -> None:
    full, read = (shared_site.ask(path, media_type, token=token) for token in ("", reader))

    assert read.status_code == full.status_code
    assert {"password_hash", "forgot_password"} <= secrets()
    assert not [name for name in secrets() if re.search(rf"\b{name}\b", read.text)]


def test_a_reader_sees_all_that_is_no_secret(shared_site: Site, reader: str) -> None:
    full, read = shared_site.hal(ZOOMED), shared_site.hal(ZOOMED, token=reader)

    hidden = secrets() | {"_links", "_embedded"}
    assert {name: value for name, value in full.items() if name not in hidden} == {
        name: value for name, value in read.items() if name not in hidden
    }
    assert read["_links"] == full["_links"]


WRITES = [(each, method) for each in ADDRESSES for method in each.writing]


@pytest.mark.parametrize(("address", "method"), WRITES, ids=[f"{how} {each.rule}" for each, how in WRITES])
def test_a_reader_writes_nothing(shared_site: Site, reader: str, address: Address, method: str) -> None:
    path = address.href.replace("{id}", "115" if "customers" in address.href else "66")
    with counted_statements() as statements:
        answer = shared_site.send(method, path, address.body(), token=reader)

    assert (answer.status_code, json.loads(answer.data)["_embedded"]["fx:errors"][0]["code"]) == (
        403,
        "insufficient_scope",
    )
    assert writing(statements) == []


@pytest.mark.parametrize(
    "path", ["/customers/115", "/stores/66/customers", "/customers/116/default_payment_method"]
)
def test_a_reader_is_offered_nothing_that_writes(shared_site: Site, reader: str, path: str) -> None:
    offered = shared_site.siren(path, token=reader).get("actions", [])

    assert shared_site.siren(path)["actions"]
    assert [each["method"] for each in offered if each["method"] != "GET"] == []


@pytest.mark.parametrize("scope", sorted(name for name, each in SCOPES.items() if each.reach != "store"))
def test_a_scope_that_does_not_reach_stores_is_too_small(shared_site: Site, scope: str) -> None:
    answer = shared_site.ask("/customers/115", token=token_with(shared_site, scope))

    assert answer.status_code == 403
    assert "store_full_access" in answer.text


def test_a_token_costs_one_statement_or_none(shared_site: Site, engine_name: str) -> None:
    shared_site.ask("/customers/115")
    with counted_statements() as statements:
        shared_site.ask("/customers/115")

    looks = [each for each in statements if "FROM token" in each]
    assert len(looks) == (0 if engine_name == "sqlite" else 1)


def test_a_written_row_is_seen_by_the_next_look(shared_site: Site) -> None:
    token = token_with(shared_site, "store_full_access")
    assert shared_site.ask("/customers/115", token=token).status_code == 200
    engine = unguarded_engine(shared_site.url)
    with engine.begin() as connection:
        connection.execute(
            Token.__table__.update().where(Token.hash == token_hash(token)).values(revoked_at=1)
        )
    engine.dispose()

    assert shared_site.ask("/customers/115", token=token).status_code == 401


@pytest.mark.parametrize(
    "path", ["/customers/115", "/stores/66/customers", "/customers/115/addresses", "/stores/66"]
)
def test_a_reader_is_told_of_no_way_to_write(shared_site: Site, reader: str, path: str) -> None:
    answer = shared_site.ask(path, token=reader, method="OPTIONS")
    document = json.loads(answer.data)

    assert answer.status_code == 200
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert document["allow"] == ["GET", "HEAD", "OPTIONS"]
    assert {each["method"] for each in document.get("actions", {}).values()} <= {"GET"}
    assert not {"Accept-Patch", "Accept-Post"} & set(answer.headers.keys())
    assert shared_site.ask(path, method="OPTIONS").headers["Allow"] != answer.headers["Allow"]
