"""Signing in: what a success says, and that all failures are one."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import exc, select, update

from app import passwords
from app.resources.customer import Customer as Row
from app.sandbox import STORE_ID
from tests.portal.customers import PASSWORD, PORTAL, Customer, ask, message, new_customer, send, sign_in
from tests.racing import before_each, statuses, together
from tests.site import HAL, SIREN, XML, Site

WRONG = "Incorrect email and/or password."


@contextmanager
def counted_hashes() -> Iterator[list[tuple[Any, ...]]]:
    """What is hashed meanwhile."""
    seen: list[tuple[Any, ...]] = []

    def observe(*said: Any) -> None:
        seen.append(said)

    passwords.observers.append(observe)
    try:
        yield seen
    finally:
        passwords.observers.remove(observe)


def stored(customer: Customer) -> dict[str, Any]:
    columns = Row.__table__.c
    query = select(*columns).where(columns.store_id == STORE_ID, columns.id == customer.id)
    with customer.site.engine.connect() as connection:
        return dict(connection.execute(query).mappings().one())


def test_a_success_gives_a_session_its_length_and_a_token(site: Site) -> None:
    customer = new_customer(site)
    answer = customer.sign_in()

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json
    assert len(document["session_token"]) == 43
    assert document["expires_in"] == 720 * 60
    assert document["jwt"].count(".") == 2
    assert document["force_password_reset"] is False
    assert "sso" not in document
    link = document["_links"]["fx:customer"]["href"]
    assert site.hal(link, token=document["session_token"])["id"] == customer.id


@pytest.mark.parametrize("media_type", [HAL, XML, SIREN])
def test_it_comes_in_the_format_that_was_asked_for(site: Site, media_type: str) -> None:
    customer = new_customer(site)
    given = {"email": customer.email, "password": PASSWORD}
    answer = site.send("POST", f"{PORTAL}/authenticate", given, accept=media_type, token=None)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert "session_token" in answer.text


@pytest.mark.parametrize("media_type", ["text/plain", HAL, XML, SIREN, "application/x-www-form-urlencoded"])
def test_the_body_may_have_any_format(site: Site, media_type: str) -> None:
    customer = new_customer(site)
    given = {"email": customer.email, "password": PASSWORD}

    assert site.send("POST", f"{PORTAL}/authenticate", given, media_type, token=None).status_code == 200


def test_other_properties_are_passed_over_for_pages_send_the_whole_form(site: Site) -> None:
    form = {"first_name": "Ada", "verification": {"type": "hcaptcha", "token": "x"}, "nonsense": [1]}

    assert new_customer(site).sign_in(**form).status_code == 200


def test_an_email_may_be_spelled_as_one_likes(site: Site) -> None:
    customer = new_customer(site)

    assert sign_in(site, customer.email.upper()).status_code == 200


def test_the_sign_in_is_noted_and_is_no_modification(site: Site) -> None:
    customer = new_customer(site)
    before = customer.shown()
    customer.session()
    after = customer.shown()

    assert before["last_login_date"] is None
    assert after["last_login_date"] is not None
    assert after["date_modified"] == before["date_modified"]
    assert stored(customer)["version"] == 2


def failures(site: Site) -> dict[str, tuple[str, str]]:
    registered = new_customer(site)
    inactive = new_customer(site, is_active=False)
    guest = new_customer(site, is_anonymous=True, password="")
    unhashable = new_customer(site)
    with site.engine.begin() as connection:
        broken = update(Row).where(Row.store_id == STORE_ID, Row.id == unhashable.id)
        connection.execute(broken.values(password_hash=None))
    return {
        "wrong password": (registered.email, "wrong"),
        "unknown email": ("nobody@example.com", PASSWORD),
        "no email at all": ("nonsense", PASSWORD),
        "far too long": ("x" * 500 + "@example.com", "y" * 5000),
        "inactive": (inactive.email, PASSWORD),
        "guest": (guest.email, PASSWORD),
        "no hash": (unhashable.email, PASSWORD),
    }


def alike(answer: Any) -> tuple[Any, ...]:
    """An answer without what is another in every one."""
    body = re.sub(r"id-\d+-[0-9a-f]+", "id", answer.text)
    headers = sorted(each for each in answer.headers if each[0] != "X-Request-ID")
    return answer.status_code, body, str(headers)


def test_every_failure_looks_alike_and_costs_alike(site: Site) -> None:
    seen, costs = {}, {}
    for why, (email, password) in failures(site).items():
        with counted_hashes() as hashed:
            answer = sign_in(site, email, password)
        assert (answer.status_code, message(answer)) == (401, WRONG), why
        seen[why], costs[why] = alike(answer), len(hashed)

    assert len(set(seen.values())) == 1, seen
    assert set(costs.values()) == {1}, costs


def test_a_success_hashes_no_more_than_a_failure(site: Site) -> None:
    customer = new_customer(site)
    with counted_hashes() as hashed:
        customer.session()

    assert len(hashed) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "data should have required property 'email'"),
        ({"email": 5, "password": "x"}, "data.email should be string"),
        ({"email": "a@example.com", "password": ["x"]}, "data.password should be string"),
    ],
)
def test_a_form_that_is_none_is_400_for_a_401_would_sign_out(
    site: Site, given: dict[str, Any], said: str
) -> None:
    answer = site.send("POST", f"{PORTAL}/authenticate", given, token=None)

    assert answer.status_code == 400
    assert said in [each["message"] for each in answer.json["_embedded"]["fx:errors"]]


def test_a_failure_is_json_where_no_accept_is_sent(site: Site) -> None:
    given = {"email": "nobody@example.com", "password": "x"}
    answer = site.send("POST", f"{PORTAL}/authenticate", given, accept=None, token=None)

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, HAL)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="patron"'
    assert json.loads(answer.data)["total"] == 1


def weakly_hashed(site: Site) -> Customer:
    """A customer who has moved in with an MD5 hash of the password."""
    import hashlib

    hashed = hashlib.md5(PASSWORD.encode()).hexdigest()
    return new_customer(site, password="", password_hash=hashed, password_hash_type="md5")


def test_a_password_is_hashed_anew_as_the_store_hashes_now(site: Site) -> None:
    customer = weakly_hashed(site)
    before = customer.shown()
    customer.session()
    after = customer.shown()

    assert (before["password_hash_type"], after["password_hash_type"]) == ("md5", "bcrypt")
    assert after["password_hash"].startswith("$2b$04$")
    assert after["date_modified"] == before["date_modified"]
    assert customer.sign_in().status_code == 200
    assert customer.sign_in("wrong").status_code == 401


@contextmanager
def changed_before(customer: Customer, transaction: int) -> Iterator[None]:
    """The password is changed just before the so-manieth transaction of what is done meanwhile."""
    sqlite = customer.site.engine.dialect.name == "sqlite"
    begun = "BEGIN IMMEDIATE" if sqlite else "UPDATE customer SET version"
    seen: list[int] = []

    def change() -> None:
        seen.append(1)
        if len(seen) == transaction:
            customer.change(password="quite another pass phrase")

    with before_each(begun, change):
        yield
    assert len(seen) >= transaction


def test_a_rehash_that_fails_fails_no_sign_in(site: Site) -> None:
    customer = weakly_hashed(site)

    def fail() -> None:
        raise exc.OperationalError("UPDATE", {}, Exception("disk full"))

    with before_each("password_salt=", fail):
        answer = customer.sign_in()

    assert answer.status_code == 200
    assert customer.shown()["password_hash_type"] == "md5"


def test_a_password_that_is_changed_during_a_sign_in_is_not_signed_in_with(site: Site) -> None:
    customer = new_customer(site)
    with changed_before(customer, 1):
        answer = customer.sign_in()

    assert answer.status_code == 401
    assert customer.sign_in("quite another pass phrase").status_code == 200


def test_a_rehash_never_brings_an_old_password_back(site: Site) -> None:
    customer = weakly_hashed(site)
    with changed_before(customer, 2):
        assert customer.sign_in().status_code == 200

    assert customer.sign_in("quite another pass phrase").status_code == 200
    assert customer.sign_in().status_code == 401


def test_sign_ins_that_race_to_rehash_all_succeed(site: Site) -> None:
    customer = weakly_hashed(site)
    answers = together(site, [customer.sign_in] * 4)

    assert statuses(answers) == {200: 4}
    assert customer.shown()["password_hash_type"] == "bcrypt"
    for answer in answers:
        assert ask(site, answer.json["session_token"]).status_code == 200


def test_who_fails_too_often_waits(site: Site) -> None:
    customer = new_customer(site)
    failed = [customer.sign_in("wrong").status_code for _ in range(7)]

    assert failed[0] == 401
    answer = customer.sign_in()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_guessing_the_old_password_in_a_session_counts_as_well(site: Site) -> None:
    customer = new_customer(site)
    token = customer.session()
    guess = partial(send, site, token, "PATCH", "/")
    failed = [guess({"password": "a new pass phrase", "password_old": str(n)}).status_code for n in range(8)]

    assert failed[0] == 400
    assert failed[-1] == 429
