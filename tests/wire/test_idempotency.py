"""Idempotency-Key: a POST that is sent again is answered as the first time, and done once."""

from typing import Any
from uuid import uuid4

import pytest

from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.db.engine import unguarded_engine
from tests.racing import CUSTOMERS, new_customer
from tests.site import HAL, SIREN, XML, Site
from tests.wire.keys import GUEST, assert_same, guests, post, replayed, stored


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture
def key() -> str:
    return uuid4().hex


@pytest.mark.parametrize("accept", [HAL, XML, SIREN])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stores/66/customers", GUEST),
        ("{customer}/attributes", {"name": "size", "value": "L"}),
        ("{customer}/attributes", [{"name": "size", "value": "L"}, {"name": "hue", "value": "red"}]),
        ("{customer}/addresses", {"address_name": "Home", "address1": "1 Street"}),
    ],
    ids=["customer", "attribute", "attributes", "address"],
)
def test_a_post_that_is_sent_again_is_answered_again_byte_for_byte(
    site: Site, key: str, path: str, body: Any, accept: str
) -> None:
    path = path.format(customer=new_customer(site))
    first = post(site, key, body, path, accept=accept)
    total = site.hal(f"{path}?limit=0")["total_items"]

    assert first.status_code == 201
    assert "ETag" in first.headers
    assert "Location" in first.headers
    for _ in range(2):
        assert_same(post(site, key, body, path, accept=accept), first)
    assert site.hal(f"{path}?limit=0")["total_items"] == total


def test_the_first_answer_is_repeated_whatever_has_become_of_the_row(site: Site, key: str) -> None:
    first = post(site, key)
    assert site.send("PATCH", first.headers["Location"], {"first_name": "Changed"}).status_code == 200
    assert_same(post(site, key), first)
    assert site.send("DELETE", first.headers["Location"]).status_code == 200
    assert_same(post(site, key), first)


def test_a_key_is_the_same_in_quotes_and_without(site: Site, key: str) -> None:
    first = post(site, key)

    assert_same(post(site, f'"{key}"'), first)
    assert_same(post(site, f' "{key}" '), first)


@pytest.mark.parametrize(
    "other",
    [
        {"body": GUEST | {"first_name": "Another"}},
        {"path": "/stores/66/customers?zoom=attributes"},
        {"path": "/stores/66/attributes", "body": {"name": "n", "value": "v"}},
        {"media_type": HAL},
    ],
    ids=["body", "query", "path", "media type"],
)
def test_a_key_of_another_request_is_refused(site: Site, key: str, other: dict[str, Any]) -> None:
    first, before = post(site, key), guests(site)
    refused = post(site, key, **other)

    assert refused.status_code == 422
    (fault,) = refused.json["_embedded"]["fx:errors"]
    assert (fault["property"], fault["code"]) == ("Idempotency-Key", "idempotency_key_reused")
    assert guests(site) == before
    assert_same(post(site, key), first)


@pytest.mark.parametrize("bad", ["", '""', '"', 'a"b', "two words", "é", "a\tb", "k" * 256, '"a" "b"'])
def test_a_malformed_key_is_refused(site: Site, bad: str) -> None:
    before = guests(site)
    refused = post(site, bad)

    assert refused.status_code == 400
    assert refused.json["_embedded"]["fx:errors"][0]["property"] == "Idempotency-Key"
    assert guests(site) == before


def test_a_key_is_that_of_one_client_in_one_store(site: Site, key: str) -> None:
    token = new_token()
    opened = unguarded_engine(site.url)
    with opened.begin() as connection:
        row = {"store_id": 66, "scope": STORE_FULL_ACCESS.name, "client": "another", "is_sandbox": True}
        connection.execute(Token.__table__.insert().values(hash=token_hash(token), **row))
    opened.dispose()
    first = post(site, key)
    of_client = post(site, key, token=token)
    of_store = post(site, key, path="/stores/67/customers", token=site.other_store_token)

    assert {each.status_code for each in (first, of_client, of_store)} == {201}
    assert not any(map(replayed, (first, of_client, of_store)))
    assert len({each.headers["Location"] for each in (first, of_client)}) == 2
    assert_same(post(site, key, token=token), of_client)
    assert_same(post(site, key), first)
    assert len(stored(site, key)) == 3


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_key_means_nothing_to_methods_that_may_be_repeated_anyway(
    site: Site, key: str, method: str
) -> None:
    customer = new_customer(site)
    body = {"email": f"{key}@example.com"} if method in {"PATCH", "PUT"} else None
    for _ in range(2):
        assert not replayed(site.send(method, customer, body, Idempotency_Key=key))
    if body:
        assert not replayed(post(site, key, body, customer, X_HTTP_Method_Override=method))
        url, attributes = f"{customer}/attributes", [{"name": "n", "value": "v"}]
        assert not replayed(site.send(method, url, attributes, Idempotency_Key=key))
    assert stored(site, key) == []


@pytest.mark.parametrize(
    ("status", "body"), [(400, {"email": "no email"}), (400, b"{"), (409, {"email": "taken@example.com"})]
)
def test_a_refused_post_is_refused_again_in_the_same_words(
    site: Site, key: str, status: int, body: Any
) -> None:
    """Although it would go through by now: what was decided once stays so."""
    holder = site.send("POST", CUSTOMERS, {"email": "taken@example.com"})
    refused = post(site, key, body)
    assert site.send("DELETE", holder.headers["Location"]).status_code == 200

    assert refused.status_code == status
    assert_same(post(site, key, body), refused)


def test_a_post_below_what_does_not_exist_is_refused_again(site: Site, key: str) -> None:
    path, body = "/customers/99999999/attributes", {"name": "n", "value": "v"}
    refused = post(site, key, body, path)

    assert refused.status_code == 404
    assert_same(post(site, key, body, path), refused)
