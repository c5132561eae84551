"""A store is pulled out of Foxy's, as far as foxy-hapi.md tells what that is like."""

import subprocess
from dataclasses import dataclass

import pytest

from tests.pulling import bad_days
from tests.pulling.foxglove import (
    BAD_REGION,
    FAULTY_EMAIL,
    FIRST_GUEST,
    GUESTS,
    KNOWN,
    MANY_ADDRESSES,
    MANY_ATTRIBUTES,
    NO_HASH,
    PASSWORD,
    UNKNOWN_HASH,
    WELL_HASHED,
    foxglove,
)
from tests.pulling.foxy import TOKEN, Foxy, served
from tests.pulling.target import STORE, Target

ON_ONE_ENGINE = True

HERE_ALREADY = 1
"""What who was here already under an email is called here."""


@dataclass
class Pulled:
    """A target, what the command said, and the store that was pulled."""

    target: Target
    ended: subprocess.CompletedProcess[str]
    foxy: Foxy


@pytest.fixture(scope="module")
def pulled(shared_target: Target) -> Pulled:
    """Into a store that had customers of its own already."""
    assert shared_target.send("POST", f"/stores/{STORE}/customers", {"email": "C139@example.com"}) == 201
    with served(foxglove()) as foxy:
        ended = shared_target.pull(foxy.url, token=TOKEN)
    return Pulled(shared_target, ended, foxy)


def test_a_store_of_foxys_comes_over_with_all_its_quirks(pulled: Pulled) -> None:
    target, foxy = pulled.target, pulled.foxy
    assert pulled.ended.returncode == 1
    assert f"1 of customers missing: {FAULTY_EMAIL}" in pulled.ended.stderr
    assert [line.split() for line in pulled.ended.stdout.splitlines()][1:5] == [
        ["customers", "54", "53", "1", "1"],
        ["guests", "7", "7", "0", "0"],
        ["subscriptions", "1", "1", "0", "0"],
        ["transactions", "30", "29", "1", "1"],
    ]
    here = {each["id"]: each for each in target.customers()}
    assert set(here) == set(foxy.customers) - {FAULTY_EMAIL, KNOWN} | {HERE_ALREADY}
    assert len(here[MANY_ADDRESSES]["_embedded"]["fx:customer_addresses"]) == 45
    attributes = target.get(f"/customers/{MANY_ATTRIBUTES}/attributes?limit=300")
    assert attributes["total_items"] == 43
    assert here[115]["date_created"] is None
    assert here[115]["password_hash"] == "4443fe50df6b177ba84b78dd91f0958a"
    whole = here[130]["_embedded"]
    assert whole["fx:default_billing_address"]["_links"]["self"]["href"].endswith("/customer_addresses/1")
    assert (
        whole["fx:default_shipping_address"]["city"],
        whole["fx:default_payment_method"]["cc_exp_year"],
    ) == (
        "Bend",
        "2021",
    )
    assert here[116]["_embedded"]["fx:customer_addresses"] == []
    assert {each["email"] for own, each in here.items() if own >= FIRST_GUEST} == {"guest@example.com"}
    assert sum(each["is_anonymous"] for each in here.values()) == GUESTS


def test_what_cannot_be_taken_is_noted_and_costs_nothing_else(pulled: Pulled) -> None:
    target, foxy = pulled.target, pulled.foxy
    notes = {each["href"].removeprefix(foxy.url): each for each in target.notes}
    assert (notes[f"/customers/{FAULTY_EMAIL}"]["taken"], notes[f"/customers/{UNKNOWN_HASH}"]["taken"]) == (
        False,
        True,
    )
    assert "region" in notes[f"/customers/{BAD_REGION}"]["reason"]
    assert notes["/transactions/7"]["taken"] is False
    assert "4711" in notes["/transactions/3"]["reason"]
    assert all(each["email"] not in str(notes) for each in foxy.customers.values())
    region = target.get(f"/customers/{BAD_REGION}/addresses")["_embedded"]["fx:customer_addresses"]
    assert [each["city"] for each in region] == ["Ames"]
    assert target.get(f"/customers/{UNKNOWN_HASH}")["force_password_reset"] is True
    assert target.get(f"/customers/{NO_HASH}")["force_password_reset"] is True
    assert "password" in notes[f"/customers/{NO_HASH}"]["reason"]


