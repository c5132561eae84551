"""Servers as processes of their own, for the time of a test: the sandbox, and gunicorn over its rows."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.sandbox import STORE_ID
from tests.ports import free_port, wait_for
from tests.server.commands import PATRON, environment, run, running
from tests.site import BASE, SECRET, open_site

GUNICORN = Path(sys.executable).with_name("gunicorn")


@contextmanager
def sandboxed(folder: Path, *patron: str, **variables: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The port and the credentials of a sandbox; what it logs is in the folder's `log`.

    :param patron: another command than `patron`.
    """
    port = free_port()
    with running(folder, "sandbox", "--port", str(port), patron=patron or (PATRON,), **variables):
        yield port, json.loads(run(folder, "credentials").stdout)


@contextmanager
def behind_gunicorn(folder: Path, *options: str, **variables: str) -> Iterator[tuple[int, str]]:
    """The port of a gunicorn and a token of its store; what it logs is in the folder's `log`."""
    port, token = free_port(), new_token()
    with open_site("sqlite", folder) as site:
        with Session(site.engine) as session, session.begin():
            scope = STORE_FULL_ACCESS.name
            session.add(Token(hash=token_hash(token), store_id=STORE_ID, scope=scope, client="tests"))
        settings = {"PATRON_DATABASE_URL": site.url, "PATRON_SECRET_KEY": SECRET, "PATRON_BASE_URL": BASE}
        command = [GUNICORN, *options, "-k", "gthread", "-b", f"127.0.0.1:{port}", "app:create_app()"]
        with _running(command, folder, port, settings | variables):
            yield port, token


@contextmanager
def _running(
    command: Sequence[str | Path], folder: Path, port: int, variables: dict[str, str]
) -> Iterator[None]:
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(**variables), stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            wait_for(port)
            yield
        finally:
            process.terminate()
            process.wait(60)
