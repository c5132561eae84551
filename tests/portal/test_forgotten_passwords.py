"""Forgotten passwords: a temporary one comes by mail, good for half an hour and for one sign-in."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.db.tables import now
from app.resources.customer import Customer as Row
from app.sandbox import STORE_ID
from tests.portal.customers import (
    PASSWORD,
    PORTAL,
    Customer,
    ask,
    mail_to,
    message,
    new_customer,
    send,
    sign_in,
    temporary_password,
)
from tests.racing import statuses, together
from tests.site import Site, counted_statements, writing

ANOTHER = "quite another pass phrase"


def forget(site: Site, email: Any) -> Any:
    return site.send("POST", f"{PORTAL}/forgot_password", {"email": email}, token=None)


@pytest.fixture
def customer(site: Site) -> Customer:
    return new_customer(site)


@pytest.fixture
def temporary(site: Site, customer: Customer, outbox: Path) -> str:
    """A temporary password that has come by mail."""
    assert forget(site, customer.email).status_code == 200
    (mail,) = mail_to(site, outbox, customer.email)
    return temporary_password(mail)


def test_the_mail_comes_from_the_store_and_says_what_to_do(
    site: Site, customer: Customer, temporary: str, outbox: Path
) -> None:
    (mail,) = mail_to(site, outbox, customer.email)

    assert mail["From"] == "The Foxglove Bookshop <orders@foxglove.example>"
    assert mail["Subject"] == "Your temporary password at The Foxglove Bookshop"
    assert "within 30 minutes" in mail.get_content()
    assert re.fullmatch(r"[A-Za-z0-9_-]{16}", temporary)
    assert customer.shown()["forgot_password"] == temporary


def test_it_signs_in_and_asks_for_a_new_one(site: Site, customer: Customer, temporary: str) -> None:
    answer = customer.sign_in(temporary)

    assert answer.status_code == 200
    assert answer.json["force_password_reset"] is True
    shown = customer.shown()
    assert (shown["forgot_password"], shown["forgot_password_timestamp"]) == (None, None)
    assert shown["force_password_reset"] is False, "the store's own flag is another"


def test_it_signs_in_once(customer: Customer, temporary: str) -> None:
    assert customer.sign_in(temporary).status_code == 200
    assert customer.sign_in(temporary).status_code == 401


def test_of_two_that_race_one_signs_in(site: Site, customer: Customer, temporary: str) -> None:
    answers = together(site, [lambda: customer.sign_in(temporary)] * 4)

    assert statuses(answers) == {200: 1, 401: 3}


def test_in_its_session_it_is_the_password_so_far(site: Site, customer: Customer, temporary: str) -> None:
    token = customer.session(temporary)
    assert ask(site, token, "/addresses").status_code == 403
    wrong = send(site, token, "PATCH", "/", {"password": ANOTHER, "password_old": "wrong"})
    assert (wrong.status_code, message(wrong)[:30]) == (400, "Provided password is incorrect"[:30])
    answer = send(site, token, "PATCH", "/", {"password": ANOTHER, "password_old": temporary})

    assert answer.status_code == 200, answer.text
    assert ask(site, token, "/addresses").status_code == 200
    assert customer.sign_in(ANOTHER).json["force_password_reset"] is False
    assert customer.sign_in().status_code == 401
    again = send(site, token, "PATCH", "/", {"password": "yet another one", "password_old": temporary})
    assert again.status_code == 400


def test_it_is_the_password_so_far_in_no_other_session(
    site: Site, customer: Customer, temporary: str
) -> None:
    ordinary = customer.session()
    answer = send(site, ordinary, "PATCH", "/", {"password": ANOTHER, "password_old": temporary})

    assert answer.status_code == 400


def test_the_permanent_one_goes_on_working(site: Site, customer: Customer, temporary: str) -> None:
    answer = customer.sign_in()

    assert answer.json["force_password_reset"] is False
    assert customer.sign_in(temporary).status_code == 200


def test_a_new_password_voids_it(site: Site, customer: Customer, temporary: str) -> None:
    given = {"password": ANOTHER, "password_old": PASSWORD}
    assert send(site, customer.session(), "PATCH", "/", given).status_code == 200

    assert customer.sign_in(temporary).status_code == 401


@pytest.mark.parametrize("way", ["password", "hash", "email"])
def test_whatever_way_in_the_store_changes_voids_it(
    site: Site, customer: Customer, temporary: str, way: str
) -> None:
    other = new_customer(site, password=ANOTHER).shown()
    changed: dict[str, Any] = {
        "password": {"password": ANOTHER},
        "hash": {name: other[name] for name in other if name.startswith("password_hash")},
        "email": {"email": f"moved-{customer.email}"},
    }[way]
    customer.change(**changed)

    shown = customer.shown()
    assert (shown["forgot_password"], shown["forgot_password_timestamp"]) == (None, None)
    assert sign_in(site, changed.get("email", customer.email), temporary).status_code == 401


def test_an_email_that_customers_change_voids_it(site: Site, customer: Customer, temporary: str) -> None:
    email = f"moved-{customer.email}"
    assert send(site, customer.session(), "PATCH", "/", {"email": email}).status_code == 200

    assert sign_in(site, email, temporary).status_code == 401


def test_an_email_that_the_store_changes_ends_the_session_of_a_temporary_one(
    site: Site, customer: Customer, temporary: str
) -> None:
    mailed, ordinary = customer.session(temporary), customer.session()
    customer.change(email=f"moved-{customer.email}")

    assert ask(site, mailed).status_code == 401
    assert ask(site, ordinary).status_code == 200


def test_one_that_is_set_with_a_new_password_stays(site: Site, customer: Customer, temporary: str) -> None:
    customer.change(password=ANOTHER, forgot_password="by telephone")

    assert customer.sign_in(temporary).status_code == 401
    assert customer.sign_in("by telephone").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_customer_who_is_sent_back_with_another_email_does_not_set_it(
    site: Site, customer: Customer, temporary: str, method: str
) -> None:
    email = f"moved-{customer.email}"
    back = {name: value for name, value in customer.shown().items() if not name.startswith("_")}
    assert site.send(method, customer.api, back | {"email": email}).status_code == 200

    assert sign_in(site, email, temporary).status_code == 401


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_customer_who_is_sent_back_as_shown_keeps_it(
    site: Site, customer: Customer, temporary: str, method: str
) -> None:
    back = {name: value for name, value in customer.shown().items() if not name.startswith("_")}
    assert site.send(method, customer.api, back).status_code == 200

    assert customer.sign_in(temporary).status_code == 200


def test_asking_again_voids_the_one_before(
    site: Site, customer: Customer, temporary: str, outbox: Path
) -> None:
    forget(site, customer.email)
    _, second = mail_to(site, outbox, customer.email)

    assert customer.sign_in(temporary).status_code == 401
    assert customer.sign_in(temporary_password(second)).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 401)])
def test_it_lasts_for_half_an_hour(
    site: Site, customer: Customer, temporary: str, minutes: int, status: int
) -> None:
    mine = (Row.store_id == STORE_ID, Row.id == customer.id)
    with site.engine.begin() as connection:
        older = {"forgot_password_timestamp": now() - timedelta(minutes=minutes)}
        connection.execute(update(Row).where(*mine).values(older))

    assert customer.sign_in(temporary).status_code == status


def test_sending_the_customer_back_does_not_revive_it(site: Site, customer: Customer, temporary: str) -> None:
    mine = (Row.store_id == STORE_ID, Row.id == customer.id)
    with site.engine.begin() as connection:
        old = {"forgot_password_timestamp": now() - timedelta(minutes=45)}
        connection.execute(update(Row).where(*mine).values(old))
    whole = site.ask(customer.api)
    assert site.send("PUT", customer.api, whole.data, "application/hal+json").status_code == 200

    assert customer.sign_in(temporary).status_code == 401


def test_one_that_the_store_has_set_signs_in_too(customer: Customer) -> None:
    customer.change(forgot_password="by telephone")

    assert customer.sign_in("by telephone").json["force_password_reset"] is True


def test_it_is_stored_unreadable(site: Site, customer: Customer, temporary: str) -> None:
    mine = (Row.store_id == STORE_ID, Row.id == customer.id)
    with site.engine.connect() as connection:
        stored = connection.scalar(select(Row.forgot_password).where(*mine))

    assert stored
    assert temporary not in stored


def test_asking_is_no_modification(site: Site, customer: Customer, outbox: Path) -> None:
    before = customer.shown()
    tag = site.ask(customer.api).headers["ETag"]
    forget(site, customer.email)
    assert mail_to(site, outbox, customer.email)

    assert customer.shown()["date_modified"] == before["date_modified"]
    assert site.ask(customer.api).headers["ETag"] != tag


def unknown(site: Site) -> dict[str, Any]:
    guest, inactive = new_customer(site, is_anonymous=True, password=""), new_customer(site, is_active=False)
    return {
        "nobody": "nobody@example.com",
        "a guest": guest.email,
        "inactive": inactive.email,
        "no address": "nonsense",
        "far too long": "x" * 5000,
    }


def told(answer: TestResponse) -> list[tuple[str, str]]:
    """The headers but the request's own id."""
    return [each for each in answer.headers if each[0] != "X-Request-ID"]


