"""Customers are pulled out of an OData service of Liftoff's shapes."""

import pytest

from tests.pulling.foxy import served
from tests.pulling.liftoff import ACCOUNT, KEY, Liftoff, LiftoffHandler, address, person
from tests.pulling.target import Target

ON_ONE_ENGINE = True

SHOWN = {"PATRON_PULL_ACCOUNT": ACCOUNT, "PATRON_PULL_API_KEY": KEY}


def account(customers: int = 230) -> Liftoff:
    liftoff = Liftoff(people={own: person(own) for own in range(1, customers + 1)})
    liftoff.people[3] |= {"IsGuest": True, "Email": "guest@example.com"}
    liftoff.people[4] |= {"Name": "Mary  Ann   Smith", "IsActive": False, "CurrencyCode": None}
    liftoff.people[5] |= {"Email": None, "Name": "no\x00body"}
    liftoff.billing += [address(1, 1, IsDefault=True), address(2, 1, DisplayLabel="Home"), address(3, 6)]
    liftoff.billing += [address(100 + number, 7, DisplayLabel="Branch") for number in range(110)]
    liftoff.shipping += [address(1, 2), address(3, 6, IsDefault=True), address(9, 1, IsDefault=True)]
    return liftoff


@pytest.mark.parametrize("expands", [True, False])
def test_customers_of_liftoffs_come_over_with_both_sets_of_addresses(expands: bool, target: Target) -> None:
    liftoff = account()
    liftoff.expands = expands
    with served(liftoff, LiftoffHandler):
        pulled = target.pull(f"{liftoff.url}/odata/v1/", "--odata", **SHOWN)
        again = target.pull(f"{liftoff.url}/odata/v1/", "--odata", **SHOWN) if expands else None

    assert "patron: 1 of customers missing: 5" in pulled.stderr
    assert [line.split() for line in pulled.stdout.splitlines()][1:4] == [
        ["customers", "230", "229", "1", "1"],
        ["billing", "addresses", "113", "113", "0", "0"],
        ["shipping", "addresses", "3", "3", "0", "0"],
    ]
    assert again is None or "229 unchanged" in again.stdout
    here = {each["id"]: each for each in target.customers()}
    assert (here[1]["external_id"], here[1]["open_account"], here[1]["enable_budgets"]) == (
        "ERP-1",
        True,
        False,
    )
    assert (here[1]["date_created"], here[1]["date_modified"]) == (
        "2020-03-01T07:00:00-0800",
        "2021-03-01T07:00:00-0800",
    )
    assert (here[3]["is_anonymous"], here[3]["force_password_reset"]) == (True, False)
    mine = {each["address_name"]: each for each in here[1]["_embedded"]["fx:customer_addresses"]}
    assert set(mine) == {"Billing Address", "Home", "Shipping Address"}
    assert (mine["Home"]["for_billing"], mine["Home"]["for_shipping"], mine["Home"]["is_locked"]) == (
        True,
        False,
        True,
    )
    assert here[1]["_embedded"]["fx:default_shipping_address"]["address1"] == "9 Pier"
    shared = here[6]["_embedded"]["fx:customer_addresses"]
    assert [(each["for_billing"], each["for_shipping"], each["is_default_shipping"]) for each in shared] == [
        (True,) * 3
    ]
    assert len(here[7]["_embedded"]["fx:customer_addresses"]) == 110
    named = target.site.ask("/odata/v1/Customer(4)", "application/json", token=target.token)
    assert named.get_json()["Name"] == "Mary  Ann   Smith"


def test_their_passwords_never_leave_it_so_each_is_to_set_a_new_one(target: Target) -> None:
    liftoff = account(10)
    with served(liftoff, LiftoffHandler):
        target.pull(f"{liftoff.url}/odata/v1", "--odata", **SHOWN)
        registered = [each for each in target.customers() if not each["is_anonymous"]]
        assert all(each["force_password_reset"] for each in registered)
        assert (
            target.send("PATCH", "/customers/1", {"password": "a new one", "force_password_reset": False})
            == 200
        )
        target.pull(f"{liftoff.url}/odata/v1", "--odata", **SHOWN)

    assert target.get("/customers/1")["force_password_reset"] is False
    assert target.get("/customers/2")["force_password_reset"] is True


def test_wrong_credentials_end_it_in_one_line(target: Target) -> None:
    with served(account(7), LiftoffHandler) as liftoff:
        refused = target.pull(
            f"{liftoff.url}/odata/v1/", "--odata", "--account", "x", PATRON_PULL_API_KEY="y"
        )
        none = target.pull(f"{liftoff.url}/odata/v1/", "--odata")

    assert refused.stderr == f"patron: {liftoff.url} does not accept the credentials: it answered 421\n"
    assert none.stderr.startswith("patron: no credentials: give --account")