def test_whoever_had_a_password_at_foxys_has_it_here(pulled: Pulled) -> None:
    target = pulled.target
    settings = {"allowedOrigins": ["https://www.example.com"]}
    assert target.send("PATCH", f"/stores/{STORE}/customer_portal_settings", settings) == 200

    for own in range(116, 116 + len(WELL_HASHED)):
        status, answer = target.signs_in(f"c{own}@example.com", PASSWORD)
        assert status == 200, (own, answer)


def test_purchases_come_over_with_their_items_and_subscriptions_with_their_templates(pulled: Pulled) -> None:
    target = pulled.target
    found = target.get("/transactions/1?zoom=items,customer")
    assert (found["total_order"], found["display_id"], found["is_test"]) == (30.95, "1", False)
    assert found["_embedded"]["fx:customer"]["id"] == 130
    assert found["_links"]["fx:subscription"]["href"].endswith("/subscriptions/5")
    assert [each["price"] for each in found["_embedded"]["fx:items"]] == [12.5]
    assert target.get("/transactions/2/items?limit=300")["total_items"] == 30
    assert target.get("/transactions/4?zoom=customer")["_embedded"]["fx:customer"]["id"] == FIRST_GUEST
    assert "fx:customer" not in target.get("/transactions/3")["_links"]
    assert target.get("/transactions/6?zoom=customer")["_embedded"]["fx:customer"]["id"] == HERE_ALREADY
    repeated = target.get("/subscriptions/5?zoom=transaction_template:items,last_transaction")
    assert (repeated["is_active"], repeated["end_date"], repeated["frequency"]) == (True, None, "1m")
    template = repeated["_embedded"]["fx:transaction_template"]
    assert (template["total_order"], len(template["_embedded"]["fx:items"])) == (30, 1)
    assert repeated["_embedded"]["fx:last_transaction"]["id"] == 1


@pytest.mark.parametrize(
    ("curie", "rels", "zooms"),
    [
        ("shop", "https://rels.example/of/", True),
        ("", "https://api.foxycart.com/rels/", True),
        ("fx", "https://api.foxy.io/rels/", False),
    ],
)
def test_links_are_found_whatever_their_relations_are_called_and_followed_where_nothing_is_embedded(
    curie: str, rels: str, zooms: bool, target: Target
) -> None:
    with served(foxglove(customers=22, curie=curie, rels=rels, offers_zoom=zooms)) as foxy:
        foxy.faults += [] if zooms else [bad_days.without("zoom")]
        target.pull(foxy.url, token=TOKEN)

    here = {each["id"]: each for each in target.customers()}
    assert set(here) == set(foxy.customers) - {FAULTY_EMAIL}
    assert len(here[MANY_ADDRESSES]["_embedded"]["fx:customer_addresses"]) == 45
    assert target.get("/transactions/1/items")["total_items"] == 1


def test_customers_who_move_or_vanish_while_pages_are_read_are_not_missing(target: Target) -> None:
    foxy = foxglove()

    def vanish(handler: object) -> bool:
        pages = [each for each in foxy.asked if each.startswith("/stores/66/customers?")]
        if len(pages) == 2:  # the first page has been read: those behind it move up
            for own in (116, 117, 118):
                foxy.customers.pop(own, None)
        return False

    foxy.faults.append(vanish)
    with served(foxy):
        pulled = target.pull(foxy.url, token=TOKEN)

    assert f"1 of customers missing: {FAULTY_EMAIL}" in pulled.stderr  # whose email is none
    here = {each["id"] for each in target.customers()}
    assert here >= set(foxy.customers) - {FAULTY_EMAIL}
