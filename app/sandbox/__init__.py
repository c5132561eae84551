"""The sandbox: two demo stores for trying Patron out, the same for people, documentation and tests.

Store 66 and its customer 115 are those of hAPI's own documentation.
"""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.auth.tokens import Token
from app.config import Config, Misconfigured
from app.db.engine import open_engine
from app.db.ids import NO_STORE, IdBlock, Ids
from app.db.migrate import upgrade
from app.db.sessions import store_session
from app.db.tables import Base, StoreRow
from app.encryption import Cipher
from app.resources.customer import Customer
from app.resources.customer_portal_settings import CustomerPortalSettings
from app.resources.store import Store
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.sandbox.purchases import bookshop_purchases, outfitter_purchases
from app.sandbox.rows import (
    CLIENT,
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    OTHER_STORE_ID,
    PASSWORD,
    STORE_ID,
    bookshop,
    documented,
    outfitter,
    portal,
    stores,
)
from app.sandbox.subscriptions import bookshop_subscriptions


def prepare(config: Config) -> None:
    """Brings the sandbox's database to the state of the code, and fills it on the first run."""
    upgrade(config.database_url)
    engine = open_engine(config.database_url)
    fill(engine, Cipher(str(config.secret_key)))
    engine.dispose()


def fill(engine: Engine, cipher: Cipher) -> bool:
    """Fills an empty database with the two stores; one that has them gets what stores had not before.

    :returns: whether there was anything to do.
    :raises Misconfigured: where the database holds stores that are not the sandbox's.
    """
    ours = {STORE_ID, OTHER_STORE_ID}
    with Session(engine) as session:
        present = set(session.scalars(select(Store.id)))
        of_sandbox = select(Token.hash).where(Token.store_id == STORE_ID, Token.is_sandbox).limit(1)
        served = session.scalar(of_sandbox) is not None
    if present == ours or (present > ours and served):  # its users may have made more
        _add_portal(engine, cipher)
        _add_purchases(engine)
        _add_subscriptions(engine)
        return False
    if present:
        raise Misconfigured("the database holds stores that are not the sandbox's: give the sandbox its own")
    Ids(engine).reserve(NO_STORE, Store.__tablename__, OTHER_STORE_ID)
    with Session(engine) as session, session.begin():
        session.add_all(stores())
    _fill_store(engine, STORE_ID, [portal(cipher), *documented(cipher), *bookshop()])
    _fill_store(engine, OTHER_STORE_ID, [*outfitter()])
    _add_purchases(engine)
    _add_subscriptions(engine)
    return True


def _add_portal(engine: Engine, cipher: Cipher) -> None:
    """Opens the portal of a sandbox from before there were portals; one that was closed stays so."""
    if not _has_had(engine, STORE_ID, CustomerPortalSettings):
        _fill_store(engine, STORE_ID, [portal(cipher)])


def _add_purchases(engine: Engine) -> None:
    """Lets the sandbox's customers have bought something, as far as they are there and nobody has yet."""
    for store_id, purchases in ((STORE_ID, bookshop_purchases), (OTHER_STORE_ID, outfitter_purchases)):
        if not _has_had(engine, store_id, Transaction):
            with store_session(engine, store_id) as session:
                customers = session.scalars(select(Customer)).all()
            _fill_store(engine, store_id, [*purchases(customers)])


def _add_subscriptions(engine: Engine) -> None:
    """Lets customers of store 66 have subscribed, as far as they are there and nobody has yet."""
    if not _has_had(engine, STORE_ID, Subscription):
        with store_session(engine, STORE_ID) as session:
            customers = session.scalars(select(Customer)).all()
        _fill_store(engine, STORE_ID, [*bookshop_subscriptions(customers)])


def _has_had(engine: Engine, store_id: int, row: type[StoreRow]) -> bool:
    """Whether a store has ever had such rows."""
    had = select(IdBlock.kind).where(IdBlock.store_id == store_id, IdBlock.kind == row.__tablename__)
    with Session(engine) as session:
        return session.scalar(had) is not None


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
        for table in Base.metadata.sorted_tables:  # owners first
            session.add_all(row for row in rows if row.__table__ is table)
            session.flush()


__all__ = [
    "CLIENT",
    "CUSTOMER_EMAIL",
    "CUSTOMER_ID",
    "OTHER_STORE_ID",
    "PASSWORD",
    "STORE_ID",
    "fill",
    "prepare",
]
