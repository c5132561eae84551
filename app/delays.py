"""Growing waits after failed sign-ins, kept in the database so that a restart forgives nothing.

Two waits count, each from the last failure on:

- that of an account and one address (of IPv6 one /64): five failures are free, then 1, 2, 4, … seconds up
  to 15 minutes. It stops who guesses from one place, and touches nobody elsewhere.
- that of an account whatever the address, from its 31st failure on and never more than 30 seconds. It
  slows down who guesses from many places. An address from which the account has signed in during the
  last 30 days is spared it.

So a stranger who fails on purpose cannot lock the owner out: where the owner has signed in before,
strangers elsewhere change nothing at all; anywhere else the owner waits 30 seconds at most, though in
competition with whoever keeps trying. A lock, even one for minutes, would be a weapon for everybody who
knows an email. For the same reason a try that is refused counts for nothing.

Tries that are being looked at do not count yet: of a burst as many pass beyond the law as passwords are
looked at or wait to be, three quarters of PATRON_THREADS on each node at most, and all of those count.

Accounts that do not exist count like others, or the waits would tell which do. The table holds keyed
hashes alone: no email, no address. What has failed is forgotten after a day.
"""

import math
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Engine, Index, Integer, String, bindparam, case, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.audit import audit
from app.db.reader import Reader
from app.db.tables import Base
from app.encryption import PSEUDONYM, Cipher
from app.errors import Refusal
from app.networks import network_of
from app.writing.attempts import attempted

FREE = 5
LONGEST_WAIT = 15 * 60
FREE_EVERYWHERE = 30
LONGEST_WAIT_EVERYWHERE = 30

FAILURES_KEPT = 24 * 60 * 60
KNOWN_FOR = 30 * 24 * 60 * 60
KNOWN_ANEW = 24 * 60 * 60
"""A sign-in is noted again after so long: not each one costs a write."""

ASTRAY = 60
"""By how many seconds the clocks of several nodes may differ."""

FORGOTTEN = 100
"""Rows that one failure deletes at most, of those that are kept no longer."""

Work = Callable[[], None]

EVERYWHERE = ""
"""The place of the row that counts an account's failures from all addresses."""


