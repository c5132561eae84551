"""Counters that several nodes share in Redis, and what they do without it."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from app import rate_limits
from app.config import Config, Misconfigured
from app.rate_limits import RateLimits
from tests.databases import absent, running_redis
from tests.logs import captured_logs
from tests.ports import free_port
from tests.site import SECRET
from tests.unit.test_rate_limits import limits, refused, taken


def test_nodes_share_their_counts() -> None:
    url, address = running_redis(), uuid4().hex
    one, other = (limits("authenticate.address=5/hour", redis_url=url) for _ in range(2))

    assert taken(one, 3, address=address) == 3
    assert taken(other, 9, address=address) == 2
    assert taken(one, 1, address=address) == 0
    wait = int(refused(one, address=address).headers["Retry-After"])
    assert 1 <= wait <= 3600


def test_who_waits_as_long_as_redis_says_is_let_through_again() -> None:
    few = limits("authenticate.address=2/2seconds", redis_url=running_redis())
    address = uuid4().hex
    assert taken(few, 3, address=address) == 2
    time.sleep(int(refused(few, address=address).headers["Retry-After"]) + 0.05)

    assert taken(few, 1, address=address) == 1


def test_what_is_kept_in_redis_names_nobody_and_runs_out() -> None:
    url, name = running_redis(), uuid4().hex
    with redis.Redis.from_url(url) as client:
        before = set(client.keys("patron:*"))
        limits(redis_url=url).take(
            "forgot_password", address=name, client=name, account=f"{name}@example.com"
        )
        made = set(client.keys("patron:*")) - before
        assert any(b"forgot_password.account" in key for key in made)
        for key in made:
            assert name.encode() not in key
            assert b"example" not in key
            assert 0 < client.ttl(key) <= 2 * 3600


def test_nobody_is_kept_from_signing_in_by_a_redis_that_is_down() -> None:
    few = limits("authenticate.address=3/hour", redis_url=f"redis://:Canary@127.0.0.1:{free_port()}")

    assert taken(few, 9) == 3  # counted all the same


def test_a_redis_that_never_answers_costs_a_moment_and_then_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        few = limits(redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        for _ in range(20):
            few.take("authenticate", address="192.0.2.1", account="ada@example.com")
        assert time.monotonic() - began < 12 * rate_limits.REDIS_SECONDS  # instead of 20 times


def test_that_redis_is_down_is_said_once_a_minute() -> None:
    few = limits(redis_url=f"redis://:Canary@127.0.0.1:{free_port()}")
    with captured_logs() as lines:
        for _ in range(3):
            few._shared_again_at = 0.0  # as after a while
            few.take("authenticate", address="192.0.2.1")

    assert len(lines.of("redis_unavailable", level="warning")) == 1
    assert "Canary" not in lines.text


@contextmanager
def redis_of_our_own(port: int, folder: Path) -> Iterator[None]:
    command = shutil.which("redis-server")
    if command is None:
        absent("redis-server is not installed")
    options = ["--port", str(port), "--save", "", "--bind", "127.0.0.1", "--dir", str(folder)]
    with subprocess.Popen([str(command), *options], stdout=subprocess.DEVNULL) as process:
        try:
            with redis.Redis(port=port) as client:
                for _ in range(100):
                    try:
                        client.ping()
                        break
                    except redis.RedisError:
                        time.sleep(0.05)
            yield
        finally:
            process.kill()


def test_a_redis_that_is_killed_and_comes_back_is_used_again(tmp_path: Path) -> None:
    port = free_port()
    few = limits("authenticate.address=3/hour", redis_url=f"redis://127.0.0.1:{port}")
    with redis_of_our_own(port, tmp_path):
        assert taken(few, 9) == 3
    assert taken(few, 9) == 3  # in memory, which has counted nothing yet
    with redis_of_our_own(port, tmp_path):
        time.sleep(rate_limits.RETRY_SECONDS)
        assert taken(few, 9) == 3  # the new one has counted nothing yet
        with redis.Redis(port=port) as client:
            assert client.keys("patron:*")


@pytest.mark.parametrize(
    "url", ["redis://:Canary@localhost:nonsense", "redis://:Canary@localhost:6379/x?db=y"]
)
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Misconfigured, match="PATRON_REDIS_URL") as raised:
        RateLimits(Config(secret_key=SECRET, redis_url=url))
    assert "Canary" not in str(raised.value)


def test_a_redis_without_its_client_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)  # as where the extra is not installed
    with pytest.raises(Misconfigured, match=r"PATRON_REDIS_URL.*patron\[redis\]"):
        RateLimits(Config(secret_key=SECRET, redis_url="redis://127.0.0.1"))
