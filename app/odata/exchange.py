"""A request to the OData face and its answer, whether they come alone or as a part of a batch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.passwords import Hashed, hash_password
from app.reading import Caller

ROOT = "/odata/v1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request. `path` is below the service root and decoded, `query` as it was sent.

    The names of `headers` are in lower case. `base` is what the API's addresses begin with, `address` is
    the client's. `hash` makes what is stored of a password.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    base: str
    address: str = ""
    hash: Callable[[str, str, str | None], Hashed] = field(default=hash_password, repr=False)

    @property
    def root(self) -> str:
        """The address of the service."""
        return f"{self.base}{ROOT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered. A `Content-Length` is for who sends it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: a caller of the API, and what they may do with customers: view, add, edit, delete."""

    caller: Caller
    permissions: frozenset[str]
