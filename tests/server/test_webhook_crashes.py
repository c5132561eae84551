"""Workers that die, databases and queues that go away: no event is lost, none overtakes another."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import func, select, update

from app.db.engine import unguarded_engine
from app.db.sessions import store_session
from app.encryption import Cipher
from app.events import Event
from app.events.states import PENDING, SUCCESSFUL
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus
from app.sandbox import OTHER_STORE_ID, STORE_ID
from app.webhooks.queue import NAME, queue_file
from app.webhooks.sending import READ_SECONDS
from tests.databases import running_redis
from tests.receiver import Receiver, receiving, scripted
from tests.server.commands import PATRON, environment
from tests.server.dying_worker import MOMENTS
from tests.site import BASE, SECRET, Site, open_site
from tests.wire.events import add_webhook

ROOT = Path(__file__).parents[2]
CUSTOMERS = ("/customers/115", "/customers/116")


@dataclass
class Working:
    """A site, a receiver of its events, and workers that come and go."""

    site: Site
    receiver: Receiver
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    expected: dict[str, list[str]] = field(default_factory=dict)

    @contextmanager
    def worker(self, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
        """A worker in a process of its own; killed at the end, unless it has ended."""
        settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": self.site.url}
        settings = {f"PATRON_{name}": value for name, value in settings.items()} | self.variables
        with (self.folder / "worker.log").open("a") as log:
            process = subprocess.Popen(
                [*(command or (PATRON, "worker"))],
                env=environment(**settings, PATRON_WEBHOOK_NETWORKS="127.0.0.0/8", PYTHONPATH=str(ROOT)),
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            assert process.stdout
            assert b"delivers" in process.stdout.readline(), (self.folder / "worker.log").read_text()
            yield process
        finally:
            process.kill()
            process.wait(60)
            assert process.stdout
            process.stdout.close()

    def change(self, times: int = 1) -> None:
        """Changes the customers, and notes in what order that happened to each."""
        for _ in range(times):
            for path in CUSTOMERS:
                known = {each for told in self.expected.values() for each in told}
                name = f"Name {len(known)}"
                assert self.site.send("PATCH", path, {"first_name": name}).status_code == 200
                self.expected.setdefault(path, []).append(name)

    def await_all(self) -> None:
        """Waits until all is told and written down."""
        total = sum(len(each) for each in self.expected.values())
        end = time.monotonic() + 120
        while self.count(SUCCESSFUL) < total:
            assert time.monotonic() < end, (self.folder / "worker.log").read_text()[-3000:]
            time.sleep(0.05)

    def count(self, status: str) -> int:
        """How many deliveries are in a state."""
        with store_session(self.site.engine, STORE_ID) as session:
            here = (WebhookStatus.store_id == STORE_ID, WebhookStatus.status == status)
            return session.scalar(select(func.count()).select_from(WebhookStatus).where(*here)) or 0

    def let_leases_run_out(self) -> None:
        """As waiting for so long would."""
        engine = unguarded_engine(self.site.url)
        with engine.begin() as connection:
            connection.execute(update(WebhookStatus).values(lease_until=0))
        engine.dispose()

    def told(self) -> dict[str, list[str]]:
        """The deliveries of each customer in the order in which they came; duplicates stand together."""
        found: dict[str, list[str]] = {}
        for each in self.receiver.heard:
            path = each.body.partition(b'"self":{"href":"')[2].partition(b'"')[0].decode().removeprefix(BASE)
            of_one = found.setdefault(path, [])
            if each.delivery in of_one:
                assert each.delivery == of_one[-1], "a duplicate came behind what is later"
            else:
                of_one.append(each.delivery)
        return found

    def assert_all_told_in_order(self) -> None:
        """Each event was told, in the order in which it happened, and duplicates have one name."""
        with store_session(self.site.engine, STORE_ID) as session:
            assert session.scalars(select(Event.id).where(Event.store_id == STORE_ID)).all() == []
            rows = session.scalars(select(WebhookStatus).order_by(WebhookStatus.sequence)).all()
        assert {each.status for each in rows} == {SUCCESSFUL}
        told = self.told()
        for path, names in self.expected.items():
            ours = [each.delivery for each in rows if f"/customers/{each.resource_id}" == path]
            assert len(ours) == len(names)
            assert told[path] == ours


@contextmanager
def at_work(engine: str, folder: Path, **variables: str) -> Iterator[Working]:
    settings = {"redis_url": url} if (url := variables.get("PATRON_REDIS_URL")) else {}
    with open_site(engine, folder, **settings) as site, receiving() as receiver:
        add_webhook(site, url=receiver.url, encryption_key=Cipher(SECRET).encrypt("key"))
        yield Working(site, receiver, folder, variables)


@pytest.fixture
def working(engine_name: str, tmp_path: Path) -> Iterator[Working]:
    with at_work(engine_name, tmp_path) as made:
        yield made


def test_a_worker_that_is_killed_at_any_moment_loses_nothing_and_repeats_under_one_name(
    working: Working,
) -> None:
    for moment in MOMENTS:
        working.change()
        with working.worker(sys.executable, "-m", "tests.server.dying_worker", moment) as process:
            assert process.wait(20) == -signal.SIGKILL, moment
        working.let_leases_run_out()
    working.change()
    with working.worker():
        working.await_all()

    working.assert_all_told_in_order()
    times = [
        len([each for each in working.receiver.heard if each.delivery == name]) for name in names(working)
    ]
    assert max(times) >= 2, "no kill came between the answer and its record"


def names(working: Working) -> set[str]:
    return {each.delivery for each in working.receiver.heard}


def test_connections_to_the_database_that_are_cut_again_and_again_lose_nothing(working: Working) -> None:
    """A server that others use is not restarted here: it ends all connections to this database instead."""
    if working.site.engine.dialect.name == "sqlite":
        pytest.skip("there is no connection that could be cut")
    working.receiver.answer = lambda _: time.sleep(0.02) or 200
    with working.worker():
        for _ in range(5):
            working.change(4)
            cut_connections(working.site.url)
        working.await_all()
    working.assert_all_told_in_order()


def cut_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def empty_file(working: Working) -> None:
    queue = queue_file(Path(working.site.url.removeprefix("sqlite:///")))
    for each in queue.parent.glob(f"{queue.name}*"):
        each.unlink()


def flush_redis(working: Working) -> None:
    with redis.Redis.from_url(working.variables["PATRON_REDIS_URL"]) as client:
        client.delete(f"huey.redis.{NAME}")


@pytest.mark.parametrize("lose", [empty_file, flush_redis])
def test_a_queue_that_is_lost_loses_no_event(lose: Callable[[Working], None], tmp_path: Path) -> None:
    variables = {"PATRON_REDIS_URL": f"{running_redis()}/9"} if lose is flush_redis else {}
    with at_work("sqlite", tmp_path, **variables) as working:
        working.change()
        time.sleep(0.2)
        lose(working)
        with working.worker():
            working.change()
            lose(working)
            working.change()
            working.await_all()
        working.assert_all_told_in_order()


def test_a_queue_that_does_not_answer_fails_no_request_and_delays_no_event_for_long(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with at_work("sqlite", tmp_path, PATRON_REDIS_URL=f"redis://127.0.0.1:{port}") as working:
        with working.worker():
            working.change(2)
            working.await_all()
        working.assert_all_told_in_order()


def test_a_store_whose_receiver_hangs_holds_up_no_other_store(engine_name: str, tmp_path: Path) -> None:
    with at_work(engine_name, tmp_path) as working, scripted(lambda _: time.sleep(60)) as hanging:
        columns = {"url": f"http://127.0.0.1:{hanging}/", "encryption_key": Cipher(SECRET).encrypt("key")}
        add_webhook(working.site, OTHER_STORE_ID, **columns)
        let_happen(working.site, OTHER_STORE_ID, 1000)
        with working.worker():
            while not tried(working.site):
                time.sleep(0.05)
            began = time.monotonic()
            working.change(3)
            working.await_all()
            with store_session(working.site.engine, OTHER_STORE_ID) as session:
                given_up = session.scalars(select(WebhookLog)).all()
            within = time.monotonic() - began < READ_SECONDS  # else this machine was too busy to tell
            assert not (within and given_up), "a receiver that hangs was waited for"
        working.assert_all_told_in_order()


def let_happen(site: Site, store_id: int, count: int) -> None:
    with store_session(site.engine, store_id) as session:
        session.add_all(
            Event(
                store_id=store_id,
                id=f"{number:032x}",
                resource_type="customer",
                resource_id=1,
                sequence=number,
                name="customer/deleted",
                payload="{}",
                happened_at=0,
            )
            for number in range(count)
        )


def tried(site: Site) -> Sequence[int]:
    with store_session(site.engine, OTHER_STORE_ID) as session:
        return session.scalars(select(WebhookStatus.id).where(WebhookStatus.lease.is_not(None))).all()


def test_a_worker_that_is_told_to_stop_finishes_what_it_posts_and_gives_the_rest_back(
    working: Working,
) -> None:
    answering = threading.Event()
    working.receiver.answer = lambda _: 200 if answering.wait(60) else 500
    working.change(2)
    with working.worker() as process:
        working.receiver.wait_for(2)
        os.kill(process.pid, signal.SIGTERM)
        time.sleep(0.3)
        answering.set()
        assert process.wait(60) == 0
    assert working.count(SUCCESSFUL) == 2
    assert working.count(PENDING) == 2
    with store_session(working.site.engine, STORE_ID) as session:
        assert session.scalars(select(WebhookStatus.lease)).all() == [None] * 4
    with working.worker():
        working.await_all()
    working.assert_all_told_in_order()
