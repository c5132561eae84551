"""Where Patron's time goes: one document through the WSGI callable, without a server, under cProfile."""

import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from app import create_app
from app.config import Config
from tests.benchmarks import by_hand
from tests.benchmarks.documents import BASE, DOCUMENTS, FORMATS

SECONDS = 2
SHOWN = 25

Environ = dict[str, Any]


def profile(name: str, database: Path, token: str) -> None:
    """Prints, for each format of a document, its time and the functions that take most of it."""
    document = next(each for each in DOCUMENTS if each.name == name)
    floor = _environs(document.paths, [])
    print(f"{document.title}: floor 2 {_microseconds(by_hand.make_app(str(database)), floor):,.0f} us")
    config = Config(database_url=f"sqlite:///{database}", base_url=BASE, secret_key="x" * 40)
    app = create_app(config)
    for each in FORMATS:
        headers = [("Authorization", f"Bearer {token}"), ("Accept", each.media_type)]
        environs = _environs(document.paths, headers)
        print(f"\n{document.title}, {each.title}: {_microseconds(app, environs):,.0f} us")
        profiler = cProfile.Profile()
        count = profiler.runcall(_run, app, environs)
        print(f"{count} requests under the profile:")
        pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(SHOWN)


def _environs(paths: tuple[str, ...], headers: list[tuple[str, str]]) -> list[Environ]:
    return [EnvironBuilder(path, base_url=BASE, headers=headers).get_environ() for path in paths]


def _microseconds(app: Flask, environs: list[Environ]) -> float:
    """The least of several: what disturbs a measurement only ever adds to it."""
    return min(_timed(app, environs) for _ in range(3))


def _timed(app: Flask, environs: list[Environ]) -> float:
    began = time.perf_counter()
    count = _run(app, environs)
    return (time.perf_counter() - began) / count * 1e6


def _run(app: Flask, environs: list[Environ]) -> int:
    deadline, count = time.monotonic() + SECONDS, 0
    for environ in _again(environs, deadline):
        for _ in app(dict(environ), _start_response):
            pass
        count += 1
    return count


def _again(environs: list[Environ], deadline: float) -> Iterator[Environ]:
    for environ in cycle(environs):
        yield environ
        if time.monotonic() > deadline:
            return


def _start_response(_status: str, _headers: Any, _error: Any = None) -> Callable[[bytes], object]:
    return lambda _: None
