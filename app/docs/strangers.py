"""Who looks at examples without a token: in a sandbox whoever likes, elsewhere nobody."""

from collections.abc import Callable

from sqlalchemy import Integer, bindparam, select

from app.auth.bearer import STRANGER
from app.auth.scopes import STORE_FULL_ACCESS, Reach
from app.db.reader import Reader
from app.reading import Caller
from app.resources.store import Store
from app.sandbox.rows import STORE_ID
from app.zones import zone

Strangers = Callable[[Reach], Caller | None]


def strangers(reader: Reader, *, sandbox: bool) -> Strangers:
    """Who asks for examples of some reach without a token, where there are any for them to see.

    In a sandbox that is the first store, which is there for everybody to try.
    """
    timezone = select(Store.timezone).where(Store.id == bindparam("store", type_=Integer))
    lookup = reader.prepare(timezone)

    def stranger(reach: Reach) -> Caller | None:
        if not sandbox or reach == "user":
            return None
        if reach == "client":
            return STRANGER
        rows = reader.run(lookup, {"store": STORE_ID})
        return Caller(STORE_ID, "", zone(rows[0][0]), STORE_FULL_ACCESS) if rows else None

    return stranger
