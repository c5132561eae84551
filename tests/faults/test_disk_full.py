"""A disk that is full: what is there is read, nothing is written by half, it goes on when there is room."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.events import Event
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from tests.faults.clusters import Cluster
from tests.faults.delivering import delivering
from tests.faults.disks import MEGABYTE, Disk, small_disk
from tests.server.production import CUSTOMERS, Answer, Production, production
from tests.site import FORMATS

ON_ONE_ENGINE = True  # each test names its own
LEFT = 256 * 1024
MOST = 3000
NOTE = "x" * 400


@pytest.fixture
def disk() -> Iterator[Disk]:
    with small_disk(48 * MEGABYTE) as made:
        yield made


def create(server: Production, number: int, accept: str = FORMATS[0]) -> Answer:
    body = {"email": f"{number}@example.com", "first_name": "Ada", "last_name": "x" * 50}
    return server.ask("POST", CUSTOMERS, body, Accept=accept)


def describe(server: Production, location: str) -> Answer:
    """Writes several rows at once."""
    attributes = [{"name": f"note {number}", "value": NOTE} for number in range(3)]
    return server.ask("PATCH", f"{location}/attributes", attributes)


def write_until_refused(server: Production) -> tuple[list[str], list[str], Answer]:
    """Who was created, who was described, and the first refusal."""
    made: list[str] = []
    described: list[str] = []
    for number in range(MOST):
        answer = create(server, number)
        if answer.status != 201:
            return made, described, answer
        made.append(answer.headers["Location"])
        answer = describe(server, made[-1])
        if answer.status != 200:
            return made, described, answer
        described.append(made[-1])
    raise AssertionError("the disk does not become full")


def assert_goes_on_reading_and_comes_back(server: Production, disk: Disk, reason: str) -> None:
    """The law, for a server with an empty database on that disk, and a webhook whose worker is away."""
    server.start()
    disk.fill(leaving=LEFT)
    made, described, refusal = write_until_refused(server)
    assert (refusal.status, refusal.headers["Retry-After"]) == (503, "1"), refusal.body
    for media_type in FORMATS:
        refused = [
            each for each in (create(server, MOST + n, media_type) for n in range(40)) if each.status != 201
        ]
        made += [""] * (40 - len(refused))
        assert refused, "there is room for more"
        assert {(each.status, each.headers["Content-Type"]) for each in refused} == {(503, media_type)}
    assert server.ask("GET", made[0]).json["first_name"] == "Ada"
    assert server.ask("GET", CUSTOMERS).json["total_items"] == len(made)

    disk.clear()
    answer = create(server, 2 * MOST)
    assert answer.status == 201
    assert describe(server, answer.headers["Location"]).status == 200
    assert server.rows(Customer) == len(made) + 1
    assert server.rows(Attribute) == 3 * (len(described) + 1)
    created = server.rows(Event, Event.name == "customer/created")
    assert created == len(made) + 1, "a customer without its event, or an event without its customer"
    failed = [each for each in logged(server) if each["event"] == "failed"]
    assert {each["database"] for each in failed} <= {reason}


def logged(server: Production) -> list[dict[str, str]]:
    """The whole lines of the log: one at which the disk became full may be by half."""
    found = []
    for line in (server.folder / "log").read_text(errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def test_sqlite_and_the_log_on_a_full_disk(disk: Disk) -> None:
    url = f"sqlite:///{disk.folder}/data.sqlite3"
    with production(disk.folder, url) as server, delivering(server):
        assert_goes_on_reading_and_comes_back(server, disk, "SQLITE_FULL")
        with sqlite3.connect(disk.folder / "data.sqlite3") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_postgresql_on_a_full_disk(cluster: Cluster, disk: Disk, tmp_path: Path) -> None:
    url = cluster.database(disk.folder)
    try:
        with production(tmp_path, url) as server, delivering(server):
            assert_goes_on_reading_and_comes_back(server, disk, "53100")
            assert logged(server)
    finally:
        cluster.drop(url)


def test_a_log_that_cannot_be_written_fails_no_request(tmp_path: Path) -> None:
    """/dev/full is a disk that is always full."""
    with production(tmp_path, f"sqlite:///{tmp_path}/data.sqlite3") as server:
        (tmp_path / "log").symlink_to("/dev/full")
        server.start()
        statuses = [
            server.ask("GET", path).status for path in ("/", CUSTOMERS, "/customers/1", "/nowhere") * 5
        ]
        assert statuses == [200, 200, 404, 404] * 5
        assert create(server, 1).status == 201
