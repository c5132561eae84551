"""Checkouts that were made elsewhere are recorded: whose they are, what they cost, and what is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.racing import FEW, assert_counted, before_each, statuses, together
from tests.site import BASE, FORMATS, HAL, Site
from tests.wire.elsewhere import elsewhere
from tests.wire.encodings import EVERYWHERE
from tests.wire.places import rows
from tests.wire.test_refusals import READERS

TRANSACTIONS = "/stores/66/transactions"
BOOK = {"name": "A book", "code": "B1", "price": 12.5, "quantity": 2}
CARD = {"name": "A card", "price": 0.3}


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def fresh() -> str:
    """An email that nobody has."""
    return f"{uuid4().hex}@example.com"


def post(site: Site, /, *, to: str = TRANSACTIONS, **body: Any) -> TestResponse:
    return site.send("POST", to, {"total_order": 20, **body} if "items" not in body else body)


def recorded(site: Site, **body: Any) -> dict[str, Any]:
    """The transaction that a POST makes, with its customer and its items."""
    answer = post(site, **body)
    assert answer.status_code == 201, answer.text
    return site.hal(f"{answer.headers['Location']}?zoom=customer,items")


def customer_of(transaction: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = transaction["_embedded"]["fx:customer"]
    return found


def registered(site: Site, **properties: Any) -> tuple[str, str]:
    """A new customer's path and email."""
    email = properties.pop("email", fresh())
    made = site.send("POST", "/stores/66/customers", {"email": email, **properties})
    assert made.status_code == 201, made.text
    return made.headers["Location"].removeprefix(BASE), email


@contextmanager
def nothing_written(site: Site) -> Iterator[None]:
    """Holds what is stored afterwards against what was before; ids may have been lost."""
    before = rows(site)
    yield
    assert rows(site) | {"id_block": []} == before | {"id_block": []}


def refused(answer: TestResponse) -> tuple[int, dict[str, str]]:
    """The status, and by property the code of what is wrong with it."""
    entries = READERS[HAL](answer.data)
    return answer.status_code, {each["property"]: each["code"] for each in entries}


# Whose it is.


@pytest.mark.parametrize("media_type", FORMATS)
def test_without_a_customer_it_is_refused_in_every_format(site: Site, media_type: str) -> None:
    answer = site.send("POST", TRANSACTIONS, {"total_order": 20}, accept=media_type)

    assert answer.status_code == 400
    (entry,) = READERS[media_type](answer.data)
    assert entry["property"] == "customer_email"
    assert entry["message"].startswith("A customer must be involved")


def test_with_the_email_of_a_registered_customer_it_is_theirs_however_that_is_written(site: Site) -> None:
    path, email = registered(site, email=f"Ada.{uuid4().hex}@Example.com", first_name="Ada", tax_id="T-1")
    found = recorded(site, customer_email=email.upper(), checkout_type="account")

    assert found["_links"]["fx:customer"]["href"] == BASE + path
    assert (found["customer_first_name"], found["customer_tax_id"]) == ("Ada", "T-1")
    assert found["customer_email"] == email.upper(), "as it stood on the order"
    assert site.hal(f"{TRANSACTIONS}?customer_id={path.rpartition('/')[2]}")["total_items"] == 1


def test_an_email_that_nobody_has_makes_a_registered_customer_who_can_sign_in_later(site: Site) -> None:
    email = fresh()
    found = recorded(site, customer_email=email, customer_first_name="Ada", customer_last_name="L")
    again = recorded(site, customer_email=email)

    customer = customer_of(found)
    assert (customer["email"], customer["is_anonymous"]) == (email, False)
    assert (customer["first_name"], customer["last_name"]) == ("Ada", "L")
    assert customer["password_hash"], "that of a password which nobody knows"
    assert customer_of(again) == customer
    assert_counted(site)


def test_each_guest_checkout_makes_a_new_guest_even_with_a_registered_customers_email(site: Site) -> None:
    path, email = registered(site)
    found = [
        customer_of(recorded(site, customer_email=email, checkout_type="guest", customer_first_name="G"))
        for _ in range(2)
    ]

    assert [each["is_anonymous"] for each in found] == [True, True]
    assert len({path, *(each["_links"]["self"]["href"].removeprefix(BASE) for each in found)}) == 3
    assert [each["email"] for each in found] == [email, email]
    assert [each["password_hash"] for each in found] == [None, None]
    assert_counted(site)


