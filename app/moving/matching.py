"""Which customers are there already: by id, and those who are registered by email."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, select

from app.db.bulk import among
from app.db.types import STORED_FORMAT
from app.moving.candidates import Candidate, Unfit
from app.resources.customer import CUSTOMER, Customer
from app.validation import said_of

_TAKEN = said_of(*CUSTOMER.clashes["uq_customer_registered_email"])


class Match(NamedTuple):
    """A customer who is there; `key` is the folded email of one who is registered."""

    id: int
    key: str | None
    date_created: str | None


class Matches:
    """The customers of a store whom some candidates may be."""

    def __init__(self, connection: Connection, store_id: int, candidates: Sequence[Candidate]) -> None:
        self._by_id: dict[int, Match] = {}
        self._by_key: dict[str, Match] = {}
        columns = (Customer.id, Customer.email_key, Customer.is_anonymous, Customer.date_created)
        wanted = select(*columns).where(Customer.store_id == store_id)
        dialect = connection.dialect.name
        if ids := [each.id for each in candidates if each.id]:
            self._take(connection.execute(wanted.where(among(Customer.id, ids, dialect))))
        if keys := [each.key for each in candidates if each.key]:
            is_one = (Customer.is_anonymous.is_(False), among(Customer.email_key, keys, dialect))
            self._take(connection.execute(wanted.where(*is_one)))

    def of(self, candidate: Candidate) -> Match | None:
        """Who a candidate is.

        :raises Unfit: where the id is another's, or the email.
        """
        by_key = self._by_key.get(candidate.key) if candidate.key else None
        by_id = self._by_id.get(candidate.id) if candidate.id else None
        if by_id is None:
            return by_key
        if by_key and by_key.id != by_id.id:
            raise Unfit({"email": _TAKEN})
        created = candidate.columns.get("date_created")
        if by_key is None and created and by_id.date_created and created != by_id.date_created:
            text = (
                "id is that of another customer here, who was created at another time and has another email"
            )
            if by_id.key or candidate.key:
                raise Unfit({"id": text})
        return by_id

    def note(self, candidate: Candidate, row_id: int) -> None:
        """Counts a candidate among those who are there."""
        self._add(Match(row_id, candidate.key, candidate.columns.get("date_created")))

    def _take(self, rows: "Iterable[Row[tuple[int, str, bool, datetime | None]]]") -> None:
        for row_id, email_key, is_anonymous, created in rows:
            moment = created.strftime(STORED_FORMAT) if created else None
            self._add(Match(row_id, None if is_anonymous else email_key, moment))

    def _add(self, match: Match) -> None:
        self._by_id[match.id] = match
        if match.key:
            self._by_key[match.key] = match
