"""Statements on a kept PostgreSQL connection, asked for through libpq itself.

Each is prepared once; its parameters and what it finds go as text, and psycopg makes values of that. A cursor
of psycopg's first finds out how each parameter is to be sent and which plan a text has, on every execution:
that is a fifth of what a GET of one customer costs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

MOST_PREPARED = 250
"""How many statements a connection keeps, those that were asked for last: the server has memory for each."""


class Libpq:
    """Runs statements on a connection, which nobody else uses meanwhile.

    A transaction is undone by `command`: behind a cursor's ROLLBACK psycopg ends all that was prepared.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._names: dict[str, bytes] = {}
        self._numbers = count()
        self._transformer = Transformer(connection)

    def command(self, words: bytes) -> None:
        """Begins or ends a transaction: nothing is found.

        :raises psycopg.Error: as a cursor would.
        """
        self._checked(self._connection.pgconn.exec_(words), ExecStatus.COMMAND_OK)

    def rows(self, text: str, values: Sequence[Any]) -> list[Any]:
        """What a statement finds.

        :param text: with `%s` for each of the values.
        :raises psycopg.Error: as a cursor would.
        """
        try:
            sent: list[Any] = [_AS_TEXT[value.__class__](value) for value in values]
        except KeyError:  # of another kind, or with a NUL: psycopg knows what becomes of it
            return self._connection.execute(text, values).fetchall()
        name = self._names.pop(text, None) or self._prepared(text)
        self._names[text] = name
        found = self._checked(self._connection.pgconn.exec_prepared(name, sent), ExecStatus.TUPLES_OK)
        self._transformer.set_pgresult(found)
        return self._transformer.load_rows(0, found.ntuples, tuple)

    def _prepared(self, text: str) -> bytes:
        pgconn = self._connection.pgconn
        if len(self._names) >= MOST_PREPARED:
            longest_unasked = self._names.pop(next(iter(self._names)))
            self.command(b"DEALLOCATE " + longest_unasked)
        name = b"patron_%d" % next(self._numbers)
        self._checked(pgconn.prepare(name, _numbered(text).encode()), ExecStatus.COMMAND_OK)
        return name

    def _checked(self, result: PGresult, wanted: ExecStatus) -> PGresult:
        if result.status == wanted:
            return result
        error = error_from_result(result)
        is_over = self._connection.pgconn.status != ConnStatus.OK
        if is_over or isinstance(error, InvalidSqlStatementName):  # what was prepared is gone, as by DISCARD
            raise OperationalError(result.error_message.decode(errors="replace"))
        raise error


def _numbered(text: str) -> str:
    """The text as the server takes it: `$1` for the first `%s`, and so on; `%%` is a percent sign."""
    numbers = count(1)
    return re.sub("%([%s])", lambda found: "%" if found[1] == "%" else f"${next(numbers)}", text)


def _text(value: str) -> bytes:
    if "\0" in value:
        raise KeyError
    return value.encode()


_AS_TEXT: Mapping[type, Callable[[Any], bytes | None]] = {
    str: _text,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    type(None): lambda _: None,
}
