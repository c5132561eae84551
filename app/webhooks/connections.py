"""Connections to receivers, made to checked addresses, and kept for a while when they have been used."""

import ssl
import threading
from collections import OrderedDict

from urllib3.connection import HTTPConnection, HTTPSConnection

from app.webhooks.places import Place

CONNECT_SECONDS = 3

IDLE = 16
"""How many connections to one place are kept."""

PLACES = 512
"""To how many places connections are kept."""


class Connections:
    """Makes connections, and keeps those that can be used again; for many threads at once."""

    def __init__(self, trusted: ssl.SSLContext | None = None) -> None:
        self._trusted = trusted or ssl.create_default_context()
        self._lock = threading.Lock()
        self._idle: OrderedDict[tuple[Place, str], list[HTTPConnection]] = OrderedDict()

    def made(self, where: Place, address: str) -> HTTPConnection:
        """A new one, not yet connected: to the address, under the name that the URL has."""
        if where.scheme == "http":
            return HTTPConnection(address, where.port, timeout=CONNECT_SECONDS)
        return HTTPSConnection(
            address,
            where.port,
            timeout=CONNECT_SECONDS,
            server_hostname=where.host,
            ssl_context=self._trusted,
        )

    def kept(self, where: Place, address: str) -> HTTPConnection | None:
        """One that is there already, and that nobody else uses."""
        while True:
            with self._lock:
                idle = self._idle.get((where, address))
                connection = idle.pop() if idle else None
            if (
                connection is None or connection.is_connected
            ):  # looked at without the lock: that takes a while
                return connection
            connection.close()

    def keep(self, where: Place, address: str, connection: HTTPConnection) -> None:
        """Keeps one whose answer has been read to its end."""
        dropped = []
        with self._lock:
            if (where, address) not in self._idle and len(self._idle) >= PLACES:
                dropped += self._idle.popitem(last=False)[1]
            idle = self._idle.setdefault((where, address), [])
            if len(idle) < IDLE:
                idle.append(connection)
            else:
                dropped.append(connection)
        for each in dropped:
            each.close()

    def close(self) -> None:
        """Closes all that are kept."""
        with self._lock:
            idle = [each for kept in self._idle.values() for each in kept]
            self._idle.clear()
        for each in idle:
            each.close()
