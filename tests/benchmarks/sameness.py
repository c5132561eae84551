"""Proof that the same is measured: Patron's document and the floor's by hand have the same members."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from json import loads
from typing import Any

from tests.benchmarks.load import Asked
from tests.benchmarks.servers import Server, Unmeasurable

LOOKED_AT = 3

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4}")


def require_same(patron: Server, by_hand: Server, asked: Asked, floor_asked: Asked) -> None:
    """Compares the first documents of each: same members, in the same order, with the same values.

    Dates may be written with different offsets, and must be the same moment.

    :raises Unmeasurable: naming the first difference.
    """
    for path in asked.paths[:LOOKED_AT]:
        ours = loads(fetch(patron, path, asked), object_pairs_hook=_members)
        theirs = loads(fetch(by_hand, path, floor_asked), object_pairs_hook=_members)
        for place, here, there in _differences("", ours, theirs):
            raise Unmeasurable(
                f"{path}: Patron and the floor by hand differ at {place or '/'}: {here!r} is not {there!r};"
                " bring tests/benchmarks/by_hand.py up to date"
            )


def fetch(server: Server, path: str, asked: Asked) -> bytes:
    """One answer.

    :raises Unmeasurable: where it is no 200 in the format that was asked for.
    """
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = dict(asked.headers)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    kind = response.headers.get_content_type()
    if response.status != 200 or kind != headers.get("Accept", kind):
        raise Unmeasurable(f"{server.name} answers {path} with {response.status} {kind}: {body[:300]!r}")
    return body


class _Members(list[tuple[str, Any]]):
    """A JSON object whose members have an order."""


def _members(pairs: list[tuple[str, Any]]) -> _Members:
    return _Members(pairs)


def _differences(place: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(ours, _Members) and isinstance(theirs, _Members):
        names = [name for name, _ in ours], [name for name, _ in theirs]
        if names[0] != names[1]:
            yield place, *names
        for (name, here), (_, there) in zip(ours, theirs, strict=False):
            yield from _differences(f"{place}/{name}", here, there)
    elif type(ours) is list and type(theirs) is list:
        if len(ours) != len(theirs):
            yield place, f"{len(ours)} members", f"{len(theirs)} members"
        for position, (here, there) in enumerate(zip(ours, theirs, strict=False)):
            yield from _differences(f"{place}/{position}", here, there)
    elif type(ours) is not type(theirs) or _moment(ours) != _moment(theirs):
        yield place, ours, theirs


def _moment(value: Any) -> Any:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    return value
