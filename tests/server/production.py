"""A production server as an operator runs it: `patron serve`, on a database with one store."""

import json
import random
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import local
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.db.engine import open_engine, unguarded_engine
from app.db.migrate import upgrade
from app.idempotency import CLAIM_SECONDS, IdempotencyKey
from app.resources.store import Store
from tests.server.commands import PATRON, SECRET, environment

ROOT = Path(__file__).parents[2]
BASE = "https://shop.example"
STORE_ID = 1
CUSTOMERS = f"/stores/{STORE_ID}/customers"


class Unanswered(Exception):
    """The server went away before it had answered; whether it has done what was asked is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What has come back, all of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def lasting_port() -> int:
    """A port that nobody is given while the server is away, as those that a system gives out may be."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) != 0:
                return port


@dataclass
class Production:
    """A server that may be killed, and started again on the same port."""

    folder: Path
    url: str
    token: str
    port: int = field(default_factory=lasting_port)
    process: subprocess.Popen[str] | None = None
    variables: dict[str, str] = field(default_factory=dict)
    kept: local = field(default_factory=local)

    def start(self, *command: str) -> None:
        """Starts it, and waits until it says that it serves.

        :param command: another that serves, with its arguments but the port.
        """
        settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": self.url}
        settings = {f"PATRON_{name}": value for name, value in settings.items()}
        log = self.folder / "log"
        with log.open("a") as written:
            self.process = subprocess.Popen(
                [*(command or (PATRON, "serve", "--port")), str(self.port)],
                cwd=self.folder,
                env=environment(**settings, **self.variables, PYTHONPATH=str(ROOT)),
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
            )
        assert self.process.stdout
        assert "serves" in self.process.stdout.readline(), log.read_text()[-2000:]

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is tidied up."""
        assert self.process
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        """Waits for the end of the process."""
        assert self.process
        assert self.process.stdout
        ended = self.process.wait(30)
        self.process.stdout.close()
        self.process = None
        return ended

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The answer, on a connection that each thread keeps.

        :raises Unanswered: where there is none.
        """
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = getattr(self.kept, "connection", None)
        if connection is None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.kept.connection = connection
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path.removeprefix(BASE), data, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, HTTPException) as error:
            self.hang_up()
            raise Unanswered(f"{method} {path}") from error

    def hang_up(self) -> None:
        """Closes this thread's connection."""
        connection = getattr(self.kept, "connection", None)
        if connection is not None:
            connection.close()
        self.kept.connection = None

    def rows(self, table: type[Any], *conditions: Any) -> int:
        """How many rows a table has, read behind the server's back."""
        engine = open_engine(self.url)
        with engine.connect() as connection:
            bound = [table.store_id == STORE_ID, *conditions]
            found: int = connection.scalar(select(func.count()).select_from(table).where(*bound)) or 0
        engine.dispose()
        return found


def let_claims_run_out(server: Production) -> None:
    """As waiting for so long would."""
    engine = unguarded_engine(server.url)
    with engine.begin() as connection:
        claimed = update(IdempotencyKey).where(IdempotencyKey.status.is_(None))
        connection.execute(claimed.values(claimed_at=IdempotencyKey.claimed_at - CLAIM_SECONDS))
    engine.dispose()


@contextmanager
def production(folder: Path, url: str) -> Iterator[Production]:
    """A server, not yet started, on a database with a store and a token; none is left running."""
    upgrade(url)
    engine, token = open_engine(url), new_token()
    with Session(engine) as session, session.begin():
        session.add(
            Store(id=STORE_ID, store_name="Shop", store_domain="shop.example", store_email="a@shop.example")
        )
        session.flush()
        session.add(
            Token(hash=token_hash(token), store_id=STORE_ID, scope=STORE_FULL_ACCESS.name, client="tests")
        )
    engine.dispose()
    server = Production(folder, url, token)
    try:
        yield server
    finally:
        server.hang_up()
        if server.process:
            server.kill()
