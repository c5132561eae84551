"""The events that a site has recorded, and webhooks that would want them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select

from app.db.ids import Ids
from app.db.sessions import store_session
from app.encryption import Cipher
from app.events import Event
from app.resources.webhook import Webhook
from app.sandbox import STORE_ID
from tests.site import SECRET, Site

RESOURCES = ("customer", "transaction", "subscription")


@dataclass(frozen=True)
class Recorded:
    """An event, as its row has it."""

    name: str
    resource_id: int
    sequence: int
    webhook_id: int | None
    payload: str | None


def add_webhook(site: Site, store_id: int = STORE_ID, **columns: Any) -> int:
    """A webhook of a store, and its id."""
    webhook_id = Ids(site.engine, block=1).take(store_id, "webhook")
    given = {
        "name": f"Receiver {webhook_id}",
        "format": "json",
        "url": "https://receiver.example/",
        "encryption_key": Cipher(SECRET).encrypt(uuid4().hex),
        "event_resource": "customer",
    }
    with store_session(site.engine, store_id) as session:
        session.add(Webhook(id=webhook_id, **given | columns))
    return webhook_id


def recorded(site: Site, store_id: int = STORE_ID) -> list[Recorded]:
    """The events of a store, in their order."""
    with site.engine.connect() as connection:
        rows = connection.execute(select(Event.__table__).where(Event.store_id == store_id)).all()
    rows = sorted(rows, key=lambda each: (each.sequence, each.id))
    return [
        Recorded(each.name, each.resource_id, each.sequence, each.webhook_id, each.payload) for each in rows
    ]


def names(site: Site) -> list[tuple[str, int]]:
    """What has happened, and to what."""
    return [(each.name, each.resource_id) for each in recorded(site)]


def forget(site: Site) -> None:
    """Takes the events away, as a worker would."""
    with site.engine.begin() as connection:
        connection.execute(delete(Event).where(Event.store_id == STORE_ID))
