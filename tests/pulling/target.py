"""A server that takes a store: its database, the command that pulls, and what it then shows."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.auth.scopes import STORE_FULL_ACCESS
from app.auth.tokens import Token, new_token, token_hash
from app.resources.store import Store
from tests.server.commands import PATRON, environment, run
from tests.site import SECRET, Site, open_site

STORE = 1


@dataclass
class Target:
    """A store that is empty, and waits for what is pulled into it."""

    folder: Path
    site: Site
    token: str

    @property
    def settings(self) -> dict[str, str]:
        return {"PATRON_DATABASE_URL": self.site.url, "PATRON_SECRET_KEY": SECRET}

    def pull(
        self, url: str, *options: str, token: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """The command, run to its end."""
        told = self.settings | ({"PATRON_PULL_TOKEN": token} if token else {}) | variables
        return run(self.folder, "pull", url, "--store", str(STORE), *options, **told)

    def pulling(self, url: str, *options: str, token: str) -> subprocess.Popen[bytes]:
        """The command, under way."""
        told = environment(**self.settings, PATRON_PULL_TOKEN=token)
        command = [PATRON, "pull", url, "--store", str(STORE), *options]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=self.folder, env=told, stdout=quiet, stderr=quiet)

    @property
    def notes(self) -> list[dict[str, Any]]:
        """What could not be taken."""
        file = self.folder / ".patron" / f"pull-{STORE}.rejects.ndjson"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def get(self, path: str) -> Any:
        """A document of the API."""
        return self.site.hal(path, token=self.token)

    def customers(self, query: str = "is_anonymous=false|is_anonymous=true") -> list[Any]:
        """The first of them, with all that belongs to them."""
        zoom = "customer_addresses,default_billing_address,default_shipping_address,default_payment_method"
        page = self.get(f"/stores/{STORE}/customers?{query}&limit=300&zoom={zoom}")
        found: list[Any] = page["_embedded"]["fx:customers"]
        return found

    def signs_in(self, email: str, password: str) -> tuple[int, dict[str, Any]]:
        """What the portal answers to who signs in."""
        body = {"email": email, "password": password}
        answer = self.site.send("POST", f"/stores/{STORE}/s/customer/authenticate", body, token=None)
        return answer.status_code, json.loads(answer.data)

    def send(self, method: str, path: str, body: Any) -> int:
        """The status of a write."""
        return self.site.send(method, path, body, token=self.token).status_code


@contextmanager
def empty_target(engine: str, folder: Path) -> Iterator[Target]:
    """A store with a token and nothing else, beside others."""
    with open_site(engine, folder) as site:
        token = new_token()
        with Session(site.engine) as session, session.begin():
            session.add(
                Store(id=STORE, store_name="Here", store_domain="here.example", store_email="a@here.example")
            )
            session.flush()
            scope = STORE_FULL_ACCESS.name
            session.add(Token(hash=token_hash(token), store_id=STORE, scope=scope, client="tests"))
        yield Target(folder, site, token)
