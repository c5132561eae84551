"""One measured server, as a process of its own: `python -m tests.benchmarks.serve <which> <where> <port>`.

All run on Patron's production server with its settings. The process ends with its parent.
"""

import gc
import os
import sys
import threading
from pathlib import Path

from flask import Flask

from app.config import Config
from app.server import listen, serve
from tests.benchmarks.documents import BASE

SECRET = "a secret key that only the benchmark uses"


def main(which: str, where: str, port: int) -> None:
    """Serves `patron` or `by_hand` over a database, by its URL, `constant` over a folder of documents."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    config = Config(database_url=where, base_url=BASE, secret_key=SECRET, rate_limits="off")
    server, taken = listen(_make(which, where, config), config, "127.0.0.1", port)
    print(f"{which} listens on port {taken}", flush=True)
    serve(server)


def _make(which: str, where: str, config: Config) -> Flask:
    """Each process imports only what it serves, so that its memory is its own. All collect garbage alike."""
    if which == "patron":
        from app import create_app

        return create_app(config)
    if which == "by_hand":
        from tests.benchmarks.by_hand import application

        app = application.make_app(where)
    else:
        from tests.benchmarks import constant

        app = constant.make_app(Path(where))
    app.extensions["patron"] = _Floor()
    gc.freeze()
    return app


class _Floor:
    """What the server asks of an application when it ends: a floor has nothing to say then."""

    @property
    def readiness(self) -> "_Floor":
        """What tells others that it ends."""
        return self

    def drain(self) -> None:
        """Nobody is told."""


def _end_with_parent() -> None:
    """The parent holds the other end of standard input, which closes however it ends."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
