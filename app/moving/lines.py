"""What a source brings, one customer at a time, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson


@dataclass(slots=True)  # one that is frozen takes three times as long to make, and there are many
class Line:
    """One customer of a source, or why it could not be read (`fault`).

    `place` says where it stands: a line's number, an address. `document` is the HAL document of a customer,
    as a GET with all zooms shows it. `text` is what stood there where no document could be made of it.
    `is_clean` says that it is known to hold no characters that some format cannot carry. `size` is about how
    many bytes it took. `json` is what the document was read from.
    """

    place: int | str
    document: Any = None
    fault: str = ""
    text: str = ""
    is_clean: bool = False
    size: int = 0
    json: bytes | None = None

    def put_by(self) -> None:
        """Lets go of the document where it can be read again: a batch of them is large."""
        if self.json is not None:
            self.document = None

    def whole(self) -> Any:
        """The document, read again where it has been put by."""
        if self.document is None and self.json is not None:
            return orjson.loads(self.json)
        return self.document


Reasons = Mapping[str, str]
"""What is wrong with a customer: a message for each faulty property, by the way to it; "" is the whole."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A customer that was not taken, and why."""

    line: Line
    reasons: Reasons


@dataclass(slots=True)
class Loaded:
    """How many customers came to what end."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """How many there were."""
        return self.created + self.updated + self.unchanged + self.skipped + self.rejected


OnDuplicate = Literal["update", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a source is loaded.

    :param trusted: look at types, lengths, closed sets and card numbers only.
    :param lenient: pass over properties that nobody knows.
    :param on_duplicate: what becomes of a customer who is there already: brought in line, or left alone.
    :param batch: how many customers are written in one transaction.
    :param client: the client whose restricted attributes these are.
    :param events: tell webhooks of what is created and changed.
    """

    trusted: bool = False
    lenient: bool = False
    on_duplicate: OnDuplicate = "update"
    batch: int = 1000
    client: str = ""
    events: bool = False
