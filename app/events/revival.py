"""A webhook is switched on again: what could not be told while it was off, or before, is told now."""

import time

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db.tables import Base, now
from app.events.states import FAILED, PENDING, SUCCESSFUL


def revive(session: Session, store_id: int, webhook_id: int) -> int:
    """Lets what waits for a webhook be told at once, and what was given up again; tells how much that is.

    What a later delivery of the same resource has overtaken stays as it is: it would be older than what the
    receiver knows.
    """
    status = Base.metadata.tables["webhook_status"]
    theirs = (status.c.store_id == store_id, status.c.webhook_id == webhook_id)
    resource = (status.c.resource_type, status.c.resource_id)
    given_up = session.execute(
        select(status.c.id, *resource, status.c.sequence).where(*theirs, status.c.status == FAILED)
    ).all()
    heard: dict[tuple[str, int], int] = {}
    if given_up:
        latest = select(*resource, func.max(status.c.sequence)).where(*theirs, status.c.status == SUCCESSFUL)
        heard = {(row[0], row[1]): row[2] for row in session.execute(latest.group_by(*resource))}
    again = [each[0] for each in given_up if heard.get((each[1], each[2]), -1) < each[3]]
    anew = {
        "attempts": 0,
        "begun_at": None,
        "next_at": int(time.time()),
        "version": status.c.version + 1,
        "date_modified": now(),
    }
    told = 0
    for first in range(0, len(again), _AT_ONCE):
        some = status.c.id.in_(again[first : first + _AT_ONCE])
        failed = update(status).where(*theirs, some).values(status=PENDING, lease=None, lease_until=0, **anew)
        told += session.connection().execute(failed).rowcount
    waiting = update(status).where(*theirs, status.c.status == PENDING).values(anew)
    return told + session.connection().execute(waiting).rowcount


_AT_ONCE = 500
