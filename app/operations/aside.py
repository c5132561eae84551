"""/healthz, /readyz and /metrics of a worker, which serves nothing else, on a port of their own."""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from waitress.server import create_server

from app.config import Config, Misconfigured
from app.operations.endpoints import PATHS, Endpoints
from app.operations.metrics import describe
from app.operations.outbox import Outbox
from app.operations.readiness import Check, Readiness
from app.webhooks.worker import SERVERS, Worker

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

THREADS = 2


def serve_aside(config: Config, worker: Worker, host: str, port: int) -> int:
    """Serves them beside the worker, until its process ends; gives the port.

    :raises Misconfigured: where the address cannot be had.
    """
    describe(config, worker.engine, SERVERS + 2)
    readiness = Readiness(config, worker.reader, {"worker": lambda: _threads(worker)})
    endpoints = Endpoints(config, readiness, [Outbox(worker.reader)])

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] in PATHS:
            return endpoints.answer(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return []

    try:
        server = create_server(
            answer, host=host, port=port, threads=THREADS, clear_untrusted_proxy_headers=False, ident=None
        )
    except (OSError, ValueError) as error:
        raise Misconfigured(f"cannot listen on {host}:{port}: {error}") from error
    threading.Thread(target=server.run, name="patron-aside", daemon=True).start()
    return int(server.effective_port)


def _threads(worker: Worker) -> Check:
    if worker.stopped.is_set():
        return Check("fail", "is stopping")
    return Check("pass") if worker.is_whole else Check("fail", "a thread has ended: restart it")
