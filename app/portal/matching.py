"""Which rules a subscription satisfies: their JSONata queries, evaluated where they can do no harm.

A query may run forever, or fill the memory; so each request's run in a process of their own, which is
ended when its time is over. A query that fails, or is not reached, is not satisfied.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from app.errors import Refusal
from app.jsonata_queries import ALL
from app.passwords.gate import Gate, Overloaded

log = structlog.get_logger()

SECONDS = 3.0
AT_ONCE, INSIDE = 2, 3
"""How many requests are at it at once, and how many with those that wait: never all threads of a server."""

_PROGRAM = Path(__file__).with_name("jsonata_process.py")
_GATE = Gate(AT_ONCE, INSIDE, patience=SECONDS)


def matching(
    rules: Sequence[Mapping[str, Any]], document: bytes, seconds: float = SECONDS
) -> Iterator[Mapping[str, Any]]:
    """Those of the rules whose query a document satisfies.

    :param document: as JSON.
    :raises Refusal: 503 where too many are asked at once.
    """
    queries = [rule["jsonataQuery"] for rule in rules if rule["jsonataQuery"] != ALL]
    satisfied = satisfied_by(document, queries, seconds) if queries else {}
    for rule in rules:
        query = rule["jsonataQuery"]
        if query == ALL or satisfied.get(query):
            yield rule


def satisfied_by(document: bytes, queries: Sequence[str], seconds: float = SECONDS) -> dict[str, bool]:
    """What came of each query that was evaluated in time.

    :raises Refusal: 503 where too many are asked at once.
    """
    try:
        with _GATE.passing():
            told = _evaluated(document, queries, seconds)
    except Overloaded as error:
        message = "too many rules are looked at just now: try again shortly"
        raise Refusal.of(503, message, headers={"Retry-After": "1"}, code="contended") from error
    found = dict(zip(queries, told, strict=False))
    if failed := [query for query in queries if found.get(query) is None]:
        log.warning("rules_failed", queries=failed, remedy="mend the customer portal settings of the store")
    return {query: bool(result) for query, result in found.items()}


def _evaluated(document: bytes, queries: Sequence[str], seconds: float) -> list[bool | None]:
    """One result a query, None where it failed; fewer where the time was over."""
    asked = json.dumps(queries).encode() + b"\n" + document
    process = subprocess.Popen(  # noqa: S603 - this very interpreter, with a program of ours
        [sys.executable, "-I", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        close_fds=True,
    )
    try:
        told, _ = process.communicate(asked, timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        told, _ = process.communicate()
    return [json.loads(line) for line in told.splitlines()]
