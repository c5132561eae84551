"""Single sign-on: the address that signs a customer in at the store's checkout."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.portal.customers import PORTAL, SETTINGS, Customer, ask, new_customer, send
from tests.site import FORMATS, Site, hash_cheaply, open_site

SECRET = "what the checkout shares"


@pytest.fixture(scope="module")
def signing_on(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose store signs customers on at its checkout."""
    with open_site(engine_name, tmp_path_factory.mktemp("sso")) as site:
        hash_cheaply(site)
        settings = {"sso": True, "ssoSecret": SECRET}
        assert site.send("PATCH", SETTINGS, settings).status_code == 200
        yield site


def require_signing_on(address: str, customer: Customer) -> None:
    parts = urlsplit(address)
    query = {name: value for name, (value,) in parse_qs(parts.query).items()}

    assert (parts.scheme, parts.netloc, parts.path) == ("https", "foxglove.example", "/checkout")
    assert set(query) == {"fc_customer_id", "fc_auth_token", "timestamp"}
    assert query["fc_customer_id"] == str(customer.id)
    assert abs(int(query["timestamp"]) - 1800 - time.time()) < 30, "it expires in half an hour"
    proof = f"{customer.id}|{query['timestamp']}|{SECRET}"
    assert query["fc_auth_token"] == hashlib.sha1(proof.encode()).hexdigest()


def test_signing_in_gives_the_address(signing_on: Site) -> None:
    customer = new_customer(signing_on)

    require_signing_on(customer.sign_in().json["sso"], customer)


def checkout(document: dict[str, Any]) -> Any:
    return document["_links"].get("fx:checkout")


@pytest.mark.parametrize("query", ["sso=true", "zoom=default_billing_address&sso=true", "sso=true&fields=id"])
def test_so_does_the_customer_who_is_asked_for_it(signing_on: Site, query: str) -> None:
    customer = new_customer(signing_on, first_name="Ada")
    token = customer.session()
    found = ask(signing_on, token, f"?{query}").json

    require_signing_on(checkout(found)["href"], customer)
    plain = ask(signing_on, token, f"?{query.replace('sso=true', '')}".replace("?&", "?")).json
    assert checkout(plain) is None
    del found["_links"]["fx:checkout"]
    assert found == plain


@pytest.mark.parametrize("media_type", FORMATS)
def test_in_every_format(signing_on: Site, media_type: str) -> None:
    token = new_customer(signing_on).session()
    answer = signing_on.ask(f"{PORTAL}?sso=true", media_type, token=token)

    assert answer.status_code == 200
    assert "https://foxglove.example/checkout?fc_customer_id=" in answer.text
    assert signing_on.ask("/rels/checkout", token=None).status_code == 200


def test_it_is_not_given_unasked_or_in_vain(signing_on: Site) -> None:
    token = new_customer(signing_on).session()

    assert checkout(ask(signing_on, token).json) is None
    assert checkout(ask(signing_on, token, "?sso=false").json) is None
    assert ask(signing_on, token, "?sso=maybe").status_code == 400
    assert ask(signing_on, token, "?sso").status_code == 400
    assert send(signing_on, token, "PATCH", "/?sso=true", {"first_name": "x"}).status_code == 400


def test_a_store_that_does_not_sign_on_gives_none(site: Site) -> None:
    customer = new_customer(site)

    assert "sso" not in customer.sign_in().json
    assert checkout(ask(site, customer.session(), "?sso=true").json) is None


@pytest.fixture(params=["forced", "temporary"])
def resetting(request: pytest.FixtureRequest, signing_on: Site) -> dict[str, Any]:
    """What a session is given that must set a new password first."""
    customer = new_customer(signing_on)
    if request.param == "forced":
        customer.change(force_password_reset=True)
        answer = customer.sign_in()
    else:
        customer.change(forgot_password="by telephone")
        answer = customer.sign_in("by telephone")
    found: dict[str, Any] = answer.json
    assert found["force_password_reset"] is True
    return found


def test_who_must_set_a_new_password_is_signed_on_nowhere_else(
    signing_on: Site, resetting: dict[str, Any]
) -> None:
    claims = resetting["jwt"].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))

    assert "sso" not in resetting
    assert told["exp"] - told["iat"] == 1800
    assert checkout(ask(signing_on, resetting["session_token"], "?sso=true").json) is None


@pytest.mark.parametrize("zoom", ["default_billing_address", "default_payment_method"])
def test_who_must_set_a_new_password_sees_nothing_beyond_the_customer(
    signing_on: Site, resetting: dict[str, Any], zoom: str
) -> None:
    token = resetting["session_token"]
    transclude = {"Prefer": f'transclude="fx:{zoom}"'}
    unchanged: dict[str, Any] = {}

    assert ask(signing_on, token, f"?zoom={zoom}").status_code == 403
    assert ask(signing_on, token, f"?zoom=attributes,{zoom}").status_code == 403
    assert send(signing_on, token, "PATCH", f"/?zoom={zoom}", unchanged).status_code == 403
    assert f"fx:{zoom}" not in ask(signing_on, token, headers=transclude).json.get("_embedded", {})
    assert ask(signing_on, token, "?zoom=attributes").status_code == 200
