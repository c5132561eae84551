"""What a webhook's URL names: where to connect, and what to ask for there."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL names: where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    target: str
    authority: str


class Unusable(Exception):
    """A URL that no delivery can go to."""


@lru_cache(maxsize=1024)
def place(url: str | None) -> Place:
    """What a webhook's URL names.

    :raises Unusable: where it is none of http or https, or has user information in it.
    """
    try:
        parts = urlsplit((url or "").strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna" if not (parts.hostname or "").isascii() else "ascii")
    except (ValueError, UnicodeError) as error:
        raise Unusable("the url cannot be read") from error
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise Unusable("the url must begin with http:// or https://, and name a host")
    if "@" in parts.netloc:
        raise Unusable("the url must not hold a user's name or password")
    usual = 443 if parts.scheme == "https" else 80
    name = host.decode()
    shown = f"[{name}]" if ":" in name else name
    path = quote(parts.path, safe="/%:=&?~#+!$,;'@()*[]-._") or "/"
    query = f"?{quote(parts.query, safe='/%:=&?~+!$,;@()*[]-._' + chr(39))}" if parts.query else ""
    authority = shown if port in {None, usual} else f"{shown}:{port}"
    return Place(parts.scheme, name, port or usual, path + query, authority)
