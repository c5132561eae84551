"""A PostgreSQL that is restarted, that is gone for a while, and that is not there yet when Patron starts."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import lengthened
from tests.faults.clusters import Cluster
from tests.faults.delivering import delivering
from tests.faults.load import Load
from tests.server.commands import SECRET, environment
from tests.server.production import BASE, CUSTOMERS, ROOT, Answer, Production, production
from tests.site import FORMATS

ON_ONE_ENGINE = True  # SQLite's file does not go away

RESTARTS = lengthened("CYCLES", 2)
SECONDS = lengthened("SECONDS", 3)
LONGEST = 20
"""How long an answer may take at most: a connection is waited for for five seconds, and twice."""


@pytest.fixture
def server(cluster: Cluster, tmp_path: Path) -> Iterator[Production]:
    url = cluster.database()
    with production(tmp_path, url) as made:
        yield made
    cluster.drop(url)


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


def refusals(server: Production) -> list[Answer]:
    """What reads and writes are told, in each format."""
    answers = []
    for media_type in FORMATS:
        for method, path, body in (
            ("GET", "/customers/1", None),
            ("GET", CUSTOMERS, None),
            ("POST", CUSTOMERS, {"email": "a@example.com"}),
        ):
            answer = server.ask(method, path, body, Accept=media_type)
            assert answer.headers["Content-Type"] == media_type
            answers.append(answer)
    return answers


@pytest.mark.timeout(900)
def test_restarts_under_load_are_answered_by_503_and_lose_nothing_that_was_acknowledged(
    server: Production, cluster: Cluster
) -> None:
    server.start()
    load = Load(server)
    with delivering(server) as worker:
        worker.start()
        with load.running():
            for _ in range(RESTARTS):
                load.let_write(20)
                cluster.restart()
            load.let_write(20)
        assert (load.wrong, load.unanswered) == ([], 0)
        assert load.statuses[503], "no restart hit a request"
        assert load.slowest < LONGEST
        print(f"\n{RESTARTS} restarts: {dict(load.statuses)}, the slowest after {load.slowest:.1f} s")
        load.assert_nothing_lost()
        assert worker.process
        assert worker.process.poll() is None, "the worker did not come through"
        worker.let_leases_run_out()
        assert worker.await_all() == set(load.told.values())


@pytest.mark.timeout(300)
def test_while_it_is_gone_each_answer_is_503_in_the_clients_format_and_it_comes_back_by_itself(
    server: Production, cluster: Cluster
) -> None:
    server.start()
    assert server.ask("POST", CUSTOMERS, {"email": "first@example.com"}).status == 201
    assert server.ask("GET", "/readyz").status == 200
    with stopped(cluster):
        end, refused = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            for answer in refusals(server):
                assert (answer.status, answer.headers["Retry-After"]) == (503, "1"), answer.body
                refused += 1
        print(f"\n{refused} answers in {SECONDS} s, all of them 503")
        assert server.ask("GET", "/readyz").status == 503
        assert server.ask("GET", "/healthz").status == 200
    assert server.ask("POST", CUSTOMERS, {"email": "second@example.com"}).status == 201
    assert server.ask("GET", CUSTOMERS).json["total_items"] == 2
    time.sleep(0.6)  # what was seen of it counts for half a second
    assert server.ask("GET", "/readyz").status == 200


def test_a_server_that_starts_before_its_database_waits_for_it_until_its_time_is_over(
    server: Production, cluster: Cluster
) -> None:
    with stopped(cluster):
        hurried, patient = starting(server, "hurried"), starting(server, "patient")
        assert hurried.wait(60) == 1
        assert patient.poll() is None
        assert "waiting_for_database" in log_of(server, "patient")
    try:
        assert patient.stdout
        assert b"serves" in patient.stdout.readline()
    finally:
        patient.kill()
        patient.wait(30)
        for each in (patient, hurried):
            assert each.stdout
            each.stdout.close()
    *_, said = log_of(server, "hurried").splitlines()
    assert said.startswith("patron: the database cannot be opened: ")


def log_of(server: Production, who: str) -> str:
    return (server.folder / f"{who}.log").read_text()


def starting(server: Production, who: str) -> subprocess.Popen[bytes]:
    """A server that is about to start; the hurried one waits for its database for a second only."""
    waits = "import app.db.migrate as m; m.PATIENCE = 1; " if who == "hurried" else ""
    program = f"import sys; {waits}from app.cli import main; sys.argv[0] = 'patron'; main()"
    settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": server.url}
    variables = {f"PATRON_{name}": value for name, value in settings.items()}
    with (server.folder / f"{who}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-c", program, "serve", "--port", str(server.port)],
            env=environment(**variables, PYTHONPATH=str(ROOT)),
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=os.fspath(server.folder),
        )
