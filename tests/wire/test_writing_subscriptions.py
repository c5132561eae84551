"""Subscriptions: of registered customers alone, in a rhythm, until their end comes by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.db.engine import unguarded_engine
from app.db.tables import now
from app.resources.subscription import Subscription
from app.sandbox import STORE_ID
from tests.site import BASE, Site
from tests.wire.documents import refusals
from tests.wire.elsewhere import elsewhere
from tests.wire.encodings import EVERYWHERE
from tests.wire.valid import REGISTRY, least, new, valid

PLACE = "/stores/66/subscriptions"
TYPE, CUSTOMER = REGISTRY.types["subscription"], REGISTRY.types["customer"]
ITEMS = [{"name": "A book", "price": 12.5, "quantity": 2}, {"name": "A card", "price": 0.3}]


def subscribe(site: Site, **given: Any) -> Any:
    return site.send("POST", PLACE, least(TYPE) | given)


def made(site: Site, **given: Any) -> str:
    """The path of a new one."""
    answer = subscribe(site, **given)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix(BASE)


def customer(site: Site, **given: Any) -> str:
    """The path of a new customer."""
    return new(site, CUSTOMER, **given)


@pytest.mark.parametrize("media_type", EVERYWHERE)
def test_a_post_makes_the_subscription_its_template_and_items(shared_site: Site, media_type: str) -> None:
    whose = customer(shared_site)
    body = valid(TYPE) | {"customer_uri": BASE + whose, "customer_email": shared_site.hal(whose)["email"]}
    answer = shared_site.send("POST", f"{PLACE}?zoom=customer,transaction_template:items", body, media_type)

    assert answer.status_code == 201, answer.text
    assert "id" not in answer.json
    links, embedded = answer.json["_links"], answer.json["_embedded"]
    assert embedded["fx:customer"]["_links"]["self"]["href"] == BASE + whose
    template = embedded["fx:transaction_template"]
    assert template["_links"]["self"] == links["fx:transaction_template"]
    assert (template["total_order"], template["currency_code"]) == (25.3, "EUR")
    items = [(each["name"], each["price"], each["quantity"]) for each in template["_embedded"]["fx:items"]]
    assert items == [("A book", 12.5, 2), ("A <card> & envelope", 0.3, 1)]
    assert "fx:last_transaction" not in links
    assert "items" not in answer.json


def test_it_begins_now_and_goes_on_in_its_rhythm(shared_site: Site) -> None:
    document = shared_site.hal(made(shared_site, frequency="2w"))
    start, due = (datetime.fromisoformat(document[f"{each}_date"]) for each in ("start", "next_transaction"))

    assert abs(start - now()) < timedelta(minutes=5)
    assert due == start + timedelta(days=14)
    assert (document["end_date"], document["is_active"], document["past_due_amount"]) == (None, True, 0)
    ahead = shared_site.hal(made(shared_site, start_date="2040-01-31", frequency="1m"))
    assert ahead["next_transaction_date"] == ahead["start_date"] == "2040-01-31T00:00:00-0800"
    past = shared_site.hal(made(shared_site, start_date="2024-01-31", frequency="1m"))
    assert datetime.fromisoformat(past["next_transaction_date"]) > now()


WHO = {
    "customer_uri": {
        "/customers/146": "leads to a guest",
        "/customers/999999": "does not exist",
        "https://elsewhere.example/customers/115": "must be the address of a customer",
        "nonsense": "must be the address of a customer",
    },
    "customer_email": {"nobody@example.com": "guests cannot subscribe", "no address": "is not a valid email"},
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, each in WHO.items() for value in each])
def test_only_registered_customers_of_the_store_subscribe(shared_site: Site, name: str, value: str) -> None:
    body = {key: each for key, each in least(TYPE).items() if key != "customer_email"}
    answer = shared_site.send("POST", PLACE, body | {name: value})

    said = refusals(answer)
    assert answer.status_code == 400
    assert WHO[name][value] in said[name]


def test_a_card_is_no_way_to_pay_later_either_for_whom_cards_are_not(shared_site: Site) -> None:
    whose = customer(shared_site, enable_credit_cards=False)
    path = made(shared_site, customer_uri=whose, customer_email=None, payment_type="paypal")
    answer = shared_site.send("PATCH", path, {"payment_type": "plastic"})

    assert answer.status_code == 409
    (fault,) = answer.json["_embedded"]["fx:errors"]
    assert fault["property"] == "payment_type"
    assert fault["message"].endswith("plastic is not for this customer: enable_credit_cards is false")
    assert shared_site.send("PATCH", path, {"payment_type": "ach"}).status_code == 200


def test_one_whose_customer_is_gone_stays_ended(shared_site: Site) -> None:
    whose = customer(shared_site)
    path = made(shared_site, customer_uri=whose, customer_email=None)
    assert shared_site.send("POST", f"{path}/cancel").status_code == 200
    assert shared_site.send("DELETE", whose).status_code == 200

    for given in ({"end_date": None}, {"end_date": None, "is_active": True}, {"end_date": "2090-01-01"}):
        answer = shared_site.send("PATCH", path, given)
        assert answer.status_code == 400, given
        assert "its customer was deleted" in refusals(answer)["end_date"]
    assert shared_site.hal(path)["is_active"] is False
    assert shared_site.send("PATCH", path, {"error_message": "noted"}).status_code == 200


def test_a_customer_of_another_store_cannot_subscribe_here(shared_site: Site) -> None:
    body = {key: each for key, each in least(TYPE).items() if key != "customer_email"}
    uri = f"/customers/{elsewhere(shared_site)}"
    answer = shared_site.send("POST", PLACE, body | {"customer_uri": uri})

    assert answer.status_code == 400
    assert "does not exist" in refusals(answer)["customer_uri"]


def test_a_guests_email_is_that_of_nobody(shared_site: Site) -> None:
    email = shared_site.hal(customer(shared_site, is_anonymous=True))["email"]
    assert subscribe(shared_site, customer_email=email).status_code == 400


def test_who_and_what_and_how_often_are_all_said_at_once(shared_site: Site) -> None:
    said = refusals(shared_site.send("POST", PLACE, {"items": [{"price": -1}], "frequency": "2x"}))

    assert said["frequency"] == "frequency must be a number and d, w, m or y, or .5m"
    assert said["customer_email"] == "A customer must be involved: send customer_email or customer_uri"
    assert refusals(shared_site.send("POST", PLACE, {})).keys() == {"frequency", "customer_email", "items"}
    assert "items[1].name" in refusals(subscribe(shared_site, items=[ITEMS[0], {"price": 1}]))


@pytest.mark.parametrize("frequency", ["0d", "00m", "1000d", "1", "m", "1h", "-1d", ".6m", "1M", "", None, 7])
def test_a_frequency_that_is_none_is_refused(shared_site: Site, frequency: Any) -> None:
    assert "frequency" in refusals(subscribe(shared_site, frequency=frequency))


@pytest.mark.parametrize("frequency", ["1d", "14d", "2w", "1m", ".5m", "1y", "999y"])
def test_a_frequency_that_hapi_knows_is_taken(shared_site: Site, frequency: str) -> None:
    assert shared_site.hal(made(shared_site, frequency=frequency))["frequency"] == frequency


def test_who_may_not_buy_may_not_subscribe(shared_site: Site) -> None:
    inactive, without_card = customer(shared_site, is_active=False), customer(shared_site)
    shared_site.send("PATCH", without_card, {"enable_credit_cards": False})
    body = {key: each for key, each in least(TYPE).items() if key != "customer_email"}

    def status(uri: str, **given: Any) -> int:
        return int(shared_site.send("POST", PLACE, body | {"customer_uri": uri} | given).status_code)

    assert status(inactive) == 409
    assert status(without_card, payment_type="plastic") == 409
    assert status(without_card, payment_type="paypal") == 201


def test_a_store_of_guests_takes_no_subscriptions(own_site: Site) -> None:
    assert own_site.send("PATCH", "/stores/66", {"checkout_type": "guest_only"}).status_code == 200
    assert subscribe(own_site).status_code == 409


def test_nothing_is_made_where_something_is_refused(own_site: Site) -> None:
    before = own_site.hal(f"{PLACE}?limit=0")["total_items"]
    for given in ({"items": [{"name": "x"}]}, {"customer_email": "nobody@example.com"}, {"frequency": "x"}):
        assert subscribe(own_site, **given).status_code == 400
    assert own_site.hal(f"{PLACE}?limit=0")["total_items"] == before
    assert own_site.ask("/transaction_templates/3").status_code == 404


# Dates fit together, and the end comes by itself.

MISFITS = [
    ({"end_date": "2024-01-01", "start_date": "2024-02-01"}, "end_date", "must not be before start_date"),
    ({"next_transaction_date": "2024-01-01", "start_date": "2024-02-01"}, "next_transaction_date", "before"),
    ({"end_date": "soon"}, "end_date", "is not a date"),
    ({"end_date": 20240101}, "end_date", "is not a date"),
    ({"past_due_amount": -1}, "past_due_amount", "greater than or equal to 0"),
    ({"payment_type": "shells"}, "payment_type", "is not included in the list"),
]


@pytest.mark.parametrize(("body", "name", "text"), MISFITS, ids=[str(each[0]) for each in MISFITS])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_does_not_fit_is_400(
    shared_site: Site, method: str, body: dict[str, Any], name: str, text: str
) -> None:
    said = refusals(
        subscribe(shared_site, **body)
        if method == "POST"
        else shared_site.send("PATCH", made(shared_site), body)
    )
    assert text in said[name]


def test_a_start_is_not_moved_behind_the_end(shared_site: Site) -> None:
    path = made(shared_site, end_date="2040-01-01")
    assert (
        "must not be after end_date"
        in refusals(
            shared_site.send(
                "PATCH", path, {"start_date": "2040-02-01", "next_transaction_date": "2040-02-01"}
            )
        )["start_date"]
    )


@pytest.mark.parametrize("days", [0, 1, 400])
def test_an_end_that_is_today_or_later_is_how_clients_cancel(shared_site: Site, days: int) -> None:
    path = made(shared_site)
    shown = shared_site.hal(path)["start_date"]
    day = (datetime.fromisoformat(shown) + timedelta(days=days)).date().isoformat()
    answer = shared_site.send("PATCH", path, {"end_date": day})

    assert answer.status_code == 200, answer.text
    assert answer.json["end_date"].startswith(f"{day}T00:00:00-0")
    assert answer.json["is_active"] is (days > 0)


def test_once_the_end_has_come_it_is_not_active_without_any_job(shared_site: Site) -> None:
    whose = customer(shared_site)
    email = shared_site.hal(whose)["email"]
    path = made(shared_site, customer_email=email, end_date="2040-01-01")
    mine = f"{PLACE}?customer_id={whose.rpartition('/')[2]}"
    assert shared_site.hal(f"{mine}&is_active=true")["total_items"] == 1

    pass_time(shared_site, path)

    assert shared_site.hal(path)["is_active"] is False
    assert shared_site.hal(f"{mine}&is_active=true")["total_items"] == 0
    for query in ("is_active=false", "is_active:not=true", "is_active:in=false", "order=is_active"):
        assert shared_site.hal(f"{mine}&{query}")["total_items"] == 1
    assert shared_site.ask(f"{path}/cancel", method="POST").status_code == 409
    assert "end_date has come" in refusals(shared_site.send("PATCH", path, {"is_active": True}))["is_active"]
    again = shared_site.send("PATCH", path, {"is_active": True, "end_date": None})
    assert (again.status_code, again.json["is_active"]) == (200, True)


def test_an_active_subscription_keeps_its_customer_and_an_ended_one_does_not(shared_site: Site) -> None:
    whose = customer(shared_site)
    path = made(shared_site, customer_email=shared_site.hal(whose)["email"], end_date="2040-01-01")
    assert refusals(shared_site.send("DELETE", whose), 409) == {
        None: f"customer {whose.rpartition('/')[2]} has active subscriptions: they come first"
    }

    pass_time(shared_site, path)

    assert shared_site.send("DELETE", whose).status_code == 200
    kept = shared_site.hal(f"{path}?zoom=customer,transaction_template:items")
    assert "fx:customer" not in kept["_links"]
    assert kept["_embedded"]["fx:transaction_template"]["_embedded"]["fx:items"]


def pass_time(site: Site, path: str) -> None:
    """Lets the end of a subscription come."""
    engine = unguarded_engine(site.url)
    here = (Subscription.store_id == STORE_ID, Subscription.id == int(path.rpartition("/")[2]))
    past = {"start_date": datetime(2020, 1, 1, tzinfo=UTC), "end_date": now() - timedelta(seconds=2)}
    with engine.begin() as connection:
        connection.execute(update(Subscription).where(*here).values(past))
    engine.dispose()


def test_what_is_sent_back_in_other_words_is_no_change(shared_site: Site) -> None:
    path = made(shared_site, start_date="2024-02-29T12:30:00+0100")
    shown = shared_site.ask(path)
    for body in ({"start_date": "2024-02-29T11:30:00Z"}, {"start_date": shown.json["start_date"]}):
        answer = shared_site.send("PATCH", path, body)
        assert answer.headers["ETag"] == shown.headers["ETag"]


# Affordances.


def test_to_cancel_ends_it_now_or_when_it_is_said(shared_site: Site) -> None:
    path = made(shared_site)
    answer = shared_site.send("POST", f"{path}/cancel", {})
    assert answer.json["is_active"] is False
    assert abs(datetime.fromisoformat(answer.json["end_date"]) - now()) < timedelta(minutes=5)

    path = made(shared_site)
    answer = shared_site.send("POST", f"{path}/cancel", {"end_date": "2040-01-01"})
    assert (answer.json["is_active"], answer.json["end_date"]) == (True, "2040-01-01T00:00:00-0800")
    sooner = shared_site.send("POST", f"{path}/cancel", {"end_date": "2039-01-01"})
    assert sooner.json["end_date"] == "2039-01-01T00:00:00-0800"
    assert (
        "past" in refusals(shared_site.send("POST", f"{path}/cancel", {"end_date": "2024-01-01"}))["end_date"]
    )


def test_what_has_not_started_never_does_when_it_is_cancelled(shared_site: Site) -> None:
    path = made(shared_site, start_date="2040-01-01")
    answer = shared_site.send("POST", f"{path}/cancel")

    assert (answer.status_code, answer.json["is_active"]) == (200, False)
    assert answer.json["end_date"] == answer.json["start_date"]


def test_to_reschedule_sets_a_date_ahead_and_perhaps_the_rhythm(shared_site: Site) -> None:
    path = made(shared_site, end_date="2040-01-01")
    place = f"{path}/reschedule"
    answer = shared_site.send("POST", place, {"next_transaction_date": "2035-05-05", "frequency": "3w"})
    assert answer.json["next_transaction_date"] == "2035-05-05T00:00:00-0700"
    assert answer.json["frequency"] == "3w"
    for date, text in (("2024-01-01", "in the future"), ("2041-01-01", "after end_date")):
        said = refusals(shared_site.send("POST", place, {"next_transaction_date": date}))
        assert text in said["next_transaction_date"]
    assert shared_site.send("POST", place, {}).status_code == 400


# What a subscription leads to.


def test_a_transaction_that_names_its_subscription_is_its_last_one(shared_site: Site) -> None:
    whose = customer(shared_site)
    path = made(shared_site, customer_email=shared_site.hal(whose)["email"])
    assert shared_site.hal(f"{path}?zoom=transactions")["_embedded"]["fx:transactions"] == []
    bought = {"customer_uri": whose, "subscription_uri": BASE + path, "items": ITEMS}
    first, last = (shared_site.send("POST", "/stores/66/transactions", bought) for _ in range(2))
    assert (first.status_code, last.status_code) == (201, 201), last.text

    shown = shared_site.hal(f"{path}?zoom=transactions,last_transaction")
    assert last.json["_links"]["fx:subscription"]["href"] == BASE + path
    assert shown["_links"]["fx:last_transaction"]["href"] == last.headers["Location"]
    assert shown["_embedded"]["fx:last_transaction"]["total_order"] == 25.3
    assert len(shown["_embedded"]["fx:transactions"]) == 2
    old = shared_site.send("POST", "/stores/66/transactions", bought | {"transaction_date": "2020-01-01"})
    assert old.status_code == 201
    assert shared_site.hal(path)["_links"]["fx:last_transaction"]["href"] == last.headers["Location"]
    page = shared_site.hal(shown["_links"]["fx:transactions"]["href"])
    assert page["total_items"] == 3


@pytest.mark.parametrize("uri", ["/subscriptions/2", "/subscriptions/999999", "/customers/115", "x"])
def test_only_a_subscription_of_the_buyer_led_to_it(shared_site: Site, uri: str) -> None:
    bought = {"customer_uri": customer(shared_site), "subscription_uri": uri, "items": ITEMS}
    answer = shared_site.send("POST", "/stores/66/transactions", bought)
    assert "must be the address of a subscription of this customer" in refusals(answer)["subscription_uri"]
