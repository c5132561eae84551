"""Receivers of webhooks: what is wrong with an address of one, as far as that tells, and with a key."""

import base64
import binascii
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.redirect_uris import is_host

MARKED = "whsec_"
"""How a key begins that Standard Webhooks' own libraries made: the rest of it is base64."""

LEAST = 24
"""How many bytes a key of Standard Webhooks has at least."""


def marked_key(key: str) -> bytes | None:
    """The bytes of a marked key; None where it is none, or not marked."""
    if not key.startswith(MARKED):
        return None
    try:
        return base64.b64decode(key.removeprefix(MARKED), validate=True)
    except (binascii.Error, ValueError):
        return None


def fault_in_url(text: str) -> str | None:
    """What is wrong with an address; nothing where it is one of http or https that names a host."""
    if not text.isprintable() or any(each in text for each in (" ", "\\", "#")):
        return "must be an http or https address, without a fragment"
    try:
        parts = urlsplit(text)
        named = is_host(parts.hostname or "", bracketed="[" in parts.netloc) and parts.port != 0
    except ValueError:  # as the port's, the brackets' and IDNA's are
        return "must be an http or https address: its host or port cannot be read"
    if "@" in parts.netloc:
        return "must hold no user's name or password"
    if parts.scheme not in {"http", "https"} or not named:
        return "must be an http or https address that names a host"
    return None


def literal_host(text: str) -> str | None:
    """The host of an address where it is an IP address; None where it is a name, or none."""
    try:
        return str(ip_address(urlsplit(text).hostname or ""))
    except ValueError:
        return None
