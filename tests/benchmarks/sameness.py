"""Proof that the same is measured: Patron and the floor by hand answer with the same bytes."""

from dataclasses import replace

from tests.benchmarks.asking import Asked, answers, fetch
from tests.benchmarks.servers import Server, Unmeasurable

LOOKED_AT = 3
SHOWN = 60


def require_same(patron: Server, by_hand: Server, asked: Asked, floor_asked: Asked) -> None:
    """Compares the first documents of each.

    :raises Unmeasurable: showing the first difference.
    """
    if asked.tags:
        _require_empty(patron, asked)
        _require_empty(by_hand, floor_asked)
        return
    compare = _compare_read if asked.body is None else _compare_written
    for path in asked.paths[:LOOKED_AT]:
        compare(path, (patron, asked), (by_hand, floor_asked))


def _require_empty(server: Server, asked: Asked) -> None:
    """That all is as it was, nobody says in words."""
    for _, body in answers(server, asked):
        _require_equal(asked.paths[0], body, b"")


def _compare_read(path: str, ours: tuple[Server, Asked], theirs: tuple[Server, Asked]) -> None:
    _require_equal(path, fetch(ours[0], path, ours[1]), fetch(theirs[0], path, theirs[1]))


def _compare_written(path: str, ours: tuple[Server, Asked], theirs: tuple[Server, Asked]) -> None:
    """What the one answers to a write is what the other reads then, which proves that it is written."""
    for (writer, asked), (reader, also_asked) in ((ours, theirs), (theirs, ours)):
        changed = replace(asked, body=f'{{"tax_id":"by {writer.name}"}}'.encode())
        written = fetch(writer, path, changed)
        if f'"tax_id":"by {writer.name}"'.encode() not in written:
            raise Unmeasurable(f"{writer.name} does not change {path}")
        _require_equal(path, written, fetch(reader, path, Asked((), _without_body(also_asked))))


def _without_body(asked: Asked) -> tuple[tuple[str, str], ...]:
    return tuple(each for each in asked.headers if each[0] != "Content-Type")


def _require_equal(path: str, here: bytes, there: bytes) -> None:
    if here == there:
        return
    pairs = enumerate(zip(here, there, strict=False))
    at = next((position for position, (one, other) in pairs if one != other), min(len(here), len(there)))
    shown = [each[max(at - SHOWN, 0) : at + SHOWN] for each in (here, there)]
    raise Unmeasurable(
        f"{path}: Patron and the floor by hand differ at byte {at}: {shown[0]!r} is not {shown[1]!r};"
        " bring tests/benchmarks/by_hand up to date"
    )
