"""Databases for tests: an empty one on each engine, and what to do where an engine is absent."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import psycopg
import pytest
import redis

ENGINES = ("sqlite", "postgresql")
REDIS = os.environ.get("PATRON_TEST_REDIS", "redis://127.0.0.1:6379")
POSTGRESQL = os.environ.get("PATRON_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")


@contextmanager
def empty_database(engine: str, folder: Path, template: str | None = None) -> Iterator[str]:
    """The URL of an empty database, gone again afterwards.

    :param template: the URL of one that nobody uses just now; then it is a copy of that.
    """
    if engine == "sqlite":
        path = folder / f"{uuid4().hex}.sqlite3"
        if template:
            copyfile(template.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    name = f"patron_test_{uuid4().hex}"
    copied = f" TEMPLATE {template.rpartition('/')[2]}" if template else ""
    with administrator() as connection:
        connection.execute(f"CREATE DATABASE {name}{copied}")
    try:
        yield f"{POSTGRESQL}/{name}"
    finally:
        with administrator() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def administrator() -> psycopg.Connection:
    """A connection to PostgreSQL on which each statement is committed at once."""
    try:
        return psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        absent(f"PostgreSQL does not answer at {POSTGRESQL}: {error}")
        raise


def running_redis() -> str:
    """The URL of a Redis that answers."""
    try:
        with redis.Redis.from_url(REDIS, socket_connect_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        absent(f"Redis does not answer at {REDIS}: {error}")
    return REDIS


def absent(reason: str) -> None:
    """Skips a test whose service is absent, or fails it where all services are required."""
    if os.environ.get("PATRON_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
