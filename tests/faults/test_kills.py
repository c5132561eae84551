"""Server and worker killed again and again while clients write: what was acknowledged is there, and told."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from app.db.engine import unguarded_engine
from app.idempotency import IdempotencyKey
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from tests.faults import lengthened
from tests.faults.delivering import Delivering, delivering
from tests.server.production import CUSTOMERS, Answer, Production, Unanswered, let_claims_run_out, production

BOUNDED = 3
KILLS = lengthened("CYCLES", BOUNDED)
MANY = 60 * KILLS
CLIENTS = 4
WORKERS_LESS = 3
"""The worker is killed at each third kill of the server, and where there is time at each."""

ADDRESS = {"address1": "1 Long Street", "city": "Ulm", "country": "DE"}
ATTRIBUTES = [{"name": "size", "value": "L"}, {"name": "hue", "value": "red"}]


@dataclass
class Ledger:
    """What clients have been told, by the number of the customer."""

    locations: dict[int, str] = field(default_factory=dict)
    addressed: dict[int, bool] = field(default_factory=dict)
    described: dict[int, bool] = field(default_factory=dict)
    unanswered: list[int] = field(default_factory=list)
    problems: list[Answer] = field(default_factory=list)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Production]:
    with production(tmp_path, database_url) as made:
        yield made


def properties(number: int) -> dict[str, Any]:
    return {
        "email": f"Customer{number}@Example.com",
        "first_name": f"First {number}",
        "last_name": "Ångström" * 5,
        "external_id": str(number),
        "tax_exempt": number % 2 == 0,
    }


def create(server: Production, number: int) -> Answer:
    return server.ask("POST", CUSTOMERS, properties(number), Idempotency_Key=f"customer-{number}")


def follow_up(server: Production, ledger: Ledger, number: int, location: str) -> None:
    """Some customers get an address, some get attributes; unless it is answered, they may or may not."""
    told, path, body = {
        0: (ledger.addressed, f"{location}/default_billing_address", ADDRESS),
        1: (ledger.described, f"{location}/attributes", ATTRIBUTES),
    }.get(number % 5, (None, "", None))
    if told is None:
        return
    told[number] = False
    answer = server.ask("PATCH", path, body)
    told[number] = answer.status == 200
    if answer.status != 200:
        ledger.problems.append(answer)


def client(server: Production, ledger: Ledger, numbers: SimpleQueue[int]) -> None:
    """Writes customer after customer; what is not answered is left for later, with its key."""
    while True:
        try:
            number = numbers.get_nowait()
        except Empty:
            return server.hang_up()
        try:
            answer = create(server, number)
            if answer.status != 201:
                ledger.problems.append(answer)
                continue
            ledger.locations[number] = answer.headers["Location"]
            follow_up(server, ledger, number, answer.headers["Location"])
        except Unanswered:
            if number not in ledger.locations:
                ledger.unanswered.append(number)
            wait_for(server)


def wait_for(server: Production) -> None:
    for _ in range(1000):
        try:
            assert server.ask("GET", "/").status == 200
        except Unanswered:
            time.sleep(0.03)
        else:
            return
    raise AssertionError("the server does not come back")


def write_and_kill(server: Production, worker: Delivering, ledger: Ledger) -> None:
    numbers: SimpleQueue[int] = SimpleQueue()
    for number in range(MANY):
        numbers.put(number)
    server.start()
    worker.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        writing = [pool.submit(client, server, ledger, numbers) for _ in range(CLIENTS)]
        for kill in range(KILLS):
            share = random.uniform(0.2, 0.9)
            while numbers.qsize() > MANY - (kill + share) * MANY / KILLS:
                time.sleep(0.002)
            server.kill()
            if KILLS > BOUNDED or kill % WORKERS_LESS == WORKERS_LESS - 1:
                worker.kill()
                worker.start()
            server.start()
        for each in writing:
            each.result()


def retry(server: Production, ledger: Ledger) -> list[int]:
    """Sends again what was not answered; which ones of it are still claimed by a process that died."""
    waiting = []
    for number in ledger.unanswered:
        answer = create(server, number)
        if answer.status == 409:
            assert "being worked on" in answer.json["_embedded"]["fx:errors"][0]["message"]
            waiting.append(number)
        else:
            assert answer.status == 201, answer.body
            ledger.locations[number] = answer.headers["Location"]
    return waiting


def everybody(server: Production) -> dict[str, dict[str, Any]]:
    """All customers that the API lists, by email; each once, and as many as it counts."""
    found: dict[str, dict[str, Any]] = {}
    path = f"{CUSTOMERS}?limit=300&zoom=default_billing_address"
    while path:
        page = server.ask("GET", path).json
        assert page["total_items"] == MANY
        members = page["_embedded"]["fx:customers"]
        assert not {each["email"] for each in members} & found.keys()
        found |= {each["email"]: each for each in members}
        path = page["_links"].get("next", {}).get("href")
    return found


def assert_whole(customer: dict[str, Any], number: int, ledger: Ledger) -> None:
    assert {name: customer[name] for name in properties(number)} == properties(number)
    assert customer["password_hash"]
    assert customer["date_created"]
    address = customer["_embedded"]["fx:default_billing_address"]
    written = {name: address[name] for name in ADDRESS} == ADDRESS
    assert written or not address["address1"]
    attributes = customer["_embedded"]["fx:attributes"]
    assert len(attributes) in {0, len(ATTRIBUTES)}
    assert written >= ledger.addressed.get(number, False)
    assert bool(attributes) >= ledger.described.get(number, False)


def assert_database_whole(server: Production) -> None:
    engine = unguarded_engine(server.url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


@pytest.mark.timeout(400 + 30 * KILLS)
def test_kills_lose_no_acknowledged_customer_and_no_event_and_leave_none_by_half(server: Production) -> None:
    ledger = Ledger()
    with delivering(server) as worker:
        write_and_kill(server, worker, ledger)
        assert_nothing_lost(server, ledger)
        worker.let_leases_run_out()
        assert worker.await_all() == set(ledger.locations.values())
        assert_told_once_in_order(worker)
    print(f"\n{KILLS} kills, {MANY} customers, {len(ledger.unanswered)} requests unanswered")


def assert_told_once_in_order(worker: Delivering) -> None:
    """That a customer was created is told before all else of it; what is told twice has one name."""
    first: dict[str, str] = {}
    names: dict[str, str] = {}
    for each in worker.heard:
        about = each.body.partition(b'"self":{"href":"')[2].partition(b'"')[0].decode()
        first.setdefault(about, each.event)
        assert names.setdefault(each.delivery, about) == about
    assert set(first.values()) == {"customer/created"}
    assert len([name for name in names if name]) >= MANY


def assert_nothing_lost(server: Production, ledger: Ledger) -> None:
    assert ledger.problems == []
    assert ledger.unanswered, "no kill hit a request"
    assert sorted([*ledger.locations, *ledger.unanswered]) == list(range(MANY))
    acknowledged = dict(ledger.locations)

    if retry(server, ledger):
        let_claims_run_out(server)
        assert retry(server, ledger) == []
    assert_database_whole(server)
    found = everybody(server)
    assert len(found) == server.rows(Customer) == server.rows(IdempotencyKey) == MANY
    assert server.rows(IdempotencyKey, IdempotencyKey.status.is_(None)) == 0
    for number in range(MANY):
        customer = found[properties(number)["email"]]
        assert customer["_links"]["self"]["href"] == ledger.locations[number]
        assert_whole(customer, number, ledger)
    for number, location in acknowledged.items():
        assert server.ask("GET", location).json["external_id"] == str(number)
    assert server.rows(CustomerAddress) >= sum(ledger.addressed.values())
    assert server.rows(Attribute) >= sum(ledger.described.values()) * len(ATTRIBUTES)
