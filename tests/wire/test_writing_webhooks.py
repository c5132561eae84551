"""Webhooks as resources: what they take, what they refuse, and what being switched on again lets go out."""

from typing import Any

import pytest
from sqlalchemy import select

from app.db.sessions import store_session
from app.events import Event, has_recorded
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus
from app.sandbox import STORE_ID
from tests.site import Site
from tests.wire.documents import refusals
from tests.wire.valid import REGISTRY, least, new

WEBHOOK = REGISTRY.types["webhook"]
WEBHOOKS = "/stores/66/webhooks"

FAULTY: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"format": "zapier"}, "format", "format zapier is told nothing here, only json is"),
    ({"format": "xml"}, "format", "format must be json"),
    ({"version": 1}, "version", "version must be greater than or equal to 2"),
    ({"event_resource": "transaction_log"}, "event_resource", "transaction_log is not among what is told"),
    ({"event_resource": "store"}, "event_resource", "must be one of customer, subscription, transaction"),
    ({"encryption_key": ""}, "encryption_key", "can't be blank"),
    ({"is_active": 2}, "is_active", "must be less than or equal to 1"),
    ({"is_active": True}, "is_active", "is not a number"),
    ({"query": "zoom=shoe_sizes"}, "query", "cannot be applied to a customer: "),
    ({"query": "limit=5"}, "query", "cannot be applied to a customer: "),
    ({"url": None}, "url", "can't be blank"),
    ({"encryption_key": "whsec_"}, "encryption_key", "the base64 of 24 bytes or more"),
    ({"encryption_key": "whsec_!!!" + "x" * 40}, "encryption_key", "the base64 of 24 bytes or more"),
    ({"url": "ftp://receiver.example/"}, "url", "must be an http or https address"),
    ({"url": "https://ada:secret@receiver.example/"}, "url", "must hold no user's name or password"),
    ({"url": "https://receiver.example/#there"}, "url", "without a fragment"),
    ({"url": "https://receiver.example:70000/"}, "url", "its host or port cannot be read"),
    ({"url": "https:///told"}, "url", "names a host"),
    (
        {"url": "http://169.254.169.254/latest/"},
        "url",
        "leads to 169.254.169.254, where deliveries do not go",
    ),
    ({"url": "http://[::ffff:10.0.0.1]/"}, "url", "where deliveries do not go"),
    ({"url": "https://receiver.example/" + "x" * 1000}, "url", "is too long (maximum is 1000 characters)"),
)


@pytest.mark.parametrize(("given", "name", "said"), FAULTY, ids=lambda each: str(each)[:40])
def test_what_cannot_be_told_is_refused(shared_site: Site, given: Any, name: str, said: str) -> None:
    answer = shared_site.send("POST", WEBHOOKS, least(WEBHOOK) | given)

    told = refusals(answer)
    assert list(told) == [name]
    assert said in told[name]


def test_a_webhook_is_shown_as_it_was_given_and_readers_see_no_key(shared_site: Site) -> None:
    given = least(WEBHOOK) | {"url": "https://receiver.example/", "query": "zoom=attributes"}
    path = new(shared_site, WEBHOOK, **given)
    shown = shared_site.hal(path)

    assert {name: shown[name] for name in given} == given
    assert (shown["version"], shown["is_active"]) == (2, 1)
    with store_session(shared_site.engine, STORE_ID) as session:
        row = session.get_one(Webhook, (STORE_ID, int(path.rpartition("/")[2])))
        assert given["encryption_key"] not in str(row.encryption_key)
    found = shared_site.send("GET", f"{WEBHOOKS}?encryption_key={given['encryption_key']}")
    assert found.status_code == 400


def test_the_version_of_a_webhook_is_not_that_of_its_row(shared_site: Site) -> None:
    path = new(shared_site, WEBHOOK)
    first = shared_site.ask(path).headers["ETag"]
    changed = shared_site.send("PATCH", path, {"name": "Another"}, If_Match=first)

    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert changed.headers["ETag"].startswith('"2-')
    assert shared_site.send("PATCH", path, {"name": "Lost"}, If_Match=first).status_code == 412
    assert shared_site.ask(f"{WEBHOOKS}?version=2").status_code == 400


def test_a_query_must_fit_the_resource_whichever_of_the_two_is_written(shared_site: Site) -> None:
    path = new(shared_site, WEBHOOK, query="zoom=default_billing_address")

    said = refusals(shared_site.send("PATCH", path, {"event_resource": "transaction"}))
    assert said["query"].startswith("query cannot be applied to a transaction: ")
    both = {"event_resource": "transaction", "query": "zoom=items"}
    assert shared_site.send("PATCH", path, both).status_code == 200


