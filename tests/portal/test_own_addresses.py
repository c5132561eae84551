"""Addresses and the payment method: what the store lets customers manage, and what it has locked."""

import itertools
from typing import Any

import pytest

from tests.portal.customers import PORTAL, Customer, ask, message, new_customer, send
from tests.site import BASE, Site, counted_statements, writing
from tests.wire.documents import refusals

HOME = {"address_name": "Home", "address1": "1 Home Street", "country": "US"}
USES = ("billing", "shipping")


@pytest.fixture
def customer(site: Site) -> Customer:
    return new_customer(site)


def add(customer: Customer, **properties: Any) -> str:
    """The path, in the portal, of an address that the store has added."""
    made = customer.site.send("POST", f"{customer.api}/addresses", HOME | properties)
    assert made.status_code == 201, made.text
    return f"/addresses/{made.headers['Location'].rpartition('/')[2]}"


def test_customers_add_change_and_delete_their_addresses(site: Site, customer: Customer) -> None:
    token = customer.session()
    made = send(site, token, "POST", "/addresses", HOME)
    assert made.status_code == 201, made.text
    path = made.headers["Location"].removeprefix(f"{BASE}{PORTAL}")

    assert made.json["_links"]["self"]["href"] == made.headers["Location"]
    assert made.json["for_shipping"] is True
    assert send(site, token, "PATCH", path, {"city": "Portland"}).json["city"] == "Portland"
    put = send(site, token, "PUT", path, HOME | {"address1": "2 Home Street"})
    assert (put.json["address1"], put.json["city"]) == ("2 Home Street", None)
    assert ask(site, token, "/addresses").json["total_items"] == 1
    deleted = ask(site, token, path, "DELETE")
    assert deleted.status_code == 200
    assert deleted.json["_links"]["fx:customer"]["href"] == f"{BASE}{PORTAL}"
    assert ask(site, token, path).status_code == 404


