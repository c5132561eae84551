"""Clients that send half of what they should, or do not read: they keep nobody waiting."""

import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults import lengthened
from tests.faults.figures import await_open_files, open_files
from tests.server.production import CUSTOMERS, Production, production

ON_ONE_ENGINE = True

SLOW = 200
IDLE_SECONDS, WHOLE_SECONDS = 3, 6
ASKED = 100
MILLISECONDS = lengthened("MILLISECONDS", 1000)
"""The median within which others are answered; 200 on a machine that does nothing else."""


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Production]:
    with production(tmp_path, database_url) as made:
        made.start(sys.executable, "-m", "tests.faults.hurried", str(IDLE_SECONDS), str(WHOLE_SECONDS))
        yield made


def connect(server: Production, sent: bytes, received: int = 0) -> socket.socket:
    connection = socket.socket()
    connection.settimeout(60)
    if received:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(sent)
    return connection


def head(server: Production, method: str, path: str, *more: str) -> bytes:
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: shop.example",
        f"Authorization: Bearer {server.token}",
        *more,
    )
    return "\r\n".join([*lines, ""]).encode()


def slow_client(server: Production, number: int) -> socket.socket:
    """One that is half-way through its head, half-way through its body, or that does not read its answer."""
    if number % 3 == 0:
        return connect(server, head(server, "GET", "/"))
    if number % 3 == 1:
        announced = head(server, "POST", CUSTOMERS, "Content-Type: application/json", "Content-Length: 1000")
        return connect(server, announced + b'\r\n{"email":"half')
    page = head(server, "GET", f"{CUSTOMERS}?limit=300", "Accept: application/vnd.siren+json")
    return connect(server, page + b"\r\n", received=4096)


def fill(server: Production) -> None:
    """As many customers as a page can have, so that it is more than a connection holds."""
    for number in range(300):
        assert server.ask("POST", CUSTOMERS, {"email": f"{number}@example.com"}).status == 201


def milliseconds(server: Production) -> list[float]:
    """How long each of many requests takes."""
    found = []
    for _ in range(ASKED):
        began = time.perf_counter()
        assert server.ask("GET", "/").status == 200
        found.append((time.perf_counter() - began) * 1000)
    return found


def is_hung_up_on(connection: socket.socket) -> bool:
    """Reads what there is up to the end; there is one, or the server waits for ever."""
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


@contextmanager
def trickling(server: Production) -> Iterator[socket.socket]:
    """One that sends a line now and then, and never comes to the end of its head."""
    ended = threading.Event()

    def trickle() -> None:
        with suppress(OSError):
            while not ended.wait(0.5):
                connection.sendall(b"X-More: 1\r\n")

    with connect(server, head(server, "GET", "/")) as connection:
        sending = threading.Thread(target=trickle)
        sending.start()
        try:
            yield connection
        finally:
            ended.set()
            sending.join()


@pytest.mark.timeout(240)
def test_two_hundred_slow_clients_keep_nobody_waiting_and_are_hung_up_on(server: Production) -> None:
    assert server.process
    fill(server)
    before = open_files(server.process.pid)
    with ExitStack() as held, trickling(server) as trickle:
        slow = [held.enter_context(slow_client(server, number)) for number in range(SLOW)]
        took = milliseconds(server)
        print(
            f"\nmedian {statistics.median(took):.1f} ms, worst {max(took):.1f} ms beside {SLOW} slow clients"
        )
        assert statistics.median(took) < MILLISECONDS
        await_open_files(server.process.pid, before + SLOW // 20)
        assert all(is_hung_up_on(each) for each in slow)
        assert is_hung_up_on(trickle), "a line now and then keeps a connection for ever"
    server.hang_up()
    assert server.ask("GET", CUSTOMERS).json["total_items"] == 300
