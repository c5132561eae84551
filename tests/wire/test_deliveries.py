"""What becomes of events: told to their webhooks in order, again and again, signed, until they are heard."""

import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import delete, select

from app.db.ids import Ids
from app.db.sessions import store_session
from app.encryption import Cipher
from app.events import Event
from app.events.states import FAILED, PENDING, SUCCESSFUL
from app.resources.customer import Customer
from app.resources.subscription import Subscription
from app.resources.transaction_template import TransactionTemplate
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.receiver import Heard, Receiver, receiving
from tests.site import SECRET, Site
from tests.wire.delivering import Driven, driving
from tests.wire.events import add_webhook, recorded

CUSTOMER = "/customers/115"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def driven(shared_site: Site) -> Iterator[Driven]:
    """A worker of a site in which nothing is left of other tests' webhooks."""
    with shared_site.engine.begin() as connection:
        for store_id in (STORE_ID, OTHER_STORE_ID):
            for table in (Event, Webhook):
                connection.execute(delete(table).where(table.store_id == store_id))
    with driving(shared_site) as made:
        yield made


def listening(driven: Driven, receiver: Receiver, **columns: object) -> int:
    key = Cipher(SECRET).encrypt("a key")
    return add_webhook(driven.site, **{"url": receiver.url, "encryption_key": key, **columns})


def modify(driven: Driven, name: str, path: str = CUSTOMER) -> str:
    """Modifies a customer; the id of the event."""
    before = {each.sequence for each in recorded(driven.site)}
    assert driven.site.send("PATCH", path, {"first_name": name}).status_code == 200
    with store_session(driven.site.engine, STORE_ID) as session:
        events = list(session.scalars(select(Event).where(Event.store_id == STORE_ID)))
    return next(each.id for each in events if each.sequence not in before)


def refusing(_: Heard) -> int:
    return 500


def test_a_change_is_told_with_the_resource_as_it_is_and_a_signature(
    driven: Driven, receiver: Receiver
) -> None:
    webhook = listening(driven, receiver, query="zoom=default_billing_address&fields=id,first_name")
    event = modify(driven, "Ann")
    driven.serve()

    [heard] = receiver.heard
    told = json.loads(heard.body)
    assert heard.event == "customer/modified"
    assert heard.delivery == f"{event}-{webhook}"
    assert (told["id"], told["first_name"]) == (115, "Ann")
    assert "email" not in told
    assert "fx:default_billing_address" in told["_embedded"]
    signature = hmac.new(b"a key", heard.body, "sha256").hexdigest()
    assert heard.headers["foxy-webhook-signature"] == signature
    assert [(each.status, each.attempts, each.payload) for each in driven.statuses()] == [
        (SUCCESSFUL, 1, None)
    ]
    assert [(each.response_code, each.response_body) for each in driven.logs()] == [("200", "ok")]
    assert recorded(driven.site) == []


def test_every_webhook_of_the_kind_is_told_those_of_other_kinds_and_stores_are_not(
    driven: Driven, receiver: Receiver
) -> None:
    ours = {listening(driven, receiver), listening(driven, receiver)}
    listening(driven, receiver, event_resource="transaction")
    listening(driven, receiver, store_id=OTHER_STORE_ID)
    event = modify(driven, "Bob")
    driven.serve()
    driven.serve(OTHER_STORE_ID)

    assert sorted(each.delivery for each in receiver.heard) == sorted(f"{event}-{each}" for each in ours)


def test_what_happens_to_one_customer_is_told_in_its_order_even_while_attempts_fail(
    driven: Driven, receiver: Receiver
) -> None:
    listening(driven, receiver)
    events = [modify(driven, "One"), modify(driven, "Two")]
    receiver.answer = refusing
    driven.serve()
    other = modify(driven, "Aside", "/customers/116")
    events.append(modify(driven, "Three"))
    driven.serve()
    assert {each.event_id for each in receiver.heard} == {events[0], other}

    receiver.answer = lambda _: 200
    receiver.heard.clear()
    driven.let_it_be_due()
    driven.serve()
    assert [each.event_id for each in receiver.heard if each.event_id != other] == events
    assert {each.status for each in driven.statuses()} == {SUCCESSFUL}