def test_a_post_with_a_key_is_done_once(site: Site, customer: Customer) -> None:
    token = customer.session()
    answers = [send(site, token, "POST", "/addresses", HOME, Idempotency_Key="one-key") for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    other = new_customer(site)
    theirs = send(site, other.session(), "POST", "/addresses", HOME, Idempotency_Key="one-key")
    assert theirs.status_code == 201
    assert theirs.json["_links"]["self"] != answers[0].json["_links"]["self"]


def test_what_is_wrong_is_said_as_foxys_pages_look_for_it(site: Site, customer: Customer) -> None:
    token = customer.session()
    assert send(site, token, "POST", "/addresses", HOME).status_code == 201
    taken = send(site, token, "POST", "/addresses", HOME)
    nowhere = send(site, token, "POST", "/addresses", HOME | {"address_name": "x", "country": "XX"})

    assert (taken.status_code, message(taken)) == (409, "this address name already exists for this customer")
    assert refusals(nowhere) == {"country": "Country is invalid or disallowed by store configuration"}


@pytest.mark.parametrize(
    "name", ["for_billing", "for_shipping", "is_locked", "display_label", "ignore_address_restrictions"]
)
def test_what_an_address_is_for_the_store_says(site: Site, customer: Customer, name: str) -> None:
    token, path = customer.session(), add(customer)
    before = ask(site, token, path).json
    for value in (True, False, "x"):
        assert send(site, token, "PATCH", path, {name: value}).status_code == 200
    assert ask(site, token, path).json == before


def test_a_blank_default_is_written_by_a_patch(site: Site, customer: Customer) -> None:
    token = customer.session()
    for use in USES:
        path = f"/default_{use}_address"
        blank = ask(site, token, path)
        assert blank.json["_links"]["self"]["href"] == f"{BASE}{PORTAL}{path}"
        written = send(site, token, "PATCH", path, {"address1": "1 New Street"})
        assert (written.status_code, written.json[f"is_default_{use}"]) == (200, True)
        assert written.json["_links"]["self"]["href"].startswith(f"{BASE}{PORTAL}/addresses/")
        cleared = ask(site, token, path, "DELETE")
        assert cleared.status_code == 200
        assert ask(site, token, path).json["address1"] is None


def tries(site: Site, token: str, paths: dict[str, str]) -> dict[tuple[str, str], int]:
    """How each write of each address is answered."""
    done = {}
    for (use, path), method in itertools.product(paths.items(), ("PATCH", "PUT", "DELETE")):
        body = None if method == "DELETE" else HOME | {"address_name": use, "company": method}
        done[use, method] = send(site, token, method, path, body).status_code
    return done


@pytest.mark.parametrize("allowed", list(itertools.product([True, False], repeat=2)))
def test_customers_manage_what_the_store_lets_them(site: Site, allowed: tuple[bool, bool]) -> None:
    flags = dict(zip(USES, allowed, strict=True))
    customer = new_customer(site, **{f"allow_{use}_address_management": may for use, may in flags.items()})
    uses = {"billing": (True, False), "shipping": (False, True), "both": (True, True)}
    paths = {
        name: add(customer, address_name=name, for_billing=billing, for_shipping=shipping)
        for name, (billing, shipping) in uses.items()
    }
    token = customer.session()
    may = {
        name: all(flags[use] for use, is_used in zip(USES, used, strict=True) if is_used)
        for name, used in uses.items()
    }

    with counted_statements() as statements:
        done = tries(site, token, {name: path for name, path in paths.items() if not may[name]})
    assert set(done.values()) <= {403}
    assert writing(statements) == []
    done = tries(site, token, {name: path for name, path in paths.items() if may[name]})
    assert set(done.values()) <= {200}

    added = send(site, token, "POST", "/addresses", HOME | {"address_name": "new"})
    assert added.status_code == (201 if flags["shipping"] else 403)
    for use, may_use in flags.items():
        answer = send(site, token, "PATCH", f"/default_{use}_address", {"address1": "1 New Street"})
        assert answer.status_code == (200 if may_use else 403)
        if not may_use:
            assert message(answer) == f"The store does not let you manage {use} addresses."
    assert ask(site, token, "/addresses").status_code == 200


def test_what_is_locked_is_for_reading(site: Site, customer: Customer) -> None:
    path = add(customer, is_locked=True)
    token = customer.session()
    with counted_statements() as statements:
        done = tries(site, token, {"Home": path})

    assert set(done.values()) == {403}
    assert writing(statements) == []
    assert ask(site, token, path).json["is_locked"] is True


def test_a_locked_default_is_locked_by_whatever_address_it_is_written(site: Site, customer: Customer) -> None:
    token = customer.session()
    api = f"{customer.api}/default_billing_address"
    assert site.send("PATCH", api, {"address1": "1 Street", "is_locked": True}).status_code == 200

    answers = [
        send(site, token, method, "/default_billing_address", body)
        for method, body in (("PATCH", {"city": "x"}), ("PUT", HOME), ("DELETE", None))
    ]
    assert {each.status_code for each in answers} == {403}
    assert message(answers[0]) == "This address is locked: only the store may change it."


# The payment method.

CARD = {"cc_number": "4111 1111 1111 1111", "cc_exp_month": "07", "cc_exp_year": "2040"}


def test_customers_save_replace_and_clear_their_card(site: Site, customer: Customer) -> None:
    token, path = customer.session(), "/default_payment_method"
    saved = send(site, token, "PATCH", path, CARD)
    assert saved.status_code == 200, saved.text
    assert (saved.json["cc_type"], saved.json["cc_number_masked"]) == ("visa", "xxxxxxxxxxxx1111")
    assert "4111" not in saved.text
    put = send(site, token, "PUT", path, CARD | {"cc_number": "5555555555554444"})
    assert put.json["cc_type"] == "mastercard"
    cleared = send(site, token, "PATCH", path, {"save_cc": False})
    assert (cleared.json["save_cc"], cleared.json["cc_number_masked"]) == (False, None)
    assert ask(site, token, path, "DELETE").status_code == 405


def test_a_cvv_is_refused(site: Site, customer: Customer) -> None:
    answer = send(site, customer.session(), "PATCH", "/default_payment_method", CARD | {"cc_cvv": "123"})

    assert answer.status_code == 400
    (fault,) = answer.json["_embedded"]["fx:errors"]
    assert "123" not in fault["message"]  # a logref may hold any digits


@pytest.mark.parametrize(
    "path", ["/transactions?zoom=items", "/subscriptions?zoom=transaction_template:items"]
)
def test_purchases_are_for_reading(site: Site, customer: Customer, path: str) -> None:
    token = customer.session()

    assert ask(site, token, path).json["total_items"] == 0
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert send(site, token, method, path.partition("?")[0], {}).status_code == 405
