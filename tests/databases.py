"""Databases for tests: an empty one on each engine, and what to do where an engine is absent."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

ENGINES = ("sqlite", "postgresql")
POSTGRESQL = os.environ.get("PATRON_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")


@contextmanager
def empty_database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, gone again afterwards."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/{uuid4().hex}.sqlite3"
        return
    name = f"patron_test_{uuid4().hex}"
    with _administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRESQL}/{name}"
    finally:
        with _administrator() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _administrator() -> psycopg.Connection:
    try:
        return psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        absent(f"PostgreSQL does not answer at {POSTGRESQL}: {error}")
        raise


def absent(reason: str) -> None:
    """Skips a test whose service is absent, or fails it where all services are required."""
    if os.environ.get("PATRON_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
