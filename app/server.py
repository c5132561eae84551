"""The production server, for use without a proxy in front: waitress, with limits for slow clients."""

import errno
import signal
import sys
from types import FrameType

from flask import Flask
from waitress.server import create_server

from app.config import Config, Misconfigured

CONNECTIONS = 1000
IDLE_SECONDS = 30
LARGEST_BODY = 1024 * 1024


def run(app: Flask, config: Config, host: str, port: int, greeting: str) -> None:
    """Serves until it is told to stop; says `greeting` once it accepts connections.

    :raises Misconfigured: where the address cannot be had.
    """
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=config.threads,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            max_request_body_size=LARGEST_BODY,
            asyncore_use_poll=True,
            ident=None,
        )
    except OSError as error:
        raise Misconfigured(_refused(error, host, port)) from error
    signal.signal(signal.SIGTERM, _stop)
    print(greeting, flush=True)
    server.run()


def _refused(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken: stop what listens there, or choose another (PORT={port + 1})"
    return f"cannot listen on {host}:{port}: {error.strerror}"


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
