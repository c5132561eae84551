"""The rejects file: what was not taken, why, and the customer, to be mended and loaded from there.

It has hashes of passwords, without which nobody could load it, and is its owner's alone. It has no password
in clear text and no card number.
"""

from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from app.cards import masked
from app.moving.files import private
from app.moving.lines import Reject
from app.resources.payment_method import CODES_ON_CARDS

MEMBERS = {"line", "reasons", "document"}
"""What a line of such a file has."""

LEFT_OUT = frozenset(
    {"password", "password_old", "forgot_password", "cc_number", "cc_token", *CODES_ON_CARDS}
)
_MOST_TEXT = 2000


class Rejects:
    """Writes rejects; the file is there when there are some."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, reject: Reject) -> None:
        """Writes one."""
        if self._path is None:
            return
        if self._file is None:
            self._file = private(self._path)
        line = reject.line
        document = line.document if line.document is not None else _text(line.text)
        told = {"line": line.place, "reasons": dict(reject.reasons), "document": scrubbed(document)}
        self._file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE, default=str))


def scrubbed(value: Any) -> Any:
    """A document without passwords in clear text, and without card numbers."""
    if isinstance(value, dict):
        return {name: scrubbed(each) for name, each in value.items() if name.lower() not in LEFT_OUT}
    if isinstance(value, list):
        return [scrubbed(each) for each in value]
    return masked(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    """What could not be read: nobody knows where in it a password stands."""
    shown = text[:_MOST_TEXT].encode(errors="replace").decode()
    return "" if "password" in text.lower() else shown
