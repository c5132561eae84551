"""Events: each write of what webhooks are told of leaves one, in its own transaction, or neither is there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert

from app.db import guard
from app.db.sessions import store_session
from app.db.tables import Base, StoreRow
from app.events import Event, UntoldDeletion, has_recorded
from app.resources import TYPES
from app.resources.customer import Customer
from app.resources.item import Item
from app.resources.transaction_template import TransactionTemplate
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.racing import FEW, statuses, together
from tests.site import Site, counted_statements, hash_cheaply, open_site, writing
from tests.wire.addresses import ADDRESSES, TRADE, Address, add_trade
from tests.wire.events import RESOURCES, add_webhook, forget, names, recorded
from tests.wire.valid import REGISTRY, least, new

CUSTOMER = REGISTRY.types["customer"]

WHOSE = {
    "customer": "customer",
    "customer_attribute": "customer",
    "customer_address": "customer",
    "payment_method": "customer",
    "transaction": "transaction",
    "transaction_attribute": "transaction",
    "item": "transaction",
    "subscription": "subscription",
    "subscription_attribute": "subscription",
    "transaction_template": "subscription",
}
"""Whose events a write of each type is. The types below are nobody's."""

SILENT = {"store", "store_attribute", "customer_portal_settings", "client", "user", "webhook"}
SILENT |= {"webhook_status", "webhook_log"}


