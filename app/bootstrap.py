"""Clients, users and stores that an operator makes: the first of them have nobody to ask over the wire."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.scopes import CLIENT_FULL_ACCESS, USER_FULL_ACCESS
from app.auth.tokens import new_token
from app.catalogue import Catalogue
from app.config import Config, Misconfigured
from app.db.engine import open_engine
from app.db.ids import Ids
from app.db.migrate import require_current
from app.db.reader import Reader, Unavailable
from app.encryption import Cipher
from app.errors import Refusal
from app.logs import configure_logs
from app.query import Query
from app.reading import Caller
from app.registries import joined
from app.resources import TYPES
from app.resources.client import Client
from app.resources.store import Store
from app.resources.user import User, UserStore
from app.writing import Request, Writer, Written, write_founded
from app.zones import zone
from representations import Body

OPERATOR = "patron"
"""The client of tokens that are made for none; such a token cannot be refreshed."""


def create(
    config: Config,
    kind: str,
    given: Mapping[str, Any],
    *,
    client: str | None = None,
    user_id: int | None = None,
    stores: Sequence[int] = (),
) -> dict[str, Any]:
    """Makes a client, a user or a store, as the API would, and tells what is told of it once.

    :param client: the `client_id` of the client that its token is for.
    :param user_id: the user whose store it becomes.
    :param stores: those of a new user.
    :raises Misconfigured: where that cannot be, one line for each fault.
    """
    properties = {name: value for name, value in given.items() if value is not None}
    owned = list(dict.fromkeys(stores))

    def told(written: Written) -> dict[str, Any]:
        row_id = written.resource.value("id")
        assert written.session is not None
        written.session.add_all(UserStore(user_id=row_id, store_id=each) for each in owned)
        if kind == "client":  # whose `client_id` is its name in OAuth
            return {"id": row_id, "client_id": written.resource.value("client_id"), **written.told}
        return {f"{kind}_id": row_id, **written.told}

    try:
        with _opened(config) as (writer, session):
            caller = _caller(session, client, user_id)
            _require(session, Store, owned)
            session.rollback()
            request = Request("POST", Body(properties))
            return write_founded(writer, writer.registry.types[kind], caller, request, Query(), told)
    except Refusal as refusal:
        raise Misconfigured("\n".join(fault.message for fault in refusal.faults)) from refusal
    except Unavailable as error:
        raise Misconfigured(f"the database does not answer: {error}") from error


@contextmanager
def _opened(config: Config) -> Iterator[tuple[Writer, Session]]:
    configure_logs()
    require_current(config.database_url)
    engine = open_engine(config.database_url, 2)
    reader, registry = Reader(engine), joined(TYPES, config.rels_href)
    cipher = Cipher(config.secret_key or new_token())  # with which nothing is encrypted here
    try:
        with Session(engine) as session:
            weak = config.allow_weak_hashes
            catalogue, ids = Catalogue(registry, reader, cipher), Ids(engine, block=1)
            yield (
                Writer(registry, catalogue, engine, reader, cipher, ids=ids, allow_weak_hashes=weak),
                session,
            )
    finally:
        reader.close()
        engine.dispose()


def _caller(session: Session, client: str | None, user_id: int | None) -> Caller:
    """As whom the operator asks: for a client, and for a user who is there."""
    scope, client_row = CLIENT_FULL_ACCESS, None
    if client is not None:
        client_row = session.scalar(select(Client.id).where(Client.client_id == client))
        if client_row is None:
            raise Refusal.of(404, f"client {client} does not exist.")
    if user_id is not None:
        _require(session, User, [user_id])
        scope = USER_FULL_ACCESS
    return Caller(0, client or OPERATOR, zone("UTC"), scope, client_row or 0, user_id or 0)


def _require(session: Session, row: type[Any], ids: Sequence[int]) -> None:
    there = set(session.scalars(select(row.id).where(row.id.in_(ids)))) if ids else set()
    missing = [f"{row.__tablename__} {each} does not exist." for each in ids if each not in there]
    if missing:
        raise Refusal.of(404, *missing)
