"""How often what strangers may ask for is answered: by address, by client and by account.

Windows slide (the library `limits`). One node counts in its memory, several count in Redis; without
Redis, each goes on counting for itself: nobody is kept from signing in because Redis is down.
"""

import importlib.util
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.strategies import SlidingWindowCounterRateLimiter

from app.audit import Facts, audit
from app.config import Config, Misconfigured
from app.counters import BoundedMemory
from app.emails import fold_email
from app.encryption import Cipher
from app.errors import Refusal
from app.networks import network_of

log = structlog.get_logger()

What = Literal["token", "authorize", "authenticate", "forgot_password", "sign_up", "bootstrap", "mail"]
Per = Literal["address", "client", "account"]

POLICIES: Mapping[What, Mapping[Per, str]] = {
    "token": {"address": "120/minute", "client": "600/minute", "account": "20/minute"},
    "authorize": {"address": "60/minute", "client": "600/minute", "account": "20/minute"},
    "authenticate": {"address": "60/minute", "client": "600/minute", "account": "20/minute"},
    "forgot_password": {"address": "30/hour", "client": "6000/hour", "account": "5/hour"},
    "sign_up": {"address": "30/hour", "client": "6000/hour", "account": "10/hour"},
    "bootstrap": {"address": "10/minute"},
    "mail": {"account": "10/30minutes"},
}
"""How often each is answered. PATRON_RATE_LIMITS changes single ones: `authenticate.address=20/minute`."""

BY_ONE_ADDRESS = frozenset({"authorize", "authenticate", "forgot_password", "sign_up"})
"""Where an account's tries are counted for each address by itself.

One window for the whole account would be used up by whoever wants to keep its owner out. What guesses
from many addresses are held to is the growing waits of `app.delays`, which spare addresses that it knows;
what mail is held to is `mail`, beyond which the answer is the same and nothing is sent. Its window is as
long as a temporary password lasts, so that who finds it used up has been sent one that works.
At `token` the account is the refresh token or code, which nobody but its holder can use up.
"""

BY_STORE = frozenset({"authenticate", "forgot_password", "sign_up"})
"""Where the client is a store's portal, whose pages name no other."""

REDIS_SECONDS = 0.25
"""A Redis that takes longer to answer is taken to be down."""

RETRY_SECONDS = 5
"""How long Redis is left alone after it failed."""

LOG_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Policy:
    """One window: `authenticate.address`, so and so many in so many seconds."""

    name: str
    item: RateLimitItem

    @property
    def said(self) -> str:
        """As the header RateLimit-Policy has it."""
        return f'"{self.name}";q={self.item.amount};w={self.item.get_expiry()}'


@dataclass(frozen=True, slots=True)
class Standing:
    """How a window stands: what is left of it, and in how many seconds there is more."""

    policy: Policy
    left: int
    seconds: int

    @property
    def said(self) -> str:
        """As the header RateLimit has it."""
        return f'"{self.policy.name}";r={self.left};t={self.seconds}'


class RateLimits:
    """The windows of one server, shared with others where there is a Redis."""

    def __init__(self, config: Config) -> None:
        self._policies = _policies(config.rate_limits)
        self._cipher = Cipher(config.secret_key or "")
        self._memory = SlidingWindowCounterRateLimiter(BoundedMemory())
        self._shared = _shared(config.redis_url) if config.redis_url else None
        self._shared_again_at = self._told_again_at = -math.inf

    def take(
        self,
        what: What,
        *,
        address: str | None = None,
        client: str | None = None,
        account: str | None = None,
        store_id: int = 0,
        again: bool = False,
    ) -> Mapping[str, str]:
        """Takes one from each window that applies; gives the headers by which an answer tells of them.

        At /token a client is to be named once it has proved who it is. Where it is only named, or is a
        store's portal, its window is so wide that it takes strangers at many addresses to use it up.

        :param account: the email by which somebody signs in, in any spelling; what a client presents.
        :param store_id: the store that the account belongs to, 0 for users.
        :param again: the request has been counted for its address already.
        :raises Refusal: 429 with Retry-After, where one of them has nothing left.
        """
        standings = []
        for policy, key in self._applicable(what, address, client, account, store_id, again=again):
            allowed, standing = self._hit(policy, key)
            standings.append(standing)
            if not allowed:
                facts = Facts(reason=policy.name, address=address or "", client=client, store_id=store_id)
                if account:
                    facts["account"] = self._cipher.account(store_id, account)
                audit("throttled", **facts)
                raise _refused(standing, standings)
        return _headers(standings)

    def allows(self, what: What, *, address: str, account: str, store_id: int) -> bool:
        """Takes one where there is one, for what is left undone, and not told, where there is none."""
        try:
            self.take(what, address=address, account=account, store_id=store_id)
        except Refusal:
            return False
        return True

    def _applicable(
        self,
        what: What,
        address: str | None,
        client: str | None,
        account: str | None,
        store_id: int,
        *,
        again: bool,
    ) -> Iterator[tuple[Policy, str]]:
        """The windows in an order in which who is refused by one has taken nothing from those of others."""
        network = network_of(address) if address else ""
        whose: dict[Per, tuple[object, ...]] = {"address": (network,)} if network and not again else {}
        if client:
            whose["client"] = (client,)
        elif store_id and what in BY_STORE:
            whose["client"] = (store_id,)
        if account:
            by = network if what in BY_ONE_ADDRESS else ""
            whose["account"] = (store_id, fold_email(account), by)
        for per, key in whose.items():
            policy = self._policies.get((what, per))
            if policy is not None:
                yield policy, self._cipher.pseudonym("rate limit", per, *key)

    def _hit(self, policy: Policy, key: str) -> tuple[bool, Standing]:
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                return _counted(self._shared, policy, key)
            except StorageError as error:
                self._do_without(error)
        return _counted(self._memory, policy, key)

    def _do_without(self, error: StorageError) -> None:
        """Counts in memory for a while, and says so once a minute."""
        now = time.monotonic()
        self._shared_again_at = now + RETRY_SECONDS
        if now >= self._told_again_at:
            self._told_again_at = now + LOG_SECONDS
            causes = type(error.storage_error).__name__
            log.warning(
                "redis_unavailable", error=causes, effect="rate limits are counted by each node alone"
            )


