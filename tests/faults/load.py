"""Clients that write and read without a pause while faults happen, and a ledger of what they were told."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.resources.customer import Customer
from tests.server.production import CUSTOMERS, Answer, Production, Unanswered, let_claims_run_out

CLIENTS = 4
PATIENCE = 60


@dataclass
class Load:
    """The clients of one server. A customer's email is the key under which it is created."""

    server: Production
    told: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[Answer] = field(default_factory=list)
    unanswered: int = 0
    slowest: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Lets them write meanwhile."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            writing = [pool.submit(self._write, each) for each in range(CLIENTS)]
            try:
                yield
            finally:
                self.done.set()
            for each in writing:
                each.result()

    def let_write(self, more: int) -> None:
        """Waits until so many more have been acknowledged."""
        wanted, end = len(self.told) + more, time.monotonic() + PATIENCE
        while len(self.told) < wanted:
            assert time.monotonic() < end, f"nothing is written any more: {self.statuses} {self.wrong[-1:]}"
            time.sleep(0.01)

    def assert_nothing_lost(self) -> None:
        """Sends again what has had no answer; then there is each customer, once."""
        let_claims_run_out(self.server)
        for email in self.left:
            answer = self._create(email)
            assert answer.status == 201, answer.body
            self.told[email] = answer.headers["Location"]
        assert self.emails() == {location: email for email, location in self.told.items()}
        assert self.server.rows(Customer) == len(self.told)

    def emails(self) -> dict[str, str]:
        """The email of each customer that the API lists, by its address."""
        found: dict[str, str] = {}
        path = f"{CUSTOMERS}?limit=300&fields=email"
        while path:
            page = self.server.ask("GET", path).json
            members = page["_embedded"]["fx:customers"]
            found |= {each["_links"]["self"]["href"]: each["email"] for each in members}
            path = page["_links"].get("next", {}).get("href", "")
        return found

    def _write(self, client: int) -> None:
        number = 0
        while not self.done.is_set():
            number += 1
            email = f"client{client}-{number}@example.com"
            self.left.add(email)
            try:
                self._settle(email)
            except Unanswered:
                self.unanswered += 1
                time.sleep(0.05)
        self.server.hang_up()

    def _settle(self, email: str) -> None:
        """Creates a customer and reads it; what is refused for now is tried again."""
        while not self.done.is_set():
            answer = self._create(email)
            if answer.status == 201:
                self.told[email] = answer.headers["Location"]
                self.left.discard(email)
                self._ask("GET", answer.headers["Location"])
                return
            if answer.status == 409:  # the claim of a request that has failed holds for a while
                return
            time.sleep(0.1)

    def _create(self, email: str) -> Answer:
        return self._ask("POST", CUSTOMERS, {"email": email}, Idempotency_Key=email)

    def _ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        began = time.monotonic()
        answer = self.server.ask(method, path, body, **headers)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[answer.status] += 1
        if not _is_right(answer):
            self.wrong.append(answer)
        return answer


def _is_right(answer: Answer) -> bool:
    """Whether an answer is what was asked for, or says that it may be asked for again."""
    return answer.status in {200, 201} or (answer.status in {409, 503} and "Retry-After" in answer.headers)
