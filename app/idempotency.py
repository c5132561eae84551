"""Idempotency-Key: a POST that is sent again is answered again, and done once.

A key is claimed in a transaction of its own, so that others see that it is being worked on; the
answer is kept in the transaction that does the work, so that it outlives a crash right after it.
(draft-ietf-httpapi-idempotency-key-header-07.)
"""

import re
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, Engine, Index, Integer, String, Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.reader import Unavailable
from app.db.tables import Base
from app.encryption import Cipher
from app.errors import Refusal
from app.reading import Caller
from app.writing.attempts import Raced, attempted

KEPT_SECONDS = 24 * 60 * 60
CLAIM_SECONDS = 15
"""After so long a claim without an answer is taken to be that of a process that died."""

_KEY = re.compile(r'"([\x20\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})', re.ASCII)


class IdempotencyKey(Base):
    """A key that a client of a store has used: for which request, and what was answered."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        Index("ix_idempotency_key_store_id_claimed_at", "store_id", "claimed_at"),
        {"sqlite_with_rowid": False},
    )

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    client: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(32))
    claimed_at: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[int | None]
    answer: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work of a key."""

    caller: Caller
    key: str
    secret: str


def parse_key(header: str | None) -> str | None:
    """The key of a request: a string in quotes (RFC 9651), or without them as many clients send it.

    :raises Refusal: 400 where it is neither.
    """
    if header is None:
        return None
    matched = _KEY.fullmatch(header.strip())
    if not matched:
        message = "Idempotency-Key must be 1 to 255 printable ASCII characters"
        raise Refusal.of(400, message, properties=["Idempotency-Key"])
    return matched[1] or matched[2]


class IdempotencyKeys:
    """The keys of the last 24 hours."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    def claim(self, caller: Caller, key: str, content: bytes) -> Claim | Answer:
        """The right to do a request's work, or the answer that it was given before.

        :param content: all that makes the request what it is.
        :raises Refusal: 422 where the key is another request's, 409 where that is being worked on.
        """
        claim = Claim(caller, key, secrets.token_hex(16))
        fingerprints = self._cipher.fingerprints(content)
        return attempted(lambda: self._claim(claim, fingerprints, int(time.time())))

    def keep(self, session: Session, claim: Claim, answer: Answer) -> None:
        """Keeps an answer together with the work that it tells of.

        :raises Refusal: 409 where the work took so long that somebody else has begun it.
        """
        text = orjson.dumps({"headers": answer.headers, "body": answer.body.decode()}).decode()
        values = {"status": answer.status, "answer": self._cipher.encrypt(text)}
        mine = update(IdempotencyKey).where(*_held(claim)).values(values)
        if not session.connection().execute(mine).rowcount:
            raise _in_progress()

    def keep_refusal(self, claim: Claim, answer: Answer) -> None:
        """Keeps an answer to a request that has changed nothing."""

        def keep() -> None:
            with Session(self._engine) as session, session.begin():
                self.keep(session, claim, answer)

        attempted(keep)

    def release(self, claim: Claim) -> None:
        """Lets a request be made again after it failed; where that cannot be, its claim will run out.

        A request may fail after all was committed, when the connection breaks at that moment: what has
        been answered is kept.
        """

        def release() -> None:
            with self._engine.begin() as connection:
                connection.execute(delete(IdempotencyKey).where(*_held(claim)))

        with suppress(Unavailable):
            attempted(release)

    def _claim(self, claim: Claim, fingerprints: Sequence[str], now: int) -> Claim | Answer:
        with self._engine.begin() as connection:
            self._forget(connection, claim.caller, now)
            if self._first(connection, claim, fingerprints[0], now):
                return claim
            known = connection.execute(select(IdempotencyKey).where(*_named(claim))).mappings().first()
            if known is None:
                raise Raced  # it has just been released
            if known["fingerprint"] not in fingerprints:
                raise _refused(422, "is that of another request: take a new one for each")
            if known["status"] is not None:
                return self._kept(known["status"], known["answer"])
            if _is_running(known["claimed_at"], now) or not _taken_over(connection, claim, known, now):
                raise _in_progress()
            return claim

    def _forget(self, connection: Connection, caller: Caller, now: int) -> None:
        old = IdempotencyKey.claimed_at < now - KEPT_SECONDS
        connection.execute(delete(IdempotencyKey).where(IdempotencyKey.store_id == caller.store_id, old))

    def _first(self, connection: Connection, claim: Claim, fingerprint: str, now: int) -> bool:
        dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(IdempotencyKey).on_conflict_do_nothing()
        row = {
            "store_id": claim.caller.store_id,
            "client": claim.caller.client,
            "key": claim.key,
            "fingerprint": fingerprint,
            "claim": claim.secret,
            "claimed_at": now,
        }
        made = connection.scalar(insert.values(row).returning(IdempotencyKey.claim))
        return made is not None

    def _kept(self, status: int, stored: str) -> Answer:
        text = self._cipher.decrypt(stored)
        if text is None:
            raise _refused(409, "was answered under another secret key: take a new one")
        kept = orjson.loads(text)
        headers = [(name, value) for name, value in kept["headers"]]
        return Answer(status, [*headers, ("Idempotency-Replayed", "true")], kept["body"].encode())


def _named(claim: Claim) -> tuple[Any, ...]:
    return (
        IdempotencyKey.store_id == claim.caller.store_id,
        IdempotencyKey.client == claim.caller.client,
        IdempotencyKey.key == claim.key,
    )


def _held(claim: Claim) -> tuple[Any, ...]:
    """The key while its work is ours and has not been answered."""
    return (*_named(claim), IdempotencyKey.claim == claim.secret, IdempotencyKey.status.is_(None))


def _is_running(claimed_at: int, now: int) -> bool:
    """Whether a claim holds; one from further ahead than it could last was made while a clock was wrong."""
    return now - CLAIM_SECONDS < claimed_at <= now + CLAIM_SECONDS


def _taken_over(connection: Connection, claim: Claim, known: Any, now: int) -> bool:
    """Whether a claim whose holder died is now ours; another may be quicker."""
    old = update(IdempotencyKey).where(*_named(claim), IdempotencyKey.claim == known["claim"])
    return bool(connection.execute(old.values(claim=claim.secret, claimed_at=now)).rowcount)


def _in_progress() -> Refusal:
    return _refused(409, "is that of a request which is being worked on", {"Retry-After": "1"})


def _refused(status: int, why: str, headers: dict[str, str] | None = None) -> Refusal:
    return Refusal.of(status, f"Idempotency-Key {why}", properties=["Idempotency-Key"], headers=headers)
