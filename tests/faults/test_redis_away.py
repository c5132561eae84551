"""A Redis that goes and comes back: rates are counted without it, and events told, meanwhile."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tests.databases import absent
from tests.faults.delivering import delivering
from tests.ports import free_port, wait_for
from tests.server.production import CUSTOMERS, Production, production

ON_ONE_ENGINE = True


@dataclass
class OwnRedis:
    """A Redis that may be killed, and started again on the same port."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        try:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        except FileNotFoundError:
            absent("redis-server is needed for a Redis of our own: install it")
        wait_for(self.port)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def counters(self) -> int:
        """How many windows are counted there."""
        with redis.Redis.from_url(self.url) as client:
            return sum(1 for _ in client.scan_iter("patron*sliding*")) or sum(
                1 for _ in client.scan_iter("*LIMIT*")
            )


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    made = OwnRedis(free_port())
    made.start()
    try:
        yield made
    finally:
        made.kill()


def ask_for_token(server: Production) -> None:
    """A request that is counted: whoever counts it, it is answered and told how the window stands."""
    answer = server.ask("POST", "/token", {"grant_type": "none"})
    assert answer.status in {400, 401}, answer.body
    assert "token.address" in answer.headers["RateLimit"]


def create_and_hear(server: Production, heard: set[str], number: int) -> None:
    assert server.ask("POST", CUSTOMERS, {"email": f"{number}@example.com"}).status == 201
    heard.add(f"{number}@example.com")


@pytest.mark.timeout(240)
def test_it_goes_and_comes_back_and_nothing_fails(database_url: str, tmp_path: Path) -> None:
    with own_redis() as shared, production(tmp_path, database_url) as server, delivering(server) as worker:
        server.variables["PATRON_REDIS_URL"] = shared.url
        server.start()
        worker.start()
        created: set[str] = set()
        ask_for_token(server)
        create_and_hear(server, created, 1)
        assert shared.counters()
        worker.await_all()

        shared.kill()
        for number in range(2, 12):
            ask_for_token(server)
            create_and_hear(server, created, number)
        health = server.ask("GET", "/readyz")
        assert (health.status, health.json["status"]) == (200, "warn")
        worker.await_all()

        shared.start()
        end = time.monotonic() + 60
        while not shared.counters():
            assert time.monotonic() < end, "it is not counted in Redis again"
            ask_for_token(server)
            time.sleep(0.3)
        create_and_hear(server, created, 12)
        worker.await_all()

        told = {json.loads(each.body)["email"] for each in worker.receiver.heard}
        assert told == created
        lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
        said = [line["event"] for line in lines if line["level"] in {"warning", "error"}]
        assert said.count("redis_unavailable") == 1
        assert set(said) <= {"redis_unavailable", "queue_unreachable"}
        assert "worker_in_trouble" not in worker.log.read_text()
