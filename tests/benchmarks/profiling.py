"""Where Patron's time goes: one document through the WSGI callable, without a server, under cProfile."""

import cProfile
import itertools
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from app import create_app
from app.config import Config
from tests.benchmarks.asking import NUMBER, Asked, ask
from tests.benchmarks.by_hand import application
from tests.benchmarks.databases import Database
from tests.benchmarks.documents import BASE, DOCUMENTS, FORMATS
from tests.benchmarks.serve import SECRET
from tests.benchmarks.servers import Cores, Unmeasurable, serving_each

SECONDS = 2
SHOWN = 25

Environ = dict[str, Any]

_number = itertools.count()


def profile(name: str, database: Database, folder: Path) -> None:
    """Prints, for each format of a document, its time and the functions that take most of it.

    :raises Unmeasurable: where the document is not as it should be.
    """
    title = next(each.title for each in DOCUMENTS if each.name == name)
    floor, asked = _asked(name, database, folder)
    print(f"{title}: floor 2 {_microseconds(application.make_app(database.url), floor):,.0f} us of CPU")
    app = create_app(Config(database_url=database.url, base_url=BASE, secret_key=SECRET, rate_limits="off"))
    for each, of_format in zip(FORMATS, asked, strict=True):
        print(f"\n{title}, {each.title}: {_microseconds(app, of_format):,.0f} us of CPU")
        profiler = cProfile.Profile()
        count = profiler.runcall(_run, app, of_format)
        print(f"{count} requests under the profile:")
        pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(SHOWN)


def _asked(name: str, database: Database, folder: Path) -> tuple[Asked, list[Asked]]:
    """What the floor is asked for, and Patron in each format: servers say what leads to it."""
    document = next(each for each in DOCUMENTS if each.name == name)
    named = [(each, database.url) for each in ("patron", "by_hand")]
    with serving_each(named, folder, Cores()) as (patron, by_hand):
        token = ("Authorization", f"Bearer {database.token}")
        return ask(by_hand, document, database.size, ()), [
            ask(patron, document, database.size, (token, ("Accept", each.media_type))) for each in FORMATS
        ]


def _environs(asked: Asked) -> list[Environ]:
    return [
        EnvironBuilder(
            path,
            base_url=BASE,
            method=asked.method,
            headers=[*asked.headers, *(("If-None-Match", tag) for tag in asked.tags[at : at + 1])],
        ).get_environ()
        for at, path in enumerate(asked.paths)
    ]


def _microseconds(app: Flask, asked: Asked) -> float:
    """CPU time; the least of several: what disturbs a measurement only ever adds to it."""
    return min(_timed(app, asked) for _ in range(3))


def _timed(app: Flask, asked: Asked) -> float:
    began = time.process_time()
    count = _run(app, asked)
    return (time.process_time() - began) / count * 1e6


def _run(app: Flask, asked: Asked) -> int:
    count = 0
    expected = f"{asked.status} "

    def start_response(status: str, _headers: Any, _error: Any = None) -> Callable[[bytes], object]:
        if not status.startswith(expected):
            raise Unmeasurable(f"{asked.method} {asked.paths[0]} is answered with {status}")
        return lambda _: None

    for environ in _again(_environs(asked), asked.body):
        for _ in app(environ, start_response):
            pass
        count += 1
    return count


def _again(environs: list[Environ], body: bytes | None) -> Iterator[Environ]:
    """Each in turn, with another body each time."""
    deadline = time.monotonic() + SECONDS
    for environ in cycle(environs):
        fresh = dict(environ)
        if body is not None:
            sent = body.replace(NUMBER.encode(), f"{time.time_ns():x}-{next(_number)}".encode())
            fresh |= {"wsgi.input": BytesIO(sent), "CONTENT_LENGTH": str(len(sent))}
        yield fresh
        if time.monotonic() > deadline:
            return
