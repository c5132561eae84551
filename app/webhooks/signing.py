"""What a delivery says of itself in its headers: what happened, to whom it belongs, and two signatures.

hAPI's signature covers the body. That of Standard Webhooks covers the delivery's id and the moment too,
so that a receiver can refuse what somebody else sends again.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from app.receivers import marked_key

REFEED = "/refeed"
USER_AGENT = "Patron-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of: an event of a store, under the name that the delivery keeps over its attempts."""

    event: str
    delivery: str
    attempt: int
    store_id: int
    store_domain: str


def headers(told: Told, body: bytes, key: str, moment: int) -> dict[str, str]:
    """The headers of one attempt.

    :param moment: seconds since 1970.
    """
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Foxy-Webhook-Event": told.event,
        "Foxy-Webhook-Signature": signature(body, key),
        "Foxy-Webhook-Refeed": str(told.event.endswith(REFEED)).lower(),
        "Foxy-Store-ID": str(told.store_id),
        "Foxy-Store-Domain": told.store_domain,
        "webhook-id": told.delivery,
        "webhook-timestamp": str(moment),
        "webhook-signature": standard_signature(told.delivery, moment, body, key),
        "Patron-Webhook-Attempt": str(told.attempt),
    }


def signature(body: bytes, key: str) -> str:
    """hAPI's: HMAC-SHA256 of the bytes of the body, in hexadecimal."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def standard_signature(delivery: str, moment: int, body: bytes, key: str) -> str:
    """That of Standard Webhooks, in its version 1."""
    signed = f"{delivery}.{moment}.".encode() + body
    digest = hmac.new(_secret(key), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _secret(key: str) -> bytes:
    """The bytes of a key: of a marked one what it encodes, of any other its own."""
    return marked_key(key) or key.encode()
