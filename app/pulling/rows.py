"""Rows of declared types as they stood elsewhere, written into a store: ids and dates kept, nobody told.

A row that is there already is found by its id, or among its owner's by what names it. One that was changed
here since it was changed there is left alone; else it is brought in line. Nothing is deleted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.db.ids import Ids, is_id
from app.db.sessions import StoreSession, store_session
from app.db.tables import StoreRow
from app.db.types import Ciphertext
from app.encryption import Cipher
from app.events import forget
from app.hypermedia import ResourceType

Done = TypeVar("Done")

End = Literal["created", "changed", "unchanged", "newer here"]
"""What became of a resource."""


class Another(Exception):
    """What is to be written clashes with what is here; the text says how."""


@dataclass(slots=True)
class Incoming:
    """One resource: its columns, secrets in clear; those that are set `at_first` only, when it is created.

    `groups` are what belongs to it.
    """

    type: ResourceType
    href: str
    id: int | None
    columns: dict[str, Any]
    groups: "list[Group]" = field(default_factory=list)
    at_first: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """What belongs to one, named in the column `key`; told apart by its id, or by what is in `named_by`."""

    key: str
    named_by: tuple[str, ...]
    members: list[Incoming]


class _Lacking(Exception):
    """A new id is needed, and there is none at hand."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Rows:
    """Writes rows of one store."""

    def __init__(self, engine: Engine, store_id: int, cipher: Cipher) -> None:
        self._engine, self._store_id, self._cipher = engine, store_id, cipher
        self._ids = Ids(engine)
        self._spare: dict[str, list[int]] = {}

    def write(self, several: Sequence[Incoming]) -> Iterator[tuple[Incoming, End | str, bool]]:
        """Writes them in one transaction, or, where one of them fails, each in its own.

        :returns: each with what became of it, or why it was not written, and whether it is here.
        """
        try:
            yield from [(each, end, True) for each, end in zip(several, self._together(several), strict=True)]
        except (Another, DataError, IntegrityError, StaleDataError):
            for each in several:
                try:
                    yield each, self._together([each])[0], True
                except Another as another:
                    yield each, str(another), False
                except (DataError, IntegrityError, StaleDataError):
                    yield each, "clashes with what is here", False

    def write_group(self, group: Group) -> None:
        """Writes what belongs to the store itself."""
        self._reserve(group.members)
        self._in_transaction(len(group.members), lambda settling: settling.settle_group(group, None))

    def _together(self, several: Sequence[Incoming]) -> list[End]:
        self._reserve(several)
        return self._in_transaction(len(several), lambda each: [each.settle(one) for one in several])

    def _in_transaction(self, number: int, work: "Callable[[_Settling], Done]") -> "Done":
        """What some work gives; it is done over where it needs more new ids than are at hand."""
        while True:
            try:
                with store_session(self._engine, self._store_id) as session:
                    done = work(_Settling(session, self._cipher, self._spare))
                    session.flush()
                    forget(session)  # it has happened elsewhere, and has been told there
            except _Lacking as lacking:
                taken = [self._ids.take(self._store_id, lacking.kind) for _ in range(number)]
                self._spare.setdefault(lacking.kind, []).extend(taken)
            else:
                return done

    def _reserve(self, several: Sequence[Incoming]) -> None:
        """Keeps the ids that come along from being handed out to others."""
        brought = defaultdict[str, list[int]](list)
        for each in _all(several):
            if each.id is not None:
                brought[each.type.row.__tablename__].append(each.id)
        for kind, ids in brought.items():
            self._ids.reserve(self._store_id, kind, *ids)


def _all(several: Sequence[Incoming]) -> Iterator[Incoming]:
    for each in several:
        yield each
        for group in each.groups:
            yield from _all(group.members)


