"""What happens to customers, transactions and subscriptions: noted in the transaction that does it.

The row of an event is there if the change is, and not otherwise. A worker turns it into deliveries, one
for each webhook that asked for such events.
"""

from app.events.notes import (
    CREATED,
    DELETED,
    MODIFIED,
    REFEED,
    UntoldDeletion,
    forget,
    has_recorded,
    note_changes,
    note_deletion,
    note_refeed,
    record,
)
from app.events.outbox import ALSO_WANTED_BY, Event

__all__ = [
    "ALSO_WANTED_BY",
    "CREATED",
    "DELETED",
    "MODIFIED",
    "REFEED",
    "Event",
    "UntoldDeletion",
    "forget",
    "has_recorded",
    "note_changes",
    "note_deletion",
    "note_refeed",
    "record",
]