def test_a_retry_has_the_same_body_and_name_whatever_has_changed_meanwhile(
    driven: Driven, receiver: Receiver
) -> None:
    listening(driven, receiver)
    modify(driven, "Before")
    receiver.answer = refusing
    driven.serve()
    modify(driven, "After")
    receiver.answer = lambda _: 200
    driven.let_it_be_due()
    driven.serve()

    first, again, then = receiver.heard
    assert (first.body, first.delivery) == (again.body, again.delivery)
    assert json.loads(again.body)["first_name"] == "Before"
    assert [each.headers["patron-webhook-attempt"] for each in (first, again, then)] == ["1", "2", "1"]
    assert json.loads(then.body)["first_name"] == "After"


def test_a_receiver_that_is_down_for_longer_than_three_days_is_given_up_and_what_follows_is_told(
    driven: Driven, receiver: Receiver
) -> None:
    listening(driven, receiver)
    lost = modify(driven, "Lost")
    receiver.answer = refusing
    passed = []
    driven.serve()
    while any(each.status == PENDING for each in driven.statuses()):
        passed.append(driven.let_it_be_due())
        driven.serve()

    assert [each.event_id for each in receiver.heard] == [lost] * 18
    assert len({each.delivery for each in receiver.heard}) == 1
    assert all(earlier <= later * 1.01 for earlier, later in pairwise(passed[:11]))
    assert 60 * 3600 < sum(passed) <= 72 * 3600
    assert [each.status for each in driven.statuses()] == [FAILED]
    assert {each.response_code for each in driven.logs()} == {"500"}

    receiver.answer = lambda _: 200
    told = modify(driven, "Told")
    driven.serve()
    assert receiver.heard[-1].event_id == told


def exhaust(driven: Driven, webhook: int, paths: list[str]) -> None:
    for number, path in enumerate(paths):
        modify(driven, f"Name {number} of {len(paths)}", path)
    driven.serve()
    with driven.site.engine.begin() as connection:
        here = (WebhookStatus.store_id == STORE_ID, WebhookStatus.webhook_id == webhook)
        pending = WebhookStatus.__table__.update().where(*here, WebhookStatus.status == PENDING)
        connection.execute(pending.values(attempts=17))
    driven.let_it_be_due()
    driven.serve()


def customers(driven: Driven, count: int) -> list[str]:
    """The paths of new customers."""
    ids = Ids(driven.site.engine, block=1)
    made = [ids.take(STORE_ID, "customer") for _ in range(count)]
    with store_session(driven.site.engine, STORE_ID) as session:
        session.add_all(
            Customer(id=each, email=f"c{each}@example.com", email_key=f"c{each}@example.com") for each in made
        )
    driven.worker.deliveries.serve(STORE_ID)
    return [f"/customers/{each}" for each in made]


def test_twelve_given_up_in_a_row_switch_a_webhook_off_and_what_waits_goes_out_when_it_is_on_again(
    driven: Driven, receiver: Receiver
) -> None:
    paths = customers(driven, 12)
    webhook = listening(driven, receiver)
    receiver.answer = refusing
    exhaust(driven, webhook, paths[:11])
    assert (driven.webhook(webhook).is_active, driven.webhook(webhook).exhausted) == (1, 11)
    receiver.answer = lambda _: 200
    modify(driven, "Heard")
    driven.serve()
    assert driven.webhook(webhook).exhausted == 0

    receiver.answer = refusing
    version = driven.webhook(webhook).version
    exhaust(driven, webhook, paths)
    assert (driven.webhook(webhook).is_active, driven.webhook(webhook).version) == (0, version + 1)

    receiver.heard.clear()
    receiver.answer = lambda _: 200
    waiting = [modify(driven, "One"), modify(driven, "Two")]
    driven.serve()
    assert receiver.heard == []
    assert [each.status for each in driven.statuses()][-2:] == [PENDING, PENDING]

    driven.change(webhook, is_active=1)
    driven.serve()
    assert [each.event_id for each in receiver.heard] == waiting