def _counted(limiter: SlidingWindowCounterRateLimiter, policy: Policy, key: str) -> tuple[bool, Standing]:
    allowed = limiter.hit(policy.item, policy.name, key)
    stats = limiter.get_window_stats(policy.item, policy.name, key)
    seconds = max(1, math.ceil(stats.reset_time - time.time()))
    return allowed, Standing(policy, stats.remaining if allowed else 0, seconds)


def _refused(standing: Standing, standings: list[Standing]) -> Refusal:
    message = f"too many requests: try again in {standing.seconds} s"
    return Refusal.of(429, message, headers={"Retry-After": str(standing.seconds), **_headers(standings)})


def _headers(standings: list[Standing]) -> dict[str, str]:
    """What draft-ietf-httpapi-ratelimit-headers says of windows; nothing where there are none."""
    if not standings:
        return {}
    return {
        "RateLimit-Policy": ", ".join(each.policy.said for each in standings),
        "RateLimit": ", ".join(each.said for each in standings),
    }


_OVERRIDE = re.compile(r"\s*(\w+)\.(\w+)\s*=\s*(\S.*?)\s*")
_RATE = re.compile(r"[1-9][0-9]{0,6}/([1-9][0-9]{0,4})?(second|minute|hour|day)s?")


def _policies(overrides: str) -> dict[tuple[What, Per], Policy]:
    """The policies with what an operator has set instead.

    :raises Misconfigured: where that names none, or makes no sense.
    """
    if overrides.strip() == "off":
        return {}
    rates = {(what, per): rate for what, each in POLICIES.items() for per, rate in each.items()}
    for override in filter(str.strip, overrides.split(",")):
        rates.update([_override(override)])
    return {key: Policy(".".join(key), parse(rate)) for key, rate in rates.items() if rate != "off"}


def _override(text: str) -> tuple[Any, str]:
    matched = _OVERRIDE.fullmatch(text)
    if matched is None or matched[2] not in POLICIES.get(matched[1], {}):  # type: ignore[arg-type] # which is the question
        known = ", ".join(f"{what}.{per}" for what, each in POLICIES.items() for per in each)
        raise Misconfigured(f"PATRON_RATE_LIMITS: {text.strip()!r} sets none of {known}")
    if matched[3] != "off" and not _RATE.fullmatch(matched[3]):
        raise Misconfigured(
            f"PATRON_RATE_LIMITS: {matched[3]!r} is no rate such as 20/minute, 5/15minutes, off"
        )
    return (matched[1], matched[2]), matched[3]


def _shared(url: str) -> SlidingWindowCounterRateLimiter:
    """Counters in a Redis, which need not answer yet.

    :raises Misconfigured: where there is no client for it, or the address is none.
    """
    if importlib.util.find_spec("redis") is None:
        raise Misconfigured("PATRON_REDIS_URL is set, but Redis's client is missing: install patron[redis]")
    from limits.storage import RedisStorage
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 1),  # a kept connection may have been closed meanwhile
        )
        storage = RedisStorage("redis://", pool, "patron", wrap_exceptions=True)
    except ValueError as error:  # which may repeat the address, and that may hold a password
        raise Misconfigured("PATRON_REDIS_URL is no address such as redis://localhost:6379/0") from error
    return SlidingWindowCounterRateLimiter(storage)
