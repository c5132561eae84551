"""A migrated PostgreSQL database made over into shards by store, and a witness to what statements touch.

A table of a store becomes one that is partitioned by the hash of `store_id`. Each plan that PostgreSQL
carries out, those of foreign keys too, comes to the client as a notice (`auto_explain`): it says which
partitions were touched.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from app.auth.api_keys import ApiKey
from app.db.tables import Base, is_global
from app.keeping.persons import IMPORTED

assert ApiKey
assert IMPORTED  # so that the metadata has all tables

SHARDS = 3
"""Of four, the sandbox's two stores would share one."""

STORE_TABLES = tuple(each.name for each in Base.metadata.sorted_tables if not is_global(each))
"""The tables to shard, each behind those that its foreign keys name."""

REFERENCE_TABLES = tuple(each.name for each in Base.metadata.sorted_tables if is_global(each))

_SHARD = re.compile(r"(\w+)_shard(\d)")

_SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_level": "notice",
    "auto_explain.log_format": "json",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "plan_cache_mode": "force_custom_plan",  # each time with its values, as a router of shards has them
}

_ONE_STORE = """
CREATE FUNCTION one_store() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := nullif(current_setting('patron.store', true), '');
    named text;
BEGIN
    SELECT string_agg(DISTINCT store_id::text, ', ') INTO named FROM written;
    IF named LIKE '%,%' OR named <> before THEN
        RAISE EXCEPTION 'one transaction writes to the stores % and %', named, before;
    ELSIF named IS NOT NULL THEN
        PERFORM set_config('patron.store', named, true);
    END IF;
    RETURN NULL;
END $$
"""
"""Refuses a transaction that writes rows of more than one store, by whatever statement, COPY too."""


def make_over(url: str) -> None:
    """Partitions each table of a store, with the keys, indexes, checks and rows that it has.

    PostgreSQL refuses a primary key or a unique index that lacks `store_id` here.
    """
    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert {name for (name,) in there} - {"alembic_version"} == {*STORE_TABLES, *REFERENCE_TABLES}
        keys = [each for name in STORE_TABLES for each in _constraints(connection, name, "f").values()]
        connection.execute("CREATE SCHEMA whole")
        connection.execute(_ONE_STORE)
        for name in STORE_TABLES:
            _partition(connection, name)
        connection.execute("DROP SCHEMA whole CASCADE")
        for each in keys:
            connection.execute(each)
        for name in STORE_TABLES:
            _watch(connection, name)
        (database,) = connection.execute("SELECT current_database()").fetchone() or ()
        for setting, value in _SETTINGS.items():
            connection.execute(f"ALTER DATABASE {database} SET {setting} = '{value}'")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _constraints(connection: psycopg.Connection, name: str, kind: str) -> dict[str, str]:
    """Those of a kind that a table has (`f`: foreign keys), as statements that make them again."""
    query = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    found = connection.execute(f"{query} WHERE contype = '{kind}' AND conrelid = '\"{name}\"'::regclass")
    return {key: f'ALTER TABLE "{name}" ADD CONSTRAINT "{key}" {said}' for key, said in found}


def _partition(connection: psycopg.Connection, name: str) -> None:
    own = _constraints(connection, name, "p") | _constraints(connection, name, "u")
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", (name,)
    ).fetchall()
    kept = "INCLUDING CONSTRAINTS INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE"
    connection.execute(f'ALTER TABLE "{name}" SET SCHEMA whole')
    connection.execute(f'CREATE TABLE "{name}" (LIKE whole."{name}" {kept}) PARTITION BY HASH (store_id)')
    for number in range(SHARDS):
        connection.execute(
            f'CREATE TABLE "{name}_shard{number}" PARTITION OF "{name}"'
            f" FOR VALUES WITH (MODULUS {SHARDS}, REMAINDER {number})"
        )
    for said in own.values():
        connection.execute(said)
    for index, said in indexes:
        if index not in own:
            connection.execute(said)
    connection.execute(f'INSERT INTO "{name}" SELECT * FROM whole."{name}"')


def _watch(connection: psycopg.Connection, name: str) -> None:
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        connection.execute(
            f'CREATE TRIGGER one_store_{event.lower()} AFTER {event} ON "{name}"'
            f" REFERENCING {rows} TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION one_store()"
        )


@dataclass(frozen=True)
class Seen:
    """A statement that ran: the tables it read and wrote, and in which shards."""

    text: str
    read: frozenset[str]
    written: frozenset[str]
    shards: frozenset[int]


@contextmanager
def witnessed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Seen]]:
    """What runs on connections that are opened meanwhile to a database that was made over."""
    seen: list[Seen] = []
    connect = psycopg.connect

    def telling(*arguments: Any, **named: Any) -> psycopg.Connection:
        connection = connect(*arguments, **named)
        connection.add_notice_handler(lambda said: seen.extend(_plans(said.message_primary or "")))
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(psycopg, "connect", telling)
        yield seen


def _plans(message: str) -> Iterator[Seen]:
    _, found, plan = message.partition("plan:\n")
    if found:
        document = json.loads(plan)
        steps = list(_carried_out(document["Plan"]))
        yield Seen(
            document["Query Text"],
            frozenset(table for table, _, writes in steps if not writes),
            frozenset(table for table, _, writes in steps if writes),
            frozenset(shard for _, shard, _ in steps if shard is not None),
        )


def _carried_out(step: Mapping[str, Any]) -> Iterator[tuple[str, int | None, bool]]:
    """The table and shard of each step that ran, and whether it writes.

    A subquery may know its store only when it runs: its other branches never do, or are gone.
    """
    if step.get("Actual Loops") == 0:
        return
    writes = step["Node Type"] == "ModifyTable"
    for each in (step, *step.get("Target Tables", ())):
        if "Relation Name" in each:
            part = _SHARD.fullmatch(each["Relation Name"])
            yield (part[1], int(part[2]), writes) if part else (each["Relation Name"], None, writes)
    for below in step.get("Plans", ()):
        yield from _carried_out(below)


def shard_of(url: str, store_id: int) -> int:
    """In which shard the rows of a store are."""
    with psycopg.connect(url) as connection:
        found = [
            number
            for number in range(SHARDS)
            if connection.execute(
                "SELECT satisfies_hash_partition('customer'::regclass, %s, %s, %s::integer)",
                (SHARDS, number, store_id),
            ).fetchone()
            == (True,)
        ]
    (shard,) = found
    return shard
