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
from representations.body import DEEPEST

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


def scrubbed(value: Any, depth: int = 0) -> Any:
    """A document without passwords in clear text, card numbers, and what is nested too deep."""
    if isinstance(value, dict | list) and depth == DEEPEST:
        return None
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name.lower() not in LEFT_OUT}
        return {name: scrubbed(each, depth + 1) for name, each in kept.items()}
    if isinstance(value, list):
        return [scrubbed(each, depth + 1) for each in value]
    return masked(value) if isinstance(value, str) else value


def _require_replaceable(path: Path, source: os.stat_result) -> None:
    if not path.parent.is_dir():
        raise Misconfigured(f"--rejects {path}: there is no such folder")
    if not path.exists():
        return
    if os.path.samestat(path.stat(), source):
        raise Misconfigured(f"--rejects {path}: that is the file to be imported: name another")
    require_own(path, _BEGINNING)


def require_own(path: Path, beginning: re.Pattern[bytes]) -> None:
    """Refuses to replace what does not begin as a rejects file does; one that is empty loses nothing.

    :raises Misconfigured: naming it.
    """
    if path.is_file():
        with path.open("rb") as file:
            found = file.read(_MOST_TEXT)
        if not found or beginning.match(found):
            return
    raise Misconfigured(f"--rejects {path}: it is there, and is no rejects file: name another")


def _text(text: str) -> str:
    """What could not be read: nobody knows where in it a password stands."""
    shown = text[:_MOST_TEXT].encode(errors="replace").decode()
    return "" if "password" in text.lower() else shown
