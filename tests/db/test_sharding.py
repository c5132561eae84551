"""Sharded by store, Patron answers as ever, and no statement or transaction concerns more than one store."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import MetaData

from app.db.tables import Base, is_global
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.databases import empty_database
from tests.db.shards import REFERENCE_TABLES, SHARDS, STORE_TABLES, Seen, make_over, shard_of, witnessed
from tests.db.walk import Pair, walk
from tests.site import Site, hash_cheaply, open_site
from tests.wire.delivering import LOOPBACK

README = Path(__file__).parents[2] / "README.md"
OVER_ALL_STORES = {
    "app/db/engine.py": "the engine that the wall is put around",
    "app/db/migrate.py": "migrations are of the whole schema",
    "app/keeping/backup.py": "a backup is of the whole database, and says how many rows it has",
    "app/keeping/restoring.py": "so is what is restored from it",
    "app/keeping/scouring.py": "VACUUM is of whole tables",
    "app/keeping/staging.py": "what a restore replaces is the whole database",
}
"""Who opens a database without the wall between stores, and why."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("sharding")
        whole, sharded = (
            stack.enter_context(open_site("postgresql", folder, webhook_networks=LOOPBACK)) for _ in range(2)
        )
        for each in (whole, sharded):
            hash_cheaply(each)
        _leave(sharded)
        make_over(sharded.url)
        assert shard_of(sharded.url, STORE_ID) != shard_of(sharded.url, OTHER_STORE_ID)
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        yield Pair(whole, sharded, stack.enter_context(witnessed(monkeypatch)))
        _leave(sharded)


def _leave(site: Site) -> None:
    """Closes its connections: others are opened when they are needed."""
    patron = site.app.extensions["patron"]
    patron.reader.close()
    patron.engine.dispose()
    site.engine.dispose()


@pytest.fixture(scope="module")
def walked(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """What was seen while both sites were asked for everything, and kept by their operator."""
    before = len(pair.seen)
    walk(pair, tmp_path_factory.mktemp("kept"))
    return pair.seen[before:]


def test_no_statement_on_customers_tables_touches_another_stores_shard(walked: list[Seen]) -> None:
    stray = {each.text: sorted(each.shards) for each in walked if len(each.shards) > 1}

    assert stray == {}
    assert sum(bool(each.shards) for each in walked) > 1000


def test_every_table_of_a_store_was_read_and_written_on_its_shards(walked: list[Seen]) -> None:
    read = {name for each in walked for name in each.read}
    written = {name for each in walked for name in each.written}

    assert set(STORE_TABLES) - read == set()
    assert set(STORE_TABLES) - written == set()


def test_a_statement_without_its_store_would_be_seen(pair: Pair) -> None:
    """Past the wall: the witness is one."""
    before = len(pair.seen)
    with psycopg.connect(pair.sharded.url) as connection:
        connection.execute("SELECT count(*) FROM customer WHERE id = 115")
        connection.execute("SELECT count(*) FROM customer WHERE id = 115 AND store_id = 66")

    assert [len(each.shards) for each in pair.seen[before:]] == [SHARDS, 1]


def test_a_transaction_that_writes_to_two_stores_would_be_refused(pair: Pair) -> None:
    with psycopg.connect(pair.sharded.url) as connection:
        connection.execute("UPDATE customer SET version = version WHERE store_id = 66")
        with pytest.raises(errors.RaiseException, match="stores 67 and 66"):
            connection.execute("UPDATE customer SET version = version WHERE store_id = 67")


def test_global_tables_name_no_row_of_a_stores_table() -> None:
    """They are on every node, or on one: they can refer to nothing that is on one shard alone."""
    metadata: MetaData = Base.metadata
    named = {
        key.referred_table.name
        for table in metadata.sorted_tables
        if is_global(table)
        for key in table.foreign_key_constraints
    }
    assert named <= set(REFERENCE_TABLES)


def test_who_goes_over_all_stores_has_a_reason() -> None:
    root = Path(__file__).parents[2]
    found = {
        str(path.relative_to(root))
        for path in (root / "app").rglob("*.py")
        if re.search(r"\bunguarded_engine\(", path.read_text())
    }
    assert found == set(OVER_ALL_STORES)


def test_the_readme_says_which_tables_are_sharded_and_which_are_not() -> None:
    section = README.read_text().partition("### Beyond one database")[2].partition("\n### ")[0]
    references = re.findall(r"create_reference_table\('\"?(\w+)\"?'\)", section)
    distributed = re.findall(r"create_distributed_table\('(\w+)', 'store_id'", section)

    assert references == list(REFERENCE_TABLES)
    assert distributed == list(STORE_TABLES)


def test_a_unique_index_without_its_store_would_be_refused(tmp_path: Path) -> None:
    """By PostgreSQL, when a database is made over: so it proves those that are there."""
    with empty_database("postgresql", tmp_path) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE t (store_id int, id int) PARTITION BY HASH (store_id)")
        with pytest.raises(errors.FeatureNotSupported):
            connection.execute("CREATE UNIQUE INDEX ON t (id)")
