"""The gate lets as many hash as there are cores, some more wait for a while, and turns all others away."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from app.passwords import GATE, Overloaded, check, hash_password
from app.passwords.gate import Gate, cores


@contextmanager
def crowded() -> Iterator[None]:
    """While every core hashes, and nobody is patient."""
    patience, GATE.patience = GATE.patience, 0.01
    try:
        with ExitStack() as held:
            for _ in range(cores()):
                held.enter_context(GATE.passing())
            yield
    finally:
        GATE.patience = patience


def crowd(gate: Gate, size: int, seconds: float = 0, *, refused: int = 0) -> tuple[int, int, int]:
    """How many of a crowd get through, how many are turned away, and how many were in at the same time.

    :param seconds: how long each stays inside.
    :param refused: nobody leaves before so many have been turned away.
    """
    lock, inside, most = threading.Lock(), 0, 0
    start, turned_away = threading.Barrier(size), threading.Semaphore(0)

    def go() -> bool:
        nonlocal inside, most
        start.wait()
        try:
            with gate.passing():
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(seconds)
                for _ in range(refused):
                    turned_away.acquire(timeout=10)
                turned_away.release(refused or 1)
                with lock:
                    inside -= 1
        except Overloaded:
            turned_away.release()
            return False
        return True

    with ThreadPoolExecutor(size) as pool:
        through = [each.result() for each in [pool.submit(go) for _ in range(size)]]
    return through.count(True), through.count(False), most


def test_so_many_hash_at_once_and_the_others_take_turns() -> None:
    assert crowd(Gate(2, inside=10), 10, 0.02) == (10, 0, 2)


def test_who_finds_no_place_to_wait_is_turned_away_at_once() -> None:
    assert crowd(Gate(2, inside=5), 12, 1) == (5, 7, 2)


def test_who_has_waited_too_long_is_turned_away_and_leaves_the_place_to_others() -> None:
    gate = Gate(1, inside=2, patience=0.05)

    with gate.passing():
        for _ in range(3):
            assert crowd(gate, 1, 0) == (0, 1, 0)
    assert crowd(gate, 1, 0) == (1, 0, 1)


def test_an_error_inside_leaves_the_gate_open() -> None:
    gate = Gate(1, inside=1, patience=0)

    for _ in range(3):
        with pytest.raises(ValueError, match="inside"), gate.passing():
            raise ValueError("inside")
    assert crowd(gate, 1, 0) == (1, 0, 1)


@pytest.mark.parametrize(("threads", "inside"), [(1, 1), (2, 1), (4, 3), (8, 6), (64, 48)])
def test_a_quarter_of_the_servers_threads_hashes_nothing(threads: int, inside: int) -> None:
    gate = Gate(1, inside=1)
    gate.leave_threads(threads)

    assert crowd(gate, inside + 3, refused=3)[:2] == (inside, 3)


def test_all_hashing_passes_the_gate_of_the_process() -> None:
    with crowded():
        for hashing in (
            lambda: hash_password("secret", "bcrypt", "4"),
            lambda: check("secret", None, "bcrypt", "4"),
        ):
            with pytest.raises(Overloaded):
                hashing()
    assert hash_password("secret", "bcrypt", "4")


def test_every_core_that_the_process_may_use_hashes() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
