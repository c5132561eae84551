"""How Alembic runs: against the database of `app.db.migrate`, one migration at a time."""

from alembic import context
from sqlalchemy import Connection

from app.auth.api_keys import ApiKey
from app.auth.tokens import AuthorizationCode, Token
from app.db.engine import unguarded_engine
from app.db.ids import IdBlock
from app.db.tables import Base
from app.db.tally import Tally
from app.db.types import Ciphertext, Json, Moment
from app.delays import SignInFailure
from app.events import Event
from app.idempotency import IdempotencyKey
from app.keeping.erasure import Erasure
from app.portal.sessions import CustomerSession
from app.resources import TYPES
from app.resources.client import Client
from app.resources.user import User, UserStore
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus

TABLES = (
    Token,
    AuthorizationCode,
    ApiKey,
    Client,
    User,
    UserStore,
    IdBlock,
    IdempotencyKey,
    SignInFailure,
    CustomerSession,
    Tally,
    Event,
    Webhook,
    WebhookStatus,
    WebhookLog,
    Erasure,
    *(each.row for each in TYPES),
)
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


def make_room(connection: Connection) -> None:
    """Lets SQLite's tables be made anew: dropping one would delete what belongs to its rows."""
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")


def require_owners(connection: Connection) -> None:
    """Holds the foreign keys at the end, where SQLite did not hold them meanwhile."""
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise RuntimeError(f"rows of {orphans[0][0]} would name what is not there: nothing is changed")


def render(kind: str, item: object, _: object) -> str | bool:
    """How a new migration writes our own column types: as what they store, for the types may change."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, Ciphertext):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = unguarded_engine(context.config.attributes["url"])
    with engine.connect() as opened:
        make_room(opened)
        with opened.begin():
            run(opened)
            require_owners(opened)
    engine.dispose()
