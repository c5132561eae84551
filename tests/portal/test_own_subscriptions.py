"""Customers change their subscriptions as the store's settings let them, and cancel them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.portal.matching import satisfied_by
from app.portal.subscription_rules import Dates
from tests.portal.customers import PORTAL, SETTINGS, Customer, ask, new_customer, send
from tests.site import BASE, Site, hash_cheaply, open_site
from tests.wire.documents import refusals

CODES = "_embedded.`fx:transaction_template`._embedded.`fx:items`.code"
RUNAWAY = "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /(a+)+$/)"


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose portal's settings this module changes."""
    with open_site(engine_name, tmp_path_factory.mktemp("subscriptions")) as opened:
        hash_cheaply(opened)
        yield opened


@pytest.fixture
def customer(site: Site) -> Customer:
    allow(site)
    return new_customer(site)


def allow(site: Site, frequencies: Any = (), dates: Any = False) -> None:
    """What the store lets customers change."""
    rules = {"allowFrequencyModification": [*frequencies], "allowNextDateModification": dates}
    answer = site.send("PATCH", SETTINGS, {"subscriptions": rules})
    assert answer.status_code == 200, answer.text


def subscribe(customer: Customer, **given: Any) -> str:
    """The path, in the portal, of a new subscription."""
    body = {
        "customer_email": customer.email,
        "frequency": "1m",
        "items": [{"name": "A book", "code": "B1", "price": 12.5}],
    }
    made = customer.site.send("POST", "/stores/66/subscriptions", body | given)
    assert made.status_code == 201, made.text
    return made.headers["Location"].removeprefix(BASE)


def patch(customer: Customer, path: str, **given: Any) -> TestResponse:
    return send(customer.site, customer.session(), "PATCH", path, given)


def in_days(days: int, customer: Customer) -> str:
    """The date so many days on, on the store's clocks."""
    now = datetime.fromisoformat(customer.shown()["date_created"])
    return (now.date() + timedelta(days=days)).isoformat()


def test_customers_see_what_is_theirs_as_foxys_pages_want_it(site: Site, customer: Customer) -> None:
    path, token = subscribe(customer), customer.session()
    page = ask(site, token, "/subscriptions?zoom=transaction_template:items,transactions").json
    (one,) = page["_embedded"]["fx:subscriptions"]

    assert one["_links"]["self"]["href"] == f"{BASE}{PORTAL}{path}"
    template = one["_embedded"]["fx:transaction_template"]
    assert (template["total_order"], template["currency_code"]) == (12.5, "USD")
    assert [each["name"] for each in template["_embedded"]["fx:items"]] == ["A book"]
    assert one["_embedded"]["fx:transactions"] == []
    assert one["start_date"][-3] == ":", "the portal's offsets have a colon"
    found = ask(site, token, one["_links"]["fx:transactions"]["href"].removeprefix(f"{BASE}{PORTAL}"))
    assert found.json["total_items"] == 0
    assert "fx:store" not in one["_links"]


def test_what_is_not_allowed_by_a_setting_is_refused_naming_it(customer: Customer) -> None:
    path = subscribe(customer)
    frequency = patch(customer, path, frequency="2m")
    due = patch(customer, path, next_transaction_date=in_days(20, customer))

    assert (frequency.status_code, due.status_code) == (403, 403)
    assert refusals(frequency, 403) == {
        "frequency": "frequency of this subscription cannot be changed by customers"
    }
    said = refusals(due, 403)["next_transaction_date"]
    refers = "can't be set as next transaction date. Please refer to customer portal settings for more info."
    assert said.startswith(f"{in_days(20, customer)} {refers}")


