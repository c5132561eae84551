"""The production server, for use without a proxy in front: waitress, with limits for slow clients."""

import errno
import signal
import socket
import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from flask import Flask
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask

from app.bodies import LARGEST
from app.config import Config, Misconfigured
from app.ending import Ending
from app.idleness import Looks, TimedChannel
from app.lanes import Lanes
from app.open_files import connections

LINGER_SECONDS = 10
MOST_DRAINED = 64 * 1024 * 1024
DRAINED_AT_ONCE = 64 * 1024
SENT_AT_ONCE = 64 * 1024


def listen(app: Flask, config: Config, host: str, port: int) -> tuple[Ending, int]:
    """A server on an address, and the port that it has: the one asked for, or for 0 any that is free.

    :raises Misconfigured: where the address cannot be had.
    """
    listening: dict[int, Any] = {}
    lanes = Lanes(config.threads)
    try:
        create_server(
            app,
            map=listening,
            host=host,
            port=port,
            _dispatcher=lanes,
            connection_limit=connections(config.threads),
            max_request_body_size=LARGEST + 1,  # waitress refuses what has as many bytes
            clear_untrusted_proxy_headers=False,  # nobody believes them, but /metrics must see them
            asyncore_use_poll=True,
            ident=None,
        )
    except OSError as error:
        raise Misconfigured(_refused(error, host, port)) from error
    except ValueError as error:
        raise Misconfigured(f"cannot listen on {host}:{port}: {error}") from error
    sockets = [each for each in listening.values() if isinstance(each, BaseWSGIServer)]
    drained = app.extensions["patron"].readiness.drain
    ending = Ending(sockets, listening, lanes, Looks(sockets), config.drain_seconds, drained)
    for each in sockets:
        each.channel_class = _Channel
        each.flask, each.ending = app, ending
    return ending, sockets[0].effective_port


def serve(server: Ending) -> None:
    """Serves until SIGTERM, or Ctrl-C, which is in more of a hurry."""
    signal.signal(signal.SIGTERM, lambda *_: server.begin())
    signal.signal(signal.SIGINT, lambda *_: server.begin(at_once=True))
    server.run()


class _Task(WSGITask):  # type: ignore[misc] # waitress has no type hints
    """A request that reached the application."""

    wrote_header: bool

    def build_response_header(self) -> bytes:
        """The answer's head, made here for most: to HTTP/1.1, with a length, on a connection that stays.

        Waitress's own writes each name anew, sorts them and tells the time once more.
        """
        if self.channel.server.ending.has_begun:
            super().set_close_on_finish()
        ends = self.close_on_finish or "CONNECTION" in self.request.headers
        if ends or self.version != "1.1" or self.content_length is None or not self.has_body:
            return bytes(super().build_response_header())
        lines = [f"{name}: {value}" for name, value in self.response_headers]
        return "\r\n".join(
            [f"HTTP/1.1 {self.status}", *lines, f"Date: {_date(int(self.start_time))}", "", ""]
        ).encode("latin-1")

    def write(self, data: bytes) -> None:
        """Writes; an answer that is whole and not large in one go with its head."""
        if self.wrote_header or len(data) != self.content_length or len(data) > SENT_AT_ONCE:
            super().write(data)
            return
        self.channel.write_soon(self.build_response_header() + data)
        self.wrote_header = True
        self.content_bytes_written = len(data)

    def set_close_on_finish(self) -> None:
        """Keeps the connection after a 304: it has no body whose length could be missing."""
        wanted = self.request.headers.get("CONNECTION", "").lower()
        if not (self.status.startswith("304") and self.version == "1.1" and wanted != "close"):
            super().set_close_on_finish()


class _ErrorTask(ErrorTask):  # type: ignore[misc]
    """What is no request: it is refused in the client's format all the same, as far as that is known."""

    def execute(self) -> None:
        """Writes the refusal and closes the connection."""
        error = self.request.error
        said = error.reason if error.code >= 500 else f"{error.reason}: {error.body}"
        headers: Mapping[str, str] = self.request.headers
        with self.channel.server.flask.app_context():
            from app.respond import refuse_unparsed  # the Flask end is loaded with the application

            path = getattr(self.request, "path", "")
            sent, body = refuse_unparsed(error.code, said, headers.get("ACCEPT", ""), path)
        self.channel.refused = True
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(sent)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(TimedChannel):
    """A connection with the tasks above."""

    task_class = _Task
    error_task_class = _ErrorTask
    refused = False
    lingers_until: float | None = None
    drained = 0

    def handle_write(self) -> None:
        """Sends what there is; behind a refusal the connection is closed on one side alone at first."""
        if not (self.refused and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if not self.total_outbufs_len and not self.will_close:
            self._linger()

    def readable(self) -> bool:
        """Whether there may be something to read."""
        return self.lingers_until is not None or bool(super().readable())

    def handle_read(self) -> None:
        """Reads; behind a refusal what the client still sends is let go."""
        if self.lingers_until is None:
            super().handle_read()
            return
        try:
            self.drained += len(self.recv(DRAINED_AT_ONCE))
        except OSError:
            self.will_close = True
        if self.drained > MOST_DRAINED or time.monotonic() > self.lingers_until:
            self.will_close = True

    def _linger(self) -> None:
        """Keeps reading for a while: a connection closed with input unread loses the answer on its way."""
        self.close_when_flushed = False
        self.lingers_until = time.monotonic() + LINGER_SECONDS
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True

    def send_continue(self) -> None:
        """Asks a client that waits for the body, unless its request is refused without."""
        if not self.request.error:
            super().send_continue()


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _refused(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken: stop what listens there, or choose another (PORT={port + 1})"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"