def test_everybody_is_told_the_same(site: Site, customer: Customer, outbox: Path) -> None:
    known = forget(site, customer.email)
    for why, email in unknown(site).items():
        answer = forget(site, email)

        assert (answer.status_code, answer.data) == (known.status_code, known.data), why
        assert told(answer) == told(known)
        assert mail_to(site, outbox, email) == []
    assert known.status_code == 200
    assert len(mail_to(site, outbox, customer.email)) == 1


def test_the_request_itself_looks_for_nobody(site: Site, customer: Customer) -> None:
    from threading import get_ident

    mine = get_ident()
    seen: list[tuple[int, str]] = []
    from app.db import guard

    def observe(text: str) -> None:
        seen.append((get_ident(), text))

    guard.observers.append(observe)
    try:
        forget(site, customer.email)
    finally:
        guard.observers.remove(observe)

    assert [text for thread, text in seen if thread == mine and "customer.email" in text] == []


@pytest.mark.parametrize("given", [{}, {"email": None}, {"email": 5}, {"email": ["a@example.com"]}])
def test_a_form_that_is_none_is_400(site: Site, given: dict[str, Any]) -> None:
    assert site.app.extensions["patron"].behind.finish(10)
    with counted_statements() as statements:
        answer = site.send("POST", f"{PORTAL}/forgot_password", given, token=None)

    assert answer.status_code == 400
    assert writing(statements) == []