def test_what_is_gone_before_it_was_told_is_let_go_and_its_deletion_is_told(
    driven: Driven, receiver: Receiver
) -> None:
    [path] = customers(driven, 1)
    webhook = listening(driven, receiver)
    modify(driven, "Gone", path)
    assert driven.site.send("DELETE", path).status_code == 200
    driven.serve()

    assert [each.event for each in receiver.heard] == ["customer/deleted"]
    assert json.loads(receiver.heard[0].body)["first_name"] == "Gone"
    assert [each.status for each in driven.statuses()] == [FAILED, SUCCESSFUL]
    assert [each.response_code for each in driven.logs()] == ["gone", "200"]
    assert driven.webhook(webhook).exhausted == 0


def test_a_receiver_may_ask_to_be_left_alone_and_its_answer_is_kept_in_part(
    driven: Driven, receiver: Receiver
) -> None:
    listening(driven, receiver)
    modify(driven, "Ann")
    receiver.answer, receiver.headers = lambda _: 429, {"Retry-After": "7200"}
    receiver.body = b"\0\xff" + b"x" * 5000
    driven.serve()

    assert 7100 < driven.let_it_be_due() <= 7200
    [line] = driven.logs()
    assert line.response_code == "429"
    assert line.response_body == "\ufffd\ufffd" + "x" * 998


def test_three_days_after_the_first_attempt_it_is_over_whatever_a_receiver_asks(
    driven: Driven, receiver: Receiver
) -> None:
    listening(driven, receiver)
    modify(driven, "Asked")
    receiver.answer, receiver.headers = lambda _: 503, {"Retry-After": "86400"}
    driven.serve()
    (first,) = driven.statuses()
    assert first.begun_at is not None
    for passed, left in ((60, 12), (72, None)):
        with driven.site.engine.begin() as connection:
            here = WebhookStatus.__table__.update().where(WebhookStatus.store_id == STORE_ID)
            connection.execute(here.values(begun_at=int(time.time()) - passed * 3600))
        driven.let_it_be_due()
        driven.serve()
        (status,) = driven.statuses()
        assert status.status == (PENDING if left else FAILED)
        if left:
            assert abs(status.next_at - time.time() - left * 3600) < 60


def test_two_workers_tell_everything_once_and_in_order(driven: Driven, receiver: Receiver) -> None:
    paths = customers(driven, 4)
    listening(driven, receiver)
    events: dict[str, list[str]] = {path: [] for path in paths}
    for number in range(5):
        for path in paths:
            events[path].append(modify(driven, f"Name {number}", path))
    with driving(driven.site) as second, ThreadPoolExecutor(2) as pool:

        def drive(each: Driven) -> None:
            try:
                tell_all(each)
            finally:
                each.worker.reader.close()

        def tell_all(each: Driven) -> None:
            deadline = time.monotonic() + 30
            while [status.status for status in driven.statuses()] != [SUCCESSFUL] * 20:
                assert time.monotonic() < deadline
                each.worker.deliveries.serve(STORE_ID)
                while not each.worker.deliveries.outcomes.empty():
                    outcome = each.worker.deliveries.outcomes.get()
                    assert outcome
                    each.worker.deliveries.record(STORE_ID, [outcome])

        list(pool.map(drive, [driven, second]))
    heard = [each.event_id for each in receiver.heard]
    assert sorted(heard) == sorted(event for told in events.values() for event in told)
    for told in events.values():
        assert [event for event in heard if event in told] == told


def test_what_another_has_claimed_is_left_to_it_until_its_lease_runs_out_or_makes_no_sense(
    driven: Driven, receiver: Receiver
) -> None:
    listening(driven, receiver)
    for until, is_left in ((-1, False), (7200, False), (30, True)):
        receiver.heard.clear()
        event = modify(driven, f"Lease {until}")
        driven.worker.deliveries._tools.fan_out(STORE_ID, 0)
        with driven.site.engine.begin() as connection:
            here = (WebhookStatus.store_id == STORE_ID, WebhookStatus.status == PENDING)
            held = WebhookStatus.__table__.update().where(*here)
            connection.execute(held.values(lease="another", lease_until=int(time.time()) + until))
        if is_left:
            driven.worker.deliveries.serve(STORE_ID)
            assert driven.worker.deliveries.outcomes.empty()
            assert receiver.heard == []
        else:
            driven.serve()
            assert receiver.heard[-1].event_id == event