def test_a_frequency_is_one_of_those_that_matching_rules_list(site: Site, customer: Customer) -> None:
    rules = [
        {"jsonataQuery": "*", "values": ["2m", "1m"]},
        {"jsonataQuery": "$contains(frequency, 'm')", "values": ["3m"]},
        {"jsonataQuery": "$contains(frequency, 'w')", "values": ["3w"]},
        {
            "jsonataQuery": f"{CODES} = 'B1'",
            "values": ["1y"],
        },
    ]
    allow(site, rules)
    path = subscribe(customer)
    refused = patch(customer, path, frequency="3w")
    assert refusals(refused, 403) == {
        "frequency": "frequency of this subscription can be one of 2m, 1m, 3m, 1y"
    }
    for value in ("2m", "3m", "1y"):
        answer = patch(customer, path, frequency=value)
        assert (answer.status_code, answer.json.get("frequency")) == (200, value), answer.text
        patch_back = site.send("PATCH", path, {"frequency": "1m"})
        assert patch_back.status_code == 200
    assert patch(customer, path, frequency="1m").status_code == 200, "what is there already is no change"
    assert patch(customer, path, frequency="nonsense").status_code == 400


def test_a_next_date_is_any_from_today_on_where_all_are_allowed(site: Site, customer: Customer) -> None:
    allow(site, dates=True)
    path = subscribe(customer)

    assert patch(customer, path, next_transaction_date=in_days(3, customer)).status_code == 200
    assert patch(customer, path, next_transaction_date=in_days(-1, customer)).status_code in (400, 403)
    assert ask(site, customer.session(), path).json["next_transaction_date"].startswith(in_days(3, customer))


def test_a_next_date_keeps_to_the_rules_that_match(site: Site, customer: Customer) -> None:
    rule = {
        "jsonataQuery": "frequency = '1m'",
        "min": "1w",
        "max": "1m",
        "disallowedDates": [in_days(10, customer), f"{in_days(12, customer)}..{in_days(14, customer)}"],
    }
    allow(site, dates=[rule, {"jsonataQuery": "frequency = '9y'", "min": "1d", "max": "9y"}])
    path = subscribe(customer)
    for days in (6, 8, 10, 11, 12, 13, 14, 15, 40):
        answer = patch(customer, path, next_transaction_date=in_days(days, customer))
        assert answer.status_code == (200 if days in (8, 11, 15) else 403), (days, answer.text)
    said = refusals(patch(customer, path, next_transaction_date=in_days(40, customer)), 403)
    assert "not before 1w from today; not after 1m from today" in said["next_transaction_date"]
    assert site.send("PATCH", path, {"frequency": "2m"}).status_code == 200
    assert patch(customer, path, next_transaction_date=in_days(8, customer)).status_code == 403


DAYS = [
    ({"type": "day", "days": [0, 6]}, date(2026, 11, 28), True),  # a Saturday
    ({"type": "day", "days": [0, 6]}, date(2026, 11, 29), True),
    ({"type": "day", "days": [0, 6]}, date(2026, 11, 30), False),
    ({"type": "month", "days": [1, 15]}, date(2026, 12, 15), True),
    ({"type": "month", "days": [1, 15]}, date(2026, 12, 16), False),
]


@pytest.mark.parametrize(("days", "day", "allowed"), DAYS)
def test_days_count_as_foxys_pages_count_them(days: dict[str, Any], day: date, allowed: bool) -> None:
    today = datetime(2026, 11, 24).astimezone()
    assert Dates.of([{"allowedDays": days}], today).allow(day, today) is allowed


@pytest.mark.parametrize("days", [0, 1, 30])
def test_customers_cancel_by_an_end_that_is_not_past(customer: Customer, days: int) -> None:
    path = subscribe(customer)
    answer = patch(customer, path, end_date=in_days(days, customer))

    assert answer.status_code == 200, answer.text
    assert answer.json["is_active"] is (days > 0)
    if days:
        assert patch(customer, path, end_date=None).status_code == 403
        assert patch(customer, path, end_date=in_days(days + 1, customer)).status_code == 403
        assert patch(customer, path, end_date=in_days(0, customer)).status_code == 200


def test_what_has_not_begun_is_cancelled_before_it_does(customer: Customer) -> None:
    path = subscribe(customer, start_date="2040-01-01", next_transaction_date="2040-01-01")
    answer = patch(customer, path, end_date=in_days(1, customer))

    assert answer.status_code == 200, answer.text
    assert answer.json["end_date"] < answer.json["start_date"]