def statuses(site: Site, webhook_id: int) -> dict[int, tuple[str, int]]:
    """What has become of a webhook's deliveries, and how often each was tried."""
    with site.engine.connect() as connection:
        theirs = (WebhookStatus.store_id == STORE_ID, WebhookStatus.webhook_id == webhook_id)
        columns = (WebhookStatus.id, WebhookStatus.status, WebhookStatus.attempts)
        return {row[0]: (row[1], row[2]) for row in connection.execute(select(*columns).where(*theirs))}


def test_switched_on_again_it_is_told_what_was_given_up_and_not_overtaken(shared_site: Site) -> None:
    path = new(shared_site, WEBHOOK, is_active=0)
    webhook_id = int(path.rpartition("/")[2])
    first = webhook_id * 10
    rows = (("failed", 116), ("successful", 116), ("failed", 116), ("failed", 117), ("pending", 118))
    with store_session(shared_site.engine, STORE_ID) as session:
        for number, (status, resource_id) in enumerate(rows):
            session.add(
                WebhookStatus(
                    id=first + number,
                    webhook_id=webhook_id,
                    resource_type="customer",
                    resource_id=resource_id,
                    event="customer/modified",
                    delivery=f"{first + number}",
                    sequence=number,
                    status=status,
                    attempts=11,
                    next_at=2**40,
                )
            )
        session.get_one(Webhook, (STORE_ID, webhook_id)).exhausted = 12
    before = statuses(shared_site, webhook_id)
    shared_site.send("PATCH", path, {"name": "Still off"})
    assert statuses(shared_site, webhook_id) == before

    shared_site.send("PATCH", path, {"is_active": 1})
    assert statuses(shared_site, webhook_id) == {
        first: ("failed", 11),
        first + 1: ("successful", 11),
        first + 2: ("pending", 0),
        first + 3: ("pending", 0),
        first + 4: ("pending", 0),
    }
    with store_session(shared_site.engine, STORE_ID) as session:
        row = session.get_one(Webhook, (STORE_ID, webhook_id))
        assert row.exhausted == 0
        row.is_active = 0
    assert not has_recorded(session)
    assert shared_site.send("DELETE", path).status_code == 200
    assert statuses(shared_site, webhook_id) == {}


def refeeds(site: Site, row_id: int) -> list[tuple[str, int | None]]:
    """The events of a resource that are for one webhook alone."""
    with site.engine.connect() as connection:
        theirs = (Event.store_id == STORE_ID, Event.resource_id == row_id, Event.webhook_id.is_not(None))
        rows = connection.execute(
            select(Event.name, Event.webhook_id).where(*theirs).order_by(Event.sequence)
        )
        return [(row[0], row[1]) for row in rows]


def test_a_refeed_is_queued_for_all_that_are_active_or_for_those_that_are_named(own_site: Site) -> None:
    send = "/customers/116/send_webhooks"
    nobody = own_site.send("POST", send, {})
    assert (nobody.status_code, nobody.json["refeed_hooks"]) == (200, [])
    assert "nothing was queued" in nobody.json["message"]

    active, silent, other = (
        int(new(own_site, WEBHOOK, name=name, **given).rpartition("/")[2])
        for name, given in (
            ("One", {}),
            ("Two", {"is_active": 0}),
            ("Three", {"event_resource": "transaction"}),
        )
    )
    answer = own_site.send("POST", send, {"event": "refeed"})
    assert answer.json["message"] == f"customer 116: a refeed was queued for 1 webhook: {active} (One)."
    assert own_site.send("POST", send, {"refeed_hooks": [silent, silent]}).status_code == 200
    none = own_site.send("POST", send, {"refeed_hooks": []}).json
    assert (none["refeed_hooks"], none["message"]) == (
        [],
        "customer 116: refeed_hooks names no webhook, so nothing was queued.",
    )
    assert refeeds(own_site, 116) == [("customer/refeed", active), ("customer/refeed", silent)]

    for wrong, said in ((other, "hears of a transaction"), (4711, "is no webhook"), ("1", "is not a number")):
        refused = own_site.send("POST", send, {"refeed_hooks": [active, wrong]})
        (told,) = refusals(refused).values()
        assert said in told
    assert "event" in refusals(own_site.send("POST", send, {"event": "created"}))
    assert len(refeeds(own_site, 116)) == 2
    assert own_site.send("POST", "/customers/4711/send_webhooks", {}).status_code == 404
