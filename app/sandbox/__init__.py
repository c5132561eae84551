"""The sandbox: two demo stores for trying Patron out, the same for people, documentation and tests.

Store 66 and its customer 115 are those of hAPI's own documentation.
"""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.config import Config, Misconfigured
from app.db.engine import open_engine
from app.db.ids import Ids
from app.db.migrate import upgrade
from app.db.sessions import store_session
from app.db.tables import StoreRow
from app.encryption import Cipher
from app.resources.customer import Customer
from app.resources.store import Store
from app.sandbox.rows import (
    CLIENT,
    CUSTOMER_ID,
    OTHER_STORE_ID,
    PASSWORD,
    STORE_ID,
    bookshop,
    documented,
    outfitter,
    stores,
)


def prepare(config: Config) -> None:
    """Brings the sandbox's database to the state of the code, and fills it on the first run."""
    upgrade(config.database_url)
    engine = open_engine(config.database_url)
    fill(engine, Cipher(str(config.secret_key)))
    engine.dispose()


def fill(engine: Engine, cipher: Cipher) -> bool:
    """Fills an empty database with the two stores; leaves one that has them as it is.

    :returns: whether there was anything to do.
    :raises Misconfigured: where the database holds stores that are not the sandbox's.
    """
    with Session(engine) as session:
        present = set(session.scalars(select(Store.id)))
    if present == {STORE_ID, OTHER_STORE_ID}:
        return False
    if present:
        raise Misconfigured("the database holds stores that are not the sandbox's: give the sandbox its own")
    with Session(engine) as session, session.begin():
        session.add_all(stores())
    _fill_store(engine, STORE_ID, [*documented(cipher), *bookshop()])
    _fill_store(engine, OTHER_STORE_ID, [*outfitter()])
    return True


def _fill_store(engine: Engine, store_id: int, rows: Sequence[StoreRow]) -> None:
    """Writes the rows, numbering those that have no id, and keeps all their ids from being used again."""
    ids = Ids(engine)
    largest: dict[str, int] = {}
    for row in rows:
        kind = row.__tablename__
        row.store_id = store_id
        row.id = row.id or largest.get(kind, 0) + 1
        largest[kind] = max(largest.get(kind, 0), row.id)
    for kind, last in largest.items():
        ids.reserve(store_id, kind, last)
    with store_session(engine, store_id) as session:
        session.add_all(row for row in rows if isinstance(row, Customer))
        session.flush()
        session.add_all(rows)


__all__ = ["CLIENT", "CUSTOMER_ID", "OTHER_STORE_ID", "PASSWORD", "STORE_ID", "fill", "prepare"]
