"""What happens when writers race: the loser tries again, and what the database refuses is explained."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from sqlalchemy import Table, UniqueConstraint, exc
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.db.reader import Unavailable
from app.errors import Fault, Refusal
from app.hypermedia import ResourceType
from app.validation import said_of
from app.writing.joint import Raced as Raced
from app.writing.joint import current

TRIES = 6
"""The first and five more."""

FIRST_WAIT = 0.06
"""Seconds; each wait may be twice as long as the one before, or a crowd would only meet again."""

PATIENCE = 10.0
"""Seconds after which nothing is tried again: each try may have waited for a lock, and kept a thread."""

RETRIED = {"40001", "40P01", "55P03"}
"""PostgreSQL's names for a serialization failure, a deadlock and a lock that was waited for in vain: the
transaction may simply run again."""

Done = TypeVar("Done")


def attempted(attempt: Callable[[], Done], resource_type: ResourceType | None = None) -> Done:
    """What an attempt to write gives; where it loses a race it is made again.

    One that shares its transaction with others is made once: all of them will be made again.

    :param resource_type: that of the rows, where a value of theirs may be taken.
    :raises Refusal: 409 for a value that must be unique, 503 where it loses every time.
    :raises Unavailable: when the database does not answer.
    :raises Raced: where one that shares its transaction has lost a race.
    """
    if (joint := current()) is not None:
        with joint.noting_failure():
            return _attempted_once(attempt, resource_type)
    ends = time.monotonic() + PATIENCE
    for number in range(TRIES):
        if number:
            if time.monotonic() > ends:
                break
            time.sleep(random.uniform(0, FIRST_WAIT * 2 ** (number - 1)))  # noqa: S311 - no secret
        with suppress(Raced):
            return _attempted_once(attempt, resource_type)
    message = "too many are writing this at once: try again shortly"
    raise Refusal.of(503, message, headers={"Retry-After": "1"}, code="contended")


def _attempted_once(attempt: Callable[[], Done], resource_type: ResourceType | None) -> Done:
    try:
        return attempt()
    except StaleDataError as error:
        raise Raced from error
    except IntegrityError as error:
        raise _clash(error, resource_type) or Raced() from error
    except (OperationalError, InterfaceError) as error:
        if getattr(error.orig, "sqlstate", None) in RETRIED:
            raise Raced from error
        raise Unavailable(str(error.orig)) from error
    except exc.TimeoutError as error:
        raise Unavailable("all connections are in use") from error


@contextmanager
def watching(changed: Callable[[], bool]) -> Iterator[None]:
    """Takes a clash for a lost race where what the attempt had seen has changed meanwhile."""
    try:
        yield
    except IntegrityError as error:
        if current() is None and changed():  # a transaction that has failed reads no more
            raise Raced from error
        raise


def _clash(error: IntegrityError, resource_type: ResourceType | None) -> Refusal | None:
    """The refusal of a value that is taken; None where trying again will tell what is the matter."""
    if resource_type is None:
        return None
    broken = _broken(error, resource_type.table)
    if broken not in resource_type.clashes:
        return None
    name, text = resource_type.clashes[broken]
    return Refusal(409, (Fault(said_of(name, text), name, "taken"),))


def _broken(error: DBAPIError, table: Table) -> str:
    """The name of the index or constraint that the database held against a write."""
    named = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if named:
        return str(named)
    columns = re.findall(rf"\b{table.name}\.(\w+)", str(error.orig))
    return next((name for name, of in _unique(table) if of == columns), "")


def _unique(table: Table) -> Iterable[tuple[str, list[str]]]:
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [column.name for column in index.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), [column.name for column in constraint.columns]