@pytest.fixture(scope="module")
def told_site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a webhook for each kind of event."""
    with open_site(engine_name, tmp_path_factory.mktemp("told")) as opened:
        hash_cheaply(opened)
        for resource in RESOURCES:
            add_webhook(opened, event_resource=resource)
        add_trade(opened, 120)
        yield opened


WRITES = [
    (address, method)
    for address in ADDRESSES
    if address.target is not None and address.owner.reach == "store"
    for method in address.writing
]


@pytest.mark.parametrize(("address", "method"), WRITES, ids=lambda each: getattr(each, "href", each))
def test_a_write_is_told_once_of_the_resource_that_it_is_about(
    told_site: Site, address: Address, method: str
) -> None:
    assert address.target
    path = address.make(told_site)
    if method == "DELETE" and address.relation is not None:
        told_site.send("PATCH", path, address.body())
    before = told_site.ask(path)
    forget(told_site)
    answer = told_site.send(method, path, sent(address, method))

    assert answer.status_code in {200, 201}, answer.text
    happened = names(told_site)
    if address.target.name in SILENT:
        assert happened == []
        return
    resource = WHOSE[address.target.name]
    done = "modified"
    if address.target.name == resource:
        done = {"POST": "created", "DELETE": "deleted"}.get(method, "modified")
    about = answer if method == "POST" and address.target.name == resource else before
    if "end_date" in (sent(address, method) or {}) and done == "modified":
        done = "cancelled"
    told = set(happened) if done == "deleted" else happened  # which each webhook is told on its own
    led = (sent(address, method) or {}).get("subscription_uri") if method == "POST" else None
    beside = [("subscription/modified", int(led.rpartition("/")[2]))] if led else []
    assert list(told) == [(f"{resource}/{done}", owner(json.loads(about.data), path, resource)), *beside]


def sent(address: Address, method: str) -> Any:
    """A body that changes something."""
    assert address.target
    if method == "DELETE":
        return None
    if address.many and method in {"PUT", "PATCH"}:
        return [least(address.target)]
    return address.body()


def owner(document: dict[str, Any], path: str, resource: str) -> int:
    """The id of the resource that a document is about, or that stands in its path, or that it links to."""
    links = document["_links"]
    hrefs = (links["self"]["href"], path, links.get(f"fx:{resource}", {}).get("href", ""))
    plural = {"customer": "customers", "transaction": "transactions", "subscription": "subscriptions"}
    found = (each.partition(f"/{plural[resource]}/")[2].partition("/")[0] for each in hrefs)
    return int(next(each for each in found if each))


def test_all_that_webhooks_can_be_told_of_is_somebodys() -> None:
    assert {each.name for each in TYPES} <= WHOSE.keys() | SILENT
    told = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, StoreRow)}
    assert {each.__tablename__ for each in told if each.told} == set(RESOURCES)


def test_what_changes_nothing_is_not_told(told_site: Site) -> None:
    path = new(told_site, CUSTOMER)
    shown = told_site.hal(path)
    forget(told_site)
    for method, body in (("PATCH", {"first_name": shown["first_name"]}), ("PATCH", {}), ("PUT", shown)):
        assert told_site.send(method, path, body).status_code == 200
    assert told_site.send("PATCH", path, {"frist_name": "Ada"}).status_code == 400
    assert told_site.send("PUT", f"{path}/attributes", []).status_code == 200

    assert recorded(told_site) == []


def test_many_at_once_are_told_as_one(told_site: Site) -> None:
    path = new(told_site, CUSTOMER)
    forget(told_site)
    several = [{"name": f"Size {number}", "value": "44"} for number in range(5)]
    assert told_site.send("PUT", f"{path}/attributes", several).status_code == 200

    assert names(told_site) == [("customer/modified", int(path.rpartition("/")[2]))]


def test_what_is_written_together_is_told_as_one_and_creation_is_what_is_told(told_site: Site) -> None:
    forget(told_site)
    with store_session(told_site.engine, STORE_ID) as session:
        made = Customer(id=7001, email="together@example.com", email_key="together@example.com")
        session.add(made)
        session.flush()
        made.first_name = "Ada"
        session.flush()
        session.get_one(Customer, (STORE_ID, 117)).first_name = "Another"

    assert sorted(names(told_site)) == [("customer/created", 7001), ("customer/modified", 117)]


def test_what_a_subscription_repeats_is_a_part_of_it(told_site: Site) -> None:
    forget(told_site)
    with store_session(told_site.engine, STORE_ID) as session:
        session.add(Item(id=7002, transaction_template_id=TRADE, name="Another paper"))
        session.add(TransactionTemplate(id=7003))

    assert names(told_site) == [("subscription/modified", TRADE)]


def test_a_store_is_told_of_its_own_alone(told_site: Site) -> None:
    forget(told_site)
    token = told_site.other_store_token
    assert told_site.send("PATCH", "/customers/201", {"first_name": "Kari"}, token=token).status_code == 200

    assert recorded(told_site) == recorded(told_site, OTHER_STORE_ID) == []


def test_without_a_webhook_that_could_want_it_there_is_none(own_site: Site) -> None:
    with counted_statements() as statements:
        own_site.send("PATCH", "/customers/116", {"first_name": "Augusta"})
    assert [each.split()[:3] for each in writing(statements)] == [
        ["UPDATE", "customer", "SET"],
        ["INSERT", "INTO", "event"],
    ]
    assert recorded(own_site) == []

    add_webhook(own_site, event_resource="transaction")
    own_site.send("PATCH", "/customers/116", {"first_name": "Zoë"})
    assert recorded(own_site) == []

    add_webhook(own_site, event_resource="subscription", is_active=0)  # a customer's change is theirs, too
    own_site.send("PATCH", "/customers/116", {"first_name": "Augusta"})
    assert names(own_site) == [("customer/modified", 116)]


def test_a_session_knows_whether_it_has_left_something_to_be_told(told_site: Site) -> None:
    def left(store_id: int, customer_id: int, name: str) -> bool:
        with store_session(told_site.engine, store_id) as session:
            session.get_one(Customer, (store_id, customer_id)).tax_id = name
        return has_recorded(session)

    assert left(STORE_ID, 118, "DE 1")
    assert not left(STORE_ID, 118, "DE 1")
    assert not left(OTHER_STORE_ID, 201, "NO 1")


def test_an_event_comes_behind_those_of_its_resource_that_wait_whatever_the_clock_says(
    told_site: Site,
) -> None:
    path = new(told_site, CUSTOMER)
    row_id = int(path.rpartition("/")[2])
    forget(told_site)
    ahead = {"resource_type": "customer", "resource_id": row_id, "sequence": 2**60, "happened_at": 0}
    with told_site.engine.begin() as connection:
        waiting = insert(Event).values(store_id=STORE_ID, id="0" * 32, name="customer/modified", **ahead)
        connection.execute(waiting)
    told_site.send("PATCH", path, {"first_name": "Ada"})
    told_site.send("POST", f"{path}/attributes", {"name": "Size", "value": "44"})

    assert [each.sequence - 2**60 for each in recorded(told_site)] == [0, 1, 2]


def test_writers_that_race_leave_an_event_each_and_no_two_have_one_place(told_site: Site) -> None:
    path = new(told_site, CUSTOMER)
    forget(told_site)

    patches = [partial(told_site.send, "PATCH", path, {"tax_id": f"T{number}"}) for number in range(FEW)]
    assert statuses(together(told_site, patches)) == {200: FEW}
    happened = recorded(told_site)
    assert len(happened) == len({each.sequence for each in happened}) == FEW


def test_a_deletion_brings_what_each_webhook_asks_for_as_it_was(own_site: Site) -> None:
    plain = add_webhook(own_site, url="http://receiver.example/", query=None)
    zoomed = add_webhook(own_site, query="zoom=default_billing_address&fields=email,first_name")
    gone = add_webhook(own_site, query="zoom=shoe_sizes")
    add_webhook(own_site, event_resource="transaction")
    for each in own_site.hal("/stores/66/subscriptions?customer_id=115")["_embedded"]["fx:subscriptions"]:
        own_site.send("PATCH", each["_links"]["self"]["href"], {"is_active": False})
    forget(own_site)
    shown = own_site.hal("/customers/115?zoom=default_billing_address")
    assert own_site.send("DELETE", "/customers/115").status_code == 200

    happened = {each.webhook_id: each for each in recorded(own_site)}
    assert {each.name for each in happened.values()} == {"customer/deleted"}
    assert sorted(happened) == [plain, zoomed, gone]
    secrets = {"forgot_password", *(name for name in shown if name.startswith("password"))}
    told = {number: json.loads(str(each.payload)) for number, each in happened.items()}
    assert told[plain].keys() == shown.keys() - secrets
    assert told[gone].keys() == shown.keys() - {"forgot_password"}
    assert told[gone]["password_hash"] == shown["password_hash"]
    address = told[zoomed]["_embedded"].pop("fx:default_billing_address")
    assert address == shown["_embedded"]["fx:default_billing_address"]
    assert {name: told[zoomed][name] for name in ("email", "first_name", "_links")} == {
        name: shown[name] for name in ("email", "first_name", "_links")
    }
    attributes = [each["name"] for each in told[plain]["_embedded"]["fx:attributes"]]
    assert attributes == ["Favourite colour", "Loyalty tier"]  # the restricted one is its client's alone


def test_a_deletion_that_nobody_has_announced_is_refused(told_site: Site) -> None:
    path = new(told_site, CUSTOMER)
    with (
        pytest.raises(UntoldDeletion, match="note_deletion"),
        store_session(told_site.engine, STORE_ID) as session,
    ):
        session.delete(session.get_one(Customer, (STORE_ID, int(path.rpartition("/")[2]))))
    assert told_site.ask(path).status_code == 200


class Fault(Exception):
    """What a test lets happen at a statement."""


@contextmanager
def failing_at(number: int) -> Iterator[list[str]]:
    """Lets the statement of this number fail; gives those that were to run."""
    met: list[str] = []

    def observe(text: str) -> None:
        met.append(text)
        if len(met) == number + 1:
            raise Fault

    guard.observers.append(observe)
    try:
        yield met
    finally:
        guard.observers.remove(observe)


BROKEN = (
    ("POST", "/stores/66/customers", {"email": "broken@example.com", "password": "a pass phrase"}),
    ("PATCH", "/customers/121", {"first_name": "Broken"}),
    ("PATCH", "/customers/121/default_billing_address", {"city": "Broken"}),
    ("PUT", "/customers/121/attributes", [{"name": "Broken", "value": "yes"}]),
    ("DELETE", "/customers/121", None),
)


@pytest.mark.parametrize(("method", "path", "body"), BROKEN, ids=lambda each: str(each)[:40])
def test_a_fault_at_any_statement_leaves_neither_the_change_nor_its_event(
    told_site: Site, method: str, path: str, body: Any
) -> None:
    forget(told_site)
    shown = [told_site.ask(each).data for each in (path, "/customers/121")]
    number, status = 0, 500
    while status == 500:
        with failing_at(number) as met:
            status = told_site.send(method, path, body).status_code
        if status == 500:
            assert recorded(told_site) == [], met[-1]
            assert [told_site.ask(each).data for each in (path, "/customers/121")] == shown, met[-1]
        number += 1

    assert status in {200, 201}
    assert any(each.startswith("INSERT INTO event") for each in met)
    assert len(set(names(told_site))) == 1
