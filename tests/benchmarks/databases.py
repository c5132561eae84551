"""The measured databases: made where they are not there yet, kept where that is asked for.

A kept one is named after its size, the schema's revision and what makes its contents, so one that has
become stale is never measured. What says that it is whole is its name, which it gets at the end.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import delete, insert

from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.db.engine import unguarded_engine
from app.db.migrate import newest
from app.events import Event
from tests.benchmarks import content, filling
from tests.benchmarks.documents import STORE_ID
from tests.databases import POSTGRESQL

ENGINES = ("sqlite", "postgresql")
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CLIENT = "bench"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Database:
    """A filled database, and a token for the measured store."""

    engine: str
    size: int
    url: str
    token: str


@contextmanager
def filled(engine: str, size: int, folder: Path, keep: Path | None, tell: Tell) -> Iterator[Database]:
    """A database with so many customers, gone again afterwards unless it is to be kept.

    :param folder: for what is not kept.
    :param keep: a folder for SQLite's files; PostgreSQL keeps databases of its own.
    """
    make = _sqlite if engine == "sqlite" else _postgresql
    with make(size, folder, keep, tell) as url:
        _forget(url)
        yield Database(engine, size, url, _token(url))
        _forget(url)


def answers(engine: str) -> bool:
    """Whether the engine can be measured here."""
    if engine == "sqlite":
        return True
    try:
        _administrator().close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _sqlite(size: int, folder: Path, keep: Path | None, tell: Tell) -> Iterator[str]:
    path = (keep or folder) / f"{_name(size)}.sqlite3"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob(f"{_family(size)}*"):
            stale.unlink()
        unfinished = path.with_suffix(".unfinished")
        tell(f"filling {TITLES['sqlite']} with {size:,} customers")
        filling.fill(f"sqlite:///{unfinished}", size)
        unfinished.rename(path)
    yield f"sqlite:///{path}"


@contextmanager
def _postgresql(size: int, _folder: Path, keep: Path | None, tell: Tell) -> Iterator[str]:
    name = _name(size) if keep else f"patron_bench_{uuid4().hex}"
    with _administrator() as administrator:
        present = {str(row[0]) for row in administrator.execute("SELECT datname FROM pg_database")}
        if name not in present:
            unfinished = f"{name}_unfinished"
            for stale in (each for each in present if keep and each.startswith(_family(size))):
                administrator.execute(f"DROP DATABASE {stale}".encode())
            administrator.execute(f"CREATE DATABASE {unfinished}".encode())
            try:
                tell(f"filling {TITLES['postgresql']} with {size:,} customers")
                filling.fill(f"{POSTGRESQL}/{unfinished}", size)
                administrator.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}".encode())
            except BaseException:
                administrator.execute(f"DROP DATABASE {unfinished} WITH (FORCE)".encode())
                raise
        try:
            yield f"{POSTGRESQL}/{name}"
        finally:
            if not keep:
                administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _administrator() -> psycopg.Connection:
    return psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=5)


def _family(size: int) -> str:
    return f"patron_bench_{size}_"


def _name(size: int) -> str:
    makers = b"".join(Path(str(each.__file__)).read_bytes() for each in (content, filling))
    return f"{_family(size)}{newest()}_{hashlib.sha256(makers).hexdigest()[:8]}"


def _token(url: str) -> str:
    """A new token; those of earlier runs are void."""
    token = new_token()
    engine = unguarded_engine(url)
    row = {"hash": token_hash(token), "store_id": STORE_ID, "scope": STORE_FULL_ACCESS.name, "client": CLIENT}
    with engine.begin() as connection:
        connection.execute(delete(Token).where(Token.client == CLIENT))
        connection.execute(insert(Token), [row])
    engine.dispose()
    return token


def _forget(url: str) -> None:
    """As a worker would: what was recorded for webhooks, of which there are none, does not pile up."""
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        connection.execute(delete(Event).where(Event.store_id == STORE_ID))
    engine.dispose()
