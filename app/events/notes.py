"""What a transaction does to what is told: noted as it is flushed, and recorded once before the commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.db.tables import StoreRow
from app.events.outbox import Told, put
from app.events.parts import Part, parts, table_of, told
from app.events.revival import revive

CREATED, MODIFIED, DELETED, REFEED = "created", "modified", "deleted", "refeed"


class UntoldDeletion(Exception):
    """A row is deleted of which webhooks are to be told, and nobody has said what it was."""


def note_changes(session: Session) -> None:
    """Notes what a flush has written of what is told. To be called behind it, while it is still known."""
    for row in session.new:
        _note(session, row, CREATED)
    for row in session.dirty:
        if isinstance(row, StoreRow) and _is_changed(row):
            _note(session, row, row.change())
            if row.wakes():
                _notes(session).woken.add(row.id)
    for row in session.deleted:
        _note(session, row, DELETED)


def note_deletion(session: Session, row: StoreRow, payloads: Mapping[int, str]) -> None:
    """Notes what is told of a row that is about to be deleted: to each webhook by its id what it asks for."""
    notes = _notes(session)
    notes.deleted.add((row.__tablename__, row.id))
    notes.aimed += [
        Told(row.__tablename__, row.id, DELETED, webhook, payload) for webhook, payload in payloads.items()
    ]


def note_refeed(session: Session, resource: str, row_id: int, webhook_ids: Iterable[int]) -> None:
    """Notes that these webhooks are told of a resource again."""
    _notes(session).aimed += [Told(resource, row_id, REFEED, webhook) for webhook in webhook_ids]


def record(session: Session, store_id: int) -> None:
    """Writes the events of what has been noted: one of each resource, and those for single webhooks.

    A store without webhooks that could want them has none. What waits for a webhook that is switched on
    again goes out with them. To be called last in a transaction.

    :raises UntoldDeletion: where it deletes what was not noted.
    """
    notes: _Notes | None = session.info.pop(_NOTES, None)
    if notes is None:
        return
    changes = _resolved(session, store_id, notes)
    happened = [Told(*of, done) for of, done in changes.items()] + notes.aimed
    revived = sum(revive(session, store_id, webhook) for webhook in notes.woken)
    if (happened and put(session, store_id, happened)) or revived:
        session.info[_RECORDED] = True


def forget(session: Session) -> None:
    """Forgets what was noted of a transaction that is rolled back."""
    session.info.pop(_NOTES, None)
    session.info.pop(_RECORDED, None)


def has_recorded(session: Session) -> bool:
    """Whether the session's transaction has left something to be told."""
    return _RECORDED in session.info


_NOTES, _RECORDED = "noted_changes", "recorded_events"


@dataclass(slots=True)
class _Notes:
    """What a transaction has done so far: to resources by their ids, and to those that name a part."""

    changes: dict[tuple[str, int], str] = field(default_factory=dict)
    parts: set[tuple[Part, int]] = field(default_factory=set)
    aimed: list[Told] = field(default_factory=list)
    deleted: set[tuple[str, int]] = field(default_factory=set)
    woken: set[int] = field(default_factory=set)


def _notes(session: Session) -> _Notes:
    notes: _Notes = session.info.setdefault(_NOTES, _Notes())
    return notes


def _is_changed(row: StoreRow) -> bool:
    """Whether a value is not what it was; `Session.is_modified` looks at all that have not been set."""
    state: Any = inspect(row)
    return any(state.dict.get(name) != was for name, was in state.committed_state.items())


def _note(session: Session, row: object, done: str) -> None:
    row_type: type[Any] = type(row)
    for part in parts(row_type):  # type: ignore[arg-type] # a class is hashable
        value = getattr(row, part.column)
        if value is None:
            continue
        notes = _notes(session)
        if part.named_in != "id":
            notes.parts.add((part, value))
        else:
            _add(notes, (part.resource.__tablename__, value), done if part.is_itself else MODIFIED)


_WEIGHT = {MODIFIED: 0, CREATED: 2, DELETED: 3}
"""Of several changes of one resource the weightiest is told. Other words weigh more than `modified`."""


def _add(notes: _Notes, of: tuple[str, int], done: str) -> None:
    known = notes.changes.get(of, done)
    notes.changes[of] = max(known, done, key=lambda each: _WEIGHT.get(each, 1))


def _resolved(session: Session, store_id: int, notes: _Notes) -> dict[tuple[str, int], str]:
    """What has become of each resource; a deletion is told to each webhook on its own."""
    for part, value in notes.parts:
        table = table_of(part.resource)
        such = (table.c.store_id == store_id, table.c[part.named_in] == value)
        for row_id in session.scalars(select(table.c.id).where(*such)):
            _add(notes, (part.resource.__tablename__, row_id), MODIFIED)
    for of in [of for of, done in notes.changes.items() if done == DELETED]:
        del notes.changes[of]
        if of not in notes.deleted and DELETED in told()[of[0]].told:
            raise UntoldDeletion(f"{of[0]} {of[1]} is deleted: note_deletion says what is told of it")
    return notes.changes
