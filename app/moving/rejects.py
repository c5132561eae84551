"""The rejects file: what was not taken, why, and the customer, to be mended and loaded from there.

It has hashes of passwords, without which nobody could load it, and is its owner's alone. It has no password
in clear text and no card number. Nothing else is ever replaced by one.
"""

import os
import re
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from app.cards import masked
from app.config import Misconfigured
from app.moving.files import private
from app.moving.lines import Reject
from app.resources.payment_method import CODES_ON_CARDS

MEMBERS = {"line", "reasons", "document"}
"""What a line of such a file has."""

LEFT_OUT = frozenset(
    {"password", "password_old", "forgot_password", "cc_number", "cc_token", *CODES_ON_CARDS}
)
_MOST_TEXT = 2000
_BEGINNING = re.compile(rb'\{"line":(?:\d+|"[^"]*"),"reasons":\{')


class Rejects:
    """Writes rejects; the file is there when there are some, and one of an earlier import is not when not.

    :param source: the file that is imported, as the system knows it.
    :raises Misconfigured: where the file would replace that one, or any that is no rejects file.
    """

    def __init__(self, path: Path | None, source: os.stat_result) -> None:
        if path:
            _require_replaceable(path, source)
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
        elif self._path and error is None and self._path.exists():
            self._path.unlink()

    def add(self, reject: Reject) -> None:
        """Writes one."""
        if self._path is None:
            return
        if self._file is None:
            self._file = private(self._path)
        line = reject.line
        document = line.whole()
        if document is None:
            document = _text(line.text)
        told = {"line": line.place, "reasons": dict(reject.reasons), "document": scrubbed(document)}
        self._file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE, default=str))


def scrubbed(value: Any) -> Any:
    """A document without passwords in clear text, and without card numbers."""
    if isinstance(value, dict):
        return {name: scrubbed(each) for name, each in value.items() if name.lower() not in LEFT_OUT}
    if isinstance(value, list):
        return [scrubbed(each) for each in value]
    return masked(value) if isinstance(value, str) else value


def _require_replaceable(path: Path, source: os.stat_result) -> None:
    if not path.parent.is_dir():
        raise Misconfigured(f"--rejects {path}: there is no such folder")
    if not path.exists():
        return
    if os.path.samestat(path.stat(), source):
        raise Misconfigured(f"--rejects {path}: that is the file to be imported: name another")
    if not path.is_file() or not _is_ours(path):
        raise Misconfigured(f"--rejects {path}: it is there, and is no rejects file: name another")


def _is_ours(path: Path) -> bool:
    """Whether it begins as a rejects file does; a file that holds nothing loses nothing."""
    with path.open("rb") as file:
        beginning = file.read(_MOST_TEXT)
    return not beginning or _BEGINNING.match(beginning) is not None


def _text(text: str) -> str:
    """What could not be read: nobody knows where in it a password stands."""
    shown = text[:_MOST_TEXT].encode(errors="replace").decode()
    return "" if "password" in text.lower() else shown