@pytest.mark.parametrize("origin", ["", BASE])
def test_a_customer_may_be_named_by_their_address_too(site: Site, origin: str) -> None:
    path, email = registered(site)
    found = recorded(site, customer_uri=origin + path)

    assert (found["_links"]["fx:customer"]["href"], found["customer_email"]) == (BASE + path, email)
    assert recorded(site, customer_uri=path, customer_email=email.upper())["customer_email"] == email.upper()


@pytest.mark.parametrize(
    "uri",
    ["/customers/999999", "/customers/0", "/customers/x", "/stores/66", "https://else.example/customers/115",
     "customers/115", "/customers/115?zoom=x", "/customers/99999999999"],
)  # fmt: skip
def test_an_address_that_is_no_customers_is_refused(site: Site, uri: str) -> None:
    with nothing_written(site):
        assert refused(post(site, customer_uri=uri)) == (400, {"customer_uri": "not_a_customer"})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+1400", "0999-12-31", "9999-12-31T23:59:59Z"])
def test_a_date_that_some_clock_could_not_show_is_refused(site: Site, moment: str) -> None:
    with nothing_written(site):
        assert refused(post(site, customer_email=fresh(), transaction_date=moment))[0] == 400
    for moment in ("1000-01-01T00:00:00+1400", "9998-12-31T23:59:59-1200"):
        made = recorded(site, customer_email=fresh(), transaction_date=moment)
        assert site.ask(f"/transactions/{made['id']}").status_code == 200


def test_a_customer_of_another_store_is_none_here(site: Site) -> None:
    customer_id = elsewhere(site)
    answer = post(site, customer_uri=f"/customers/{customer_id}")

    assert refused(answer) == (400, {"customer_uri": "not_a_customer"})
    message = answer.json["_embedded"]["fx:errors"][0]["message"]
    assert message == f"customer_uri: customer {customer_id} does not exist."


def test_an_address_and_an_email_of_two_customers_contradict_each_other(site: Site) -> None:
    path, _ = registered(site)
    answer = post(site, customer_uri=path, customer_email=fresh())

    assert refused(answer) == (400, {"customer_email": "contradiction"})


def test_a_guest_has_no_account_to_be_named_by(site: Site) -> None:
    guest = customer_of(recorded(site, customer_email=fresh(), checkout_type="guest"))["_links"]["self"]
    path, _ = registered(site)

    assert refused(post(site, customer_uri=guest["href"])) == (400, {"customer_uri": "not_registered"})
    answer = post(site, customer_uri=path, checkout_type="guest")
    assert refused(answer) == (400, {"checkout_type": "invalid"})


# What the store and the customer allow.


@pytest.fixture
def of_store(site: Site) -> Iterator[Any]:
    """Sets the store's checkout_type."""
    before = site.hal("/stores/66")["checkout_type"]

    def choose(kind: str) -> None:
        assert site.send("PATCH", "/stores/66", {"checkout_type": kind}).status_code == 200

    yield choose
    choose(before)


@pytest.mark.parametrize(
    ("kind", "asked", "is_guest"),
    [
        ("default_account", None, False), ("default_account", "guest", True),
        ("default_account", "account", False), ("default_guest", None, True),
        ("default_guest", "account", False), ("default_guest", "guest", True),
        ("account_only", None, False), ("account_only", "account", False),
        ("guest_only", None, True), ("guest_only", "guest", True),
    ],
)  # fmt: skip
def test_the_stores_checkout_type_says_what_holds(
    site: Site, of_store: Any, kind: str, asked: str | None, is_guest: bool
) -> None:
    of_store(kind)
    found = recorded(site, customer_email=fresh(), **({"checkout_type": asked} if asked else {}))

    assert customer_of(found)["is_anonymous"] is is_guest


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("account_only", {"checkout_type": "guest", "customer_email": "a@example.com"}),
        ("guest_only", {"checkout_type": "account", "customer_email": "a@example.com"}),
        ("guest_only", {"customer_uri": "/customers/116"}),
    ],
)
def test_what_the_store_does_not_take_is_a_conflict(
    site: Site, of_store: Any, kind: str, body: dict[str, Any]
) -> None:
    of_store(kind)
    with nothing_written(site):
        assert refused(post(site, **body)) == (409, {"checkout_type": "checkout_type_refused"})


