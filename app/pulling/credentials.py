"""What another server knows us by: a token, one that is fetched anew when it ends, or Basic credentials.

None of them is ever shown: not in messages, not by `repr`.
"""

import base64
import threading
from typing import TYPE_CHECKING, Protocol

import orjson

from app.config import Misconfigured

if TYPE_CHECKING:
    from app.pulling.client import Client


def is_token(text: str) -> bool:
    """Whether a text can stand in a header as a token: printable ASCII, in one line."""
    return text.isascii() and text.isprintable()


class Credentials(Protocol):
    """What says who asks."""

    def header(self, client: "Client") -> str:
        """The value of `Authorization`."""

    def renew(self, client: "Client", stale: str) -> bool:
        """Gets another in place of one that is refused; whether there is another."""


class Token:
    """An access token that cannot be renewed."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def header(self, client: "Client") -> str:  # noqa: ARG002 - as Credentials has it
        """The token."""
        return self._header

    def renew(self, client: "Client", stale: str) -> bool:  # noqa: ARG002 - as Credentials has it
        """There is no other."""
        return False


class Basic:
    """An account's code and a key (RFC 7617)."""

    def __init__(self, account: str, key: str) -> None:
        self._header = "Basic " + base64.b64encode(f"{account}:{key}".encode()).decode()

    def header(self, client: "Client") -> str:  # noqa: ARG002 - as Credentials has it
        """Both of them."""
        return self._header

    def renew(self, client: "Client", stale: str) -> bool:  # noqa: ARG002 - as Credentials has it
        """There are no others."""
        return False


class Refreshed:
    """An access token, fetched at `/token` with a refresh token (hAPI §2.1) whenever the last has ended."""

    def __init__(self, client_id: str, secret: str, refresh_token: str, token: str = "") -> None:
        self._form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": client_id,
            "client_secret": secret,
        }
        self._header = f"Bearer {token}" if token else ""
        self._lock = threading.Lock()

    def header(self, client: "Client") -> str:
        """The token; the first is fetched when it is needed."""
        if not self._header:
            self.renew(client, "")
        return self._header

    def renew(self, client: "Client", stale: str) -> bool:
        """Fetches another, once for all threads that were refused with the same."""
        with self._lock:
            if self._header == stale:
                self._header = f"Bearer {self._fetched(client)}"
        return True

    def _fetched(self, client: "Client") -> str:
        status, body = client.post_form(f"{client.origin}/token", self._form)
        try:
            answer = orjson.loads(body)
            if status == 200 and is_token(token := str(answer["access_token"])):
                self._keep(answer)
                return token
            said = str(answer.get("error", ""))[:40]
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            said = ""
        raise Misconfigured(f"{client.origin}/token gives no token: it answered {status} {said}".rstrip())

    def _keep(self, answer: dict[str, object]) -> None:
        """A refresh token that replaces the one that was used: so it is with clients that have no secret."""
        if answer.get("refresh_token"):
            self._form["refresh_token"] = str(answer["refresh_token"])
