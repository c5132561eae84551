"""Loads customers into a store: found again by id or email, created or brought in line, in batches.

A batch is one transaction. One that the database does not take is tried again in halves, until only what is
wrong with it is left out; so loading may end anywhere, and what is loaded again is found again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DataError, IntegrityError

from app.auth.tokens import Token
from app.config import Misconfigured
from app.db.bulk import filling
from app.db.ids import Ids, IdsExhausted
from app.db.tables import Author, StoreRow
from app.encryption import Cipher
from app.moving.candidates import Candidate, Candidates, Unfit
from app.moving.clear_passwords import look_ahead
from app.moving.garbage import seldom_collected
from app.moving.lines import Line, Loaded, Manner, Reasons, Reject
from app.moving.matching import Match, Matches
from app.moving.renewing import renew
from app.moving.rows import NewRows, Supply
from app.moving.seen import Seen
from app.passwords import hash_password
from app.resources.attribute import Attribute
from app.resources.client import Client
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.payment_method import PaymentMethod
from app.resources.store import Store
from app.zones import Zone, zone

DEFAULT = Manner()

LARGEST_BATCH = 8 * 1024 * 1024
"""How many bytes the lines of a batch may have, roughly: three times what a thousand customers have."""


def load(
    engine: Engine,
    store_id: int,
    lines: Iterable[Line],
    cipher: Cipher,
    manner: Manner = DEFAULT,
    *,
    reject: Callable[[Reject], None] = lambda _: None,
    advance: Callable[[Loaded], None] = lambda _: None,
) -> Loaded:
    """Loads the customers of a source.

    :param reject: is told of each that is not taken, and why.
    :param advance: is told after each batch how far it is.
    :raises Misconfigured: where there is no such store, or it has no ids left.
    """
    loader = Loader(engine, store_id, cipher, manner, reject)
    source = iter(lines)
    with seldom_collected():
        while (first := next(source, None)) is not None:
            loader.load(_batch(first, source, manner.batch))
            advance(loader.loaded)
    return loader.loaded


def _batch(first: Line, source: Iterator[Line], most: int) -> Iterator[Line]:
    """The next lines: so many, fewer where they are long, for what is made of them is in memory at once."""
    size = 0
    for line in chain((first,), islice(source, most - 1)):
        yield line
        size += line.size
        if size > LARGEST_BATCH:
            return


@dataclass(slots=True)
class Outcome:
    """What a transaction has done, to be told once it is committed."""

    loaded: Loaded = field(default_factory=Loaded)
    rejects: list[Reject] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)


class Loader:
    """Loads into one store; `loaded` says what has become of all so far."""

    def __init__(
        self, engine: Engine, store_id: int, cipher: Cipher, manner: Manner, reject: Callable[[Reject], None]
    ) -> None:
        self.loaded = Loaded()
        self._engine, self._store_id, self._manner = engine, store_id, manner
        self._reject = reject
        self._ids = Ids(engine)
        self._seen = Seen()
        author, clocks = author_in(engine, store_id, cipher, manner)
        self._author = author
        self._candidates = Candidates(author, clocks, manner)

    def load(self, lines: Iterable[Line]) -> None:
        """Loads a batch: each of them ends as created, updated, unchanged or skipped, or it is rejected.

        Each is checked when it is read, and its document put by: it is at hand then, in every sense.
        """
        candidates = list(self._fit(lines))
        if self._manner.on_duplicate == "update":
            look_ahead(self._engine, self._store_id, self._author, candidates)
        self._write(candidates)

    def check(self, lines: Iterable[Line]) -> None:
        """Tells what would be rejected, but for what only the database knows; counts others as created."""
        self.loaded.created += sum(1 for _ in self._fit(lines))

    def _fit(self, lines: Iterable[Line]) -> Iterator[Candidate]:
        for line in lines:
            try:
                yield self._candidates.of(line)
            except Unfit as unfit:
                self._refuse(Reject(line, unfit.reasons))

    def _refuse(self, reject: Reject) -> None:
        self.loaded.rejected += 1
        self._reject(reject)

    def _write(self, candidates: Sequence[Candidate]) -> None:
        """Writes them all in one transaction, or in halves."""
        if not candidates:
            return
        supply = self._supply(candidates)
        outcome = Outcome()
        try:
            with filling(self._engine) as connection:
                self._carry_out(connection, candidates, supply, outcome)
        except (IntegrityError, DataError) as error:
            self._give_back(supply)
            if len(candidates) == 1:
                self._refuse(Reject(candidates[0].line, _refused(error)))
                return
            half = len(candidates) // 2
            self._write(candidates[:half])
            self._write(candidates[half:])
            return
        self._give_back(supply)
        self._tell(outcome)

    def _carry_out(
        self, connection: Connection, candidates: Sequence[Candidate], supply: Supply, outcome: Outcome
    ) -> None:
        matches = Matches(connection, self._store_id, candidates)
        rows = NewRows(self._store_id, self._author)
        again: list[tuple[Candidate, Match]] = []
        for candidate in candidates:
            try:
                match = matches.of(candidate)
                row_id = match.id if match else candidate.id or supply.take(Customer)
                self._require_first(row_id, outcome)
            except Unfit as unfit:
                outcome.rejects.append(Reject(candidate.line, unfit.reasons))
                continue
            outcome.touched.add(row_id)
            if match:
                again.append((candidate, match))
            else:
                rows.add(candidate, row_id, supply)
                matches.note(candidate, row_id)
                outcome.loaded.created += 1
        if self._manner.on_duplicate == "skip":
            outcome.loaded.skipped = len(again)
        else:
            renew(connection, self._store_id, self._author, again, rows, supply, outcome)
        rows.insert(connection)

    def _require_first(self, row_id: int, outcome: Outcome) -> None:
        """Refuses a customer whom the source has brought before: else loading it again would change them."""
        if row_id in outcome.touched or row_id in self._seen:
            raise Unfit({"": "an earlier one has brought this customer already"})

    def _supply(self, candidates: Sequence[Candidate]) -> Supply:
        """All ids that these could need: within a transaction none can be had."""
        brought = (each.id for each in candidates if each.id)
        self._ids.reserve(self._store_id, Customer.__tablename__, *brought)
        needed: dict[type[StoreRow], int] = {
            Customer: sum(1 for each in candidates if not each.id),
            Attribute: sum(len(each.attributes) for each in candidates),
            CustomerAddress: sum(len(each.addresses) for each in candidates),
            PaymentMethod: sum(1 for each in candidates if each.card),
        }
        try:
            return Supply(
                {
                    row: self._ids.several(self._store_id, row.__tablename__, count)
                    for row, count in needed.items()
                }
            )
        except IdsExhausted as error:
            raise Misconfigured(str(error)) from error

    def _give_back(self, supply: Supply) -> None:
        for row, left in supply.left.items():
            self._ids.give_back(self._store_id, row.__tablename__, left[::-1])

    def _tell(self, outcome: Outcome) -> None:
        done = outcome.loaded
        self.loaded.created += done.created
        self.loaded.updated += done.updated
        self.loaded.unchanged += done.unchanged
        self.loaded.skipped += done.skipped
        for each in outcome.touched:
            self._seen.add(each)
        for reject in outcome.rejects:
            self._refuse(reject)


def author_in(engine: Engine, store_id: int, cipher: Cipher, manner: Manner) -> tuple[Author, Zone]:
    """Who writes in a store what is moved in, and on whose clocks.

    :raises Misconfigured: where there is no such store, or no such client.
    """
    chosen = (Store.customer_password_hash_type, Store.customer_password_hash_config, Store.timezone)
    with engine.connect() as connection:
        found = connection.execute(select(*chosen).where(Store.id == store_id)).first()
        if found is None:
            raise Misconfigured(f"store {store_id} does not exist")
        _require_client(connection, manner.client)
    clocks = zone(found.timezone)
    author = Author(
        client=manner.client,
        chosen=lambda: (found.customer_password_hash_type, found.customer_password_hash_config),
        allow_weak_hashes=False,
        hash=hash_password,
        encrypt=cipher.encrypt,
        owner={},
        moment=clocks.moment,
        query_fault=lambda _resource, _query: None,
        url_fault=lambda _url: None,
        moved=True,
    )
    return author, clocks


def _require_client(connection: Connection, client: str) -> None:
    """Refuses a client whom nobody knows: what is restricted to it, nobody would see."""
    known = select(Client.id).where(Client.client_id == client)
    asking = select(Token.hash).where(Token.client == client)
    if client and not any(connection.execute(each.limit(1)).first() for each in (known, asking)):
        raise Misconfigured(f"client {client} does not exist")


def _refused(error: IntegrityError | DataError) -> Reasons:
    """What the database has against a customer; its own words might hold values."""
    kind = "clashes with what is there already" if isinstance(error, IntegrityError) else "cannot be stored"
    return {"": kind}
