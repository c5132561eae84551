"""What belongs to nobody yet: a client, a user, a user's store. Each is made with a token for it.

The row, what links it and the token are one transaction: where one of them cannot be, nothing is.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import Event, audit
from app.auth.bearer import STRANGER
from app.auth.grants import PUBLIC_REFRESH_SECONDS, REFRESH_SECONDS, issue
from app.auth.scopes import CLIENT_FULL_ACCESS, STORE_FULL_ACCESS, USER_FULL_ACCESS
from app.auth.tokens import new_token, token_hash
from app.hypermedia import ResourceType
from app.query import Query
from app.reading import Caller
from app.resources.client import Client
from app.resources.store import Store
from app.resources.user import User, UserStore
from app.validation import checked
from app.writing.attempts import attempted
from app.writing.place import single
from app.writing.writer import Reply, Request, Writer, Written, said
from app.zones import zone

Done = TypeVar("Done")


def write_founded(
    writer: Writer,
    target: ResourceType,
    caller: Caller,
    request: Request,
    query: Query,
    reply: Reply[Done],
    require: Callable[[Session | None], None] = lambda _: None,
) -> Done:
    """Makes a client, a user or a store of the user who asks.

    :param require: refuses where there is no place for it, before anything and within the transaction.
    :raises Refusal: what cannot be written, and why.
    """

    def attempt() -> tuple[Done, int]:
        require(None)
        row, told = _new(writer, target, caller, request)
        with writer.session(caller) as session:
            require(session)
            session.add(row)
            session.flush()
            holder = _HOLDERS[type(row)](row, caller)
            _link(session, holder)
            told["token"] = _issue(session, holder, sandbox=writer.sandbox)
            resource = writer.catalogue.one(target, holder, row.id, query, writer.reader.within(session))
            written = Written(resource, said(target.rel, row.id, "created"), 201, session, told)
            return reply(written), row.id

    done, row_id = attempted(attempt, target)
    audit(
        _EVENTS[target.name],
        client="stranger" if caller is STRANGER else caller.client,
        address=request.address,
        resource=target.name,
        resource_id=row_id,
    )
    return done


_EVENTS: Mapping[str, Event] = {
    "client": "client_created",
    "user": "user_created",
    "store": "store_created",
}


def _new(
    writer: Writer, target: ResourceType, caller: Caller, request: Request
) -> tuple[Any, dict[str, Any]]:
    """The row, not yet written, and what is told of it now and can never be told again."""
    author = writer.author(caller, {}, request)
    given = checked(target, single(target, request) or {}, None, author, request.options)
    columns = target.row.columns(given, None, author)
    told: dict[str, Any] = {}
    if target.row is Client and not columns.get("is_public"):
        told["client_secret"] = new_token()
        columns["secret_hash"] = token_hash(told["client_secret"])
    if "is_sandbox" in target.table.c:
        columns["is_sandbox"] = writer.sandbox
    return writer.new_row(target, caller, columns), told


def _client(row: Any, _caller: Caller) -> Caller:
    return Caller(0, row.client_id, zone("UTC"), CLIENT_FULL_ACCESS, client_row=row.id)


def _user(row: Any, caller: Caller) -> Caller:
    return Caller(0, caller.client, zone("UTC"), USER_FULL_ACCESS, caller.client_row, row.id)


def _store(row: Any, caller: Caller) -> Caller:
    clocks = zone(row.timezone)
    return Caller(row.id, caller.client, clocks, STORE_FULL_ACCESS, caller.client_row, caller.user_id)


_HOLDERS: Mapping[type[Any], Callable[[Any, Caller], Caller]] = {Client: _client, User: _user, Store: _store}
"""Whom the token stands for that comes with a new row."""


def _link(session: Session, holder: Caller) -> None:
    """Makes a store one of its user's."""
    if holder.store_id and holder.user_id:
        session.add(UserStore(user_id=holder.user_id, store_id=holder.store_id))


def _issue(session: Session, holder: Caller, *, sandbox: bool) -> dict[str, Any]:
    """The tokens of a caller, as they are shown; to refresh one, there must be a client that can ask."""
    named = select(Client.id, Client.is_public).where(Client.client_id == holder.client)
    client_row, is_public = session.execute(named).first() or (None, False)
    issued = issue(
        session,
        scope=holder.scope.name,
        client=holder.client,
        client_row=client_row,
        user_id=holder.user_id or None,
        store_id=holder.store_id or None,
        is_sandbox=sandbox,
        with_refresh=client_row is not None,
        refresh_seconds=PUBLIC_REFRESH_SECONDS if is_public else REFRESH_SECONDS,
    )
    session.flush()
    return issued.members
