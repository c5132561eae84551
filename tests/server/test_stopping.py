"""SIGTERM: who is being served is served to the end, who comes later is told so at the door."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from app.resources.customer import Customer
from tests.server.production import CUSTOMERS, Production, production

ON_ONE_ENGINE = True

CLIENTS = 6


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Production]:
    with production(tmp_path, database_url) as made:
        yield made


def terminate(server: Production) -> None:
    assert server.process
    os.kill(server.process.pid, signal.SIGTERM)


def connect(server: Production) -> HTTPConnection:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.connect()
    return connection


def guest(server: Production, connection: HTTPConnection, email: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    body = json.dumps({"email": email, "is_anonymous": True})
    connection.request("POST", CUSTOMERS, body, headers)
    answer = connection.getresponse()
    assert json.loads(answer.read())["email"] == email
    return answer.status, answer.headers.get("Connection", "")


def test_nothing_is_cut_off_or_lost_where_clients_write_on(server: Production) -> None:
    server.start()
    acknowledged: list[str] = []
    broken: list[BaseException] = []

    def write(client: int) -> None:
        """On one connection for as long as that is kept, until nobody listens any more."""
        number, connection = 0, None
        while True:
            try:
                connection = connection or connect(server)
            except ConnectionRefusedError:
                return
            try:
                email = f"{client}-{number}@example.com"
                status, said = guest(server, connection, email)
                assert status == 201
            except (OSError, HTTPException, AssertionError) as error:
                broken.append(error)
                return
            acknowledged.append(email)
            number += 1
            connection = None if said == "close" else connection

    threads = [threading.Thread(target=write, args=[each]) for each in range(CLIENTS)]
    for each in threads:
        each.start()
    while len(acknowledged) < 20 * CLIENTS:
        time.sleep(0.005)
    terminate(server)
    for each in threads:
        each.join(60)
    assert server.wait() == 0
    assert broken == []
    assert server.rows(Customer) == len(acknowledged) == len(set(acknowledged))


def test_a_request_that_is_half_there_is_read_and_answered_and_idle_connections_end(
    server: Production,
) -> None:
    server.start()
    idle = connect(server)
    idle.request("GET", "/")
    assert idle.getresponse().read()
    half = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    body = b'{"email": "half@example.com"}'
    head = (
        f"POST {CUSTOMERS} HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    half.sendall(head.encode() + body[:10])
    time.sleep(0.2)
    terminate(server)
    assert idle.sock.recv(100) == b"", "an idle connection is closed, not reset"
    half.sendall(body[10:])
    answer = b"".join(iter(lambda: half.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 201")
    assert b"connection: close" in answer.lower()
    half.close()
    idle.close()
    assert server.wait() == 0


def test_it_says_that_it_is_not_ready_before_it_stops_to_listen(server: Production) -> None:
    server.variables["PATRON_DRAIN_SECONDS"] = "2"
    server.start()
    assert server.ask("GET", "/readyz").status == 200
    terminate(server)
    deadline = time.monotonic() + 1
    while (answer := server.ask("GET", "/readyz")).status == 200:
        assert time.monotonic() < deadline
        server.hang_up()
    assert (answer.status, answer.json["status"]) == (503, "fail")
    assert answer.headers["Connection"] == "close"
    server.hang_up()
    assert server.ask("GET", "/healthz").status == 200
    server.hang_up()
    assert server.ask("GET", "/").status == 200, "it is still there for who has not heard"
    server.hang_up()
    assert server.wait() == 0