def test_what_a_worker_saw_before_another_tried_it_is_not_sent_at_once_again(
    driven: Driven, receiver: Receiver
) -> None:
    webhook_id = listening(driven, receiver)
    receiver.answer = lambda _: 500
    modify(driven, "Raced")
    claims, now = driven.worker.claims, int(time.time())
    driven.worker.deliveries._tools.fan_out(STORE_ID, now)
    (seen,) = claims.due(STORE_ID, webhook_id, 10, now)
    driven.serve()

    assert claims.claim(STORE_ID, [(seen, "something newer")], now).ids == frozenset()
    driven.let_it_be_due()
    assert claims.claim(STORE_ID, [(seen, "something newer")], now).ids == frozenset()
    (status,) = driven.statuses()
    assert (status.attempts, status.payload) == (1, receiver.heard[0].body.decode())


def test_hashes_that_were_meant_for_https_are_kept_back_when_the_webhook_leads_elsewhere(
    driven: Driven, receiver: Receiver
) -> None:
    nowhere = "https://127.0.0.1:1/"
    webhook_id = listening(driven, receiver, url=nowhere, query="zoom=default_billing_address")
    made = driven.site.send(
        "POST", f"/stores/{STORE_ID}/customers", {"email": "moved@example.com", "password": "a good one"}
    )
    driven.serve()
    (status,) = driven.statuses()
    driven.change(webhook_id, url=receiver.url)
    driven.let_it_be_due()
    driven.serve()

    kept = json.loads(status.payload or "{}")
    assert "password_hash" in kept
    told = json.loads(receiver.heard[0].body)
    assert {name for name in kept if name not in told} == {
        "password_salt", "password_hash", "password_hash_type", "password_hash_config",
    }  # fmt: skip
    assert told == {name: kept[name] for name in told}

    driven.change(webhook_id, url=nowhere)
    driven.site.send("DELETE", made.headers["Location"].removeprefix("http://localhost"))
    driven.change(webhook_id, url=receiver.url)
    driven.serve()
    assert receiver.heard[-1].event == "customer/deleted"
    assert b"password_hash" not in receiver.heard[-1].body


def test_a_customer_s_change_is_one_of_their_active_subscriptions_too(
    driven: Driven, receiver: Receiver
) -> None:
    [path] = customers(driven, 1)
    webhook = listening(driven, receiver, event_resource="subscription")
    ids = Ids(driven.site.engine, block=1)
    template, active, ended = (
        ids.take(STORE_ID, kind) for kind in ("transaction_template", "subscription", "subscription")
    )
    with store_session(driven.site.engine, STORE_ID) as session:
        session.add(TransactionTemplate(id=template))
        session.flush()
        for each, is_active in ((active, True), (ended, False)):
            session.add(
                Subscription(
                    id=each,
                    customer_id=int(path.rpartition("/")[2]),
                    transaction_template_id=template,
                    next_transaction_date=datetime(2030, 1, 1, tzinfo=UTC),
                    frequency="1m",
                    is_active=is_active,
                )
            )
    driven.serve()
    receiver.heard.clear()
    event = modify(driven, "Ann", path)
    driven.serve()

    [heard] = receiver.heard
    assert heard.event == "subscription/modified"
    assert heard.delivery == f"{event}-{webhook}-{active}"
    assert json.loads(heard.body)["_links"]["self"]["href"].endswith(f"/subscriptions/{active}")


def test_what_cannot_be_rendered_is_tried_again_and_holds_up_nothing_else(
    driven: Driven, receiver: Receiver
) -> None:
    """No such thing is known: here it is an event of a kind that this version has never heard of."""
    webhook = listening(driven, receiver)
    driven.change(webhook, event_resource="riddle")
    with store_session(driven.site.engine, STORE_ID) as session:
        of_riddle = {"resource_type": "riddle", "resource_id": 1, "name": "riddle/modified"}
        session.add(Event(store_id=STORE_ID, id="0" * 32, sequence=1, happened_at=0, **of_riddle))
    driven.serve()
    driven.change(webhook, event_resource="customer")
    event = modify(driven, "Ann")
    driven.serve()

    assert [each.response_code for each in driven.logs()] == ["unrendered", "200"]
    assert [each.event_id for each in receiver.heard] == [event]
