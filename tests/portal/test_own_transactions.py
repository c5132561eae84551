"""A customer's own purchases in the portal: what they bought, and nothing of how the store handles it."""

from typing import Any

import pytest

from tests.portal.customers import Customer, ask, message, new_customer, send
from tests.site import BASE, Site

KEPT = {
    "hide_transaction", "data_is_fed", "customer_ip", "ip_country", "user_agent", "source",
    "customer_uri", "checkout_type",
}  # fmt: skip


@pytest.fixture
def customer(site: Site) -> Customer:
    return new_customer(site)


@pytest.fixture
def token(customer: Customer) -> str:
    return customer.session()


def bought(customer: Customer, **body: Any) -> str:
    """The path in the API of a purchase of theirs."""
    given = {"customer_uri": customer.api, "items": [{"name": "A book", "price": 12.5}], **body}
    answer = customer.site.send("POST", "/stores/66/transactions", given)
    assert answer.status_code == 201, answer.text
    path: str = answer.headers["Location"].removeprefix(BASE)
    return path


def test_a_customer_reads_what_they_bought_with_its_items(site: Site, customer: Customer, token: str) -> None:
    path = bought(customer, customer_ip="203.0.113.9", display_id="W-7", total_tax=1)
    bought(new_customer(site))
    page = ask(site, token, "/transactions?zoom=items").json

    assert page["total_items"] == 1
    (found,) = page["_embedded"]["fx:transactions"]
    assert (found["display_id"], found["total_order"], found["status"]) == ("W-7", 13.5, "completed")
    assert (found["currency_code"], found["currency_symbol"]) == ("USD", "$")
    assert [each["name"] for each in found["_embedded"]["fx:items"]] == ["A book"]
    assert not KEPT & found.keys()
    assert found["_links"]["self"]["href"].endswith(f"/s/customer{path}")
    for link in found["_links"].values():
        if isinstance(link, dict):
            assert site.ask(link["href"], token=token).status_code == 200


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_not_shown_cannot_be_asked_for_either(site: Site, token: str, name: str) -> None:
    assert ask(site, token, f"/transactions?{name}=x").status_code == 400
    assert ask(site, token, f"/transactions?order={name}").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_purchases_are_for_reading(site: Site, customer: Customer, token: str, method: str) -> None:
    path = bought(customer)
    for own in ("/transactions", path):
        assert send(site, token, method, own, {"data_is_fed": True}).status_code == 405


def test_a_customer_saves_a_card_only_where_they_may_pay_by_card(
    site: Site, customer: Customer, token: str
) -> None:
    card = {"cc_number": "4111111111111111", "cc_exp_month": "12", "cc_exp_year": "2040"}
    customer.change(enable_credit_cards=False)
    answer = send(site, token, "PATCH", "/default_payment_method", card)

    assert answer.status_code == 409
    assert message(answer) == "cc_number cannot be saved: enable_credit_cards of the customer is false"
    customer.change(enable_credit_cards=True)
    assert send(site, token, "PATCH", "/default_payment_method", card).status_code == 200
