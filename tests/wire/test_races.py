"""Requests that race on one row: one wins what only one can win, and nothing that was accepted is lost."""

from collections import Counter
from functools import partial
from threading import get_ident

import pytest
from sqlalchemy import update

from app.db import guard
from app.db.sessions import store_session
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from app.writing.attempts import TRIES
from tests.racing import CUSTOMERS, FEW, assert_counted, before_each, new_customer, statuses, together
from tests.site import Site

MANY = 20
PROPERTIES = {
    "first_name": "First",
    "last_name": "Last",
    "email": "patched@example.com",
    "tax_id": "T-1",
    "is_active": False,
    "currency_code": "EUR",
    "external_id": "E-1",
    "tax_exempt": True,
    "open_account": True,
    "enable_credit_cards": False,
    "enable_budgets": False,
    "enable_discounts": False,
    "force_password_reset": True,
    "allow_billing_address_management": False,
    "allow_shipping_address_management": False,
}
"""No two of them have to do with one another: `forgot_password` is left out, for a new email voids it."""


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture
def customer(site: Site) -> str:
    return new_customer(site)


def total(site: Site, guests: bool = False) -> int:
    counted: int = site.hal(f"/stores/66/customers?limit=0&is_anonymous={str(guests).lower()}")["total_items"]
    return counted


def version(site: Site, path: str) -> int:
    return int(site.ask(path).headers["ETag"].strip('"').partition("-")[0])


def test_of_simultaneous_creations_of_one_email_however_it_is_spelt_one_wins(site: Site) -> None:
    before = total(site)
    spellings = ["racer@bücher.example", "Racer@BÜCHER.example", "RACER@xn--bcher-kva.example"]
    creations = [partial(site.send, "POST", CUSTOMERS, {"email": spellings[at % 3]}) for at in range(MANY)]
    answers = together(site, creations)

    assert statuses(answers) == {201: 1, 409: MANY - 1}
    for answer in answers:
        if answer.status_code == 409:
            (fault,) = answer.json["_embedded"]["fx:errors"]
            assert (fault["property"], fault["code"]) == ("email", "taken")
    assert total(site) == before + 1
    assert_counted(site)


def test_guests_may_come_at_once_with_one_email(site: Site) -> None:
    before = total(site, guests=True)
    guest = {"email": "crowd@example.com", "is_anonymous": True}
    answers = together(site, [partial(site.send, "POST", CUSTOMERS, guest)] * FEW)

    assert statuses(answers) == {201: FEW}
    assert len({answer.headers["Location"] for answer in answers}) == FEW
    assert total(site, guests=True) == before + FEW
    assert_counted(site)


def test_of_customers_who_change_to_one_email_at_once_one_gets_it(site: Site) -> None:
    addresses = [new_customer(site) for _ in range(FEW)]
    changes = [partial(site.send, "PATCH", each, {"email": "wanted@example.com"}) for each in addresses]
    creations = [partial(site.send, "POST", CUSTOMERS, {"email": "Wanted@Example.com"})] * 2

    found = statuses(together(site, [*changes, *creations]))
    assert found[409] == FEW + 1
    assert found[200] + found[201] == 1


def test_patches_of_different_properties_lose_none(site: Site, customer: str) -> None:
    """Those that lose five times more are told to come back, and have changed nothing."""
    tries: Counter[int] = Counter()

    def count(statement: str) -> None:
        if statement.startswith("UPDATE customer SET"):
            tries[get_ident()] += 1

    def send(name: str, value: object) -> tuple[str, int, int]:
        answer = site.send("PATCH", customer, {name: value})
        return name, answer.status_code, tries[get_ident()]

    guard.observers.append(count)
    try:
        asked = [partial(send, *pair) for pair in PROPERTIES.items()]
        answers = together(site, asked)
    finally:
        guard.observers.remove(count)
    shown, accepted = site.hal(customer), {name for name, status, _ in answers if status == 200}
    assert {name for name, value in PROPERTIES.items() if shown[name] == value} == accepted
    assert {number for _, status, number in answers if status != 200} <= {TRIES}
    assert {status for _, status, _ in answers} <= {200, 503}
    assert version(site, customer) == 1 + len(accepted)


def test_a_few_patches_of_one_property_at_once_all_succeed(site: Site, customer: str) -> None:
    patches = [partial(site.send, "PATCH", customer, {"tax_id": f"T{at}"}) for at in range(FEW)]
    answers = together(site, patches)

    assert statuses(answers) == {200: FEW}
    assert version(site, customer) == 1 + FEW
    last = max(answers, key=lambda answer: int(answer.headers["ETag"].strip('"').partition("-")[0]))
    assert site.hal(customer)["tax_id"] == last.json["tax_id"]


@pytest.mark.parametrize(("losses", "status"), [(TRIES - 1, 200), (TRIES, 503)])
def test_a_patch_is_tried_again_five_times(
    site: Site, engine_name: str, customer: str, losses: int, status: int
) -> None:
    rivals = iter(range(losses))

    def write() -> None:
        if next(rivals, None) is not None:
            with store_session(site.engine, STORE_ID) as session:
                mine = Customer.id == int(customer.rpartition("/")[2])
                session.execute(update(Customer).where(mine).values(version=Customer.version + 1))

    first = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "UPDATE customer SET"}
    with before_each(first[engine_name], write):
        answer = site.send("PATCH", customer, {"first_name": "Persistent"})
    assert answer.status_code == status
    assert list(rivals) == []
    assert (site.hal(customer)["first_name"] == "Persistent") == (status == 200)
    if status == 503:
        assert answer.headers["Retry-After"] == "1"
        assert answer.json["_embedded"]["fx:errors"][0]["code"] == "contended"


def test_with_if_match_one_wins_each_round(site: Site, customer: str) -> None:
    for number in range(3):
        tag = site.ask(customer).headers["ETag"]
        send = partial(site.send, "PATCH", customer, If_Match=tag)
        answers = together(site, [partial(send, {"tax_id": f"{number}-{at}"}) for at in range(8)])

        assert statuses(answers) == {200: 1, 412: 7}
        (won,) = [answer for answer in answers if answer.status_code == 200]
        assert site.hal(customer)["tax_id"] == won.json["tax_id"]
        assert version(site, customer) == number + 2


def test_a_delete_that_races_with_patches_leaves_nothing(site: Site, customer: str) -> None:
    before = total(site)
    site.send("POST", f"{customer}/attributes", {"name": "a", "value": "1"})
    patches = [partial(site.send, "PATCH", customer, {"first_name": f"F{at}"}) for at in range(FEW - 1)]
    deleted, *patched = together(site, [partial(site.send, "DELETE", customer), *patches])

    assert deleted.status_code == 200
    assert statuses(patched).keys() <= {200, 404}
    assert site.ask(customer).status_code == site.ask(f"{customer}/attributes").status_code == 404
    assert total(site) == before - 1
    assert_counted(site)


def test_one_delete_of_several_is_told_that_it_deleted(site: Site, customer: str) -> None:
    before = total(site)

    assert statuses(together(site, [partial(site.send, "DELETE", customer)] * FEW)) == {200: 1, 404: FEW - 1}
    assert total(site) == before - 1
    assert_counted(site)
