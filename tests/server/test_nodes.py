"""Two nodes and a worker on one PostgreSQL and one Redis, each killed in turn: nothing told is lost."""

import json
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db.engine import open_engine, unguarded_engine
from app.encryption import Cipher
from app.events import Event
from app.resources.customer import Customer
from app.resources.webhook import Webhook
from app.resources.webhook_status import WebhookStatus, is_pending
from tests.databases import empty_database, running_redis
from tests.receiver import Receiver, receiving
from tests.server.commands import PATRON, SECRET, environment
from tests.server.production import (
    BASE,
    CUSTOMERS,
    ROOT,
    STORE_ID,
    Answer,
    Production,
    Unanswered,
    let_claims_run_out,
    production,
)

WRITERS = 3


@dataclass
class Nodes:
    """Two nodes, a worker, and what writers have been told by them."""

    nodes: list[Production]
    receiver: Receiver
    variables: dict[str, str]
    worker: subprocess.Popen[str] | None = None
    acknowledged: dict[str, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    problems: list[Answer] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    done: threading.Event = field(default_factory=threading.Event)

    def start_worker(self) -> None:
        with (self.nodes[0].folder / "worker.log").open("a") as log:
            self.worker = subprocess.Popen(
                [PATRON, "worker"],
                env=environment(**self.variables, PYTHONPATH=str(ROOT)),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.worker.stdout
        assert "delivers" in self.worker.stdout.readline()

    def kill_worker(self) -> None:
        assert self.worker
        assert self.worker.stdout
        self.worker.kill()
        self.worker.wait(30)
        self.worker.stdout.close()

    def write(self, writer: int) -> None:
        """Creates customer after customer, at either node; where one does not answer, at the other."""
        number = 0
        while not self.done.is_set():
            number += 1
            email = f"writer{writer}-{number}@example.com"
            for turn in (number, number + 1):
                try:
                    answer = create(self.nodes[turn % 2], email)
                except Unanswered:
                    continue
                self.note(email, answer, turn % 2)
                break
            else:
                self.unanswered.append(email)
            time.sleep(0.05)  # nodes want to start on these cores too
        for each in self.nodes:
            each.hang_up()

    def note(self, email: str, answer: Answer, node: int) -> None:
        if answer.status == 201:
            self.acknowledged[email] = answer.json["id"]
            self.answers[node] += 1
        elif answer.status == 409:  # a process that died claims it for a while
            self.unanswered.append(email)
        else:
            self.problems.append(answer)

    def let_answer(self, node: int, more: int) -> None:
        """Waits until a node has acknowledged so many more."""
        wanted, end = self.answers[node] + more, time.monotonic() + 60
        while self.answers[node] < wanted:
            assert time.monotonic() < end, f"node {node} does not answer: {self.problems[-1:]}"
            time.sleep(0.01)


def create(node: Production, email: str) -> Answer:
    return node.ask("POST", CUSTOMERS, {"email": email}, Idempotency_Key=email)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    redis = f"{running_redis()}/11"
    with (
        empty_database("postgresql", tmp_path) as url,
        receiving() as receiver,
        production(tmp_path, url) as first,
    ):
        second = Production(tmp_path, url, first.token)
        shared = {"PATRON_REDIS_URL": redis}
        first.variables = second.variables = shared
        settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": url}
        variables = {f"PATRON_{name}": value for name, value in settings.items()} | shared
        add_webhook(url, receiver.url)
        made = Nodes([first, second], receiver, variables | {"PATRON_WEBHOOK_NETWORKS": "127.0.0.0/8"})
        try:
            yield made
        finally:
            made.done.set()
            for each in (first, second):
                each.hang_up()
                if each.process:
                    each.kill()
            if made.worker and made.worker.poll() is None:
                made.kill_worker()


def add_webhook(url: str, to: str) -> None:
    engine = open_engine(url)
    with Session(engine) as session, session.begin():
        key = Cipher(SECRET).encrypt("a key")
        columns: dict[str, Any] = {"name": "Here", "format": "json", "event_resource": "customer", "url": to}
        session.add(Webhook(store_id=STORE_ID, id=1, encryption_key=key, is_active=1, **columns))
    engine.dispose()


def kill_each_in_turn(nodes: Nodes) -> None:
    for killed, other in ((0, 1), (1, 0)):
        nodes.let_answer(killed, 10)
        nodes.nodes[killed].kill()
        nodes.let_answer(other, 10)
        nodes.nodes[killed].start()
    nodes.let_answer(0, 5)
    nodes.kill_worker()
    nodes.let_answer(1, 10)
    let_leases_run_out(nodes.nodes[0].url)
    nodes.start_worker()


def let_leases_run_out(url: str) -> None:
    """What a worker that died has claimed, as waiting for a minute would."""
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        connection.execute(update(WebhookStatus).values(lease_until=0))
    engine.dispose()


def send_again(nodes: Nodes) -> None:
    """Under their keys; what is claimed by a process that died once its claim has run out."""
    if nodes.unanswered:
        let_claims_run_out(nodes.nodes[0])
    for email in nodes.unanswered:
        answer = create(nodes.nodes[0], email)
        assert answer.status == 201, answer.body
        nodes.acknowledged[email] = answer.json["id"]


def await_told(nodes: Nodes) -> None:
    """Waits until nothing waits to be told any more."""
    engine, end = open_engine(nodes.nodes[0].url), time.monotonic() + 90
    status = WebhookStatus.__table__
    with engine.connect() as connection:
        while connection.scalar(select(func.count()).where(Event.store_id == STORE_ID)) or connection.scalar(
            select(func.count()).where(status.c.store_id == STORE_ID, is_pending(status))
        ):
            connection.rollback()
            assert time.monotonic() < end, "events are not told"
            time.sleep(0.1)
    engine.dispose()


@pytest.mark.timeout(240)
def test_each_is_killed_in_turn_and_nothing_acknowledged_is_lost_and_every_event_is_told(
    nodes: Nodes,
) -> None:
    for each in nodes.nodes:
        each.start()
    nodes.start_worker()
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(nodes.write, each) for each in range(WRITERS)]
        kill_each_in_turn(nodes)
        nodes.done.set()
        for done in writing:
            done.result()
    assert nodes.problems == []
    send_again(nodes)

    assert len(set(nodes.acknowledged.values())) == len(nodes.acknowledged), "an id was given twice"
    assert nodes.nodes[0].rows(Customer) == len(nodes.acknowledged)
    for email, customer_id in nodes.acknowledged.items():
        assert nodes.nodes[1].ask("GET", f"/customers/{customer_id}?fields=email").json["email"] == email
    await_told(nodes)
    told = {json.loads(each.body)["email"] for each in nodes.receiver.heard}
    assert told == set(nodes.acknowledged)
