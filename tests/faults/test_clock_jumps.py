"""A clock that jumps by an hour, there and back: nobody is hung up on, locked out or forgotten.

The process sees a clock that is wrong by as much as a file says; what is monotonic stays so.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.faults.receivers import webhook_of
from tests.receiver import Receiver, receiving
from tests.server.processes import sandboxed
from tests.server.production import ROOT

ON_ONE_ENGINE = True

PER_MINUTE = 3
WRONG = 6
"""So many failed sign-ins begin a wait: five are free."""


@dataclass
class Clock:
    """The clock of the processes that it is shown to."""

    file: Path

    def set(self, hours: int) -> None:
        """Makes it wrong by so many hours; the file is there as a whole at every moment."""
        new = self.file.with_suffix(".new")
        new.write_text(str(hours * 3600))
        new.rename(self.file)


@dataclass
class Sandbox:
    """A sandbox whose clock jumps, and one connection to it that is kept."""

    clock: Clock
    receiver: Receiver
    port: int
    shown: dict[str, Any]
    kept: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.kept = HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.kept.connect()

    @property
    def portal(self) -> str:
        """Where customers sign in."""
        return str(self.shown["portal_base"]).partition(str(self.port))[2].rstrip("/")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        """Status, headers and document of an answer, on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            return asked(
                connection, method, path, body, {"Authorization": f"Bearer {self.shown['token']}"} | headers
            )
        finally:
            connection.close()

    def sign_in(self, password: str) -> tuple[int, Any]:
        email = self.shown["customer_email"]
        status, headers, document = self.ask(
            "POST", f"{self.portal}/authenticate", {"email": email, "password": password}, Authorization=""
        )
        return status, document.get("session_token", headers.get("Retry-After"))

    def own(self, session: str) -> int:
        return self.ask("GET", self.portal, Authorization=f"Bearer {session}")[0]

    def tokens(self) -> list[tuple[int, int]]:
        """Status and Retry-After of more requests for a token than are allowed in a minute."""
        answers = [self.ask("POST", "/token", {"grant_type": "none"}) for _ in range(PER_MINUTE + 1)]
        return [(status, int(headers.get("Retry-After", 0))) for status, headers, _ in answers]

    def change(self, name: str) -> None:
        """Changes a customer, and waits until that is told."""
        before = len(self.receiver.heard)
        assert self.ask("PATCH", "/customers/115", {"first_name": name})[0] == 200
        heard = self.receiver.wait_for(before + 1)
        assert json.loads(heard[-1].body)["first_name"] == name


def asked(
    connection: HTTPConnection, method: str, path: str, body: Any, headers: dict[str, str]
) -> tuple[int, Any, Any]:
    data = None if body is None else json.dumps(body)
    given = {name.replace("_", "-"): value for name, value in headers.items() if value}
    connection.request(
        method, path, data, {"Content-Type": "application/json", "Accept": "application/json"} | given
    )
    response = connection.getresponse()
    return response.status, response.headers, json.loads(response.read())


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    clock = Clock(tmp_path / "clock")
    clock.set(0)
    limits = {"PATRON_RATE_LIMITS": f"token.address={PER_MINUTE}/minute,authenticate.account=off"}
    wrong = (sys.executable, "-m", "tests.faults.wrong_clock", str(clock.file))
    with (
        sandboxed(tmp_path, *wrong, **limits, PYTHONPATH=str(ROOT)) as (port, shown),
        receiving() as receiver,
    ):
        made = Sandbox(clock, receiver, port, shown)
        assert made.ask("POST", "/stores/66/webhooks", webhook_of(receiver))[0] == 201
        try:
            status, _, document = made.ask("POST", "/stores/66/webhooks", webhook_of(receiver))
            assert status == 201, document
            yield made
        finally:
            made.kept.close()


@pytest.mark.timeout(300)
def test_an_hour_ahead_and_an_hour_back_nobody_is_hung_up_on_locked_out_or_forgotten(
    sandbox: Sandbox,
) -> None:
    password = sandbox.shown["customer_password"]
    guest = {"email": "guest@example.com", "is_anonymous": True}
    first = sandbox.ask("POST", "/stores/66/customers", guest, Idempotency_Key="clock")[2]
    for hours in (0, 1, 0, -1, 0):
        sandbox.clock.set(hours)
        time.sleep(1.5)  # for the server to look who is late
        assert asked(sandbox.kept, "GET", "/", None, {})[0] == 200, "it has hung up on who was idle"
        assert asked(sandbox.kept, "GET", "/", None, {})[1]["Date"]

        again = sandbox.ask("POST", "/stores/66/customers", guest, Idempotency_Key="clock")
        assert (again[0], again[2]) == (201, first)

        status, session = sandbox.sign_in(password)
        assert status == 200, f"the owner is locked out for {session} s"
        assert sandbox.own(session) == 200
        if hours:
            assert {sandbox.sign_in("wrong")[0] for _ in range(WRONG)} <= {401}
            status, seconds = sandbox.sign_in("wrong")
            assert (status, int(seconds)) == (429, 1)

        told = sandbox.tokens()
        assert [status for status, _ in told[:-1]] == [400] * PER_MINUTE, (
            "what was counted at another time counts"
        )
        assert told[-1][0] == 429
        assert told[-1][1] <= 60

        sandbox.change(f"Ada {time.monotonic()}")
