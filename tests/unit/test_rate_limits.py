"""How often what strangers may ask for is answered."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app import counters
from app.config import Config, Misconfigured
from app.counters import BoundedMemory
from app.errors import Refusal
from app.rate_limits import BY_ONE_ADDRESS, POLICIES, RateLimits
from tests.site import SECRET


def limits(rates: str = "", **settings: Any) -> RateLimits:
    return RateLimits(Config(secret_key=SECRET, rate_limits=rates, **settings))


def taken(limits: RateLimits, times: int, **whose: Any) -> int:
    """How many of so many are let through."""
    whose = {"what": "authenticate", "address": "192.0.2.1", **whose}
    passed = 0
    for _ in range(times):
        with suppress(Refusal):
            limits.take(whose["what"], **{name: value for name, value in whose.items() if name != "what"})
            passed += 1
    return passed


def refused(limits: RateLimits, **whose: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        limits.take("authenticate", **{"address": "192.0.2.1", **whose})
    return raised.value


def test_each_address_has_so_many_and_no_more() -> None:
    few = limits("authenticate.address=3/hour")

    assert taken(few, 5) == 3
    assert taken(few, 5, address="192.0.2.2") == 3


def test_all_addresses_of_a_64_of_ipv6_are_one() -> None:
    few = limits("authenticate.address=3/hour")

    assert taken(few, 2, address="2001:db8::1") == 2
    assert taken(few, 5, address="2001:db8::ffff:2") == 1
    assert taken(few, 5, address="2001:db8:0:1::1") == 3


def test_what_is_asked_for_is_counted_by_itself() -> None:
    few = limits("authenticate.address=1/hour,sign_up.address=1/hour")

    assert taken(few, 2) == 1
    assert taken(few, 2, what="sign_up") == 1


def test_a_refusal_says_when_to_come_back_and_what_is_left() -> None:
    few = limits("authenticate.address=1/hour,authenticate.account=20/hour")
    few.take("authenticate", address="192.0.2.1")
    refusal = refused(few, account="ada@example.com")

    assert (refusal.status, refusal.faults[0].code) == (429, "too_many_requests")
    wait = int(refusal.headers["Retry-After"])
    assert 1 <= wait <= 3600
    assert refusal.headers["RateLimit"] == f'"authenticate.address";r=0;t={wait}'
    assert refusal.headers["RateLimit-Policy"] == '"authenticate.address";q=1;w=3600'


def test_a_success_is_told_what_is_left_of_every_window() -> None:
    few = limits("authenticate.address=5/minute,authenticate.client=9/minute,authenticate.account=3/minute")
    for left in (4, 3):
        headers = few.take("authenticate", address="192.0.2.1", client="shop")
        assert re.fullmatch(
            rf'"authenticate\.address";r={left};t=\d+, "authenticate\.client";r={left + 4};t=\d+',
            headers["RateLimit"],
        )
    assert headers["RateLimit-Policy"] == '"authenticate.address";q=5;w=60, "authenticate.client";q=9;w=60'


def test_who_waits_as_long_as_told_is_let_through_again() -> None:
    few = limits("authenticate.address=2/2seconds")
    assert taken(few, 3) == 2
    time.sleep(int(refused(few).headers["Retry-After"]) + 0.01)

    assert taken(few, 1) == 1


def test_a_window_slides_so_that_its_end_lets_no_double_burst_through() -> None:
    began, passed = 0.0, 8
    while time.time() - began > 1:  # else this process had to wait for its turn, and windows have gone by
        few = limits("authenticate.address=4/2seconds")
        time.sleep(2 - time.time() % 2 - 0.3)  # shortly before a window ends
        began, passed = time.time(), taken(few, 10)
        time.sleep(0.4)
        passed += taken(few, 10)

    assert passed < 8


def test_who_is_refused_by_address_takes_nothing_from_a_stores_window() -> None:
    few = limits("forgot_password.address=1/hour,forgot_password.client=2/hour")
    whose = {"what": "forgot_password", "store_id": 66}
    assert taken(few, 9, **whose) == 1

    assert taken(few, 9, **whose, address="192.0.2.2") == 1
    assert taken(few, 9, **whose, address="192.0.2.3") == 0
    assert taken(few, 9, **whose | {"store_id": 67}, address="192.0.2.4") == 1


def test_an_account_is_one_in_every_spelling_and_another_in_another_store() -> None:
    few = limits("mail.account=2/hour")
    account = {"what": "mail", "store_id": 66}
    assert taken(few, 1, **account, account="Ada@Example.com") == 1
    assert taken(few, 9, **account, account=" ada@EXAMPLE.com", address="192.0.2.9") == 1

    assert taken(few, 9, **account | {"store_id": 67}, account="ada@example.com") == 2


@pytest.mark.parametrize("what", sorted(BY_ONE_ADDRESS))
def test_strangers_use_up_nobodys_window_for_coming_in(what: str) -> None:
    few = limits(f"{what}.account=2/hour,{what}.client=off")
    for stranger in range(50):
        taken(few, 5, what=what, account="ada@example.com", address=f"198.51.100.{stranger}")

    assert taken(few, 9, what=what, account="ada@example.com") == 2


def test_a_request_is_counted_once_for_its_address() -> None:
    few = limits("authorize.address=2/hour")
    few.take("authorize", address="192.0.2.1")
    told = few.take("authorize", address="192.0.2.1", again=True, client="shop", account="ada@example.com")

    assert told["RateLimit-Policy"] == '"authorize.client";q=600;w=60, "authorize.account";q=20;w=60'
    assert taken(few, 9, what="authorize") == 1


def test_requests_that_race_get_no_more_than_there_is() -> None:
    few = limits("authenticate.address=50/hour")
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: taken(few, 40), range(8))) == 50


def test_off_lets_all_through_and_says_nothing() -> None:
    assert limits("off").take("authenticate", address="192.0.2.1", account="ada@example.com") == {}
    assert taken(limits("authenticate.address=off"), 100) == 100


def test_every_default_can_be_set_and_other_names_are_refused_with_those_that_exist() -> None:
    for what, each in POLICIES.items():
        for per in each:
            assert limits(f" {what}.{per} = 2 / hour".replace(" / ", "/"))
    for wrong in (
        "sign_in.address=1/minute",
        "bootstrap.account=1/minute",
        "authenticate=1/minute",
        "20/minute",
    ):
        with pytest.raises(Misconfigured, match=r"PATRON_RATE_LIMITS.*authenticate\.address"):
            limits(wrong)


@pytest.mark.parametrize(
    "rate", ["0/minute", "-1/minute", "20", "20/fortnight", "a/minute", "1/0minutes", "1/minute;2/hour"]
)
def test_a_rate_that_makes_no_sense_is_refused_by_name(rate: str) -> None:
    with pytest.raises(Misconfigured, match="PATRON_RATE_LIMITS"):
        limits(f"authenticate.address={rate}")


def test_memory_keeps_no_more_counters_than_it_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MOST", 100)
    memory = BoundedMemory()
    for number in range(1000):
        assert memory.acquire_sliding_window_entry(f"key {number}", 1, 3600)
        assert not memory.acquire_sliding_window_entry(f"key {number}", 1, 3600)

    assert len(memory._windows) <= 100


@pytest.mark.parametrize("name", ["\x00", "\ud800@example.com", "a" * 100_000, "@", "ä@ä", " "])
def test_whatever_is_sent_as_a_name_can_be_counted(name: str) -> None:
    few = limits("forgot_password.address=2/hour")
    assert taken(few, 3, what="forgot_password", account=name) == 2
    assert taken(few, 3, what="forgot_password", client=name, address="192.0.2.2") == 2


def test_the_readme_has_the_same_table() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for what, each in POLICIES.items():
        (row,) = re.findall(rf"^\| `{what}` \|(.*)\|$", readme, re.MULTILINE)
        cells = dict(zip(("address", "client", "account"), map(str.strip, row.split("|")), strict=True))
        assert {per: cell.removesuffix(" from one address") for per, cell in cells.items() if cell} == each
        assert cells["account"].endswith("from one address") == (what in BY_ONE_ADDRESS)
