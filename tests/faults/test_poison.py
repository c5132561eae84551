"""Rows in the queue that nobody can make sense of: they are set aside, to be seen, and hold up nothing."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import unguarded_engine
from app.db.ids import Ids
from app.db.sessions import store_session
from app.encryption import Cipher
from app.events import Event
from app.events.states import FAILED, PENDING, SUCCESSFUL
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.server.test_webhook_crashes import Working, at_work
from tests.site import SECRET
from tests.wire.events import add_webhook

HALF = '{"_links":{"self":{"href":"http://localhost/customers/7"}},"password_hash":"$2b'
NO_JSON = (HALF, "", "no JSON at all", '"' + "[" * 100_000)


def poison(working: Working) -> None:
    """Deletions whose payloads are none, and a delivery of what no resource is; before all that is right."""
    now = int(time.time())
    deleted: dict[str, Any] = {"resource_type": "customer", "name": "customer/deleted", "happened_at": now}
    made = Ids(working.site.engine, block=1).take(STORE_ID, "webhook_status")
    with store_session(working.site.engine, STORE_ID) as session:
        webhook_id = session.scalars(select(Webhook.id).where(Webhook.store_id == STORE_ID)).one()
        session.add_all(
            Event(
                store_id=STORE_ID,
                id=f"{number:032x}",
                resource_id=7_000 + number,
                sequence=1,
                payload=each,
                **deleted,
            )
            for number, each in enumerate(NO_JSON)
        )
        unknown = {
            "resource_type": "nonsense",
            "resource_id": 1,
            "event": "nonsense/made",
            "delivery": "nonsense",
        }
        session.add(WebhookStatus(id=made, webhook_id=webhook_id, sequence=1, next_at=now, **unknown))


def statuses(working: Working) -> list[tuple[str, str, int]]:
    """The state of each delivery of the store, of what, and how often it was tried: as its owner sees it."""
    (webhook,) = working.site.hal(f"/stores/{STORE_ID}/webhooks")["_embedded"]["fx:webhooks"]
    page = working.site.hal(webhook["_links"]["fx:statuses"]["href"] + "?limit=300")
    (found,) = page["_embedded"].values()
    return [(each["status"], each["event"], each["attempts"]) for each in found]


@pytest.mark.timeout(180)
def test_what_nobody_can_read_is_set_aside_and_holds_up_no_store(engine_name: str, tmp_path: Path) -> None:
    with at_work(engine_name, tmp_path) as working:
        key = Cipher(SECRET).encrypt("key")
        add_webhook(working.site, OTHER_STORE_ID, url=working.receiver.url, encryption_key=key)
        poison(working)
        working.change(3)
        other = working.site.send(
            "PATCH", "/customers/201", {"first_name": "New"}, token=working.site.other_store_token
        )
        assert other.status_code == 200
        with working.worker() as worker:
            working.await_all()
            await_failed(working)
            working.receiver.wait_for(7)
            seen = sorted(statuses(working))
            working.change()
            time.sleep(1.5)  # sweeps come and go
            working.await_all()
            assert worker.poll() is None

        expected = [(FAILED, "customer/deleted", 1)] * len(NO_JSON) + [(PENDING, "nonsense/made", 1)]
        assert [each for each in seen if each[0] != SUCCESSFUL] == expected
        later = [each for each in sorted(statuses(working)) if each[0] != SUCCESSFUL]
        assert later == expected, "they are tried again and again"
        lines = [json.loads(line) for line in (tmp_path / "worker.log").read_text().splitlines()]
        assert [line["event"] for line in lines if line["level"] == "error"] == ["payload_unrendered"]
        assert len(working.receiver.heard) == 9


def await_failed(working: Working) -> None:
    engine, end = unguarded_engine(working.site.url), time.monotonic() + 60
    while working.count(FAILED) < len(NO_JSON):
        assert time.monotonic() < end, (working.folder / "worker.log").read_text()
        time.sleep(0.05)
    engine.dispose()
