"""Customers of a test's own, and how they come in."""

import json
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import update
from werkzeug.test import TestResponse

from app.portal.sessions import CustomerSession
from app.sandbox import STORE_ID
from tests.site import HAL, Site
from tests.wire.addresses import add_trade as _add_trade

assert _add_trade

PORTAL = "/stores/66/s/customer"
PASSWORD = "an unlikely pass phrase"
SETTINGS = "/stores/66/customer_portal_settings"


@dataclass(frozen=True)
class Customer:
    """A registered customer of store 66."""

    site: Site
    id: int
    email: str

    @property
    def api(self) -> str:
        """The path in the API."""
        return f"/customers/{self.id}"

    def sign_in(self, password: str = PASSWORD, **body: Any) -> TestResponse:
        return sign_in(self.site, self.email, password, **body)

    def session(self, password: str = PASSWORD) -> str:
        """The token of a new session."""
        answer = self.sign_in(password)
        assert answer.status_code == 200, answer.text
        token: str = answer.json["session_token"]
        return token

    def shown(self, **options: Any) -> dict[str, Any]:
        """The customer as the API shows it."""
        return self.site.hal(self.api, **options)

    def change(self, **properties: Any) -> None:
        """What the store changes."""
        assert self.site.send("PATCH", self.api, properties).status_code == 200


def new_customer(site: Site, **properties: Any) -> Customer:
    email = properties.pop("email", f"{uuid4().hex}@example.com")
    made = site.send("POST", "/stores/66/customers", {"email": email, "password": PASSWORD, **properties})
    assert made.status_code == 201, made.text
    return Customer(site, made.json["id"], email)


def sign_in(
    site: Site, email: Any, password: Any = PASSWORD, base: str = PORTAL, **body: Any
) -> TestResponse:
    given = {"email": email, "password": password, **body}
    return site.send("POST", f"{base}/authenticate", given, token=None)


def ask(site: Site, token: str | None, path: str = "", method: str = "GET", **options: Any) -> TestResponse:
    """The answer of the portal at a path of its own."""
    return site.ask(f"{PORTAL}{path}", token=token, method=method, **options)


def send(site: Site, token: str | None, method: str, path: str, body: Any, **options: Any) -> TestResponse:
    return site.send(method, f"{PORTAL}{path}", body, token=token, **options)


def message(answer: TestResponse) -> str:
    """The one thing that a refusal says."""
    (entry,) = json.loads(answer.data)["_embedded"]["fx:errors"]
    said: str = entry["message"]
    return said


def age_sessions(site: Site, customer: Customer, seconds: int) -> None:
    """Lets a customer's sessions be so much older."""
    theirs = (CustomerSession.store_id == STORE_ID, CustomerSession.customer_id == customer.id)
    with site.engine.begin() as connection:
        older = {"expires_at": CustomerSession.expires_at - seconds}
        connection.execute(update(CustomerSession).where(*theirs).values(older))


def mail_to(site: Site, outbox: Path, email: str) -> list[EmailMessage]:
    """The messages that a customer has been sent, when all that was asked for has been done."""
    assert site.app.extensions["patron"].behind.finish(10)
    found = []
    for path in sorted(outbox.glob("*.eml")):
        read = message_from_bytes(path.read_bytes(), policy=policy.default)
        if read["To"] == email:
            found.append(read)
    return found


def temporary_password(mail: EmailMessage) -> str:
    """The temporary password in a message: the one line that is indented."""
    text = mail.get_content()
    (line,) = [each for each in text.splitlines() if each.startswith("    ")]
    return line.strip()


def now() -> int:
    return int(time.time())


__all__ = [
    "HAL", "PASSWORD", "PORTAL", "SETTINGS", "Customer", "age_sessions", "ask", "mail_to", "message",
    "new_customer", "now", "send", "sign_in", "temporary_password",
]  # fmt: skip