def test_an_end_in_the_past_is_refused(customer: Customer) -> None:
    path = subscribe(customer)
    assert patch(customer, path, end_date=in_days(-1, customer)).status_code in (400, 403)
    assert ask(customer.site, customer.session(), path).json["end_date"] is None


def test_what_has_ended_is_changed_no_more(site: Site, customer: Customer) -> None:
    allow(site, [{"jsonataQuery": "*", "values": ["2m"]}], dates=True)
    path = subscribe(customer)
    assert patch(customer, path, end_date=in_days(0, customer)).status_code == 200
    for given in ({"frequency": "2m"}, {"next_transaction_date": in_days(5, customer)}, {"end_date": None}):
        assert patch(customer, path, **given).status_code == 409


@pytest.mark.parametrize(
    "name", ["start_date", "is_active", "past_due_amount", "error_message", "payment_type", "date_created"]
)
def test_the_rest_is_the_stores(customer: Customer, name: str) -> None:
    path = subscribe(customer)
    token = customer.session()
    before = ask(customer.site, token, path).json
    for value in ("2024-01-01", False, 5):
        assert patch(customer, path, **{name: value}).status_code == 200
    assert ask(customer.site, token, path).json == before
    for added in ({"items": []}, {"customer_uri": "/customers/115"}, {"nonsense": 1}):
        assert patch(customer, path, **added).status_code == 400


def test_other_methods_are_not_offered(customer: Customer) -> None:
    path = subscribe(customer)
    for method in ("PUT", "DELETE", "POST"):
        assert send(customer.site, customer.session(), method, path, {}).status_code == 405
    assert send(customer.site, customer.session(), "POST", "/subscriptions", {}).status_code == 405


def test_several_faults_are_told_at_once_and_nobody_is_signed_out(site: Site, customer: Customer) -> None:
    path = subscribe(customer)
    answer = patch(customer, path, frequency="2m", next_transaction_date=in_days(9, customer))
    assert refusals(answer, 403).keys() == {"frequency", "next_transaction_date"}


# Queries that run away are stopped.


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_query_that_never_ends_is_stopped_and_allows_nothing(site: Site, customer: Customer) -> None:
    allow(site, [{"jsonataQuery": RUNAWAY, "values": ["2m"]}])
    answer = patch(customer, subscribe(customer), frequency="2m")

    assert answer.status_code == 403


ENDLESS = "( $f := function($x){ 1 + $f($x) }; $f(1) )"
BAD = [RUNAWAY, ENDLESS, "$pad('', 2000000000)", "$nonsense()", "1 + 'a'"]


@pytest.mark.parametrize("query", BAD, ids=["regex", "recursion", "memory", "unknown", "types"])
def test_a_query_that_fails_is_not_satisfied_and_those_before_it_count(query: str) -> None:
    told = satisfied_by(b'{"frequency":"1m"}', ["frequency = '1m'", query], seconds=1.5)

    assert told.get("frequency = '1m'") is True
    assert not told.get(query)


TRUE = {"[]", "{}", "'x'", "frequency", "*"}
FALSE = {"0", "''", "nothing", "false"}


def test_what_a_query_gives_is_true_as_in_javascript() -> None:
    told = satisfied_by(b'{"frequency":"1m"}', [*TRUE, *FALSE])
    assert told == dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)


@pytest.mark.parametrize("query", ["(((", "/(a+/", "a[", "", "x" * 201])
def test_what_is_no_query_is_refused_when_it_is_written(site: Site, query: str) -> None:
    rules = {"allowFrequencyModification": [{"jsonataQuery": query, "values": ["1m"]}]}
    answer = site.send("PATCH", SETTINGS, {"subscriptions": rules})

    assert answer.status_code == 400
    assert "subscriptions.allowFrequencyModification[0].jsonataQuery" in refusals(answer)