def test_a_customer_who_is_not_active_buys_nothing_but_as_a_guest(site: Site) -> None:
    path, email = registered(site, is_active=False)

    with nothing_written(site):
        assert refused(post(site, customer_email=email)) == (409, {"customer_email": "inactive"})
        assert refused(post(site, customer_uri=path)) == (409, {"customer_uri": "inactive"})
    assert post(site, customer_email=email, checkout_type="guest").status_code == 201


MEANS = {
    "credit_card": "enable_credit_cards",
    "gift_card": "enable_budgets",
    "budget": "enable_budgets",
    "open_account": "open_account",
}


@pytest.mark.parametrize(("means", "flag"), MEANS.items())
def test_a_customer_pays_only_as_they_may(site: Site, means: str, flag: str) -> None:
    others = {each: each != flag for each in (*MEANS.values(), "enable_discounts")}
    path, email = registered(site, **others)

    with nothing_written(site):
        answer = post(site, customer_email=email, payment_method_type=means)
        assert refused(answer) == (409, {"payment_method_type": "payment_refused"})
    for each in {*MEANS, "other", ""} - {name for name, of in MEANS.items() if of == flag}:
        assert post(site, customer_email=email, payment_method_type=each).status_code == 201
    assert site.send("PATCH", path, {flag: True}).status_code == 200
    assert post(site, customer_email=email, payment_method_type=means).status_code == 201


def test_who_is_new_may_not_buy_on_open_account_and_is_not_made_by_trying(site: Site) -> None:
    for kind in ("account", "guest"):
        with nothing_written(site):
            answer = post(
                site, customer_email=fresh(), checkout_type=kind, payment_method_type="open_account"
            )
            assert refused(answer) == (409, {"payment_method_type": "payment_refused"})


def test_discounts_are_for_those_who_may_have_them(site: Site) -> None:
    _, email = registered(site, enable_discounts=False, enable_budgets=False)
    answer = post(site, customer_email=email, total_discount=0.01, payment_method_type="budget")

    assert refused(answer) == (
        409, {"payment_method_type": "payment_refused", "total_discount": "discount_refused"},
    )  # fmt: skip
    assert post(site, customer_email=email, total_discount=0).status_code == 201


def test_a_flag_that_changes_meanwhile_counts(site: Site) -> None:
    path, email = registered(site)

    def deactivate() -> None:
        site.send("PATCH", path, {"is_active": False})

    if site.engine.dialect.name == "sqlite":
        with before_each("BEGIN IMMEDIATE", deactivate):
            answer = post(site, customer_email=email)
    else:
        with before_each("FOR SHARE", deactivate):
            answer = post(site, customer_email=email)
    assert refused(answer) == (409, {"customer_email": "inactive"})


# What it cost.


@pytest.mark.parametrize("media_type", EVERYWHERE)
def test_items_are_added_up_exactly_and_recorded_in_their_order(site: Site, media_type: str) -> None:
    body = {
        "customer_email": fresh(),
        "items": [BOOK, CARD, {"name": "Returned", "price": -0.1, "quantity": 3}],
        "total_tax": 4.75,
        "total_shipping": 5.9,
        "total_discount": 2.05,
    }
    answer = site.send("POST", TRANSACTIONS, body, media_type)
    assert answer.status_code == 201, answer.text
    found = site.hal(f"{answer.headers['Location']}?zoom=items")

    totals = {name: found[name] for name in found if name.startswith("total_")}
    assert totals == {
        "total_item_price": 25, "total_tax": 4.75, "total_shipping": 5.9, "total_future_shipping": 0,
        "total_order": 33.6, "total_discount": 2.05,
    }  # fmt: skip
    items = found["_embedded"]["fx:items"]
    shown = [(each["name"], each["code"], each["price"], each["quantity"]) for each in items]
    assert shown == [("A book", "B1", 12.5, 2), ("A card", None, 0.3, 1), ("Returned", None, -0.1, 3)]
    assert site.hal(items[0]["_links"]["self"]["href"])["name"] == "A book"
    assert items[0]["_links"]["fx:transaction"]["href"] == answer.headers["Location"]
    assert "fx:transaction_template" not in items[0]["_links"]


