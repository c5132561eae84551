"""Webhooks: how many a worker delivers in a second, and what 10,000 dead ones of a store cost another.

By itself: `python -m tests.benchmarks.webhooks [sqlite] [postgresql]`.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, insert

from app.db.engine import unguarded_engine
from app.db.migrate import upgrade
from app.db.tally import recount
from app.emails import fold_email
from app.encryption import Cipher
from app.events import Event
from app.resources.customer import Customer
from app.resources.store import Store
from app.resources.webhook import Webhook
from tests.benchmarks.receiver import Receiver, receiving
from tests.databases import empty_database

SECRET = "x" * 40
STORE_ID, OTHER_STORE_ID = 1, 2
DELIVERIES, EACH = 5_000, 500
"""How many are delivered; for each so many one of another store's is waited for, beside the dead."""
RATE_GOAL, DELAY_GOAL = 500, 2.0
PATRON = Path(sys.executable).with_name("patron")
ROOT = Path(__file__).parents[2]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was measured on one engine: deliveries a second, and the delays beside the dead, in seconds."""

    engine: str
    count: int
    rate: float
    delays: list[float]

    def report(self) -> str:
        """The figures beside their goals."""
        worst, usual = max(self.delays), sorted(self.delays)[len(self.delays) // 2]
        return (
            f"Webhooks on {self.engine}: {self.rate:.0f} a second, {self.count} of as many customers"
            f" (goal: at least {RATE_GOAL}){_missed(self.rate < RATE_GOAL)}; beside {2 * self.count} dead"
            f" ones another store's come after {usual:.2f} s, at worst {worst:.2f} s"
            f" (goal: at most {DELAY_GOAL:.0f} s){_missed(worst > DELAY_GOAL)}"
        )


def measure_webhooks(engine: str, tell: Tell, count: int = DELIVERIES) -> Delivered:
    """Measures a worker in a process of its own, on a database of its own.

    :param count: how many are delivered, beside twice as many that are dead.
    """
    with tempfile.TemporaryDirectory(prefix="patron-webhooks-") as name:
        folder = Path(name)
        with empty_database(engine, folder) as url, receiving() as receiver:
            upgrade(url)
            opened = unguarded_engine(url)
            tell(f"webhooks on {engine}: as many as can be")
            _fill(opened, receiver, "/at_once", 2 * count)
            _happen(opened, STORE_ID, count)
            with _working(url, folder):
                rate = _rate(receiver, count)
            tell(f"webhooks on {engine}: beside dead ones")
            _redirect(opened, f"http://127.0.0.1:{receiver.port}/never")
            _happen(opened, STORE_ID, 2 * count)
            with _working(url, folder):
                delays = [_delay(opened, receiver) for _ in range(max(1, count // EACH))]
            opened.dispose()
    return Delivered(engine, count, rate, delays)


def _fill(engine: Engine, receiver: Receiver, path: str, customers: int) -> None:
    key = Cipher(SECRET).encrypt("a key")
    with engine.begin() as connection:
        for store_id, count in ((STORE_ID, customers), (OTHER_STORE_ID, 1)):
            named = {"store_name": "S", "store_domain": f"s{store_id}.example", "store_email": "a@s.example"}
            connection.execute(insert(Store), [{"id": store_id, **named}])
            connection.execute(insert(Customer), [_customer(store_id, each + 1) for each in range(count)])
            recount(connection, store_id, [Customer])
            webhook = {
                "store_id": store_id,
                "id": 1,
                "name": "w",
                "format": "json",
                "url": f"http://127.0.0.1:{receiver.port}{path}",
                "encryption_key": key,
                "event_resource": "customer",
            }
            connection.execute(insert(Webhook), [webhook])


def _customer(store_id: int, number: int) -> dict[str, object]:
    email = f"customer{number}@example.com"
    return {
        "store_id": store_id,
        "id": number,
        "email": email,
        "email_key": fold_email(email),
        "first_name": "Ann",
        "last_name": "Lee",
        "password_hash": "x",
        "password_hash_type": "bcrypt",
        "password_hash_config": "12",
    }


def _happen(engine: Engine, store_id: int, count: int) -> str:
    """As many customers are modified; the id of the last event."""
    now = time.time_ns()
    rows = [
        {
            "store_id": store_id,
            "id": uuid4().hex,
            "resource_type": "customer",
            "resource_id": number + 1,
            "sequence": now // 1000 + number,
            "name": "customer/modified",
            "happened_at": now // 1_000_000_000,
        }
        for number in range(count)
    ]
    with engine.begin() as connection:
        connection.execute(insert(Event), rows)
    return str(rows[-1]["id"])


def _redirect(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        connection.execute(Webhook.__table__.update().where(Webhook.store_id == STORE_ID).values(url=url))


@contextmanager
def _working(url: str, folder: Path) -> Iterator[None]:
    settings = {
        "PATRON_SECRET_KEY": SECRET,
        "PATRON_BASE_URL": "https://shop.example",
        "PATRON_DATABASE_URL": url,
        "PATRON_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "worker.log").open("a") as log:
        process = subprocess.Popen(
            [PATRON, "worker"], env=os.environ | settings, stdout=subprocess.PIPE, stderr=log
        )
        assert process.stdout
        process.stdout.readline()
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def _rate(receiver: Receiver, count: int) -> float:
    while len(receiver.came) < count:
        time.sleep(0.05)
    moments = [moment for moment, _ in receiver.came]
    return (count - 1) / (max(moments) - min(moments))


def _delay(engine: Engine, receiver: Receiver) -> float:
    """How long after it has happened another store's receiver hears of something."""
    time.sleep(0.2)
    event, happened = _happen(engine, OTHER_STORE_ID, 1), time.time()
    while True:
        for moment, name in reversed(receiver.came):
            if name.startswith(event):
                return moment - happened
        time.sleep(0.01)


def _missed(missed: bool) -> str:
    return " MISSED" if missed else ""


if __name__ == "__main__":
    for each in sys.argv[1:] or ["sqlite"]:
        print(measure_webhooks(each, lambda _: None).report())
