"""One attempt: a POST to a checked address, within its time, and as much of the answer as is kept.

There are no redirects, no proxies and no retries here, and nobody is asked twice what a name means.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as TimedOut
from urllib3.response import BaseHTTPResponse

from app.webhooks.addresses import Addresses, Refused, Unresolved
from app.webhooks.connections import Connections
from app.webhooks.places import Place, Unusable, place
from app.webhooks.schedule import asked_for
from app.webhooks.watch import Watch

READ_SECONDS = 10
TOTAL_SECONDS = 15
MOST_READ = 64 * 1024
MOST_ADDRESSES = 3
"""How many of a host's addresses are tried."""

TROUBLE = (HTTPError, HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the status of the answer, or a word for why there was none."""

    code: str
    body: str = ""
    retry_after: int | None = None

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken it: hAPI's receivers say so by 200, and by nothing else."""
        return self.code == "200"


@dataclass(slots=True)
class Sender:
    """Posts, from many threads at once, on connections that are kept.

    `seconds` is for how long one attempt may go on.
    """

    addresses: Addresses
    seconds: float = TOTAL_SECONDS
    connections: Connections = field(default_factory=Connections)
    _watch: Watch = field(default_factory=Watch)

    def post(self, url: str | None, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Tells the receiver, and never raises: what went wrong is the answer."""
        end = time.monotonic() + self.seconds
        try:
            where = place(url)
            found = self.addresses.of(where.host, where.port)
        except Unusable as error:
            return Answer("refused_url", str(error))
        except Refused as error:
            return Answer("refused_address", str(error))
        except Unresolved as error:
            return Answer("unresolved", str(error))
        answer = Answer("timeout")
        for address in found[:MOST_ADDRESSES]:
            if time.monotonic() >= end:
                break
            answer, reached = self._attempt(where, address, body, headers, end)
            if reached:
                break
        return answer

    def _attempt(
        self, where: Place, address: str, body: bytes, headers: Mapping[str, str], end: float
    ) -> tuple[Answer, bool]:
        """What came of it, and whether anybody was reached who may have heard it."""
        kept = self.connections.kept(where, address)
        if kept is not None:
            answer = self._said(kept, where, address, body, headers, end)
            if answer.code != "connection_failed" or time.monotonic() >= end:
                return answer, True  # else it was closed just now for having been idle
        made = self.connections.made(where, address)
        try:
            made.connect()
        except TROUBLE as error:
            made.close()
            return Answer(_word(error), type(error).__name__), False
        return self._said(made, where, address, body, headers, end), True

    def _said(
        self,
        connection: HTTPConnection,
        where: Place,
        address: str,
        body: bytes,
        headers: Mapping[str, str],
        end: float,
    ) -> Answer:
        connection.timeout = READ_SECONDS
        ours = {"Host": where.authority, "Accept-Encoding": "identity", "Accept": "*/*"}
        try:
            with self._watch.until(end, connection):
                connection.request("POST", where.target, body, {**ours, **headers}, preload_content=False)
                if connection.sock is not None:
                    connection.sock.settimeout(READ_SECONDS)
                response = connection.getresponse()
                if time.monotonic() >= end:  # it was cut among its headers
                    raise TimedOut
                said, whole = _read(response, end)
        except TROUBLE as error:
            connection.close()
            return Answer("timeout" if time.monotonic() >= end else _word(error), type(error).__name__)
        answer = Answer(
            str(response.status), said, asked_for(response.headers.get("Retry-After"), time.time())
        )
        if whole and response.headers.get("Connection", "").lower() != "close":
            self.connections.keep(where, address, connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Closes the connections that are kept."""
        self.connections.close()
        self._watch.close()


def _read(response: BaseHTTPResponse, end: float) -> tuple[str, bool]:
    """The beginning of the body as text, and whether that was all: then the connection can be used again."""
    read, whole = bytearray(), False
    try:
        while len(read) <= MOST_READ and time.monotonic() < end:
            some = response.read(MOST_READ + 1 - len(read), decode_content=False)
            if not some:
                whole = True
                break
            read += some
    except TROUBLE:
        whole = False  # the receiver has answered all the same
    return bytes(read[:MOST_READ]).decode(errors="replace"), whole


def _word(error: BaseException) -> str:
    """What kept an attempt from being answered."""
    if isinstance(error, SSLError | ssl.SSLError):
        return "tls_failed"
    if isinstance(error, NewConnectionError | ConnectionError):
        return "connection_failed"
    if isinstance(error, HTTPException):
        return "no_http"
    return "timeout" if isinstance(error, TimedOut | TimeoutError) else "connection_failed"