@pytest.mark.parametrize(
    ("given", "item_price", "order"),
    [
        ({"total_order": 20}, 20, 20),
        ({"total_order": 20, "total_tax": 1.5, "total_discount": 2}, 20.5, 20),
        ({"total_item_price": 9.99, "total_shipping": 0.02}, 9.99, 10.01),
        ({"total_item_price": 10, "total_tax": 1, "total_order": 11}, 10, 11),
        ({"total_order": 0}, 0, 0),
        ({"items": [{"name": "x", "price": 0.1}] * 3, "total_order": 0.1 + 0.1 + 0.1}, 0.3, 0.3),
        ({"items": [{"name": "x", "price": 99_999.9999, "quantity": 1_000_000}]}, 99_999_999_900,
         99_999_999_900),
        ({"total_order": 0.0001}, 0.0001, 0.0001),
    ],
)  # fmt: skip
def test_what_is_not_given_of_the_totals_is_worked_out(
    site: Site, given: dict[str, Any], item_price: float, order: float
) -> None:
    found = site.send("POST", TRANSACTIONS, {"customer_email": fresh(), **given}).json

    assert (found["total_item_price"], found["total_order"]) == (item_price, order)
    assert found == found | site.hal(found["_links"]["self"]["href"]), "and is stored so"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"items": [BOOK], "total_item_price": 24.99}, {"total_item_price": "invalid"}),
        ({"items": [BOOK], "total_order": 25.01}, {"total_order": "invalid"}),
        ({"items": [BOOK], "total_tax": 1, "total_order": 25}, {"total_order": "invalid"}),
        ({"total_item_price": 10, "total_shipping": 2, "total_order": 10}, {"total_order": "invalid"}),
        ({"items": [CARD], "total_discount": 0.31}, {"total_order": "invalid"}),
        ({"items": [{"name": "x", "price": -1}]},
         {"total_item_price": "invalid", "total_order": "invalid"}),
        ({"items": [{"name": "x", "price": 99_999_999_999, "quantity": 2}]},
         {"total_item_price": "invalid", "total_order": "invalid"}),
        ({}, {"items": "blank"}),
        ({"items": []}, {"items": "blank"}),
        ({"total_order": -1}, {"total_order": "invalid"}),
        ({"total_order": 1.23456}, {"total_order": "invalid"}),
        ({"total_order": "20"}, {"total_order": "wrong_type"}),
        ({"total_order": True}, {"total_order": "wrong_type"}),
        ({"total_order": 1e300}, {"total_order": "invalid"}),
        ({"total_order": 20, "transaction_date": "yesterday"}, {"transaction_date": "wrong_type"}),
        ({"total_order": 20, "transaction_date": "2024-02-30"}, {"transaction_date": "wrong_type"}),
        ({"total_order": 20, "currency_code": "XXY"}, {"currency_code": "not_listed"}),
        ({"total_order": 20, "customer_ip": "1.2.3"}, {"customer_ip": "invalid"}),
        ({"total_order": 20, "user_agent": "4111 1111 1111 1111"}, {"user_agent": "invalid"}),
        ({"items": [{"price": "x", "quantity": 0}, {"name": "x", "price": 1, "colour": "red"}]},
         {"items[0].name": "blank", "items[0].price": "wrong_type", "items[0].quantity": "invalid",
          "items[1].colour": "unknown_property"}),
        ({"items": [7, {"price": "x"}], "total_tax": -1},
         {"total_tax": "invalid", "items[0]": "invalid", "items[1].name": "blank",
          "items[1].price": "wrong_type"}),
        ({"items": [{"name": "x", "price": "x"}], "status": "lost"},
         {"status": "not_listed", "items[0].price": "wrong_type"}),
        ({"items": {"name": "x"}}, {"items": "invalid"}),
        ({"items": [CARD] * 301}, {"items": "invalid"}),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_makes_no_sense_is_refused_and_writes_nothing(
    site: Site, given: dict[str, Any], wrong: dict[str, str]
) -> None:
    with nothing_written(site):
        answer = site.send("POST", TRANSACTIONS, {"customer_email": "new@example.com", **given})

    assert refused(answer) == (400, wrong)


# What else is recorded.


def test_what_is_left_out_has_sensible_defaults(site: Site) -> None:
    found = recorded(site, customer_email=fresh())

    assert found["display_id"] == str(found["id"])
    assert (found["status"], found["type"], found["source"]) == ("completed", "", "cit_ecommerce")
    assert (found["locale_code"], found["currency_code"], found["currency_symbol"]) == ("en_US", "USD", "$")
    assert found["transaction_date"] == found["date_created"]
    assert not any(found[name] for name in ("is_test", "hide_transaction", "data_is_fed"))