class SignInFailure(Base):
    """How often signing in to an account has failed from a place, and when it last succeeded there.

    Moments are milliseconds since 1970: the first waits are short.
    """

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_store_id_kept_until", "store_id", "kept_until"),
        {"sqlite_with_rowid": False},
    )

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account: Mapped[str] = mapped_column(String(PSEUDONYM), primary_key=True)
    place: Mapped[str] = mapped_column(String(PSEUDONYM), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[int] = mapped_column(BigInteger)
    succeeded_at: Mapped[int] = mapped_column(BigInteger)
    kept_until: Mapped[int] = mapped_column(BigInteger)


class Delays:
    """The waits of all accounts; store 0 has those of users, who sign in at the consent page."""

    def __init__(
        self, engine: Engine, reader: Reader, cipher: Cipher, later: Callable[[Work], None] = lambda do: do()
    ) -> None:
        """Waits kept in a database.

        :param later: does work behind the request.
        """
        self._engine, self._reader, self._cipher, self._later = engine, reader, cipher, later
        row = SignInFailure
        self._rows = reader.prepare(
            select(row.place, row.failures, row.failed_at, row.succeeded_at).where(
                row.store_id == bindparam("store_id", type_=Integer),
                row.account == bindparam("account", type_=String),
                row.place.in_([bindparam("everywhere", type_=String), bindparam("place", type_=String)]),
            )
        )

    def require(self, store_id: int, account: str, address: str) -> None:
        """Refuses a try while a wait runs. To be called before a password is looked at.

        :param account: the email by which somebody signs in, in any spelling; it need not exist.
        :raises Refusal: 429 with Retry-After.
        """
        now = _now()
        there, everywhere = self._standing(store_id, account, address)
        ends = [_end(there, now, _wait(there[0], FREE, LONGEST_WAIT))]
        if there[2] <= now - 1000 * KNOWN_FOR:
            waits = _wait(everywhere[0], FREE_EVERYWHERE, LONGEST_WAIT_EVERYWHERE)
            ends.append(_end(everywhere, now, waits))
        seconds = math.ceil((max(ends) - now) / 1000)
        if seconds > 0:
            whose = self._cipher.account(store_id, account)
            audit("throttled", reason="sign_in_delay", store_id=store_id, account=whose, address=address)
            message = f"too many sign-ins have failed: try again in {seconds} s"
            raise Refusal.of(429, message, headers={"Retry-After": str(seconds)}, code="sign_in_delayed")

    def failed(self, store_id: int, account: str, address: str) -> None:
        """Counts a failed sign-in."""
        key, place = self._keys(store_id, account, address)[0]
        now = _now()
        made = {"failures": 1, "failed_at": now, "succeeded_at": 0, "kept_until": now + 1000 * FAILURES_KEPT}
        rows = [{"store_id": store_id, "account": key, "place": each, **made} for each in (EVERYWHERE, place)]
        old = SignInFailure.failed_at < now - 1000 * FAILURES_KEPT
        longer = SignInFailure.kept_until > made["kept_until"]
        changes = {
            "failures": case((old, 1), else_=SignInFailure.failures + 1),
            "failed_at": now,
            "kept_until": case((longer, SignInFailure.kept_until), else_=made["kept_until"]),
        }
        self._write(rows, changes)
        self._later(lambda: self._forget(store_id, now))

    def succeeded(self, store_id: int, account: str, address: str) -> None:
        """Ends the wait of an account and this address, which is known from now on."""
        now = _now()
        failures, _, succeeded_at = self._standing(store_id, account, address)[0]
        if not failures and succeeded_at > now - 1000 * KNOWN_ANEW:
            return
        changes = {"failures": 0, "succeeded_at": now, "kept_until": now + 1000 * KNOWN_FOR}
        self._write(
            [
                {"store_id": store_id, "account": key, "place": place, "failed_at": 0, **changes}
                for key, place in self._keys(store_id, account, address)
            ],
            changes,
        )

    def _standing(self, store_id: int, account: str, address: str) -> list[tuple[int, int, int]]:
        """Failures, the last one, the last success: from this address, and from everywhere."""
        there, everywhere = (0, 0, 0), (0, 0, 0)
        for key, place in self._keys(store_id, account, address):
            asked = {"store_id": store_id, "account": key, "everywhere": EVERYWHERE, "place": place}
            found = {row[0]: (row[1], row[2], row[3]) for row in self._reader.run(self._rows, asked)}
            there = _together(there, found.get(place))
            everywhere = _together(everywhere, found.get(EVERYWHERE))
        return [there, everywhere]

    def _keys(self, store_id: int, account: str, address: str) -> list[tuple[str, str]]:
        """The account and its place, as each secret key names them, the first as they are written.

        The same address is another place for another account.
        """
        network = network_of(address)
        keys = self._cipher.accounts(store_id, account)
        return [
            (key, self._cipher.pseudonyms("place", key, network)[number]) for number, key in enumerate(keys)
        ]

    def _write(self, rows: list[dict[str, Any]], changes: dict[str, Any]) -> None:
        dialect: Any = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        key = [SignInFailure.store_id, SignInFailure.account, SignInFailure.place]
        upsert = dialect.insert(SignInFailure).values(rows)
        upsert = upsert.on_conflict_do_update(index_elements=key, set_=changes)

        def write() -> None:
            with self._engine.begin() as connection:
                connection.execute(upsert)

        attempted(write)

    def _forget(self, store_id: int, now: int) -> None:
        """Deletes some of what is kept no longer: more than a failure adds, and never much at once."""
        row = SignInFailure
        mine, old = row.store_id == store_id, row.kept_until < now
        key = tuple_(row.account, row.place)
        some = select(row.account, row.place).where(mine, old).order_by(row.kept_until).limit(FORGOTTEN)

        def write() -> None:
            with self._engine.begin() as connection:
                connection.execute(delete(row).where(mine, old, key.in_(some)))

        attempted(write)


def _together(one: tuple[int, int, int], other: tuple[int, int, int] | None) -> tuple[int, int, int]:
    """What was counted under two secret keys, in one."""
    failures, failed_at, succeeded_at = other or (0, 0, 0)
    return one[0] + failures, max(one[1], failed_at), max(one[2], succeeded_at)


def _end(standing: tuple[int, int, int], now: int, seconds: int) -> int:
    """When a wait ends. One from far ahead began while a clock was wrong: it would not end for as long."""
    failed_at = standing[1]
    return failed_at + 1000 * seconds if failed_at <= now + 1000 * ASTRAY else now


def _wait(failures: int, free: int, longest: int) -> int:
    """Seconds after so many failures: none, then twice as long each time."""
    return min(2 ** min(failures - free - 1, 20), longest) if failures > free else 0


def _now() -> int:
    return time.time_ns() // 1_000_000
