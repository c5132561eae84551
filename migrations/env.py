"""How Alembic runs: against the database of `app.db.migrate`, one migration at a time."""

from alembic import context
from sqlalchemy import Connection

from app.auth.tokens import Token
from app.db.engine import unguarded_engine
from app.db.ids import IdBlock
from app.db.tables import Base
from app.db.tally import Tally
from app.db.types import Ciphertext, Moment
from app.idempotency import IdempotencyKey
from app.resources import TYPES

TABLES = (Token, IdBlock, IdempotencyKey, Tally, *(each.row for each in TYPES))
LOCK = 7_285_012  # any number that no other application locks


def run(connection: Connection) -> None:
    """Migrates on this connection; on PostgreSQL two servers that start at once take turns."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


def render(kind: str, item: object, _: object) -> str | bool:
    """How a new migration writes our own column types: as what they store, for the types may change."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, Ciphertext):
        return f"sa.String(length={item.length})"
    return False


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = unguarded_engine(context.config.attributes["url"])
    with engine.begin() as opened:
        run(opened)
    engine.dispose()
