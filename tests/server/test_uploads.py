"""Bodies on a real connection: too large, too short, in chunks, and from clients that go away."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.server.commands import get
from tests.server.processes import sandboxed
from tests.site import FORMATS, HAL
from tests.wire.test_refusals import READERS

MEGABYTE = 1024 * 1024
CUSTOMERS = "/stores/66/customers"


@dataclass(frozen=True)
class Server:
    """A sandbox that runs."""

    port: int
    token: str
    log: Path

    @property
    def total(self) -> int:
        """How many customers there are."""
        answered = get(self.port, f"{CUSTOMERS}?limit=0", self.token)[1]
        total: int = json.loads(answered)["total_items"]
        return total

    def head(
        self, *headers: str, accept: str = HAL, media_type: str = "application/json", path: str = CUSTOMERS
    ) -> bytes:
        """The beginning of a POST of a customer."""
        sent = [
            f"POST {path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self.token}",
            f"Accept: {accept}",
            f"Content-Type: {media_type}",
            *headers,
        ]
        return "\r\n".join([*sent, "", ""]).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with sandboxed(folder) as (port, credentials):
        yield Server(port, credentials["token"], folder / "log")


Answer = tuple[int, dict[str, str], bytes]


def read_answer(connection: socket.socket) -> Answer:
    return next_answer(connection.makefile("rb"))


def next_answer(stream: BinaryIO) -> Answer:
    """The next of several answers on one connection: what is read ahead stays in the stream."""
    status = int(stream.readline().split()[1])
    headers = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return status, headers, stream.read(int(headers.get("content-length", 0)))


def send(server: Server, head: bytes, pieces: Iterator[bytes]) -> tuple[Answer, int]:
    """The answer to an upload, and how much could be sent before the server had enough."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        sent = 0
        with suppress(ConnectionError):
            connection.sendall(head)
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
        return read_answer(connection), sent


def plain(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b"x" * 65536


def chunked(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b"10000\r\n" + b"x" * 65536 + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.parametrize("path", ["/odata/v1/Customer", "/odata/v1/$batch"])
def test_what_is_too_large_is_refused_in_odatas_words_there(server: Server, path: str) -> None:
    head = server.head(f"Content-Length: {10 * MEGABYTE}", path=path)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(head)
        status, headers, body = read_answer(connection)

    assert (status, headers["odata-version"], headers["content-language"]) == (413, "4.0", "en")
    assert headers["content-type"].startswith("application/json;odata.metadata=")
    assert json.loads(body)["error"]["code"] == "too_large"


@pytest.mark.parametrize("accept", FORMATS)
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_ten_megabytes_are_413_before_they_are_read(server: Server, accept: str, announced: bool) -> None:
    before, size = server.total, 10 * MEGABYTE
    head = server.head(
        f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked", accept=accept
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(head)
        if not announced:
            for piece in chunked(2 * MEGABYTE):
                with suppress(ConnectionError):
                    connection.sendall(piece)
        status, headers, body = read_answer(connection)  # although the rest was never sent

    assert (status, headers["content-type"], headers["connection"]) == (413, accept, "close")
    (entry,) = READERS[accept](body)
    assert entry["code"] == "too_large"
    assert server.total == before


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_a_client_that_sends_ten_megabytes_all_the_same_can_read_why_they_are_refused(
    server: Server, announced: bool
) -> None:
    size = 10 * MEGABYTE
    head = server.head(f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked")
    for _ in range(5):
        (status, _, body), _ = send(server, head, plain(size) if announced else chunked(size))
        assert status == 413
        assert json.loads(body)["_embedded"]["fx:errors"][0]["code"] == "too_large"


@pytest.mark.parametrize("size", [MEGABYTE, MEGABYTE + 1])
def test_a_body_of_exactly_a_megabyte_is_read_and_one_of_a_byte_more_is_not(
    server: Server, size: int
) -> None:
    body = b'{"nonsense":"' + b"x" * (size - 15) + b'"}'
    (status, _, _), _ = send(server, server.head(f"Content-Length: {len(body)}"), iter([body]))

    assert status == (400 if size == MEGABYTE else 413)


def test_a_body_in_chunks_is_read_like_any_other(server: Server) -> None:
    before = server.total
    pieces = [
        b'5;ext=1\r\n{"ema\r\n',
        b'1e\r\nil":"in-chunks@example.com"}  \r\n',
        b"0\r\nTrailer: x\r\n\r\n",
    ]
    (status, headers, _), _ = send(server, server.head("Transfer-Encoding: chunked"), iter(pieces))

    assert (status, server.total) == (201, before + 1), headers


@pytest.mark.parametrize(
    "chunk", [b"zz\r\nxx\r\n", b"-1\r\nx\r\n", b"2\r\nxxx\r\n", b"0x2\r\nxx\r\n", b"\r\n\r\n"]
)
def test_chunks_that_are_none_are_refused(server: Server, chunk: bytes) -> None:
    before = server.total
    head = server.head("Transfer-Encoding: chunked")
    (status, headers, _), _ = send(server, head, iter([chunk, b"0\r\n\r\n"]))

    assert (status, headers["content-type"], server.total) == (400, HAL, before)


def test_a_client_that_expects_to_be_told_to_go_on_is_told(server: Server) -> None:
    body = b'{"email":"expected@example.com"}'
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(server.head(f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read_answer(connection)[0] == 201


def test_a_client_that_asks_first_is_told_that_ten_megabytes_are_too_much(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(server.head(f"Content-Length: {10 * MEGABYTE}", "Expect: 100-continue"))

        assert read_answer(connection)[0] == 413


@pytest.mark.parametrize("media_type", ["application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("half_closed", [True, False], ids=["stops sending", "is gone"])
def test_what_breaks_off_is_not_written(server: Server, media_type: str, half_closed: bool) -> None:
    before = server.total
    whole = {"application/json": b'{"email":"broken-off@example.com"}'}.get(
        media_type, b"email=off@example.com"
    )
    head = server.head(f"Content-Length: {len(whole) + 100}", media_type=media_type)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(head + whole)
        if half_closed:
            connection.shutdown(socket.SHUT_WR)
            answered = connection.recv(100)
            assert not answered or answered.startswith(b"HTTP/1.1 400 ")

    assert server.total == before


def test_what_is_sent_beyond_the_announced_end_is_no_part_of_the_body(server: Server) -> None:
    body = b'{"email":"beyond@example.com"}'
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(server.head(f"Content-Length: {len(body)}") + body + b'{"email":"x"}\r\n\r\n')
        with connection.makefile("rb") as stream:
            assert next_answer(stream)[0] == 201
            assert next_answer(stream)[0] == 400


def test_clients_that_vanish_in_the_midst_leave_no_error_behind_and_the_server_well(server: Server) -> None:
    before = server.total

    def vanish(number: int) -> None:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        connection.sendall(
            server.head(f"Content-Length: {MEGABYTE // 2}") + b'{"email":"' + b"x" * number * 5000
        )
        if number % 2:  # with a reset instead of an end
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    threads = [threading.Thread(target=vanish, args=(number,)) for number in range(30)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    started = time.monotonic()
    assert server.total == before
    assert time.monotonic() - started < 20
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line for line in lines if line["level"] == "error"] == []
