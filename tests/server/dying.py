"""A production server that dies by SIGKILL at one moment of its first POST.

For tests alone: `python -m tests.server.dying MOMENT PORT`.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from flask import Flask
from sqlalchemy import event

from app import create_app
from app import server as servers
from app.config import from_environment
from app.db import guard

Application = Callable[..., Iterable[bytes]]


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_writing(app: Flask) -> None:
    """The key is claimed, and the transaction that does the work has begun."""
    guard.observers.append(lambda text: die() if text.startswith("INSERT INTO customer") else None)


def before_committing(app: Flask) -> None:
    """All is written, the answer is kept beside it, and nothing is committed."""

    def listen(text: str) -> None:
        if text.startswith("UPDATE idempotency_key"):
            event.listen(app.extensions["patron"].engine, "commit", die)

    guard.observers.append(listen)


def before_answering(app: Flask) -> None:
    """All is committed, and the client has not heard a byte of it."""
    app.wsgi_app = _dying(app.wsgi_app, _nothing)  # type: ignore[method-assign]


def while_answering(app: Flask) -> None:
    """The client has heard half of the answer."""
    app.wsgi_app = _dying(app.wsgi_app, _half)  # type: ignore[method-assign]


def _dying(app: Application, answer: Callable[[bytes], Iterator[bytes]]) -> Application:
    def dying(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        body = app(environ, start_response)
        return answer(b"".join(body)) if environ["REQUEST_METHOD"] == "POST" else body

    return dying


def _nothing(_: bytes) -> Iterator[bytes]:
    die()
    yield b""


def _half(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    time.sleep(0.3)  # so that the server's other thread can send it
    die()


MOMENTS = {
    each.__name__: each for each in (before_writing, before_committing, before_answering, while_answering)
}


def main(moment: str, port: str) -> None:
    config = from_environment()
    app = create_app(config)
    MOMENTS[moment](app)
    server, _ = servers.listen(app, config, "127.0.0.1", int(port))
    print("serves", flush=True)
    server.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
