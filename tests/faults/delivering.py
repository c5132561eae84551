"""A worker in a process of its own, beside a production server, and the receiver that it tells."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db.engine import open_engine, unguarded_engine
from app.encryption import Cipher
from app.events import Event
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus, is_pending
from tests.receiver import Heard, Receiver, receiving
from tests.server.commands import PATRON, SECRET, environment
from tests.server.production import BASE, ROOT, STORE_ID, Production

PATIENCE = 120


@dataclass
class Delivering:
    """A worker that may be killed and started again; it says nothing that anybody waits for."""

    server: Production
    receiver: Receiver
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.server.folder / "worker.log"

    @property
    def heard(self) -> list[Heard]:
        """What the receiver has heard, but for what a worker that was killed had sent half of."""
        return [each for each in self.receiver.heard if len(each.body) == int(each.headers["content-length"])]

    def start(self) -> None:
        settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": self.server.url}
        settings["WEBHOOK_NETWORKS"] = "127.0.0.0/8"
        variables = {f"PATRON_{name}": value for name, value in settings.items()} | self.server.variables
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [PATRON, "worker"],
                env=environment(**variables, PYTHONPATH=str(ROOT)),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def kill(self) -> None:
        """SIGKILL, at whatever moment."""
        if self.process:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def let_leases_run_out(self) -> None:
        """What a worker that died has claimed, as waiting for a minute would."""
        engine = unguarded_engine(self.server.url)
        with engine.begin() as connection:
            connection.execute(update(WebhookStatus).values(lease_until=0))
        engine.dispose()

    def await_all(self) -> set[str]:
        """Waits until nothing waits to be told any more; of whom has been told, by their addresses."""
        engine, end = open_engine(self.server.url), time.monotonic() + PATIENCE
        while _waiting(engine):
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.1)
        engine.dispose()
        bodies = [each.body for each in self.heard]
        return {each.partition(b'"self":{"href":"')[2].partition(b'"')[0].decode() for each in bodies}


def _waiting(engine: Any) -> int:
    status = WebhookStatus.__table__
    with engine.connect() as connection:
        events = connection.scalar(select(func.count()).where(Event.store_id == STORE_ID))
        pending = select(func.count()).where(status.c.store_id == STORE_ID, is_pending(status))
        return int(events + connection.scalar(pending))


@contextmanager
def delivering(server: Production) -> Iterator[Delivering]:
    """A worker, not yet started, and a webhook that wants to hear of customers; none is left running."""
    with receiving() as receiver:
        _add_webhook(server.url, receiver.url)
        made = Delivering(server, receiver)
        try:
            yield made
        finally:
            made.kill()


def _add_webhook(url: str, to: str) -> None:
    engine = open_engine(url)
    columns: dict[str, Any] = {"name": "Here", "format": "json", "event_resource": "customer", "url": to}
    with Session(engine) as session, session.begin():
        key = Cipher(SECRET).encrypt("a key")
        session.add(Webhook(store_id=STORE_ID, id=1, encryption_key=key, is_active=1, **columns))
    engine.dispose()