class _Settling:
    """One transaction's rows."""

    def __init__(self, session: StoreSession, cipher: Cipher, spare: dict[str, list[int]]) -> None:
        self._session, self._cipher = session, cipher
        self._spare = {kind: list(ids) for kind, ids in spare.items()}
        self._fresh: dict[tuple[str, int], StoreRow] = {}

    def settle(self, incoming: Incoming) -> End:
        """Writes one that belongs to the store itself.

        :raises Another: where it cannot have its id.
        """
        if incoming.id is None or not is_id(incoming.id):
            raise Another(f"its id {incoming.id or ''} cannot be kept")
        row = self._row(incoming, incoming.id)
        if row is not None and _differ(row.date_created, incoming.columns.get("date_created")):
            raise Another(f"its id {incoming.id} is another {incoming.type.rel}'s here")
        if row is None:
            row, end = self._add(incoming, incoming.id), "created"
        else:
            end = self._bring_in_line(row, incoming)
        below = [self.settle_group(group, row.id) for group in incoming.groups]
        return end if end != "unchanged" or not any(below) else "changed"  # type: ignore[return-value]

    def settle_group(self, group: Group, owner_id: int | None) -> int:
        """Writes what belongs to one; tells how many rows that has changed.

        :param owner_id: None where the owner is the store.
        """
        if not group.members:
            return 0
        table: Any = group.members[0].type.row
        here = select(table).where(table.store_id == self._session.store_id)
        if owner_id is not None:
            here = here.where(getattr(table, group.key) == owner_id)
        elif (narrowed := group.members[0].type.set_apart_by) is not None:
            here = here.where(*(getattr(table, name).is_(None) for name in narrowed))
        left = list(self._session.scalars(here))
        changed = 0
        own = {} if owner_id is None else {group.key: owner_id}
        for member in sorted(group.members, key=lambda each: _at(left, each) is None):
            member.columns |= own
            found = _at(left, member)
            row = found if found is not None else _named(left, member, group.named_by)
            if row is None:
                self._add(member, self._id_for(member))
                changed += 1
            else:
                left.remove(row)
                changed += self._bring_in_line(row, member) == "changed"
        return changed

    def _row(self, incoming: Incoming, row_id: int) -> StoreRow | None:
        row_type: Any = incoming.type.row
        fresh = self._fresh.get((row_type.__tablename__, row_id))
        found: StoreRow | None = fresh or self._session.get(row_type, (self._session.store_id, row_id))
        return found

    def _id_for(self, incoming: Incoming) -> int:
        """Its own id where that is free, else a new one."""
        own = incoming.id
        if own is not None and is_id(own) and self._row(incoming, own) is None:
            return own
        kind = incoming.type.row.__tablename__
        while spare := self._spare.get(kind):
            taken = spare.pop(0)
            if self._row(incoming, taken) is None:
                return taken
        raise _Lacking(kind)

    def _add(self, incoming: Incoming, row_id: int) -> StoreRow:
        row_type: Any = incoming.type.row
        first = incoming.columns | incoming.at_first
        columns = {name: self._sealed(row_type, name, value) for name, value in first.items()}
        row: StoreRow = row_type(store_id=self._session.store_id, id=row_id, **columns)
        self._session.add(row)
        self._fresh[row_type.__tablename__, row_id] = row
        return row

    def _bring_in_line(self, row: StoreRow, incoming: Incoming) -> End:
        theirs = incoming.columns.get("date_modified")
        if row.date_modified and (theirs is None or row.date_modified > theirs):
            return "newer here" if self._differing(row, incoming.columns) else "unchanged"
        differing = self._differing(row, incoming.columns)
        for name, value in differing.items():
            setattr(row, name, self._sealed(type(row), name, value))
        return "changed" if differing else "unchanged"

    def _differing(self, row: StoreRow, columns: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in columns.items() if self._opened(row, name) != value}

    def _opened(self, row: StoreRow, name: str) -> Any:
        stored = getattr(row, name)
        return self._cipher.decrypt(stored) if _is_sealed(type(row), name) else stored

    def _sealed(self, row_type: type[Any], name: str, value: Any) -> Any:
        return self._cipher.encrypt(value) if value and _is_sealed(row_type, name) else value


def _is_sealed(row_type: type[Any], name: str) -> bool:
    return isinstance(row_type.__table__.c[name].type, Ciphertext)


def _differ(one: datetime | None, other: datetime | None) -> bool:
    """Whether two moments are known and not the same."""
    return one is not None and other is not None and one != other


def _at(rows: Sequence[Any], incoming: Incoming) -> Any:
    return next((each for each in rows if each.id == incoming.id), None)


def _named(rows: Sequence[Any], incoming: Incoming, names: tuple[str, ...]) -> Any:
    wanted = [incoming.columns.get(name) for name in names]
    return next((each for each in rows if [getattr(each, name) for name in names] == wanted), None)
