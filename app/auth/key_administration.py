"""API keys as an operator makes, lists and revokes them: a key itself is told once, to who makes it."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, CursorResult, Engine, false, select, update
from sqlalchemy.orm import Session

from app.audit import audit
from app.auth.administration import moment_of, shown_moment
from app.auth.api_keys import PERMISSIONS, VIEW, ApiKey
from app.auth.tokens import token_hash
from app.config import Misconfigured
from app.resources.store import Store

COLUMNS = ("name", "label", "store", "account_code", "permissions", "created", "revoked")

_ID = re.compile("[0-9]{1,18}", re.ASCII)
_NAME = re.compile("[0-9a-f]{32}")
_LABEL = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,100}")


def create_key(engine: Engine, store: str, label: str, permissions: Sequence[str]) -> dict[str, Any]:
    """Makes a key, and tells all of it.

    :param store: the store's id, or its account code; a number is an id.
    :raises Misconfigured: where there is no such store, or a permission makes no sense.
    """
    wanted = [each for each in PERMISSIONS if each in permissions]
    if unknown := sorted(set(permissions) - set(PERMISSIONS)):
        raise Misconfigured(f"{', '.join(unknown)}: permissions are {', '.join(PERMISSIONS)}")
    if VIEW not in wanted:
        raise Misconfigured(f"{VIEW} must be among the permissions: every other needs it too")
    if not _LABEL.fullmatch(label):
        raise Misconfigured("the label must have from 1 to 100 characters, all of them printable")
    with Session(engine) as session, session.begin():
        named = _named(store) if _is_text(store) else false()
        found = session.execute(select(Store.id, Store.code).where(named)).first()
        if found is None:
            raise Misconfigured(f"no store has the id or the account code {store!r}")
        key, row = new_key(found.id, label, wanted)
        session.add(row)
        session.flush()
        name = row.name
    audit("api_key_created", store_id=found.id, grant=name)
    told = {"store_id": found.id, "account_code": found.code, "api_key": key}
    return told | {"name": name, "label": label, "permissions": wanted}


def new_key(
    store_id: int, label: str, permissions: Sequence[str], *, is_sandbox: bool = False
) -> tuple[str, ApiKey]:
    """A key, and the row that will know it: random enough that none can be guessed."""
    key = str(uuid4())
    may = ",".join(permissions)
    row = ApiKey(hash=token_hash(key), store_id=store_id, label=label, permissions=may, is_sandbox=is_sandbox)
    return key, row


def keys(engine: Engine, *, ended: bool) -> Iterator[tuple[str, ...]]:
    """A line for each key, the newest last, as `COLUMNS` names them.

    :param ended: also those that have been revoked.
    """
    columns = (ApiKey.name, ApiKey.label, ApiKey.store_id, Store.code, ApiKey.permissions)
    wanted = (
        select(*columns, ApiKey.date_created, ApiKey.revoked_at)
        .join_from(ApiKey, Store, Store.id == ApiKey.store_id)
        .order_by(ApiKey.date_created, ApiKey.name)
    )
    if not ended:
        wanted = wanted.where(ApiKey.revoked_at.is_(None))
    with Session(engine) as session:
        for *said, created, revoked in session.execute(wanted):
            yield (*map(str, said), shown_moment(created), shown_moment(moment_of(revoked)))


def revoke_key(engine: Engine, named: str) -> bool:
    """Ends a key, by its name, or one that somebody has found.

    :returns: whether there was one that had not ended already.
    """
    found = ApiKey.name == named if _NAME.fullmatch(named) else ApiKey.hash == token_hash(named)
    with Session(engine) as session, session.begin():
        whose = session.execute(select(ApiKey.name, ApiKey.store_id).where(found)).first()
        ending = update(ApiKey).where(found, ApiKey.revoked_at.is_(None)).values(revoked_at=int(time.time()))
        ended: CursorResult[Any] = session.execute(ending)  # type: ignore[assignment]
        if whose is None or not ended.rowcount:
            return False
    audit("api_key_revoked", reason="operator", store_id=whose.store_id, grant=whose.name)
    return True


def _named(store: str) -> ColumnElement[bool]:
    """By its id where that may be one: a store's code is what its owner has chosen."""
    return Store.id == int(store) if _ID.fullmatch(store) else Store.code == store


def _is_text(given: str) -> bool:
    """Whether what was typed is text at all: a terminal may hand over any bytes."""
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in given
