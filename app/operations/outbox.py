"""How much waits to be told to webhooks, and for how long: found out when somebody asks."""

import threading
import time
from collections.abc import Iterable

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import BigInteger, Integer, Table, bindparam, case, func, select

from app.db.reader import Reader, Unavailable
from app.events import Event
from app.resources.store import Store
from app.resources.webhook_status import WebhookStatus, is_pending

log = structlog.get_logger()

FRESH_SECONDS = 10.0
LONGEST_SECONDS = 2.0
"""How long it is looked for: with so many stores that it takes longer, nothing is told rather than a part."""

_STORE = bindparam("store", type_=Integer)
_NOW = bindparam("now", type_=BigInteger)
_STATUS: Table = WebhookStatus.__table__  # type: ignore[assignment] # a table it is

_HELP = {
    "patron_outbox_events": "Events that no worker has looked at yet.",
    "patron_outbox_oldest_seconds": "Since when the oldest of them waits.",
    "patron_deliveries_pending": "Deliveries that are not over, those of webhooks that are off among them.",
    "patron_deliveries_overdue": "Those of them whose moment has come.",
    "patron_deliveries_overdue_seconds": "Since when the most overdue waits.",
}


class Outbox(Collector):
    """Looks store by store, as all that is asked of their tables is, at most every ten seconds."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._stores = reader.prepare(select(Store.id))
        self._events = reader.prepare(
            select(func.count(), func.min(Event.happened_at)).where(Event.store_id == _STORE)
        )
        due = case((_STATUS.c.next_at <= _NOW, _STATUS.c.next_at))
        self._deliveries = reader.prepare(
            select(func.count(), func.count(due), func.min(due)).where(
                _STATUS.c.store_id == _STORE, is_pending(_STATUS)
            )
        )
        self._lock = threading.Lock()
        self._seen: tuple[float, ...] | None = None
        self._again_at = 0.0

    def collect(self) -> Iterable[Metric]:
        """The gauges; none where the database does not answer."""
        with self._lock:
            if time.monotonic() >= self._again_at:
                self._seen = self._looked()
                self._again_at = time.monotonic() + FRESH_SECONDS
            seen = self._seen
        if seen is not None:
            for (name, said), value in zip(_HELP.items(), seen, strict=True):
                yield GaugeMetricFamily(name, said, value=value)

    def describe(self) -> Iterable[Metric]:
        """Nothing: to register it asks no database."""
        return ()

    def _looked(self) -> tuple[float, ...] | None:
        now, end = int(time.time()), time.monotonic() + LONGEST_SECONDS
        events = pending = overdue = 0
        oldest = due = now
        try:
            for (store_id,) in self._reader.run(self._stores, {}):
                values = {"store": store_id, "now": now}
                ((more, since),) = self._reader.run(self._events, values)
                ((waiting, late, first),) = self._reader.run(self._deliveries, values)
                events, pending, overdue = events + more, pending + waiting, overdue + late
                oldest, due = min(oldest, since or now), min(due, first or now)
                if time.monotonic() > end:
                    log.warning("outbox_not_measured", reason="too many stores to look at in time")
                    return None
        except Unavailable:
            return None
        return float(events), float(now - oldest), float(pending), float(overdue), float(now - due)
