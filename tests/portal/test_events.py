"""What customers do in the portal is told as what the store does; that they come in is not."""

from typing import Any

import pytest

from tests.portal.customers import PORTAL, Customer, ask, new_customer, send
from tests.site import Site
from tests.wire.events import add_webhook, forget, names


@pytest.fixture
def customer(site: Site) -> Customer:
    """A customer whose password is hashed as the store hashes no more."""
    add_webhook(site)
    return new_customer(
        site, password_hash="e38ad214943daad1d64c102faec29de4afe9da3d", password_hash_type="sha1", password=""
    )


WRITES: tuple[tuple[str, str, Any], ...] = (
    ("PATCH", "", {"first_name": "Augusta"}),
    (
        "PATCH",
        "/default_payment_method",
        {"cc_number": "4111111111111111", "cc_exp_month": "01", "cc_exp_year": "2039"},
    ),
    ("POST", "/addresses", {"address_name": "Cabin", "address1": "1 Lake", "country": "CH"}),
)


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=lambda each: str(each)[:30])
def test_a_write_in_the_portal_is_told(site: Site, method: str, path: str, body: Any) -> None:
    add_webhook(site)
    customer = new_customer(site)
    session = customer.session()
    forget(site)
    answer = send(site, session, method, path, body)

    assert answer.status_code in {200, 201}, answer.text
    assert names(site) == [("customer/modified", customer.id)]


def test_whoever_registers_is_told_of(site: Site) -> None:
    add_webhook(site)
    forget(site)
    form = {"email": "told-of@example.com", "password": "an unlikely pass phrase"}
    answer = site.send("POST", f"{PORTAL}/sign_up", form, token=None)

    assert answer.status_code == 200, answer.text
    ((name, _),) = names(site)
    assert name == "customer/created"


def test_signing_in_and_out_forgetting_a_password_and_its_new_hash_are_not_told(
    site: Site, customer: Customer
) -> None:
    before = customer.shown()
    forget(site)
    session = customer.session("password1")
    site.send("POST", f"{PORTAL}/forgot_password", {"email": customer.email}, token=None)
    assert site.app.extensions["patron"].behind.finish(10)
    assert ask(site, session, "/authenticate", "DELETE").status_code == 200

    after = customer.shown()
    assert after["password_hash_type"] != before["password_hash_type"]
    assert after["last_login_date"] != before["last_login_date"]
    assert after["forgot_password"]
    assert names(site) == []
