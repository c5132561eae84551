"""What several writes share that are one transaction, made by one thread: all of them happen, or none.

Such a transaction holds locks, so what takes locks or time of its own is not done in it: ids are fetched
and passwords hashed where it has been undone, and all is done again. Where an id is lacking it ends there and
then; where a hash is, something else stands for it until what else lacks is known. Nothing ever stands for an
id: others would wait for it who make a row of their own by the same, and clients might be told of it.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from app.db.ids import Ids, IdsExhausted
from app.db.sessions import StoreSession
from app.errors import Refusal
from app.passwords import Hashed, Overloaded, UnusablePassword, unguessable

MOST_WRITES = 500
"""How many there are in one transaction: on SQLite all others wait for it who write, for seconds at most."""

Kind = tuple[int, str]
"""The store and the table of an id."""

Hashing = tuple[str, str, str | None]
"""A password, the type of hash and its config."""

Hash = Callable[[str, str, str | None], Hashed]
"""Makes what is stored of a password."""


class Raced(Exception):
    """Somebody else has written what was about to be written; look again."""


@dataclass(slots=True, repr=False)
class Supplies:
    """Ids and hashes for a transaction, procured before it begins. It has no repr: there are passwords.

    `of_ids` hands out new ids; what it has at hand is taken within the transaction.
    """

    of_ids: Ids
    ids: dict[Kind, list[int]] = field(default_factory=dict)
    hashes: dict[Hashing, Hashed | Exception] = field(default_factory=dict)
    lacking_ids: dict[Kind, int] = field(default_factory=dict)
    lacking_hashes: dict[Hashing, Hash] = field(default_factory=dict)

    @property
    def are_lacking(self) -> bool:
        """Whether the transaction has wanted what is not here."""
        return bool(self.lacking_ids or self.lacking_hashes)

    def id(self, kind: Kind, at: int) -> int:
        """The id of the new row of a kind that is so many behind the first.

        :raises Raced: where it is not at hand. More are procured the more there were, so that what makes many
            rows does not begin anew for each few.
        """
        ids = self.ids.setdefault(kind, [])
        if at == len(ids):
            found = self.of_ids.at_hand(*kind)
            if found is None:
                self.lacking_ids[kind] = max(1, 3 * at)
                raise Raced
            ids.append(found)
        return ids[at]

    def procure(self) -> None:
        """Gets what was lacking. A password that cannot be hashed is refused to whoever asks again.

        :raises IdsExhausted: where the store has used up its ids.
        """
        for kind, count in self.lacking_ids.items():
            self.ids[kind].append(self.of_ids.take(*kind))
            with suppress(IdsExhausted):  # perhaps there are enough of them
                for _ in range(count - 1):
                    self.ids[kind].append(self.of_ids.take(*kind))
        for hashing, make in self.lacking_hashes.items():
            try:
                self.hashes[hashing] = make(*hashing)
            except (Overloaded, UnusablePassword, Refusal) as error:
                self.hashes[hashing] = error
        self.lacking_ids.clear()
        self.lacking_hashes.clear()

    def give_back(self, taken: Mapping[Kind, int]) -> None:
        """Leaves to others the ids that are behind those that were taken."""
        for kind, ids in self.ids.items():
            self.of_ids.give_back(*kind, ids[taken.get(kind, 0) :])
            del ids[taken.get(kind, 0) :]


@dataclass(slots=True, repr=False)
class Joint:
    """A transaction that several writes share. Where one has failed, it is undone.

    `failure` is that of the first that has; where it is a lost race, all is done again.
    """

    session: StoreSession
    supplies: Supplies
    taken: Counter[Kind] = field(default_factory=Counter)
    writes: int = 0
    failure: Exception | None = None

    @contextmanager
    def shared(self) -> Iterator[StoreSession]:
        """The session for one of the writes. Each flushes what it does, so that the others read it.

        :raises Refusal: 400 where there are too many.
        """
        self.writes += 1
        if self.writes > MOST_WRITES:
            message = f"at most {MOST_WRITES} are written as a whole: send fewer at once"
            raise Refusal.of(400, message, code="too_many")
        with self.noting_failure():
            yield self.session

    @contextmanager
    def noting_failure(self) -> Iterator[None]:
        """Notes what one of the writes raises, unless an earlier one has; what is made of it counts more."""
        earlier = self.failure
        try:
            yield
        except Exception as error:
            self.failure = earlier or error
            raise

    def take_id(self, store_id: int, kind: str) -> int:
        """A new id.

        :raises Raced: where there is none at hand; all will be done again.
        """
        row_id = self.supplies.id((store_id, kind), self.taken[store_id, kind])
        self.taken[store_id, kind] += 1
        return row_id

    def hash(self, make: Hash, password: str, hash_type: str, config: str | None) -> Hashed:
        """What is stored of a password; what stands for it until all is done again.

        :param make: makes it.
        :raises Exception: what `make` has raised.
        """
        made = self.supplies.hashes.get((password, hash_type, config))
        if made is None:
            self.supplies.lacking_hashes[password, hash_type, config] = make
            return unguessable(hash_type, config)
        if isinstance(made, Exception):
            raise made
        return made


_here = threading.local()


def current() -> Joint | None:
    """The transaction that this thread's writes share, if they do."""
    return getattr(_here, "joint", None)


@contextmanager
def joining(joint: Joint) -> Iterator[None]:
    """Meanwhile the writes of this thread share a transaction."""
    _here.joint = joint
    try:
        yield
    finally:
        _here.joint = None


def hashing(alone: Hash) -> Hash:
    """How passwords are hashed: as by `alone`, at once unless this thread's writes share a transaction."""
    joint = current()
    return alone if joint is None else partial(joint.hash, alone)
