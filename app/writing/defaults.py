"""Defaults: where a row becomes that which one of its owner's rows alone may be, another ceases to be it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.db.sessions import StoreSession
from app.db.tables import Base, StoreRow
from app.writing.writer import change


def make_way(session: StoreSession, row: Base, columns: Mapping[str, Any]) -> None:
    """Takes from the owner's other rows the flags that this one is about to get and that are exclusive."""
    if not isinstance(row, StoreRow):
        return
    for flag in filter(columns.get, row.exclusive):
        key = row.exclusive[flag]
        of: Any = type(row)
        owner = getattr(row, key)
        holding = select(of).where(of.store_id == session.store_id, getattr(of, key) == owner)
        for each in session.scalars(holding.where(getattr(of, flag), of.id != row.id)):
            change(each, {flag: False})
        session.flush()
