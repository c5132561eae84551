"""Memory stays as it is, whatever is asked, however often."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from tests.faults import lengthened
from tests.faults.figures import memory, processes
from tests.ports import wait_for
from tests.server.processes import GUNICORN
from tests.server.production import CUSTOMERS, Production, production
from tests.site import FORMATS

BOUNDED = 3000
REQUESTS = lengthened("REQUESTS", BOUNDED)
WARMING = max(1500, REQUESTS // 20)
ROUNDS = 8
"""How often several processes are warmed, by new connections: of so few, one of them may get none."""

CLIENTS = 4
GROWTH = 1.1

COMMAND = f"echo serves; exec {GUNICORN} -c python:app.gunicorn -w 2 -b 127.0.0.1:$0 'app:create_app()'"
SERVERS: dict[str, tuple[str, ...]] = {"patron serve": (), "gunicorn": ("sh", "-c", COMMAND)}

Step = tuple[str, str, Any, dict[str, str]]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Production]:
    is_one_of_many = request.param != "patron serve" or database_url.startswith("postgresql")
    if is_one_of_many and REQUESTS == BOUNDED:
        pytest.skip("it is tried with PATRON_FAULT_REQUESTS alone")
    with production(tmp_path, database_url) as made:
        made.start(*SERVERS[request.param])
        wait_for(made.port)
        yield made


def steps(location: str) -> list[Step]:
    """What is asked again and again, of a customer: reads in each format, writes, and what is wrong."""
    read: list[Step] = [
        (method, path, None, {"Accept": media_type})
        for media_type in (*FORMATS, "text/html")
        for method, path in (
            ("GET", location),
            ("GET", f"{location}?zoom=default_billing_address,attributes"),
            ("GET", f"{CUSTOMERS}?limit=20&zoom=attributes"),
            ("GET", f"{CUSTOMERS}?email=nobody@example.com"),
            ("OPTIONS", location),
            ("GET", "/customers/999999"),
        )
    ]
    return [
        *read,
        ("PATCH", location, {"first_name": "Ada", "tax_exempt": True}, {}),
        ("PATCH", f"{location}/attributes", [{"name": "size", "value": "L"}], {}),
        ("PUT", location, {"email": "Changed@Example.com", "no_such": 1}, {}),
        ("POST", CUSTOMERS, {"email": "no email"}, {"Accept": FORMATS[1]}),
        ("GET", "/", None, {"Authorization": "Bearer none"}),
        ("GET", "/rels/customers", None, {}),
    ]


def client(server: Production, number: int, many: int) -> set[int]:
    """Creates a customer, asks for it in all ways, and deletes it; the statuses that came."""
    seen: set[int] = set()
    guest = {"email": f"{number}@example.com", "is_anonymous": True}
    while many > 0:
        location = server.ask("POST", CUSTOMERS, guest).headers["Location"]
        for method, path, body, headers in islice(cycle(steps(location)), min(many, 200)):
            seen.add(server.ask(method, path, body, **headers).status)
        assert server.ask("DELETE", location).status == 200
        many -= 202
    server.hang_up()
    return seen


def ask(server: Production, many: int) -> set[int]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        asked = [pool.submit(client, server, each, many // CLIENTS) for each in range(CLIENTS)]
        return set().union(*(each.result() for each in asked))


@pytest.mark.timeout(7200)
def test_thousands_of_mixed_requests_leave_the_memory_as_it_was(server: Production) -> None:
    assert server.process
    pids = processes(server.process.pid)
    for _ in range(ROUNDS if len(pids) > 1 else 1):
        assert ask(server, WARMING) == {200, 400, 401, 404}
    before = sum(map(memory, pids))
    assert ask(server, REQUESTS) == {200, 400, 401, 404}
    after = sum(map(memory, pids))
    told = f"{before / 1024:.1f} MB before, {after / 1024:.1f} MB after"
    print(f"\n{REQUESTS} requests, {len(pids)} processes: {told}")
    assert after < before * GROWTH
