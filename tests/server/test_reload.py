"""gunicorn with Patron's settings: reloaded under load, counted together, safe after forks."""

import json
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.ports import free_port, wait_for
from tests.server.commands import SECRET, environment
from tests.server.processes import GUNICORN
from tests.server.production import CUSTOMERS, Production, production
from tests.server.proxy import behind_nginx

BASE = "https://shop.example"
PROCESSES = 2


@contextmanager
def processes(server: Production, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn over the database of a server that is not started itself, on its port."""
    settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": server.url, "PROXIES": "1"}
    command = [GUNICORN, "-c", "python:app.gunicorn", "-w", str(PROCESSES), "-b", f"127.0.0.1:{server.port}"]
    with (server.folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, *options, "app:create_app()"],
            cwd=server.folder,
            env=environment(**{f"PATRON_{name}": value for name, value in settings.items()}),
            stderr=log,
        )
    try:
        wait_for(server.port)
        assert ask(server.port, server, "GET", "/readyz")[0] == 200
        yield process
    finally:
        process.terminate()
        assert process.wait(60) == 0


def ask(port: int, server: Production, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    told = answer.status, answer.read()
    connection.close()
    return told


def pids(process: subprocess.Popen[bytes]) -> set[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return {int(each) for each in children.split()}


def reload(process: subprocess.Popen[bytes]) -> None:
    """Waits until all processes are others than before."""
    before = pids(process)
    process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 60
    while before & (now := pids(process)) or len(now) < PROCESSES:
        assert time.monotonic() < end, "processes of before are still there"
        time.sleep(0.1)


def counted(server: Production, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(ask(server.port, server, "GET", "/metrics")[1].decode())
    found = (each for one in families for each in one.samples if each.name == name)
    return sum(each.value for each in found if labels.items() <= each.labels.items())


@pytest.mark.timeout(200)
def test_three_reloads_under_load_behind_nginx_fail_no_request(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path}/data.sqlite3"
    statuses: Counter[tuple[str, int]] = Counter()
    done, numbers = threading.Event(), iter(range(1_000_000))

    def write_and_read(port: int, server: Production) -> None:
        while not done.is_set():
            guest = {"email": f"guest{next(numbers)}@example.com", "is_anonymous": True}
            for method, path, body in (("POST", CUSTOMERS, guest), ("GET", f"{CUSTOMERS}?limit=1", None)):
                try:
                    statuses[method, ask(port, server, method, path, body)[0]] += 1
                except OSError:
                    statuses[method, 0] += 1
                time.sleep(0.1)  # new processes want to start on these cores too

    with production(tmp_path, database_url) as server, processes(server) as process:
        with behind_nginx(tmp_path, [server.port]) as port:
            for path in ("/healthz", "/readyz", "/metrics"):
                assert ask(port, server, "GET", path)[0] == 404, "it is not for the world"
            clients = [threading.Thread(target=write_and_read, args=[port, server]) for _ in range(3)]
            for each in clients:
                each.start()
            for _ in range(3):
                reload(process)
            done.set()
            for each in clients:
                each.join()
        total = json.loads(ask(server.port, server, "GET", f"{CUSTOMERS}?is_anonymous=true&limit=0")[1])
        seen = counted(server, "patron_requests_total", method="POST", status="201")
        at_most = counted(server, "patron_pool_connections_at_most")
    assert set(statuses) == {("POST", 201), ("GET", 200)}, statuses
    assert total["total_items"] == statuses["POST", 201] == seen, "processes that are gone count too"
    assert at_most == PROCESSES * 8, "processes that are gone have no connections any more"


def test_a_reload_that_fails_leaves_those_who_serve_and_may_be_repeated(tmp_path: Path) -> None:
    """As where the new version's migration was forgotten: gunicorn itself would end all processes."""
    with (
        production(tmp_path, f"sqlite:///{tmp_path}/data.sqlite3") as server,
        processes(server) as process,
        closing(sqlite3.connect(tmp_path / "data.sqlite3", isolation_level=None)) as database,
    ):
        before = pids(process)
        [(revision,)] = database.execute("SELECT version_num FROM alembic_version")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: (server.folder / "log").read_text().count("the old ones go on") == PROCESSES)
        wait_until(lambda: pids(process) == before)
        assert ask(server.port, server, "GET", f"{CUSTOMERS}?limit=1")[0] == 200

        database.execute("UPDATE alembic_version SET version_num = ?", [revision])
        reload(process)
        assert ask(server.port, server, "GET", "/readyz")[0] == 200


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_processes_that_were_forked_from_a_loaded_application_share_nothing(
    database_url: str, tmp_path: Path
) -> None:
    """Ids, connections and threads are each process's own, on either engine."""
    made: list[tuple[int, bytes]] = []

    def write(client: int, server: Production) -> None:
        for number in range(15):
            body = {"email": f"{client}-{number}@example.com"}
            made.append(ask(server.port, server, "POST", CUSTOMERS, body))

    with production(tmp_path, database_url) as server, processes(server, "--preload"):
        clients = [threading.Thread(target=write, args=[each, server]) for each in range(4)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
        assert ask(server.port, server, "GET", "/readyz")[0] == 200
        assert counted(server, "patron_requests_total", method="POST", status="201") == 60
    assert {status for status, _ in made} == {201}
    assert len({json.loads(body)["id"] for _, body in made}) == 60


def test_a_node_says_that_it_is_not_ready_before_its_processes_stop(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data.sqlite3"
    with production(tmp_path, url) as server:
        settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": url, "DRAIN_SECONDS": "2"}
        port = free_port()
        process = subprocess.Popen(
            [GUNICORN, "-c", "python:app.gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "app:create_app()"],
            cwd=tmp_path,
            env=environment(**{f"PATRON_{name}": value for name, value in settings.items()}),
            stderr=subprocess.DEVNULL,
        )
        wait_for(port)
        assert ask(port, server, "GET", "/readyz")[0] == 200
        process.terminate()
        end = time.monotonic() + 2
        while ask(port, server, "GET", "/readyz")[0] != 503:
            assert time.monotonic() < end
        assert ask(port, server, "GET", f"{CUSTOMERS}?limit=1")[0] == 200
        assert process.wait(60) == 0