def test_the_currency_is_the_customers_and_its_symbol_the_locales(site: Site) -> None:
    _, email = registered(site, currency_code="EUR")

    found = recorded(site, customer_email=email)
    assert (found["currency_code"], found["currency_symbol"]) == ("EUR", "€")
    found = recorded(site, customer_email=email, currency_code="CAD", locale_code="en_CA")
    assert (found["currency_code"], found["currency_symbol"]) == ("CAD", "$")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2024-02-29", "2024-02-29T00:00:00-0800"),
        ("2024-07-01 12:30:00", "2024-07-01T12:30:00-0700"),
        ("2024-07-01T12:30:00+02:00", "2024-07-01T03:30:00-0700"),
        ("2024-07-01T12:30:00-0700", "2024-07-01T12:30:00-0700"),
        ("2024-07-01T12:30:00.123Z", "2024-07-01T05:30:00-0700"),
    ],
)
def test_a_date_may_have_an_offset_and_is_the_stores_own_without(site: Site, given: str, shown: str) -> None:
    found = recorded(site, customer_email=fresh(), transaction_date=given)

    assert found["transaction_date"] == shown
    day = site.hal(f"{TRANSACTIONS}?transaction_date={shown[:10]}&id={found['id']}")
    assert day["total_items"] == 1


def test_afterwards_only_what_the_store_does_with_it_changes(site: Site) -> None:
    found = recorded(site, customer_email=fresh(), display_id="W-1")
    path = found["_links"]["self"]["href"]
    for method in ("PATCH", "PUT"):
        body = {**found, "display_id": "W-2", "total_order": 1, "status": "voided", "data_is_fed": True}
        answer = site.send(method, path, body)
        assert answer.status_code == 200, answer.text
        assert (answer.json["display_id"], answer.json["total_order"]) == ("W-1", 20)
        assert (answer.json["status"], answer.json["data_is_fed"]) == ("completed", True)
    assert site.send("PUT", path, {}).json["data_is_fed"] is False
    assert site.ask(path, method="DELETE").status_code == 405


def test_a_transaction_has_attributes_of_its_own(site: Site) -> None:
    path = recorded(site, customer_email=fresh())["_links"]["self"]["href"]
    store = site.hal("/stores/66/attributes")["total_items"]
    made = site.send("POST", f"{path}/attributes", {"name": "Gift", "value": "yes"})

    assert made.status_code == 201
    assert made.headers["Location"].startswith(f"{BASE}/transaction_attributes/")
    assert made.json["_links"]["self"]["title"] == "This transaction attribute"
    assert made.json["_links"]["fx:transaction"]["href"] == path
    assert [each["name"] for each in site.hal(path)["_embedded"]["fx:attributes"]] == ["Gift"]
    found = site.hal(f"{TRANSACTIONS}?attributes:name[Gift]=yes&id={site.hal(path)['id']}")
    assert found["total_items"] == 1
    again = site.send("POST", f"{path}/attributes", {"name": "Gift", "value": "no"})
    assert refused(again) == (409, {"name": "taken"})
    assert site.hal("/stores/66/attributes")["total_items"] == store, "it is none of the store's"
    number = made.headers["Location"].rpartition("/")[2]
    for other in ("customer", "store", "subscription"):
        assert site.ask(f"/{other}_attributes/{number}").status_code == 404


