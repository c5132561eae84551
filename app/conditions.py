"""Conditional requests (RFC 9110 §13): a write goes ahead only while what the client saw still holds."""

import re

from app.errors import Refusal

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def tags(header: str | None) -> list[str]:
    """The tags that a header lists, without their quotes and whether they are weak or not (§8.8.3)."""
    return _TAG.findall(header or "")


class Precondition:
    """The If-Match and If-None-Match of a write."""

    def __init__(self, if_match: str | None, if_none_match: str | None) -> None:
        self._match, self._none_match = if_match, if_none_match
        self.given = if_match is not None or if_none_match is not None

    def require_version(self, version: int) -> None:
        """Holds a row's version against the tags: their part before the dash, whatever format or zoom
        the row was read in. Version 0 is that of a row which has not been written.

        :raises Refusal: 412 where the client saw another.
        """
        self._require({str(version)}, [tag.partition("-")[0] for tag in tags(self._match)], version)
        seen = [tag.partition("-")[0] for tag in tags(self._none_match)]
        self._require_none(str(version) in seen, exists=version > 0)

    def require_tag(self, tag: str) -> None:
        """Holds the tag of a collection, as this client would read it, against the tags as a whole.

        :raises Refusal: 412 where the client saw another.
        """
        bare = tag.strip('"')
        self._require({bare}, tags(self._match), 1)
        self._require_none(bare in tags(self._none_match), exists=True)

    def _require(self, current: set[str], seen: list[str], version: int) -> None:
        if self._match is None or (self._match.strip() == "*" and version > 0):
            return
        if not current.intersection(seen):
            raise _failed("If-Match", "it has changed since: read it again, and decide anew")

    def _require_none(self, matched: bool, *, exists: bool) -> None:
        if self._none_match is None:
            return
        if matched or (self._none_match.strip() == "*" and exists):
            raise _failed("If-None-Match", "there is one already")


NO_PRECONDITION = Precondition(None, None)


def _failed(header: str, why: str) -> Refusal:
    return Refusal.of(412, f"{header} does not hold: {why}", properties=[header])
