"""A worker that is driven step by step: what a real one does in its threads, this does when asked to."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

from sqlalchemy import select, update

from app.db.sessions import store_session
from app.events.states import PENDING
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus
from app.sandbox import STORE_ID
from app.webhooks.results import Outcome
from app.webhooks.worker import Worker, assemble
from tests.site import BASE, Site

LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass
class Driven:
    """A worker without threads of its own, but for those that post."""

    site: Site
    worker: Worker

    def serve(self, store_id: int = STORE_ID) -> None:
        """Tells all that is due now, and writes down what came of it."""
        for _ in range(1000):
            self.worker.deliveries.serve(store_id)
            if not (outcomes := self._outcomes()):
                return
            self.worker.deliveries.record(store_id, outcomes)
        raise AssertionError("there is no end of what is due")

    def _outcomes(self) -> list[Outcome]:
        """What came of all that is under way."""
        outcomes = []
        while sum(self.worker.deliveries._budgets._busy.values()) > len(outcomes):
            found = self.worker.deliveries.outcomes.get(timeout=60)
            assert found
            outcomes.append(found)
        return outcomes

    def statuses(self, store_id: int = STORE_ID) -> list[WebhookStatus]:
        """The deliveries of a store."""
        with store_session(self.site.engine, store_id) as session:
            return list(session.scalars(select(WebhookStatus).order_by(WebhookStatus.id)))

    def logs(self, store_id: int = STORE_ID) -> list[WebhookLog]:
        """The attempts of a store."""
        with store_session(self.site.engine, store_id) as session:
            return list(session.scalars(select(WebhookLog).order_by(WebhookLog.id)))

    def webhook(self, webhook_id: int) -> Webhook:
        """A webhook as it is now."""
        with store_session(self.site.engine, STORE_ID) as session:
            return session.scalars(select(Webhook).where(Webhook.id == webhook_id)).one()

    def change(self, webhook_id: int, **columns: Any) -> None:
        """Sets columns of a webhook."""
        with self.site.engine.begin() as connection:
            here = (Webhook.store_id == STORE_ID, Webhook.id == webhook_id)
            connection.execute(update(Webhook).where(*here).values(**columns))

    def let_it_be_due(self) -> int:
        """As if so much time had passed that what waits for its next attempt is due; how long that was."""
        waiting = [each.next_at for each in self.statuses() if each.status == PENDING]
        now = int(time.time())
        with self.site.engine.begin() as connection:
            pending = (WebhookStatus.store_id == STORE_ID, WebhookStatus.status == PENDING)
            connection.execute(update(WebhookStatus).where(*pending).values(next_at=now))
        return max(waiting) - now


@contextmanager
def driving(site: Site) -> Iterator[Driven]:
    """A worker of a site."""
    config = site.app.extensions["patron"].config
    worker = assemble(replace(config, webhook_networks=LOOPBACK), BASE)
    try:
        yield Driven(site, worker)
    finally:
        worker.deliveries.stop()
        assert worker.posts.stop(20)
        worker.sender.close()
        worker.reader.close()
        worker.engine.dispose()
