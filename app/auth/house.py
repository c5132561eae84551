"""Who a sandbox asks itself as, for people who look at it: its first store, without any token."""

from sqlalchemy import bindparam, select

from app.auth.scopes import STORE_FULL_ACCESS, Scope
from app.db.reader import Reader
from app.reading import Caller
from app.resources.store import Store
from app.zones import zone


class House:
    """The sandbox's first store, and the client through which it is asked."""

    def __init__(self, reader: Reader, store_id: int, client: str) -> None:
        self._reader = reader
        self._store_id, self._client = store_id, client
        self._lookup = reader.prepare(select(Store.timezone).where(Store.id == bindparam("id")))

    def caller(self, scope: Scope = STORE_FULL_ACCESS) -> Caller | None:
        """A caller of this scope; None where there is no such store any more."""
        timezone = self._reader.recalled(("house",), self._timezone)
        return Caller(self._store_id, self._client, zone(timezone), scope) if timezone else None

    def _timezone(self) -> str | None:
        rows = self._reader.run(self._lookup, {"id": self._store_id})
        return str(rows[0][0]) if rows else None
