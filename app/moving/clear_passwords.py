"""Passwords in clear text, held against those of whoever is there: before a transaction, for it is slow."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, select

from app import passwords
from app.db.tables import Author
from app.moving.candidates import Candidate, Unfit
from app.moving.matching import Matches
from app.passwords import Stored
from app.resources.customer import Customer


def look_ahead(engine: Engine, store_id: int, author: Author, candidates: Sequence[Candidate]) -> None:
    """Finds out of all candidates with a clear password whether it is the one that is stored."""
    several = [each for each in candidates if clear_password(each)]
    if several:
        for candidate, stored in list(_stored(engine, store_id, several)):
            is_same(candidate, stored, author)


def is_same(candidate: Candidate, stored: Stored, author: Author) -> bool:
    """Whether a candidate's password is the one that is stored; each pair is looked at once."""
    if stored not in candidate.checked:
        outcome = passwords.check(str(clear_password(candidate)), stored, *author.chosen())
        candidate.checked[stored] = outcome.ok
    return candidate.checked[stored]


def clear_password(candidate: Candidate) -> str | None:
    """The password that a candidate brings in clear text; None where they bring none."""
    _, _, apart = candidate.customer
    return apart.get("password") or None


def stored_of(current: Mapping[str, Any]) -> Stored:
    """What a customer's row has of their password."""
    return Stored(*(current[each.key] for each in _COLUMNS))


_COLUMNS = (
    Customer.password_hash,
    Customer.password_salt,
    Customer.password_hash_type,
    Customer.password_hash_config,
)


def _stored(
    engine: Engine, store_id: int, candidates: Sequence[Candidate]
) -> Iterator[tuple[Candidate, Stored]]:
    with engine.connect() as connection:
        matches = Matches(connection, store_id, candidates)
        found: dict[int, Candidate] = {}
        for each in candidates:
            with suppress(Unfit):
                if match := matches.of(each):
                    found[match.id] = each
        own = (Customer.store_id == store_id, Customer.id.in_(found))
        for row in connection.execute(select(Customer.id, *_COLUMNS).where(*own)).mappings():
            if row["password_hash"]:
                yield found[row["id"]], stored_of(dict(row))
