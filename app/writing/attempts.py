"""What happens when writers race: the loser tries again, and what the database refuses is explained."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Table, UniqueConstraint, exc
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.db.reader import Unavailable
from app.errors import Fault, Refusal
from app.hypermedia import ResourceType
from app.validation import said_of

TRIES = 6
"""The first and five more."""

FIRST_WAIT = 0.06
"""Seconds; each wait may be twice as long as the one before, or a crowd would only meet again."""

RETRIED = {"40001", "40P01"}
"""PostgreSQL's names for a serialization failure and a deadlock: the transaction may simply run again."""

Done = TypeVar("Done")


class Raced(Exception):
    """Somebody else has written what was about to be written; look again."""


def attempted(attempt: Callable[[], Done], resource_type: ResourceType | None = None) -> Done:
    """What an attempt to write gives; where it loses a race it is made again.

    :param resource_type: that of the rows, where a value of theirs may be taken.
    :raises Refusal: 409 for a value that must be unique, 503 where it loses every time.
    :raises Unavailable: when the database does not answer.
    """
    for number in range(TRIES):
        if number:
            time.sleep(random.uniform(0, FIRST_WAIT * 2 ** (number - 1)))  # noqa: S311 - no secret
        try:
            return attempt()
        except (Raced, StaleDataError):
            continue
        except IntegrityError as error:
            clash = _clash(error, resource_type)
            if clash is not None:
                raise clash from error
        except (OperationalError, InterfaceError) as error:
            if getattr(error.orig, "sqlstate", None) not in RETRIED:
                raise Unavailable(str(error.orig)) from error
        except exc.TimeoutError as error:
            raise Unavailable("all connections are in use") from error
    message = "too many are writing this at once: try again shortly"
    raise Refusal.of(503, message, headers={"Retry-After": "1"}, code="contended")


@contextmanager
def watching(changed: Callable[[], bool]) -> Iterator[None]:
    """Takes a clash for a lost race where what the attempt had seen has changed meanwhile."""
    try:
        yield
    except IntegrityError as error:
        if changed():
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
