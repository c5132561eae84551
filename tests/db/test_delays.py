"""Waits after failed sign-ins: they grow, they survive a restart, and no stranger can use them as a lock."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app import delays as law
from app.db.engine import open_engine
from app.db.migrate import upgrade
from app.db.reader import Reader
from app.delays import Delays, SignInFailure
from app.encryption import Cipher
from app.errors import Refusal
from tests.databases import empty_database
from tests.site import SECRET, counted_statements, writing

STORE = 66
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"


@pytest.fixture(scope="module")
def url(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with empty_database(engine_name, tmp_path_factory.mktemp("delays")) as url:
        upgrade(url)
        yield url


@contextmanager
def opened(url: str, secret: str = SECRET) -> Iterator[Delays]:
    """As a server that has just started has them."""
    engine = open_engine(url)
    reader = Reader(engine)
    yield Delays(engine, reader, Cipher(secret))
    reader.close()
    engine.dispose()


@pytest.fixture
def delays(url: str) -> Iterator[Delays]:
    with opened(url) as delays:
        yield delays


@pytest.fixture
def ada() -> str:
    return f"{uuid4().hex}@example.com"


def fail(delays: Delays, account: str, times: int, address: str = HOME, store_id: int = STORE) -> None:
    for _ in range(times):
        delays.failed(store_id, account, address)


def wait(delays: Delays, account: str, address: str = HOME, store_id: int = STORE) -> int:
    """The seconds that somebody is told to wait; 0 where they may try."""
    try:
        delays.require(store_id, account, address)
    except Refusal as refusal:
        told = int(refusal.headers["Retry-After"])
        return told if refusal.status == 429 else -1
    return 0


def pass_time(delays: Delays, seconds: float) -> None:
    """As if so long had passed since all that is stored."""
    with delays._engine.begin() as connection:
        ago = {name: getattr(SignInFailure, name) - int(seconds * 1000) for name in MOMENTS}
        connection.execute(update(SignInFailure).where(SignInFailure.store_id == STORE).values(ago))


MOMENTS = ("failed_at", "succeeded_at", "kept_until")


def rows(delays: Delays) -> list[tuple[object, ...]]:
    with delays._engine.connect() as connection:
        found = connection.execute(select(SignInFailure.__table__).where(SignInFailure.store_id == STORE))
        return [tuple(row) for row in found]


def test_five_failures_are_free_then_the_wait_doubles_up_to_a_quarter_of_an_hour(
    delays: Delays, ada: str
) -> None:
    waits = []
    for _ in range(18):
        fail(delays, ada, 1)
        waits.append(wait(delays, ada))

    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_a_wait_ends_when_it_was_said_to(delays: Delays, ada: str) -> None:
    fail(delays, ada, 9)
    assert wait(delays, ada) == 8
    pass_time(delays, 7)
    assert wait(delays, ada) == 1
    pass_time(delays, 1)
    assert wait(delays, ada) == 0


def test_a_try_that_is_refused_makes_nobody_wait_longer(delays: Delays, ada: str) -> None:
    fail(delays, ada, 9)
    assert [wait(delays, ada) for _ in range(20)] == [8] * 20


def test_a_restart_forgives_nothing(url: str, delays: Delays, ada: str) -> None:
    fail(delays, ada, 10)
    with opened(url) as restarted:
        assert wait(restarted, ada) == 16


def test_a_success_begins_anew_for_this_address_and_account_alone(delays: Delays, ada: str) -> None:
    fail(delays, ada, 10)
    fail(delays, ada, 10, ELSEWHERE)
    delays.succeeded(STORE, ada, HOME)

    assert (wait(delays, ada), wait(delays, ada, ELSEWHERE)) == (0, 16)
    fail(delays, ada, 6)
    assert wait(delays, ada) == 1


def test_a_stranger_elsewhere_makes_the_owner_wait_not_at_all(delays: Delays, ada: str) -> None:
    fail(delays, ada, law.FREE_EVERYWHERE, ELSEWHERE)

    assert wait(delays, ada, ELSEWHERE) == law.LONGEST_WAIT
    assert wait(delays, ada) == 0


def test_many_strangers_make_an_owner_whose_address_is_new_wait_half_a_minute_at_most(
    delays: Delays, ada: str
) -> None:
    waits = []
    for stranger in range(60):
        delays.failed(STORE, ada, f"198.51.100.{stranger}")
        waits.append(wait(delays, ada))

    assert waits[:36] == [0] * 30 + [1, 2, 4, 8, 16, 30]
    assert set(waits[35:]) == {30}


def test_many_strangers_make_an_owner_at_a_known_address_wait_not_at_all(delays: Delays, ada: str) -> None:
    delays.succeeded(STORE, ada, HOME)
    for stranger in range(60):
        delays.failed(STORE, ada, f"198.51.100.{stranger}")

    assert (wait(delays, ada), wait(delays, ada, ELSEWHERE)) == (0, 30)
    pass_time(delays, law.KNOWN_FOR)
    delays.failed(STORE, ada, "198.51.100.1")  # after a month the strangers begin anew too
    assert wait(delays, ada) == 0


def test_a_known_address_is_forgotten_after_thirty_days(delays: Delays, ada: str) -> None:
    delays.succeeded(STORE, ada, HOME)
    pass_time(delays, law.KNOWN_FOR - 60)
    fail(delays, ada, 40, ELSEWHERE)
    assert wait(delays, ada) == 0
    with delays._engine.begin() as connection:
        earlier = {"succeeded_at": SignInFailure.succeeded_at - 60_000}
        connection.execute(update(SignInFailure).where(SignInFailure.store_id == STORE).values(earlier))
    assert wait(delays, ada) == 30


def test_a_known_address_does_not_spare_its_own_failures(delays: Delays, ada: str) -> None:
    delays.succeeded(STORE, ada, HOME)
    fail(delays, ada, 9)
    assert wait(delays, ada) == 8


def test_an_account_is_one_in_every_spelling_and_a_64_of_ipv6_one_address(delays: Delays, ada: str) -> None:
    fail(delays, ada, 5, "2001:db8::1")
    fail(delays, f" {ada.upper()}", 1, "2001:db8::2")

    assert wait(delays, ada, "2001:db8::3") == 1
    assert wait(delays, ada, "2001:db8:0:1::1") == 0


def test_stores_and_users_know_nothing_of_one_another(delays: Delays, ada: str) -> None:
    fail(delays, ada, 40)
    assert [wait(delays, ada, store_id=store_id) for store_id in (STORE, 67, 0)] == [900, 0, 0]


def test_failures_that_race_are_all_counted(url: str, delays: Delays, ada: str) -> None:
    def fail_three_times(_: int) -> None:
        fail(delays, ada, 3)
        delays._reader.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail_three_times, range(4)))

    assert wait(delays, ada) == 64  # as after twelve


def test_failures_are_forgotten_after_a_day(delays: Delays, ada: str) -> None:
    fail(delays, ada, 12)
    pass_time(delays, law.FAILURES_KEPT + 1)
    fail(delays, ada, 5)
    assert wait(delays, ada) == 0


def test_the_table_is_bounded_by_what_a_day_brings(delays: Delays, ada: str) -> None:
    for number in range(10):
        fail(delays, f"{number}{ada}", 1)
    pass_time(delays, law.FAILURES_KEPT + 1)
    known = len(rows(delays))
    fail(delays, ada, 1)

    assert known >= 20
    assert len(rows(delays)) <= known - 20 + 2


def test_a_failure_deletes_only_so_much_and_behind_the_request(
    delays: Delays, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(law, "FORGOTTEN", 3)
    later: list[Callable[[], None]] = []
    for number in range(5):
        fail(delays, f"{number}{ada}", 1)
    pass_time(delays, law.FAILURES_KEPT + 1)
    delays._later = later.append
    known = len(rows(delays))
    fail(delays, ada, 1)

    assert len(rows(delays)) == known + 2
    later.pop()()
    assert len(rows(delays)) == known + 2 - 3
    assert not later


def test_the_table_names_nobody(delays: Delays, ada: str, url: str) -> None:
    fail(delays, ada, 1)
    stored = repr(rows(delays))
    assert ada.partition("@")[0] not in stored
    assert "192.0.2" not in stored
    with opened(url, "another secret key, which makes other hashes") as other:
        assert not {row[1] for row in rows(delays)} & {other._keys(STORE, ada, HOME)[0]}


def test_it_takes_one_statement_to_ask_and_two_to_count(delays: Delays, ada: str) -> None:
    with counted_statements() as statements:
        delays.require(STORE, ada, HOME)
    assert len(statements) == 1
    with counted_statements() as statements:
        delays.failed(STORE, ada, HOME)
    assert [each.split()[0] for each in writing(statements)] == ["INSERT", "DELETE"]
    delays.succeeded(STORE, ada, HOME)
    with counted_statements() as statements:
        delays.succeeded(STORE, ada, HOME)  # which was noted only now
    assert len(statements) == 1


@pytest.mark.parametrize("account", ["\x00", "\ud800@example.com", "a" * 100_000, "@", ""])
def test_whatever_is_sent_as_an_account_can_wait(delays: Delays, account: str) -> None:
    delays.succeeded(STORE, account, HOME)  # whatever the tests before have left
    fail(delays, account, 6)
    assert wait(delays, account) == 1
