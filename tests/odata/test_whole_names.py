"""A customer's whole name, wherever it was written; and an account's code, which outlives the domain."""

from uuid import uuid4

import pytest

from tests.odata.requests import new_customer, odata
from tests.portal.customers import PORTAL, sign_in
from tests.site import Site
from tests.wire.documents import refusals


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def name_of(site: Site, number: int) -> str | None:
    found = odata(site, "GET", f"Customer({number})?$select=Name")
    name: str | None = found.json["Name"]
    return name


def test_who_registers_and_changes_their_name_in_the_portal_has_a_whole_one(site: Site) -> None:
    mine = {"email": f"{uuid4().hex}@example.com", "password": "a pass phrase of mine"}
    made = site.send("POST", f"{PORTAL}/sign_up", mine | {"first_name": "Ada"}, token=None)
    assert made.status_code == 200, made.text
    session = sign_in(site, *mine.values()).json["session_token"]
    number = site.ask(f"{PORTAL}/", token=session).json["id"]
    assert name_of(site, number) == "Ada"
    assert site.send("PATCH", f"{PORTAL}/", {"last_name": "Lovelace"}, token=session).status_code == 200
    assert name_of(site, number) == "Ada Lovelace"


def test_who_buys_has_the_whole_name_of_the_checkout(site: Site) -> None:
    bought = {
        "customer_email": f"{uuid4().hex}@example.com",
        "customer_first_name": "Ada",
        "customer_last_name": "Lovelace",
        "checkout_type": "guest",
        "total_order": 1,
    }
    made = site.send("POST", "/stores/66/transactions", bought)
    assert made.status_code == 201, made.text
    assert name_of(site, int(made.json["_links"]["fx:customer"]["href"].rpartition("/")[2])) == "Ada Lovelace"


def test_the_name_on_an_address_follows_from_that_in_the_api_and_the_other_way(site: Site) -> None:
    owner = new_customer(site)["Id"]
    address = {"address_name": "A", "address1": "1 Way", "first_name": "Ada", "last_name": "Lovelace"}
    made = site.send("POST", f"/customers/{owner}/addresses", address).headers["Location"]
    path = f"CustomerShippingAddress({made.rpartition('/')[2]})"
    assert odata(site, "GET", path).json["Address"]["Name"] == "Ada Lovelace"
    assert odata(site, "PATCH", path, {"Address": {"Name": "Mary Ann Smith"}}).status_code == 200
    shown = site.hal(made)
    assert (shown["first_name"], shown["last_name"]) == ("Mary Ann", "Smith")
    site.send("PUT", made, {**address, "first_name": "Mary Ann", "last_name": "Smith"})
    assert odata(site, "GET", path).json["Address"]["Name"] == "Mary Ann Smith"
    blank = site.send(
        "PATCH", f"/customers/{owner}/default_billing_address", {"first_name": "G", "address1": "1"}
    )
    number = blank.json["_links"]["self"]["href"].rpartition("/")[2]
    assert odata(site, "GET", f"CustomerBillingAddress({number})").json["Address"]["Name"] == "G"


def test_the_code_of_an_account_is_the_domain_that_it_had_at_first(own_site: Site) -> None:
    assert own_site.send("PATCH", "/stores/66", {"store_domain": "moved.example"}).status_code == 200
    assert odata(own_site, "GET", "Account(66)").json["Code"] == "foxglove.example"
    taken = {"store_domain": "foxglove.example"}
    assert own_site.send("PATCH", "/stores/66", taken).status_code == 200, "one may go back"
    own_site.send("PATCH", "/stores/66", {"store_domain": "moved.example"})
    given = {"store_name": "Another", "store_email": "a@a.example", **taken}
    said = refusals(own_site.send("POST", "/users/1/stores", given), 409)
    assert said == {"store_domain": "store_domain is already in use: it is the account code of another store"}
