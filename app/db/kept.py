"""What each thread keeps of the database: its connection, and until when a statement may run on it."""

import threading
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.db.libpq import Libpq


class Deadline:
    """When the statement that a thread runs has run too long."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at = 0.0

    def has_passed(self) -> bool:
        """Whether it has."""
        return perf_counter() > self.at


class Kept(threading.local):
    """What each thread keeps."""

    def __init__(self) -> None:
        self.connection: Any = None
        self.libpq: Libpq | None = None
        """What asks PostgreSQL on that connection."""
        self.deadline = Deadline()
