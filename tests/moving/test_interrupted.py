"""An import that is killed and run again ends as if it had not been; the database's refusals are borne."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from app.db.engine import unguarded_engine
from app.passwords import timers
from app.resources.customer import Customer
from tests.moving.moved import counts, empty_store, exported, ndjson, rejects, typed
from tests.moving.people import customer
from tests.server.commands import PATRON, environment
from tests.site import SECRET, Site

MANY = 1500


@contextmanager
def transactions() -> Iterator[set[object]]:
    """The connections of this process that have begun a transaction, and have not ended it."""
    under_way: set[object] = set()
    heard = {"begin": under_way.add, "commit": under_way.discard, "rollback": under_way.discard}
    for name, listener in heard.items():
        event.listen(Engine, name, listener)
    try:
        yield under_way
    finally:
        for name, listener in heard.items():
            event.remove(Engine, name, listener)


def test_killed_in_the_midst_and_run_again_it_ends_as_once(own_site: Site, tmp_path: Path) -> None:
    file = ndjson(tmp_path / "people.ndjson", map(customer, range(1, MANY + 1)))
    once, killed = empty_store(own_site), empty_store(own_site, "killed")
    typed(own_site, "import", file, "--store", str(once))
    command = [PATRON, "import", str(file), "--store", str(killed), "--batch", "50"]
    settings = environment(PATRON_DATABASE_URL=own_site.url, PATRON_SECRET_KEY=SECRET)

    for _ in range(2):
        began = counts(own_site, killed)[0]
        process = subprocess.Popen(
            command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and counts(own_site, killed)[0] < began + 100:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        customers, attributes, addresses = counts(own_site, killed)
        assert began < customers < MANY
        assert (attributes, addresses) == (3 * customers, 2 * customers)

    typed(own_site, "import", file, "--store", str(killed))

    assert exported(own_site, killed) == exported(own_site, once)
    token = own_site.tokens[f"/stores/{killed}"]
    shown = own_site.hal(f"/stores/{killed}/customers?limit=0", token=token)
    assert shown["total_items"] == MANY - MANY // 10


def test_what_the_database_refuses_costs_nobody_else(own_site: Site, tmp_path: Path) -> None:
    store = empty_store(own_site)
    engine = unguarded_engine(own_site.url)
    with engine.begin() as connection:
        index = "CREATE UNIQUE INDEX uq_of_a_test ON customer (store_id, tax_id) WHERE tax_id LIKE 'same%'"
        connection.execute(text(index))
    engine.dispose()
    people = [customer(number) for number in range(1, 40)]
    for number in (3, 17, 31):
        people[number]["tax_id"] = "same"

    file = ndjson(tmp_path / "people.ndjson", people)
    said = typed(own_site, "import", file, "--store", str(store), code=1)

    assert said.stdout.startswith("37 created, 2 rejected in ")
    assert [each["line"] for each in rejects(file)] == [18, 32]
    assert rejects(file)[0]["document"] == people[17]
    assert counts(own_site, store) == (37, 3 * 37, 2 * 37)


def test_rejects_are_mended_and_loaded_from_their_file(own_site: Site, tmp_path: Path) -> None:
    store, file = empty_store(own_site), tmp_path / "people.ndjson"
    hashed = {"password_hash": None, "password_hash_type": None}
    ndjson(file, [customer(1), customer(2) | hashed | {"email": "nobody", "password": "plain"}])
    typed(own_site, "import", file, "--store", str(store), code=1)
    path = file.with_name(f"{file.name}.rejects.ndjson")
    assert "plain" not in path.read_text()

    path.write_text(path.read_text().replace('"nobody"', '"somebody@example.com"'))
    said = typed(own_site, "import", path, "--store", str(store))

    assert said.stdout.startswith("1 created in ")


@pytest.mark.parametrize(
    ("document", "is_taken"),
    [
        ({"email": "a@example.com", "first_name": "4111111111111111"}, False),
        ({"email": "a@example.com", "currency_code": "ZZZ"}, False),
        ({"email": "a@example.com", "password_hash": "x", "password_hash_type": "nonsense"}, False),
        ({"email": "no address"}, True),
        ({"email": "a@example.com", "first_name": "x" * 51}, False),
        ({"email": "a@example.com", "first_name": 1}, False),
        ({"email": None}, False),
        ({"first_name": "Kim"}, False),
    ],
)
def test_who_trusts_looks_at_types_lengths_lists_and_card_numbers_only(
    own_site: Site, tmp_path: Path, document: dict[str, object], is_taken: bool
) -> None:
    file = ndjson(tmp_path / "people.ndjson", [document])
    store = str(empty_store(own_site))

    typed(own_site, "import", file, "--store", store, code=1)
    typed(own_site, "import", file, "--store", store, "--trusted", code=0 if is_taken else 1)


def test_imports_and_exports_stand_in_the_audit_trail(own_site: Site, tmp_path: Path) -> None:
    store, file = str(empty_store(own_site)), ndjson(tmp_path / "people.ndjson", [customer(1)])

    loaded = typed(own_site, "import", file, "--store", store)
    told = typed(own_site, "export", "--store", store)

    assert f'"what":"customers_imported","store_id":{store},"created":1' in loaded.stderr
    assert f'"what":"customers_exported","store_id":{store},"exported":1' in told.stderr
    assert customer(1)["email"] not in loaded.output + told.stderr


def test_no_transaction_waits_while_a_password_is_hashed(own_site: Site, tmp_path: Path) -> None:
    store, file = str(empty_store(own_site)), tmp_path / "people.ndjson"
    people = [{"email": f"p{number}@example.com", "password": "correct horse"} for number in range(3)]
    others = [each | {"password": "battery staple"} for each in people]
    with transactions() as under_way:
        under_way_at_hashes: list[int] = []
        timers.append(watch := lambda *_: under_way_at_hashes.append(len(under_way)))
        try:
            said = [
                typed(own_site, "import", ndjson(file, each), "--store", store).stdout.partition(" in ")[0]
                for each in (people, people, others)
            ]
        finally:
            timers.remove(watch)

    assert said == ["3 created", "3 unchanged", "3 updated"]
    assert set(under_way_at_hashes) == {0}
    with own_site.engine.connect() as connection:
        mine = select(Customer.password_hash).where(Customer.store_id == int(store))
        assert len(set(connection.scalars(mine))) == 3, "each has a salt of their own"
