"""Addresses that a browser may be sent to with a code, and which of them are one."""

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

LONGEST = 200

_ADDRESS = re.compile(
    r"(https://(\[[^\s/?#@\[\]]+\]|[^\s/?#@:\\\[\]]+)|http://(localhost|127\.0\.0\.1|\[::1\]))"
    r"(:[0-9]+)?([/?][^\s#]*)?"
)
"""By TLS, or to the user's own machine. Schemes of apps' own (RFC 8252 §7.1) are not taken."""

_OWN_MACHINE = re.compile(r"(http://(?:localhost|127\.0\.0\.1|\[::1\]))(?::[0-9]+)?((?:[/?].*)?)", re.DOTALL)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")


def is_redirect_uri(text: str) -> bool:
    """Whether a browser can be sent there: the address has a host and a port that there may be."""
    if len(text) > LONGEST or not text.isprintable() or not _ADDRESS.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.port != 0 and is_host(parts.hostname or "", bracketed="[" in parts.netloc)
    except ValueError:  # as the port's, the brackets' and IDNA's are
        return False


def is_host(host: str, *, bracketed: bool) -> bool:
    """A name of the DNS, or an IP address.

    :raises ValueError: where it can be encoded as neither.
    """
    if bracketed:
        return IPv6Address(host).scope_id is None
    labels = host.encode("idna").decode("ascii").removesuffix(".").split(".")
    return sum(map(len, labels)) + len(labels) <= 254 and all(map(_LABEL.fullmatch, labels))


def is_same(sent: str, registered: str) -> bool:
    """Whether an address that is sent is the registered one, character by character.

    On the user's own machine the port is whichever was free (RFC 8252 §7.3).
    """
    if sent == registered:
        return True
    own, other = _OWN_MACHINE.fullmatch(registered), _OWN_MACHINE.fullmatch(sent)
    return own is not None and other is not None and own.groups() == other.groups() and is_redirect_uri(sent)
