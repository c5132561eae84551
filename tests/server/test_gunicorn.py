"""Bodies as gunicorn hands them over, which leaves more of them to the application than waitress does."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.server.processes import behind_gunicorn
from tests.server.test_uploads import CUSTOMERS, MEGABYTE, Server, chunked, plain, read_answer, send
from tests.site import HAL

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("gunicorn")
    with behind_gunicorn(folder, "--preload") as (port, token):
        yield Server(port, token, folder / "log")


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_ten_megabytes_are_413(server: Server, announced: bool) -> None:
    size = 10 * MEGABYTE
    head = server.head(f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked")
    (status, headers, body), sent = send(server, head, plain(size) if announced else chunked(size))

    assert (status, headers["content-type"]) == (413, HAL)
    assert json.loads(body)["_embedded"]["fx:errors"][0]["code"] == "too_large"
    assert sent < size


def test_a_body_in_chunks_is_read_like_any_other(server: Server) -> None:
    before = server.total
    pieces = [b'5\r\n{"ema\r\n', b'1c\r\nil":"in-chunks@example.com"}\r\n', b"0\r\n\r\n"]
    (status, _, body), _ = send(server, server.head("Transfer-Encoding: chunked"), iter(pieces))

    assert (status, server.total) == (201, before + 1), body


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 100", b"email=cut@example.com"),
        ("Transfer-Encoding: chunked", b"16\r\nemail=cut@example.com\r\n"),
        ("Transfer-Encoding: chunked", b"15\r\nemail=cut@example.com\r\nzz\r\n"),
        ("Transfer-Encoding: chunked", b"14\r\nemail=cut@example.com\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", b"15\r\nemail=cut@example.com\r\n"),
    ],
)
def test_what_breaks_off_is_refused_and_not_written(server: Server, headers: str, body: bytes) -> None:
    before = server.total
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(server.head(headers, media_type=FORM) + body)
        connection.shutdown(socket.SHUT_WR)
        status, answered, _ = read_answer(connection)

    assert (status, answered["content-type"], server.total) == (400, HAL, before)


def test_clients_that_vanish_in_the_midst_leave_no_error_behind(server: Server) -> None:
    before = server.total
    for headers in ("Content-Length: 100", "Transfer-Encoding: chunked"):
        for linger in (b"\0\0\0\0\0\0\0\0", b"\1\0\0\0\0\0\0\0"):  # with an end, with a reset
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            connection.sendall(server.head(headers, media_type=FORM) + b"15\r\nemail=cut@example.com\r\n")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with suppress(OSError):
                connection.close()

    assert server.total == before
    assert [
        line for line in server.log.read_text().splitlines() if CUSTOMERS in line and "error" in line
    ] == []
