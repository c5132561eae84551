"""Who reaches what in OData: every kind of address with every kind of key and token, read and written."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.auth.api_keys import ApiKey
from app.auth.tokens import Token, new_token, token_hash
from app.odata.edm import MODEL, Complex, EntityType, Property
from app.odata.paths import parse_path
from app.odata.service import allowed
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.odata.requests import basic, new_basic, odata
from tests.site import Site, counted_statements, open_site, writing

OWNER, NOBODY = 142, 2_000_000_000
ADDRESS = {"Address": {"Address1": "1 Way"}}
BODIES: Mapping[str, Any] = {
    "Customer": {"Email": "new@example.com"},
    "CustomerBillingAddress": {**ADDRESS, "CustomerId": OWNER},
    "CustomerShippingAddress": {**ADDRESS, "CustomerId": OWNER},
}


def paths_of(entity: EntityType, start: str) -> Iterator[str]:
    """What there is of one entity: itself, its properties in each form, and what navigations lead to."""
    yield start
    for each in entity.structural:
        if isinstance(each, Complex):
            yield f"{start}/{each.name}"
            yield f"{start}/{each.name}/{each.properties[0].name}"
        elif isinstance(each, Property) and not each.write_only:
            yield f"{start}/{each.name}"
            yield f"{start}/{each.name}/$value"
    for led in entity.navigations:
        yield f"{start}/{led.name}"
        if led.many:
            yield f"{start}/{led.name}/$count"


def keyed(ids: Mapping[str, int]) -> list[str]:
    """Every kind of address that names an entity, by the ids of one of each set."""
    found = [path for name, key in ids.items() for path in paths_of(MODEL[name], f"{name}({key})")]
    for name, of in (
        ("BillingAddresses", "CustomerBillingAddress"),
        ("ShippingAddresses", "CustomerShippingAddress"),
    ):
        found += paths_of(MODEL[of], f"Customer({ids['Customer']})/{name}({ids[of]})")
    return [*found, f"Customer/{ids['Customer']}/Name", f"Customers({ids['Customer']})"]


SETS = [path for name in MODEL for path in (name, f"{name}/$count")]


@dataclass(frozen=True)
class Walled:
    """A site, whoever may ask, and an entity of each set of store 66."""

    site: Site
    visitors: Mapping[str, str]
    ids: Mapping[str, int]


@pytest.fixture(scope="module")
def walled(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    with open_site(engine_name, tmp_path_factory.mktemp("walls")) as site:
        visitors = {
            "none": "",
            "nonsense": "Bearer nonsense",
            "client": f"Bearer {site.client_token}",
            "user": f"Bearer {site.user_token}",
            "expired": f"Bearer {copied(site, expires_at=1)}",
            "revoked": f"Bearer {copied(site, revoked_at=1)}",
            "store": f"Bearer {site.token}",
            "reader": f"Bearer {copied(site, scope='store_read_access')}",
            "other_store": f"Bearer {site.other_store_token}",
            "key": new_basic(site),
            "viewing_key": new_basic(site, ["view"]),
            "other_key": new_basic(site, store_id=OTHER_STORE_ID),
            "revoked_key": revoked(site, new_basic(site)),
            "wrong_key": basic("foxglove.example", "da8cd110-34bb-4898-8f59-86e4eeccd2a0"),
        }
        below = json.loads(
            odata(site, "GET", f"Customer({OWNER})?$expand=BillingAddresses,ShippingAddresses").data
        )
        ids = {
            "Customer": OWNER,
            "CustomerBillingAddress": below["BillingAddresses"][0]["Id"],
            "CustomerShippingAddress": below["ShippingAddresses"][0]["Id"],
            "Account": STORE_ID,
        }
        yield Walled(site, visitors, ids)


def copied(site: Site, **columns: Any) -> str:
    """A token like that of the store, but for some columns."""
    made = new_token()
    with Session(site.engine) as session, session.begin():
        known = select(Token.__table__).where(Token.hash == token_hash(site.token))
        like = dict(session.execute(known).mappings().one())
        named = {name: value for name, value in like.items() if name not in {"id", "name", "public_id"}}
        session.execute(insert(Token).values({**named, "hash": token_hash(made), **columns}))
    return made


def revoked(site: Site, header: str) -> str:
    with Session(site.engine) as session, session.begin():
        last = select(ApiKey.hash).order_by(ApiKey.date_created.desc(), ApiKey.hash)
        key = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[2]
        assert token_hash(key) in session.scalars(last).all()
        session.execute(update(ApiKey).where(ApiKey.hash == token_hash(key)).values(revoked_at=1))
    return header


NOBODYS = ("none", "nonsense", "expired", "revoked", "revoked_key", "wrong_key")
TOO_SMALL = ("client", "user")
OWN = ("store", "reader", "key", "viewing_key")
OTHERS = ("other_store", "other_key")


def ask(walled: Walled, who: str, method: str, path: str, body: Any = None) -> Any:
    if who == "none":
        return walled.site.ask(f"/odata/v1/{path}", None, token=None, method=method)
    return odata(walled.site, method, path, body, authorization=walled.visitors[who])


def test_the_table_has_every_kind_of_visitor(walled: Walled) -> None:
    assert set(walled.visitors) == {*NOBODYS, *TOO_SMALL, *OWN, *OTHERS}


@pytest.mark.parametrize("path", ["", "$metadata"])
def test_what_the_service_is_anybody_may_know_who_does_not_sign_in_wrongly(walled: Walled, path: str) -> None:
    answers = {who: ask(walled, who, "GET", path).status_code for who in walled.visitors}

    assert answers["none"] == 200
    assert {answers[who] for who in (*OWN, *OTHERS)} == {200}
    assert {answers[who] for who in NOBODYS if who != "none"} == {401}


def test_nobody_reads_or_writes_anything_without_a_good_key_or_token(walled: Walled) -> None:
    with counted_statements() as statements:
        for path in (*SETS, *keyed(walled.ids), "$batch", "nonsense"):
            for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD"):
                for who in (*NOBODYS, *TOO_SMALL) if method == "GET" else ("none",):
                    answer = ask(walled, who, method, path, {"Name": "X"} if method != "GET" else None)
                    expected = 403 if who in TOO_SMALL else 401
                    if path == "nonsense" and answer.status_code == 404:
                        continue
                    assert answer.status_code == expected, (method, path, who)
                    if method != "HEAD":
                        assert answer.json.keys() == {"error"}
    assert writing(statements) == []


def test_whoever_may_view_reads_every_address(walled: Walled) -> None:
    for path in (*SETS, *keyed(walled.ids)):
        for who in OWN:
            assert ask(walled, who, "GET", path).status_code in {200, 204}, (path, who)


def test_another_accounts_entity_does_not_exist(walled: Walled) -> None:
    theirs, nobodys = keyed(walled.ids), keyed(dict.fromkeys(walled.ids, NOBODY))
    for their, nobody in zip(theirs, nobodys, strict=True):
        for who in OTHERS:
            refused, absent = ask(walled, who, "GET", their), ask(walled, who, "GET", nobody)
            assert (refused.status_code, absent.status_code) == (404, 404), (their, who)
            assert said(refused.text, walled.ids) == said(absent.text, {"": NOBODY})


def test_another_accounts_entity_cannot_be_written(walled: Walled) -> None:
    before = {path: ask(walled, "store", "GET", path).data for path in keyed(walled.ids)}
    theirs, nobodys = keyed(walled.ids), keyed(dict.fromkeys(walled.ids, NOBODY))
    with counted_statements() as statements:
        for their, nobody in zip(theirs, nobodys, strict=True):
            path = parse_path(their)
            for method in set(allowed(path)) & {"POST", "PATCH", "PUT", "DELETE"}:
                body = body_of(path, method)
                for sent in (body, {}, {"Nonsense": 1}) if method != "DELETE" else (None,):
                    refused = ask(walled, "other_key", method, their, sent)
                    absent = ask(walled, "other_key", method, nobody, sent)
                    assert refused.status_code == absent.status_code in {400, 404, 415}, (method, their)
                    assert said(refused.text, walled.ids) == said(absent.text, {"": NOBODY})
                if not path.names:
                    assert ask(walled, "other_key", method, their, body).status_code == 404
    assert writing(statements) == []
    assert {path: ask(walled, "store", "GET", path).data for path in before} == before


def body_of(path: Any, method: str) -> Any:
    if path.names:
        member = path.member
        return {"value": "X"} if isinstance(member, Property) else {"City": "X"}
    if method == "DELETE":
        return None
    return {name: value for name, value in BODIES[path.entity.name].items() if name != "CustomerId"}


def said(text: str, ids: Mapping[str, int]) -> str:
    """A refusal without its logref, and without the ids that were asked for."""
    text = re.sub(r"id-\d+-[0-9a-f]+", "", text)
    for key in sorted(ids.values(), reverse=True):
        text = re.sub(rf"\b{key}\b", "#", text)
    return text


def test_a_set_lists_counts_filters_and_expands_ones_own_account_alone(walled: Walled) -> None:
    for who, store_id in (("key", STORE_ID), ("other_key", OTHER_STORE_ID), ("other_store", OTHER_STORE_ID)):
        listed = ask(walled, who, "GET", "Customer?$count=true&$expand=*").json
        assert {each["AccountId"] for each in listed["value"]} == {store_id}
        assert {each["Account"]["Id"] for each in listed["value"]} == {store_id}
        assert int(ask(walled, who, "GET", "Customer/$count").text) == listed["@odata.count"]
        assert [each["Id"] for each in ask(walled, who, "GET", "Account").json["value"]] == [store_id]
        owners = {each["Id"] for each in listed["value"]}
        for name in ("CustomerBillingAddress", "CustomerShippingAddress"):
            assert {each["CustomerId"] for each in ask(walled, who, "GET", name).json["value"]} <= owners
    address = walled.ids["CustomerBillingAddress"]
    for asked in (
        f"Id eq {OWNER}",
        f"AccountId eq {STORE_ID}",
        f"Id eq {OWNER} or Id eq {OWNER} or AccountId eq {STORE_ID}",
        f"BillingAddresses/any(a: a/Id eq {address} and a/CustomerId eq {OWNER})",
        "Email eq 'ada.okafor@example.com'",
    ):
        assert ask(walled, "other_key", "GET", f"Customer?$filter={asked}").json["value"] == [], asked


def test_one_customers_address_is_not_anothers(walled: Walled) -> None:
    address = walled.ids["CustomerBillingAddress"]
    for method, body in (("GET", None), ("PATCH", ADDRESS), ("PUT", ADDRESS), ("DELETE", None)):
        answer = ask(walled, "key", method, f"Customer(115)/BillingAddresses({address})", body)
        assert answer.status_code == 404, method
    assert ask(walled, "key", "GET", f"Customer({OWNER})/BillingAddresses({address})").status_code == 200


def test_nothing_is_put_into_another_account(walled: Walled) -> None:
    before = ask(walled, "store", "GET", "CustomerBillingAddress/$count").text
    for body in ({**ADDRESS, "CustomerId": OWNER}, {**ADDRESS, "Customer@odata.bind": f"Customer({OWNER})"}):
        assert ask(walled, "other_key", "POST", "CustomerBillingAddress", body).status_code == 400
    below = f"Customer({OWNER})/BillingAddresses"
    assert ask(walled, "other_key", "POST", below, ADDRESS).status_code == 404
    email = {"Email": "walled@example.com"}
    for told in (
        {"AccountId": STORE_ID},
        {"Account": {"Id": STORE_ID}},
        {"Id": OWNER, "AccountId": STORE_ID},
    ):
        answer = ask(walled, "other_key", "POST", "Customer", email | told)
        assert answer.status_code in {201, 400}
        if answer.status_code == 201:
            assert answer.json["AccountId"] == OTHER_STORE_ID
            ask(walled, "other_key", "DELETE", f"Customer({answer.json['Id']})")
    bound = {**email, "Account@odata.bind": f"Account({STORE_ID})"}
    assert ask(walled, "other_key", "POST", "Customer", bound).status_code == 400
    assert ask(walled, "store", "GET", "CustomerBillingAddress/$count").text == before


def test_a_batch_reaches_no_further_than_its_requests_alone(walled: Walled) -> None:
    requests = [
        {
            "id": str(at),
            "method": method,
            "url": path,
            **({"body": {"Name": "X"}} if method == "PATCH" else {}),
        }
        for at, (method, path) in enumerate(
            (method, path)
            for path in (f"Customer({OWNER})", f"Customer({OWNER})/BillingAddresses", f"Account({STORE_ID})")
            for method in ("GET", "PATCH", "DELETE")
        )
    ]
    answer = ask(walled, "other_key", "POST", "$batch", {"requests": requests})
    assert {each["status"] for each in answer.json["responses"]} <= {404, 405}
    viewed = ask(walled, "viewing_key", "POST", "$batch", {"requests": requests})
    assert [each["status"] for each in viewed.json["responses"]] == [
        200,
        403,
        403,
        200,
        405,
        405,
        200,
        405,
        405,
    ]