def test_the_transactions_of_a_customer_who_is_deleted_stay_unlinked(site: Site) -> None:
    path, email = registered(site)
    found = recorded(site, customer_email=email, items=[BOOK])
    assert site.ask(path, method="DELETE").status_code == 200

    left = site.hal(f"{found['_links']['self']['href']}?zoom=items,customer")
    assert "fx:customer" not in left["_links"]
    assert "fx:customer" not in left["_embedded"]
    assert (left["customer_email"], len(left["_embedded"]["fx:items"])) == (email, 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("total_order=10.5", ["10.5"]), ("total_order=10..20", ["10.5", "20"]),
        ("total_order:lessthan=10.5", ["3"]), ("total_order:in=3,20.00", ["3", "20"]),
        ("total_order:not=3&order=total_order+desc", ["20", "10.5"]), ("status=pending", ["20"]),
        ("items:code=B1", ["3"]), ("items:price:greaterthan=2.9", ["3"]),
        ("transaction_date=2023-05-01..2023-05-31&order=transaction_date", ["20", "10.5"]),
        ("payment_method_type=budget", ["10.5"]), ("customer:is_anonymous=true", ["20"]),
    ],
)  # fmt: skip
def test_they_are_found_by_what_they_say(site: Site, query: str, expected: list[str]) -> None:
    name = "filtered@example.com"
    if site.hal(f"{TRANSACTIONS}?customer_email={name}")["total_items"] == 0:
        both = {"customer_email": name}
        post(site, **both, items=[{"name": "x", "code": "B1", "price": 3}], transaction_date="2023-04-30")
        post(site, **both, total_order=10.5, payment_method_type="budget", transaction_date="2023-05-31")
        post(site, **both, status="pending", checkout_type="guest", transaction_date="2023-05-01")
    page = site.hal(f"{TRANSACTIONS}?customer_email={name}&{query}")

    assert [str(each["total_order"]) for each in page["_embedded"]["fx:transactions"]] == expected


@pytest.mark.parametrize("value", ["abc", "1.23456", "1e3", "", "1..x..2"])
def test_a_filter_by_what_is_no_amount_is_refused(site: Site, value: str) -> None:
    status, (entry,) = site.refused(f"{TRANSACTIONS}?total_order={value}")

    assert (status, entry["property"], entry["code"]) == (400, "total_order", "not_an_amount")


@pytest.mark.parametrize("order", ["total_order", "total_order desc", "transaction_date", "status desc"])
def test_next_leads_through_all_of_them_in_their_order(site: Site, order: str) -> None:
    whole = site.hal(f"{TRANSACTIONS}?order={order}&limit=300")["_embedded"]["fx:transactions"]
    href, walked = f"{TRANSACTIONS}?order={order}&limit=2", []
    while href:
        page = site.hal(href)
        walked += page["_embedded"]["fx:transactions"]
        href = page["_links"].get("next", {}).get("href", "")

    assert [each["id"] for each in walked] == [each["id"] for each in whole]
    name, _, descends = order.partition(" ")
    values = [each[name] for each in whole]
    assert values == sorted(values, reverse=bool(descends))


# Once, whole, and by whoever may.


def test_the_same_key_records_one_checkout(site: Site) -> None:
    email = fresh()
    before = site.hal(f"{TRANSACTIONS}?limit=0")["total_items"]
    body = {"customer_email": email, "checkout_type": "guest", "items": [BOOK]}
    key = f'"{uuid4().hex}"'
    first, second = (site.send("POST", TRANSACTIONS, body, Idempotency_Key=key) for _ in range(2))

    assert (first.status_code, second.status_code, first.data) == (201, 201, second.data)
    assert site.hal(f"{TRANSACTIONS}?limit=0")["total_items"] == before + 1
    assert site.hal(f"/stores/66/customers?is_anonymous=true&email={email}")["total_items"] == 1


def test_racing_checkouts_of_one_new_email_make_one_customer_and_lose_no_purchase(site: Site) -> None:
    email = fresh()
    answers = together(site, [partial(post, site, customer_email=email, items=[BOOK, CARD])] * FEW)

    assert statuses(answers) == {201: FEW}
    assert len({each.json["_links"]["fx:customer"]["href"] for each in answers}) == 1
    found = site.hal(f"{TRANSACTIONS}?customer_email={email}&zoom=items")["_embedded"]["fx:transactions"]
    assert [len(each["_embedded"]["fx:items"]) for each in found] == [2] * FEW
    assert site.hal(f"/stores/66/customers?email={email}")["total_items"] == 1
    assert_counted(site)


def test_where_the_last_row_cannot_be_written_none_is(site: Site) -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    with nothing_written(site), pytest.raises(KeyboardInterrupt), before_each("INSERT INTO item", fail):
        post(site, customer_email="half@example.com", items=[BOOK])


def test_its_page_says_what_it_takes(site: Site) -> None:
    page = site.hal("/rels/transactions")

    assert "POST" in page["methods"]
    assert {"customer_uri", "checkout_type", "items", "customer_email"} <= page["properties"].keys()
    assert page["properties"]["checkout_type"]["constraints"].startswith("Optional. One of account, guest.")
    assert "enable_budgets" in page["description"]
