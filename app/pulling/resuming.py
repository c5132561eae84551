"""How far a pull has come, kept in a file, so that the next goes on there; and what it could not take.

Neither file holds a token. Both are for their owner alone: addresses in them may say what somebody is called.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.config import Misconfigured
from app.moving.rejects import require_own

OWNERS = 0o600
_BEGINNING = re.compile(rb'\{"kind":"[^"]*","href":')


@dataclass
class State:
    """How far it has come. `done` are the parts that are over; `next_href` is the next page of `part`.

    `mapped` are the ids of customers who were here already under their email, by their ids there.
    """

    file: Path
    url: str
    store: int
    done: list[str] = field(default_factory=list)
    part: str = ""
    next_href: str | None = None
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    mapped: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, file: Path, url: str, store: int) -> "State":
        """What a file says, or a beginning where there is none.

        :raises Misconfigured: where it is of another pull, or unreadable.
        """
        if not file.exists():
            return cls(file, url, store)
        try:
            kept = orjson.loads(file.read_bytes())
            state = cls(file, **kept)
        except (orjson.JSONDecodeError, TypeError):
            raise Misconfigured(
                f"{file} is no state of a pull: remove it, or name another with --state"
            ) from None
        if (state.url, state.store) != (url, store):
            raise Misconfigured(
                f"{file} is of a pull from {state.url} into store {state.store}: name another with --state"
            )
        return state

    @property
    def is_begun(self) -> bool:
        """Whether something of it is over already."""
        return bool(self.done or self.part)

    def reach(self, part: str, next_href: str | None) -> None:
        """Notes that all before a page is here; without one, that the part is over."""
        if next_href is None:
            self.done.append(part)
            part = ""
        self.part, self.next_href = part, next_href
        self._save()

    def count(self, kind: str, ends: Mapping[str, int]) -> None:
        """Adds to what became of resources of a kind; it is kept with the next `reach`."""
        known = self.counts.setdefault(kind, {})
        for end, number in ends.items():
            known[end] = known.get(end, 0) + number

    def end(self) -> None:
        """Forgets it: the next pull begins anew."""
        self.file.unlink(missing_ok=True)

    def _save(self) -> None:
        kept = {name: value for name, value in vars(self).items() if name != "file"}
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.file.with_name(f"{self.file.name}.new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNERS), "wb") as written:
            written.write(orjson.dumps(kept))
            written.flush()
            os.fsync(written.fileno())
        beside.replace(self.file)


class Rejects:
    """What could not be taken: a line of JSON for each, with its kind, where it stands, and why.

    :raises Misconfigured: where the file is there, and is no such file.
    """

    def __init__(self, file: Path, *, goes_on: bool) -> None:
        self._file = file
        self._known: dict[tuple[str, str], dict[str, Any]] = {}
        if file.exists():
            require_own(file, _BEGINNING)
        if goes_on and file.exists():
            for line in file.read_bytes().splitlines():
                self._note(line)
        else:
            file.unlink(missing_ok=True)

    def add(self, kind: str, href: str, reason: str, *, taken: bool = False) -> None:
        """Notes one.

        :param taken: it was taken but for a part of it.
        """
        if (kind, href) in self._known:
            return
        said = {"kind": kind, "href": href, "reason": reason, "taken": taken}
        self._known[kind, href] = said
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNERS), "wb") as written:
            written.write(orjson.dumps(said) + b"\n")

    def knows(self, kind: str, href: str) -> bool:
        """Whether one was not taken."""
        known = self._known.get((kind, href))
        return known is not None and not known["taken"]

    def number(self, kind: str) -> int:
        """How many of a kind were not taken."""
        return sum(each["kind"] == kind and not each["taken"] for each in self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    @property
    def file(self) -> Path:
        """Where they are."""
        return self._file

    def _note(self, line: bytes) -> None:
        try:
            said = orjson.loads(line)
            self._known[said["kind"], said["href"]] = said
        except (orjson.JSONDecodeError, KeyError, TypeError):  # the end of a line that was cut off
            return
