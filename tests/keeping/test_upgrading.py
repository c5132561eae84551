"""An upgrade with data in the database: nothing is lost by it, nor where it is cut off, nor to old code."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData

from app.db.engine import unguarded_engine
from app.db.migrate import current, downgrade, newest, upgrade
from app.db.tables import Base
from app.keeping.persons import IMPORTED
from tests.keeping.stuffing import Rows, reflected, stored, stuff
from tests.server.commands import environment
from tests.site import Site

assert IMPORTED

RELEASED = "0011"
"""The revision of the last release. What comes after it must let that release's servers go on."""

pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's: they are passed over

REVISIONS = sorted({"0001", "0004", "0008", "0009", "0010", RELEASED, newest()})
"""Those at which rows are written: the others are gone through between them."""


def lost(before: Rows, after: Rows) -> list[str]:
    """The tables in which a row says something else than before in a column that is still there."""
    found = []
    for table, rows in before.items():
        names = {name for row in after.get(table, []) for name in row}
        kept = [name for name in (rows[0] if rows else {}) if name in names]
        was = sorted(repr([row[name] for name in kept]) for row in rows)
        now = sorted(repr([row[name] for name in kept]) for row in after.get(table, []))
        found += [table] if was != now else []
    return found


def test_rows_of_every_table_and_revision_come_through_all_later_ones(database_url: str) -> None:
    engine = unguarded_engine(database_url)
    for revision in REVISIONS:
        before = stored(engine) if revision != REVISIONS[0] else {}
        upgrade(database_url, revision)
        assert lost(before, stored(engine)) == [], revision
        stuff(engine, reflected(engine))
    assert all(len(rows) >= 2 for rows in stored(engine).values())
    engine.dispose()


def test_the_data_of_the_last_release_is_served_as_before(own_site: Site) -> None:
    """The demo stores, in the last release's schema: upgraded, they are answered byte for byte alike."""
    paths = [
        "/customers/115?zoom=customer_addresses,default_payment_method",
        "/stores/66/customers?limit=300",
    ]
    paths += ["/stores/66/transactions?zoom=items,customer", "/stores/66/subscriptions"]
    answers = [own_site.ask(each).data for each in paths]
    patron = own_site.app.extensions["patron"]
    patron.reader.close()
    patron.engine.dispose()
    own_site.engine.dispose()
    downgrade(own_site.url, RELEASED)
    engine = unguarded_engine(own_site.url)
    before = stored(engine)
    assert len(before["customer"]) > 40

    upgrade(own_site.url)
    assert lost(before, stored(engine)) == []
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
    assert [own_site.ask(each).data for each in paths] == answers


def test_servers_of_the_last_release_go_on_after_the_upgrade(database_url: str) -> None:
    """What they name is there, as they know it, and what they do not know need not be said."""
    upgrade(database_url, RELEASED)
    engine = unguarded_engine(database_url)
    old = reflected(engine)
    upgrade(database_url)
    new = reflected(engine)

    assert known(old).items() <= known(new).items()
    for table in old.tables.values():
        for column in new.tables[table.name].columns:
            unknown = column.name not in table.c
            assert not unknown or column.nullable or column.server_default, f"{table.name}.{column.name}"
    stuff(engine, old)  # as they write
    assert all(len(rows) == 2 for table, rows in stored(engine).items() if table in old.tables)
    engine.dispose()


def known(tables: MetaData) -> dict[str, Any]:
    """The columns, with what they take."""
    return {
        f"{table.name}.{column.name}": (repr(column.type), column.nullable)
        for table in tables.tables.values()
        for column in table.columns
    }


def test_an_upgrade_that_is_killed_is_as_if_never_begun_and_runs_again(
    database_url: str, tmp_path: Path
) -> None:
    """At two moments, by SIGKILL; 0011 makes tables anew, which on SQLite drops them meanwhile."""
    upgrade(database_url, "0010")
    engine = unguarded_engine(database_url)
    stuff(engine, reflected(engine))
    before = stored(engine)
    for number in (3, 9):
        engine.dispose()
        killed = subprocess.run(
            [sys.executable, "-m", "tests.keeping.dying_upgrade", str(number)],
            env=environment(PATRON_DATABASE_URL=database_url),
            cwd=Path(__file__).parents[2],
            check=False,
        )
        assert killed.returncode == -9
        assert current(database_url) == "0010"
        assert same(engine, before)
    upgrade(database_url)
    assert lost(before, stored(engine)) == []
    engine.dispose()


def same(engine: Engine, before: Rows) -> bool:
    return stored(engine) == before
