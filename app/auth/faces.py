"""The ways in: where an address stands on a face of Patron, and who is asking there."""

import re
from collections.abc import Iterable
from typing import Protocol

from app.auth.explorer_session import ExplorerSession
from app.auth.scopes import Reach
from app.reading import Caller

_SLOT = re.compile(r"\{\w+\}")


class Face(Protocol):
    """One of the ways in."""

    name: str

    def rules(self, href: str) -> Iterable[str]:
        """The URL rules of an address, whose id is the `owner_id`."""

    def caller(self, reach: Reach, *, writing: bool) -> Caller:
        """Who makes this request.

        :param reach: whose resources are asked for.
        :raises Refusal: 401 where nobody does, 403 or 404 where they may not.
        """


class Hypermedia:
    """The hypermedia face: its callers have tokens, or look at it in the explorer."""

    name = ""

    def __init__(self, session: ExplorerSession) -> None:
        self._session = session

    def rules(self, href: str) -> Iterable[str]:
        """The one rule of an address."""
        return (_SLOT.sub("<owner_id>", href),)

    def caller(self, reach: Reach, *, writing: bool) -> Caller:
        """Who the token stands for, or who looks at it in the explorer.

        :raises Refusal: 401 where it stands for nobody, 403 where its scope is too small.
        """
        return self._session.caller(reach, writing=writing)
