"""What only a real connection shows: raw bytes, missing headers, connections that stay open."""

import json
import socket
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from lxml import etree

from tests.server.commands import run, running

Server = tuple[int, str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The port of a sandbox that runs, and a token for it."""
    folder = tmp_path_factory.mktemp("server")
    with running(folder, "sandbox", "--port", "0"):
        shown = json.loads(run(folder, "credentials").stdout)
        yield int(shown["base"].rpartition(":")[2]), shown["token"]


def send(port: int, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """The answers to requests that are sent one after the other on one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        stream = connection.makefile("rb")
        answers = []
        for request in requests:
            connection.sendall(request)
            status = int(stream.readline().split()[1])
            headers = {}
            while line := stream.readline().decode("latin-1").strip():
                name, _, value = line.partition(": ")
                headers[name.lower()] = value
            length = 0 if status == 304 else int(headers.get("content-length", 0))
            answers.append((status, headers, stream.read(length)))
        return answers


def request(path: bytes, *headers: bytes, version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"GET " + path + b" HTTP/" + version, *headers, b"", b""])


@pytest.mark.parametrize("path", [b"/customers/\xff", b"/customers/115?zoom=\xff", b"/\xc3(", b"nonsense"])
def test_raw_bytes_that_are_no_address_are_refused_in_the_clients_format(server: Server, path: bytes) -> None:
    port, token = server
    sent = (b"Host: localhost", b"Authorization: Bearer " + token.encode())

    for media_type in (b"application/hal+json", b"application/hal+xml", b"application/vnd.siren+json"):
        ((status, headers, body),) = send(port, request(path, *sent, b"Accept: " + media_type))
        assert status in {400, 404}
        assert headers["content-type"] == media_type.decode()
        if b"json" in media_type:
            assert json.loads(body)
        else:
            etree.fromstring(body)


def test_headers_and_bodies_that_are_too_large_are_refused_in_the_clients_format(server: Server) -> None:
    port, _ = server
    for sent, expected in (
        (request(b"/", b"Host: localhost", b"X-Large: " + b"x" * 300_000), {431}),
        (request(b"/", b"Host: localhost", b"Content-Length: 99999999"), {413}),
        (request(b"/", b"Host: localhost", b"Transfer-Encoding: br"), {501}),
    ):
        ((status, headers, body),) = send(port, sent)
        assert status in expected
        assert headers["content-type"] == "application/hal+json"
        (error,) = json.loads(body)["_embedded"]["fx:errors"]
        assert error["logref"].startswith("id-")


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_request_without_a_host_gets_no_dead_links(server: Server, version: bytes) -> None:
    port, _ = server
    ((status, _, body),) = send(port, request(b"/", version=version))

    assert status == 400
    assert json.loads(body)["_embedded"]["fx:errors"][0]["property"] == "Host"
    assert b"waitress" not in body


def test_a_304_keeps_the_connection(server: Server) -> None:
    port, token = server
    sent = (b"Host: localhost", b"Authorization: Bearer " + token.encode())
    ((_, headers, _),) = send(port, request(b"/customers/115", *sent))
    again = request(b"/customers/115", *sent, b"If-None-Match: " + headers["etag"].encode())

    answers = send(port, again, again, request(b"/customers/115", *sent))
    assert [status for status, _, _ in answers] == [304, 304, 200]
    assert "connection" not in answers[0][1]


def test_a_client_that_wants_the_connection_closed_gets_it_closed(server: Server) -> None:
    port, token = server
    sent = (b"Host: localhost", b"Connection: close", b"Authorization: Bearer " + token.encode())

    ((status, headers, _),) = send(port, request(b"/customers/115", *sent, b"If-None-Match: *"))
    assert (status, headers["connection"]) == (304, "close")


def test_a_plain_client_that_sends_ten_megabytes_gets_to_read_why_not(server: Server) -> None:
    port, token = server
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for _ in range(5):
        sent = Request(f"http://127.0.0.1:{port}/stores/66/customers", b"x" * 10_000_000, headers)
        with pytest.raises(HTTPError) as refused:
            urlopen(sent, timeout=30)

        (error,) = json.load(refused.value)["_embedded"]["fx:errors"]
        assert (refused.value.code, error["code"]) == (413, "too_large")
