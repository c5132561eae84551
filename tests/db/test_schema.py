"""The schema: fit to be sharded by store, and the same in migrations and models."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Connection, Table, inspect

from app.auth.api_keys import ApiKey
from app.config import Misconfigured
from app.db.engine import unguarded_engine
from app.db.migrate import configured, current, downgrade, known, newest, require_current, upgrade
from app.db.tables import GLOBAL_TABLES, Base
from app.delays import SignInFailure
from app.events import Event
from app.idempotency import IdempotencyKey
from app.keeping.erasure import Erasure
from app.portal.sessions import CustomerSession
from app.resources import TYPES
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus

assert ApiKey
assert IdempotencyKey
assert CustomerSession
assert SignInFailure
assert Erasure
assert Event
assert Webhook
assert WebhookLog
assert WebhookStatus
assert TYPES  # importing them fills the metadata

TABLES = [table for table in Base.metadata.sorted_tables if table.name not in GLOBAL_TABLES]


def names(columns) -> list[str]:
    return [column.name for column in columns]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_key_of_a_stores_table_begins_with_the_store(table: Table) -> None:
    assert names(table.primary_key)[0] == "store_id"
    for index in table.indexes:
        assert names(index.columns)[0] == "store_id", index.name
    for constraint in table.foreign_key_constraints:
        assert constraint.column_keys[0] == "store_id", constraint.name
        target = constraint.referred_table
        assert target.name == "store" or [each.column.name for each in constraint.elements] == [
            "store_id",
            "id",
        ]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_flag_is_never_null(table: Table) -> None:
    assert [c.name for c in table.columns if isinstance(c.type, Boolean) and c.nullable] == []


def test_the_global_tables_are_those_that_are_named() -> None:
    assert {table.name for table in Base.metadata.sorted_tables} - {
        table.name for table in TABLES
    } == GLOBAL_TABLES


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite's; `definitions` compares them
def test_migrations_and_models_say_the_same(database_url: str) -> None:
    upgrade(database_url)
    engine = unguarded_engine(database_url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        migrated = definitions(connection)
    downgrade(database_url, "base")
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        assert migrated == definitions(connection)
    engine.dispose()


def definitions(connection: Connection) -> dict[str, set[str]]:
    """All that the database knows of its tables and indexes, as its own words say it.

    Autogenerate compares neither the conditions of partial indexes nor the names of constraints.
    """
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: clauses(sql) for name, sql in found if name != "alembic_version"}
    indexes = connection.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    constraints = connection.exec_driver_sql(
        "SELECT conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    )
    columns = connection.exec_driver_sql(
        "SELECT table_name || '.' || column_name,"
        " data_type || is_nullable || coalesce(character_maximum_length, 0) || coalesce(collation_name, '')"
        " FROM information_schema.columns WHERE table_schema = 'public'"
    )
    rows = [*indexes, *constraints, *columns]
    return {name: {sql} for name, sql in rows if "alembic_version" not in f"{name} {sql}"}


def clauses(sql: str) -> set[str]:
    """The lines of a definition, in whatever order: migrations name a table's constraints in another."""
    return {line.strip().rstrip(",").replace('"', "") for line in sql.splitlines()} - {""}


def test_migrations_go_down_to_nothing_and_up_again(database_url: str) -> None:
    upgrade(database_url)
    downgrade(database_url, "base")
    engine = unguarded_engine(database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()

    upgrade(database_url)
    require_current(database_url)
    assert current(database_url) == newest()


def test_migrations_are_one_line_in_the_order_of_their_files() -> None:
    scripts = ScriptDirectory.from_config(configured("sqlite://"))

    assert [each.revision for each in scripts.walk_revisions()] == known()[::-1]
    assert scripts.get_current_head() == newest()


def test_a_database_behind_the_code_is_refused(database_url: str) -> None:
    with pytest.raises(Misconfigured, match="patron db upgrade"):
        require_current(database_url)


def test_a_database_newer_than_the_code_is_refused(database_url: str) -> None:
    upgrade(database_url)
    engine = unguarded_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    for refuse in (require_current, upgrade):
        with pytest.raises(Misconfigured, match="9999, newer than this version of Patron"):
            refuse(database_url)


def test_a_database_that_does_not_answer_is_said_in_one_line() -> None:
    with pytest.raises(Misconfigured, match="cannot be opened") as raised:
        current("postgresql://nobody@127.0.0.1:1/nothing")

    assert "\n" not in str(raised.value)
