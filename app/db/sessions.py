"""ORM sessions bound to one store: what they read and write is that store's, or refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria

from app import events
from app.db.tables import StoreRow
from app.db.tally import count_changes


class StoreSession(Session):
    """A session of one store. Its selects, updates and deletes see only that store's rows."""

    def __init__(self, engine: Engine, store_id: int) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.store_id = store_id


class ForeignRow(Exception):
    """A row of another store in this store's session."""


class UncountedWrite(Exception):
    """A statement that would insert or delete counted rows behind the counters' back."""


@contextmanager
def store_session(engine: Engine, store_id: int) -> Iterator[StoreSession]:
    """A unit of work in one store: committed at the end, rolled back on any exception."""
    with StoreSession(engine, store_id) as session, session.begin():
        yield session


@event.listens_for(StoreSession, "do_orm_execute")
def _bind_store(state: ORMExecuteState) -> None:
    session = state.session
    written = state.bind_mapper.class_ if state.bind_mapper and (state.is_delete or state.is_insert) else None
    if getattr(written, "tally", None) is not None:
        raise UncountedWrite(f"{written} rows are counted: write them one by one, or recount")
    if not isinstance(session, StoreSession) or state.is_column_load or state.is_relationship_load:
        return
    store_id = session.store_id

    def of_store(row: type[StoreRow]) -> Any:
        return row.store_id == store_id

    state.statement = state.statement.options(
        with_loader_criteria(StoreRow, of_store, include_aliases=True, propagate_to_loaders=True)
    )


@event.listens_for(StoreSession, "before_flush")
def _refuse_foreign_rows(session: StoreSession, _context: UOWTransaction, _instances: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, StoreRow):
            continue
        named: int | None = row.store_id  # not yet, where the row is new
        if named is None:
            row.store_id = session.store_id
        elif named != session.store_id:
            raise ForeignRow(f"{row!r} belongs to store {row.store_id}, not {session.store_id}")


@event.listens_for(StoreSession, "after_flush")
def _note(session: StoreSession, _context: UOWTransaction) -> None:
    rows = [(row, 1) for row in session.new] + [(row, -1) for row in session.deleted]
    count_changes(session, session.store_id, rows)
    events.note_changes(session)


@event.listens_for(StoreSession, "before_commit")
def _record(session: StoreSession) -> None:
    """Records what has happened, once all of it is written and its rows are locked."""
    if not session.in_nested_transaction():
        session.flush()
        events.record(session, session.store_id)


@event.listens_for(StoreSession, "after_rollback")
def _forget(session: StoreSession) -> None:
    events.forget(session)
