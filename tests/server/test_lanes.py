"""Sign-ins wait among their own kind: however many there are, the others are served at once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from app.lanes import Lanes


@dataclass
class Connection:
    """A connection as waitress hands it over, with one request."""

    requests: list[Any]
    work: Callable[[], object]

    def service(self) -> None:
        self.work()

    def cancel(self) -> None:
        pass


def asking(method: str, path: str, work: Callable[[], object]) -> Connection:
    return Connection([SimpleNamespace(command=method, path=path, error=None)], work)


SIGN_INS = (
    "/s/customer/authenticate",
    "/stores/66/s/customer/authenticate/",
    "/s/customer/sign_up",
    "/authorize",
)


@pytest.mark.parametrize("path", SIGN_INS)
def test_fifty_sign_ins_hold_nobody_else_up(path: str) -> None:
    lanes, may_end, served = Lanes(1), threading.Event(), threading.Event()
    try:
        for _ in range(50):
            lanes.add_task(asking("POST", path, may_end.wait))
        lanes.add_task(asking("GET", path, served.set))

        assert served.wait(60)
    finally:
        may_end.set()
        lanes.shutdown()


def test_no_number_of_other_requests_holds_a_sign_in_up() -> None:
    lanes, may_end, served = Lanes(1), threading.Event(), threading.Event()
    try:
        for _ in range(50):
            lanes.add_task(asking("POST", "/stores/66/customers", may_end.wait))
        lanes.add_task(asking("POST", "/s/customer/authenticate", served.set))

        assert served.wait(60)
    finally:
        may_end.set()
        lanes.shutdown()
