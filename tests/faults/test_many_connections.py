"""Far more connections than a server takes: who is let in is served, the others wait."""

import resource
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.open_files import MOST
from tests.faults import lengthened
from tests.faults.figures import await_open_files, open_files
from tests.server.commands import PATRON
from tests.server.production import Production, production

ON_ONE_ENGINE = True

ATTEMPTS = lengthened("CONNECTIONS", 3000)
ASKED = 200
FEW = 256
"""How many files a shell may give a process at first: fewer than the server needs."""

REQUEST = b"GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Production]:
    with production(tmp_path, database_url) as made:
        yield made


@contextmanager
def many_files(needed: int) -> Iterator[None]:
    """Lets this process have so many files open; skips the test where it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"{needed} files are needed, and {hard} allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def attempts(port: int, many: int) -> Iterator[list[socket.socket]]:
    """So many attempts to connect, none of them waited for."""
    made: list[socket.socket] = []
    try:
        for number in range(many):
            each = socket.socket()
            made.append(each)
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
            if number % 500 == 499:
                time.sleep(0.05)
        yield made
    finally:
        for each in made:
            each.close()


def connected(sockets: list[socket.socket]) -> list[socket.socket]:
    """Those that are connected by now, as far as they know."""
    with selectors.PollSelector() as waiting:
        for each in sockets:
            waiting.register(each, selectors.EVENT_WRITE)
        found = [key.fileobj for key, _ in waiting.select(1)]
    return [each for each in found if isinstance(each, socket.socket)]


def answered(connection: socket.socket, seconds: float = 60) -> bool:
    """Whether a request is answered there."""
    connection.setblocking(True)
    connection.settimeout(seconds)
    with suppress(OSError):
        connection.sendall(REQUEST)
        return connection.recv(100).startswith(b"HTTP/1.1 200")
    return False


@pytest.mark.timeout(400)
def test_who_is_let_in_is_served_and_the_others_wait_for_their_turn(server: Production) -> None:
    server.start("prlimit", f"--nofile={FEW}:20000", *patron())
    assert server.process
    pid = server.process.pid
    assert server.ask("GET", "/").status == 200
    server.hang_up()
    before = open_files(pid)
    with many_files(ATTEMPTS + 1000), attempts(server.port, ATTEMPTS) as made:
        end = time.monotonic() + 60
        while open_files(pid) < before + MOST - 50:
            assert time.monotonic() < end, f"it has let in {open_files(pid) - before}"
            time.sleep(0.05)
        time.sleep(0.5)
        taken = open_files(pid) - before
        assert taken <= MOST
        inside = connected(made)[:ASKED]
        print(f"\n{len(made)} attempts, {len(connected(made))} connected, {taken} let in")
        assert all(answered(each) for each in inside), "who was let in is not served"
        waiting = connected(made)[MOST + ASKED : MOST + ASKED + 20]
        for each in made[:MOST]:
            each.close()
        assert [answered(each) for each in waiting] == [True] * len(waiting), "who waits has no turn"
    await_open_files(pid, before + 10)
    assert server.process.poll() is None
    assert server.ask("GET", "/").status == 200
    assert '"few_open_files"' not in (server.folder / "log").read_text()


def test_where_fewer_files_are_allowed_fewer_connections_are_taken_and_that_is_said(
    server: Production,
) -> None:
    server.start("prlimit", "--nofile=400:400", *patron())
    assert server.process
    pid = server.process.pid
    with attempts(server.port, 300) as made:
        end = time.monotonic() + 60
        while not (inside := connected(made)):
            assert time.monotonic() < end
        assert all(answered(each) for each in inside[:20])
        assert open_files(pid) < 400
    await_open_files(pid, 100)
    assert server.ask("GET", "/").status == 200
    said = (server.folder / "log").read_text()
    assert '"few_open_files"' in said
    assert "Too many open files" not in said


def patron() -> list[str]:
    return [str(PATRON), "serve", "--port"]
