"""The worker: its threads look at stores, post, and write down what came of it, until they are stopped."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from app.catalogue import Catalogue
from app.config import Config
from app.db.engine import open_engine
from app.db.ids import Ids
from app.db.reader import Reader, Unavailable
from app.encryption import Cipher
from app.keeping.purging import purge
from app.operations.current import CURRENT
from app.operations.metrics import count_statements
from app.registries import joined
from app.resources import TYPES
from app.webhooks.addresses import Addresses
from app.webhooks.claims import Claims
from app.webhooks.deliveries import Deliveries, Tools
from app.webhooks.fan_out import FanOut
from app.webhooks.posts import Posts
from app.webhooks.queue import open_queue, wake_up
from app.webhooks.results import Outcome, Results
from app.webhooks.seldom import Seldom
from app.webhooks.sending import TOTAL_SECONDS, Sender
from app.webhooks.wakes import Wakes

log = structlog.get_logger()

SERVERS = 2
"""How many threads look at stores: they wait for the database alone."""

BLOCK = 500
"""How many ids are fetched at once."""

SWEEP_SECONDS = 1.0
REST = 4
"""How many times as long as a sweep took the next one waits: so that it takes a fifth of a core at most."""

POLL_SECONDS = 0.05
GATHERED_SECONDS = 0.01
"""For how long outcomes are gathered that are then written down at once."""

PURGE_FIRST, PURGE_SECONDS = 60.0, 3600.0
"""For how long a worker has been there when it first deletes what has ended, and how often it does then."""

PAUSE_SECONDS = 0.5
"""For how long a thread rests that was in trouble."""

MOST_RECORDED = 500
"""How many outcomes are written down at once."""

MOST_TRIES = 3

WAITS = "it goes on when the database answers"
REPORT = "it goes on: tell Patron's makers of it"

GRACE_SECONDS = TOTAL_SECONDS + 5


@dataclass(slots=True)
class Worker:
    """Delivers the webhooks of all stores, beside any number of other workers."""

    config: Config
    engine: Engine
    reader: Reader
    claims: Claims
    deliveries: Deliveries
    posts: Posts
    sender: Sender
    wakes: Wakes = field(default_factory=Wakes)
    seldom: Seldom = field(default_factory=Seldom)
    stopped: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Starts the threads, and returns."""
        jobs: list[Callable[[], None]] = [self._sweep, self._pull, self._purge, *[self._serve] * SERVERS]
        for job in jobs:
            self._start(job)
        self._start(self._record)  # as the last: it is stopped behind all others

    def stop(self, seconds: float = GRACE_SECONDS) -> bool:
        """Begins nothing more, and waits so long for what is under way; tells whether all of it is over.

        What has been claimed and not tried is given back. What is cut off keeps its lease: nobody knows
        whether it was heard.
        """
        end = time.monotonic() + seconds
        self.stopped.set()
        self.wakes.close()
        for each in self.threads[:-1]:
            each.join(max(end - time.monotonic(), 0.1))
        self.deliveries.stop()
        are_over = self.posts.stop(max(end - time.monotonic(), 0.1))
        self.deliveries.outcomes.put(None)
        self.threads[-1].join(max(end - time.monotonic(), 1.0))
        self.sender.close()
        self.engine.dispose()
        return are_over and not any(each.is_alive() for each in self.threads)

    @property
    def is_whole(self) -> bool:
        """Whether all of its threads are at work."""
        return all(each.is_alive() for each in self.threads if each.name != "patron_pull")

    def _start(self, job: Callable[[], None]) -> None:
        def run() -> None:
            try:
                job()
            finally:
                self.reader.close()

        thread = threading.Thread(target=run, name=f"patron{job.__name__}", daemon=True)
        self.threads.append(thread)
        thread.start()

    def _guarded(self, job: Callable[[], None]) -> None:
        """Does a piece of work; rests, and says so, where the database or anything else is in trouble."""
        try:
            job()
        except (Unavailable, SQLAlchemyError) as error:
            self.seldom.say("worker_without_database", error, WAITS)
        except Exception as error:
            self.seldom.say("worker_in_trouble", error, REPORT)
        else:
            return
        finally:
            count_statements(*CURRENT.facts.spent())
        self.stopped.wait(PAUSE_SECONDS)

    def _sweep(self) -> None:
        """Looks again and again for what nobody has told of: lost wake-ups, leases that have run out."""
        pause = 0.0
        while not self.stopped.wait(pause):
            began = time.monotonic()
            self._guarded(self._look)
            pause = max(SWEEP_SECONDS, REST * (time.monotonic() - began))

    def _look(self) -> None:
        now = int(time.time())
        for store_id in self.claims.stores():
            if self.stopped.is_set():
                return
            if self.claims.is_anything_due(store_id, now):
                self.wakes.add(store_id)

    def _purge(self) -> None:
        """Deletes what has ended, an hour after an hour."""
        pause = PURGE_FIRST
        while not self.stopped.wait(pause):
            self._guarded(self._purge_once)
            pause = PURGE_SECONDS

    def _purge_once(self) -> None:
        days = self.config.delivery_days
        if counted := purge(self.engine, days, go_on=lambda: not self.stopped.is_set()):
            log.info("purged", **{name.replace(" ", "_"): count for name, count in counted.items()})

    def _pull(self) -> None:
        """Takes wake-ups from the queue."""
        opened = None
        while not self.stopped.is_set():
            try:
                if opened is None:
                    opened = open_queue(self.config)
                    if opened is None:
                        return
                    wake_up(opened, self.wakes.add)
                task = opened.dequeue()
                if task is not None:
                    opened.execute(task)
                elif not opened.storage.blocking:
                    self.stopped.wait(POLL_SECONDS)
            except Exception as error:  # the sweep goes on without it
                self.seldom.say("queue_unreachable", error, "webhooks are told later: see to the queue")
                self.stopped.wait(PAUSE_SECONDS)

    def _serve(self) -> None:
        while (store_id := self.wakes.take()) is not None:
            self._guarded(partial(self._serve_one, store_id))

    def _serve_one(self, store_id: int) -> None:
        try:
            more = self.deliveries.serve(store_id)
        finally:
            self.wakes.done(store_id)
        if more:
            self.wakes.add(store_id)

    def _record(self) -> None:
        """Writes down what came of attempts, as many as there are."""
        outcomes: list[Outcome | None] = []
        while None not in outcomes:
            outcomes = [self.deliveries.outcomes.get()]
            time.sleep(GATHERED_SECONDS)
            while len(outcomes) < MOST_RECORDED and not self.deliveries.outcomes.empty():
                outcomes.append(self.deliveries.outcomes.get())
            told = sorted((each for each in outcomes if each is not None), key=_store)
            for store_id, those in groupby(told, key=_store):
                self._keep(store_id, list(those))
            count_statements(*CURRENT.facts.spent())

    def _keep(self, store_id: int, outcomes: list[Outcome]) -> None:
        """Writes them down; again and again while the database is away, then it is back as if never gone.

        What cannot be written down for another reason is let go: it is told again when its lease has run out.
        """
        tries = 0
        while tries < MOST_TRIES and not (self.stopped.is_set() and tries):
            try:
                if self.deliveries.record(store_id, outcomes):
                    self.wakes.add(store_id)
            except (Unavailable, OperationalError, InterfaceError) as error:
                self.seldom.say("worker_without_database", error, WAITS)
                tries += self.stopped.is_set()
            except Exception as error:
                self.seldom.say("worker_in_trouble", error, REPORT)
                tries += 1
            else:
                return
            self.stopped.wait(PAUSE_SECONDS)
        self.deliveries.give_back(store_id, outcomes)


def _store(outcome: Outcome) -> int:
    return outcome.delivery.store_id


def assemble(config: Config, base: str) -> Worker:
    """A worker, not yet started.

    :param base: what links in payloads begin with.
    """
    engine = open_engine(config.database_url, SERVERS + 3)
    reader, ids = Reader(engine), Ids(engine, BLOCK)
    cipher = Cipher(str(config.secret_key), *config.other_secret_keys)
    registry = joined(TYPES, config.rels_href)
    claims, posts = Claims(engine, reader, cipher), Posts()
    sender = Sender(Addresses(config.webhook_networks))
    catalogue = Catalogue(registry, reader, cipher)
    fan_out, results = FanOut(engine, reader, ids), Results(engine, ids)
    tools = Tools(reader, registry, catalogue, fan_out, claims, results, sender, base)
    return Worker(config, engine, reader, claims, Deliveries(tools, posts), posts, sender)
