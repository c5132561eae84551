"""A polite client of one other server: bounded, patient, and never anywhere but at its origin.

It knows nothing of what it reads. What it says of failures holds no token and no body.
"""

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from app.config import Misconfigured
from app.origins import normal_origin
from app.pulling.credentials import Credentials
from app.pulling.documents import joined

LARGEST_BODY = 32 * 1024 * 1024
MOST_HOPS = 6
"""How many answers one address may take: redirects, and a token that has ended."""

TRIES = 8
"""How often one address is asked for before it is given up."""

FIRST_WAIT, LONGEST_WAIT = 0.4, 60.0
"""Seconds between tries: twice as long each time, and partly drawn, so that not all come back at once."""

MOST_PATIENCE = 900.0
"""How many seconds a server may ask to be left alone; beyond that it is asked again after these."""

CONNECT_SECONDS = 10.0
BUSY = frozenset({429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
UNAUTHORIZED, REDIRECTED = frozenset({401, 421}), 300
"""Liftoff may say 421 where it does not know the credentials (liftoff.md §1.5)."""
USER_AGENT = f"Patron/{version('patron')} (patron pull)"


class Unread(Exception):
    """An address that could not be read; the text says which, and why."""


class Unreachable(Unread):
    """The server did not answer, as often as it was asked."""


class Refused(Unread):
    """The server answered that it does not give this; `status` says how."""

    def __init__(self, status: int, href: str) -> None:
        super().__init__(f"{shown(href)} answered {status}")
        self.status = status


class Unreadable(Unread):
    """What was answered is no document."""


class Foreign(Unread):
    """A link leads to another origin, where the token does not go."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What has come back, and from where, once redirects were followed."""

    url: str
    headers: urllib3.HTTPHeaderDict
    body: bytes

    def json(self) -> dict[str, Any]:
        """The object that the body is.

        :raises Unreadable: where it is none.
        """
        try:
            document = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Unreadable(f"{shown(self.url)} answered no JSON") from None
        if not isinstance(document, dict):
            raise Unreadable(f"{shown(self.url)} answered no object")
        return document


class Client:
    """Reads addresses of one origin, for several threads at once.

    :param start: an absolute address, which says what the origin is.
    :param concurrency: how many requests are under way at once.
    :param seconds: how long one answer may take altogether.
    """

    def __init__(self, start: str, credentials: Credentials, *, concurrency: int, seconds: float) -> None:
        self.origin = _origin(start)
        self._credentials = credentials
        self._seconds = seconds
        self._pool = urllib3.PoolManager(
            maxsize=concurrency,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds),
        )
        self._left_alone_until = 0.0
        self._lock = threading.Lock()
        self.requests = 0

    def get(self, href: str, accept: str = "application/hal+json, application/json;q=0.9") -> Answer:
        """What an address answers; a redirect is followed where it stays at the origin.

        :param href: absolute, of the origin.
        :raises Unread: as its kinds say.
        :raises Misconfigured: where the server does not accept the credentials.
        """
        renewed, asked = False, href
        for _ in range(MOST_HOPS):
            self.require_own(href)
            header = self._credentials.header(self)
            response, body = self._answered("GET", href, {"Accept": accept, "Authorization": header})
            if response.status in UNAUTHORIZED:
                if renewed or not self._credentials.renew(self, header):
                    raise Misconfigured(
                        f"{self.origin} does not accept the credentials: it answered {response.status}"
                    )
                renewed = True
            elif response.status in REDIRECTS:
                href = joined(href, response.headers.get("Location", "")) or ""
            elif response.status >= REDIRECTED:
                raise Refused(response.status, href)
            else:
                return Answer(href, response.headers, body)
        raise Unreadable(f"{shown(asked)} redirects without an end")

    def post_form(self, href: str, fields: dict[str, str]) -> tuple[int, bytes]:
        """The status and body of an answer to a form, which is sent without the credentials' header.

        :raises Unread: where there is none.
        """
        self.require_own(href)
        response, body = self._answered("POST", href, {"Accept": "application/json"}, fields)
        return response.status, body

    def require_own(self, href: str) -> None:
        """Refuses an address of another origin.

        :raises Foreign: naming that origin.
        """
        if (other := _origin(href)) != self.origin:
            raise Foreign(f"a link leads to {other}, and what is pulled stays at {self.origin}")

    def close(self) -> None:
        """Ends all connections."""
        self._pool.clear()

    def _answered(
        self, method: str, href: str, headers: dict[str, str], fields: dict[str, str] | None = None
    ) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        """An answer of a server that is not too busy to give one.

        :raises Unreachable: where it gives none, however often it is asked.
        """
        reason = ""
        for number in range(TRIES):
            try:
                response, body = self._asked(method, href, headers, fields)
            except (HTTPError, OSError) as error:
                reason = type(error).__name__
                self._leave_alone(number, None)
                continue
            if response.status not in BUSY:
                return response, body
            reason = str(response.status)
            self._leave_alone(number, response.headers.get("Retry-After"))
        raise Unreachable(f"{shown(href)} did not answer, {TRIES} times over: {reason}")

    def _asked(
        self, method: str, href: str, headers: dict[str, str], fields: dict[str, str] | None = None
    ) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        """One answer, read to its end or not at all."""
        self._be_patient()
        ends = time.monotonic() + self._seconds
        with self._lock:
            self.requests += 1
        sent = {"User-Agent": USER_AGENT, "FOXY-API-VERSION": "1", "Accept-Encoding": "gzip", **headers}
        sent |= {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        response = self._pool.request(
            method,
            href,
            headers={name: value for name, value in sent.items() if value},
            body=urlencode(fields) if fields else None,
            preload_content=False,
            redirect=False,
        )
        try:
            body = _body(response, ends)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return response, body

    def _leave_alone(self, number: int, retry_after: str | None) -> None:
        """Leaves the server alone, on all threads: as long as it asks for, or longer each time."""
        asked = _seconds_in(retry_after)
        wait = min(FIRST_WAIT * 2**number, LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311 - no secret
        if asked is not None:
            wait = min(asked, MOST_PATIENCE) + random.uniform(0, 0.1)  # noqa: S311 - no secret
        with self._lock:
            self._left_alone_until = max(self._left_alone_until, time.monotonic() + wait)

    def _be_patient(self) -> None:
        while (wait := self._left_alone_until - time.monotonic()) > 0:
            time.sleep(wait)


def shown(href: str) -> str:
    """An address as messages show it: without its query, which may hold what somebody is called."""
    return href.partition("?")[0]


def _body(response: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    parts, size = [], 0
    while part := response.read1(65536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise Unreadable(f"an answer is larger than {LARGEST_BODY // 1024**2} MiB")
        if time.monotonic() > ends:
            raise TimeoutError("an answer took too long")
    return b"".join(parts)


def _origin(href: str) -> str:
    try:
        parts = urlsplit(href)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # as of a port that is no number
        is_one = False
    if not is_one:
        raise Foreign("a link is no http or https address")
    return normal_origin(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")


def _seconds_in(retry_after: str | None) -> float | None:
    """How long a server asks to be left alone (RFC 9110 §10.2.3): so many seconds, or until then."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
