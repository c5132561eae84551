"""Sessions: how long they last, what ends them, and that nothing else stands for one."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.portal.sessions import PROTECTED, SLACK, CustomerSession
from app.sandbox import STORE_ID
from tests.portal.customers import (
    PASSWORD,
    PORTAL,
    SETTINGS,
    Customer,
    age_sessions,
    ask,
    message,
    new_customer,
    send,
)
from tests.site import HAL, SIREN, XML, Site, counted_statements, hash_cheaply, writing

LIFETIME = 720 * 60


@pytest.fixture
def customer(site: Site) -> Customer:
    return new_customer(site)


def require_ended(site: Site, token: str | None) -> None:
    answer = ask(site, token)
    assert (answer.status_code, message(answer)) == (401, PROTECTED)


def test_a_session_ends_when_it_is_not_used_for_its_lifetime(site: Site, customer: Customer) -> None:
    token = customer.session()
    age_sessions(site, customer, LIFETIME - 30)
    assert ask(site, token).status_code == 200

    age_sessions(site, customer, LIFETIME + SLACK + 5)
    require_ended(site, token)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/addresses", None),
        ("PATCH", "/", {"first_name": "Ada"}),
        ("HEAD", "", None),
    ],
)
def test_each_success_lets_it_last_for_its_lifetime_from_then_on(
    site: Site, customer: Customer, method: str, path: str, body: Any
) -> None:
    token = customer.session()
    age_sessions(site, customer, LIFETIME - 60)
    assert send(site, token, method, path, body).status_code == 200
    age_sessions(site, customer, LIFETIME - 60)

    assert ask(site, token).status_code == 200


def test_a_refusal_does_not(site: Site, customer: Customer) -> None:
    token = customer.session()
    age_sessions(site, customer, LIFETIME - 60)
    assert ask(site, token, "/addresses/123456789").status_code == 404
    assert ask(site, token, "?zoom=nonsense").status_code == 400
    age_sessions(site, customer, SLACK + 65)

    require_ended(site, token)


def test_a_read_writes_at_most_once_a_minute(site: Site, customer: Customer) -> None:
    token = customer.session()
    with counted_statements() as at_first:
        for _ in range(3):
            assert ask(site, token).status_code == 200
    assert writing(at_first) == []

    age_sessions(site, customer, SLACK + 1)
    with counted_statements() as later:
        for _ in range(3):
            assert ask(site, token).status_code == 200
    assert len(writing(later)) == 1


def test_a_session_that_cannot_be_extended_answers_all_the_same(site: Site, customer: Customer) -> None:
    from sqlalchemy import exc

    from tests.racing import before_each

    def fail() -> None:
        raise exc.OperationalError("UPDATE", {}, Exception("disk full"))

    token = customer.session()
    age_sessions(site, customer, SLACK + 1)
    with before_each("UPDATE customer_session", fail):
        assert ask(site, token).status_code == 200


def test_signing_out_ends_this_session_and_no_other(site: Site, customer: Customer) -> None:
    one, other = customer.session(), customer.session()
    answer = ask(site, one, "/authenticate", "DELETE")

    assert (answer.status_code, answer.json["message"]) == (200, "You have signed out.")
    require_ended(site, one)
    assert ask(site, other).status_code == 200
    assert ask(site, one, "/authenticate", "DELETE").status_code == 401
    assert ask(site, None, "/authenticate", "DELETE").status_code == 401


def set_password(site: Site, token: str, **body: str) -> Any:
    return send(
        site, token, "PATCH", "/", {"password": "another pass phrase", "password_old": PASSWORD} | body
    )


def test_a_new_password_ends_all_sessions_but_the_one_that_set_it(site: Site, customer: Customer) -> None:
    mine, other = customer.session(), customer.session()
    assert set_password(site, mine).status_code == 200

    assert ask(site, mine).status_code == 200
    require_ended(site, other)
    assert customer.sign_in().status_code == 401
    assert customer.sign_in("another pass phrase").status_code == 200


ENDS: dict[str, Callable[[Customer], object]] = {
    "deleted": lambda customer: customer.site.ask(customer.api, method="DELETE"),
    "deactivated": lambda customer: customer.change(is_active=False),
    "deactivated for a while": lambda customer: [customer.change(is_active=each) for each in (False, True)],
    "given a password": lambda customer: customer.change(password="what the store chose"),
    "given a hash": lambda customer: customer.change(password_hash="0" * 32, password_hash_type="md5"),
}


@pytest.mark.parametrize("how", ENDS)
def test_what_the_store_does_ends_them_all(site: Site, customer: Customer, how: str) -> None:
    tokens = [customer.session(), customer.session()]
    ENDS[how](customer)

    for token in tokens:
        require_ended(site, token)


def test_what_else_the_store_changes_ends_none(site: Site, customer: Customer) -> None:
    token = customer.session()
    customer.change(first_name="Ada", is_active=True, force_password_reset=True, tax_id="1")

    assert ask(site, token).status_code == 200


def test_a_portal_that_is_taken_away_takes_its_sessions_with_it(own_site: Site) -> None:
    hash_cheaply(own_site)
    token, settings = new_customer(own_site).session(), own_site.hal(SETTINGS)
    assert own_site.send("DELETE", SETTINGS).status_code == 200
    assert own_site.send("PATCH", SETTINGS, {"sso": True}).status_code == 200

    assert settings["sso"] is False
    require_ended(own_site, token)


def test_a_shorter_life_holds_for_sessions_that_are_open(own_site: Site) -> None:
    hash_cheaply(own_site)
    customer = new_customer(own_site)
    token, other = customer.session(), customer.session()
    age_sessions(own_site, customer, 10 * 60)
    assert own_site.send("PATCH", SETTINGS, {"sessionLifespanInMinutes": 12}).status_code == 200
    assert ask(own_site, token).status_code == 200
    age_sessions(own_site, customer, 10 * 60)

    assert ask(own_site, token).status_code == 200, "used since, so it goes on"
    require_ended(own_site, other)


def test_tokens_are_stored_as_hashes_alone(site: Site, customer: Customer) -> None:
    token = customer.session()
    theirs = CustomerSession.customer_id == customer.id
    with site.engine.connect() as connection:
        rows = connection.execute(select(CustomerSession).where(CustomerSession.store_id == STORE_ID, theirs))
        (row,) = rows.mappings().all()

    assert token not in str(dict(row))
    assert row["hash"] == hashlib.sha256(token.encode()).hexdigest()


def test_sessions_that_have_run_out_are_forgotten(site: Site, customer: Customer) -> None:
    customer.session()
    age_sessions(site, customer, LIFETIME + SLACK + 1)
    new_customer(site).session()

    theirs = (CustomerSession.store_id == STORE_ID, CustomerSession.customer_id == customer.id)
    with site.engine.connect() as connection:
        assert connection.execute(select(CustomerSession).where(*theirs)).all() == []


# Nothing else stands for a session.


def encoded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def jwt(header: dict[str, Any], claims: dict[str, Any], secret: str, digest: str = "sha256") -> str:
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(hmac.digest(secret.encode(), signed.encode(), digest))}"


def corpus(site: Site, customer: Customer) -> dict[str, str | None]:
    secret = site.hal(SETTINGS)["jwtSharedSecret"]
    claims = {"store_id": 66, "customer_id": customer.id, "iat": 1, "exp": int(time.time()) + 600}
    return {
        "none": None,
        "empty": "",
        "token of the API": site.token,
        "token of another store": site.other_store_token,
        "its own jwt": customer.sign_in().json["jwt"],
        "jwt with the right secret": jwt({"alg": "HS256"}, claims, secret),
        "jwt of no algorithm": f"{encoded({'alg': 'none'})}.{encoded(claims)}.",
        "jwt of another algorithm": jwt({"alg": "HS512"}, claims, secret, "sha512"),
        "jwt with its own key": jwt({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}}, claims, "\0\0\0"),
        "jwt of another secret": jwt({"alg": "HS256"}, claims, "x" * 48),
        "jwt without an end": jwt({"alg": "HS256"}, {"store_id": 66, "customer_id": customer.id}, secret),
        "hash of a session": hashlib.sha256(customer.session().encode()).hexdigest(),
        "id": str(customer.id),
        "huge": "x" * 5000,
        "password": PASSWORD,
    }


def test_nothing_but_its_token_stands_for_a_session(site: Site, customer: Customer) -> None:
    for what, token in corpus(site, customer).items():
        answer = ask(site, token)
        assert (answer.status_code, message(answer)) == (401, PROTECTED), what


def test_neither_a_session_nor_a_jwt_is_a_token_of_the_api(site: Site, customer: Customer) -> None:
    signed_in = customer.sign_in().json
    for token in (signed_in["session_token"], signed_in["jwt"]):
        for path in ("/", "/stores/66", customer.api, f"{customer.api}/attributes"):
            assert site.ask(path, token=token).status_code == 401


def test_the_token_that_the_stores_servers_are_given_is_signed_with_its_secret(
    site: Site, customer: Customer
) -> None:
    token = customer.sign_in().json["jwt"]
    secret = site.hal(SETTINGS)["jwtSharedSecret"]
    head, body, signature = token.split(".")

    assert encoded(hmac.digest(secret.encode(), f"{head}.{body}".encode(), "sha256")) == signature
    header, claims = (json.loads(base64.urlsafe_b64decode(each + "==")) for each in (head, body))
    assert header == {"typ": "JWT", "alg": "HS256"}
    assert claims == {
        "store_id": 66,
        "customer_id": customer.id,
        "customer_email": customer.email,
        "iat": claims["iat"],
        "exp": claims["iat"] + LIFETIME,
    }
    assert abs(claims["iat"] - time.time()) < 30


@pytest.mark.parametrize("media_type", [HAL, XML, SIREN, None, "text/html", "image/png"])
def test_who_has_no_session_is_told_so_in_their_format(site: Site, media_type: str | None) -> None:
    answer = site.ask(PORTAL, media_type, token=None)

    assert answer.status_code == 401
    expected = {None: HAL, "image/png": HAL, "text/html": "text/html; charset=utf-8"}
    assert answer.headers["Content-Type"] == expected.get(media_type, media_type)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="patron"'
    assert PROTECTED in answer.text
