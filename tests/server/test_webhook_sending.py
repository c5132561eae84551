"""One attempt, over real sockets, to receivers that behave in all ways but the right one."""

import datetime
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.webhooks.addresses import Addresses
from app.webhooks.connections import Connections
from app.webhooks.sending import Answer, Sender
from tests.receiver import receiving, scripted

LOOPBACK = [ip_network("127.0.0.0/8")]
BRIEFLY = 0.5


@contextmanager
def sending(**options: Any) -> Iterator[Sender]:
    options = {"addresses": Addresses(LOOPBACK, lambda _host, _port: ["127.0.0.1"]), **options}
    sender = Sender(**options)
    yield sender
    sender.close()


def post(port: int, scheme: str = "http", **options: Any) -> Answer:
    with sending(**options) as sender:
        return sender.post(f"{scheme}://shop.example:{port}/hook", b'{"a":1}', {"webhook-id": "1"})


def test_the_receiver_sees_the_name_and_the_body_and_the_connection_is_used_again() -> None:
    with receiving() as receiver, sending() as sender:
        url = f"http://Shop.example:{receiver.port}/hook?of=1"
        answers = [sender.post(url, b"{}", {"webhook-id": str(number)}) for number in range(3)]

        assert answers == [Answer("200", "ok")] * 3
        assert [each.body for each in receiver.heard] == [b"{}"] * 3
        assert {each.headers["host"] for each in receiver.heard} == {f"shop.example:{receiver.port}"}


def test_only_200_is_success_and_a_redirect_is_an_answer_like_any_other() -> None:
    with receiving() as receiver:
        receiver.headers = {"Location": receiver.url, "Retry-After": "77"}
        for status in (200, 201, 204, 301, 307, 404, 500):
            receiver.answer, receiver.body = lambda _, status=status: status, b""
            answer = post(receiver.port)

            assert answer == Answer(str(status), "", 77)
            assert answer.is_success == (status == 200)
        assert len(receiver.heard) == 7


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving() as receiver:
        assert post(receiver.port).is_success


def drip(start: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(start)
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    return talk


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "], ids=["status", "header"])
def test_a_receiver_that_drips_is_cut(start: bytes) -> None:
    with scripted(drip(start)) as port:
        assert post(port, seconds=BRIEFLY).code == "timeout"


def test_one_that_has_said_200_and_drips_on_is_cut_and_has_heard() -> None:
    with scripted(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")) as port:
        answer = post(port, seconds=BRIEFLY)

    assert answer.is_success
    assert set(answer.body) <= {"x"}


def test_of_an_endless_answer_64_kilobytes_are_read() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 500 No\r\n\r\n")
        while True:
            connection.sendall(b"y" * 65536)

    with scripted(talk) as port:
        answer = post(port)

    assert answer.code == "500"
    assert len(answer.body) == 64 * 1024


def silent(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(30)


def resetting(connection: socket.socket) -> None:
    connection.recv(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def babbling(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")
    connection.close()


@pytest.mark.parametrize(
    ("talk", "scheme", "code"),
    [
        (silent, "http", "timeout"),
        (silent, "https", "timeout"),
        (resetting, "http", "connection_failed"),
        (babbling, "http", "no_http"),
        (babbling, "https", "tls_failed"),
    ],
)
def test_what_goes_wrong_has_a_word(talk: Callable[[socket.socket], None], scheme: str, code: str) -> None:
    with scripted(talk) as port:
        assert post(port, scheme, seconds=BRIEFLY).code == code


def test_nobody_listens_nothing_resolves_and_what_is_refused_is_never_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    assert post(port).code == "connection_failed"
    with receiving() as receiver:
        assert (
            post(receiver.port, addresses=Addresses(LOOPBACK, lambda _host, _port: [])).code == "unresolved"
        )
        assert post(receiver.port, addresses=Addresses()).code in {"unresolved", "refused_address"}
        shut = Addresses(resolve=lambda _host, _port: ["127.0.0.1"])
        assert post(receiver.port, addresses=shut).code == "refused_address"
        assert post(receiver.port, "ftp").code == "refused_url"
        assert receiver.heard == []


def test_a_name_that_changes_its_meaning_behind_the_check_is_not_asked_again() -> None:
    """The stub would lead the second question to nowhere: there is none."""
    meanings = iter([["127.0.0.1"]])
    with receiving() as receiver:
        assert post(receiver.port, addresses=Addresses(LOOPBACK, lambda *_: next(meanings))).is_success


def test_a_connection_that_was_closed_while_idle_is_made_anew() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.recv(1)  # the next request has begun: it is cut off
        connection.close()

    with scripted(talk) as port, sending() as sender:
        for _ in range(3):
            assert sender.post(f"http://shop.example:{port}/", b"{}", {}).is_success


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server named shop.example shows, and who trusts it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")]),
    )
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    held: Path = tmp_path_factory.mktemp("tls") / "pem"
    held.write_bytes(secret + pem)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(held)
    return shown, ssl.create_default_context(cadata=pem.decode())


def test_over_tls_the_name_is_sent_and_checked_though_the_address_is_connected_to(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    shown, trusting = certified
    names: list[str | None] = []
    shown.sni_callback = lambda _socket, name, _context: names.append(name)

    def talk(connection: socket.socket) -> None:
        with shown.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with scripted(talk) as port:
        assert post(port, "https", connections=Connections(trusting)).is_success
        assert names == ["shop.example"]
        with sending(connections=Connections(trusting)) as sender:
            assert sender.post(f"https://other.example:{port}/", b"{}", {}).code == "tls_failed"
        assert post(port, "https").code == "tls_failed"
