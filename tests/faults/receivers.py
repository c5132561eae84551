"""Webhooks as their owners make them."""

from typing import Any

from tests.receiver import Receiver


def webhook_of(receiver: Receiver) -> dict[str, Any]:
    """What is sent to make a webhook that wants to hear of customers."""
    return {
        "name": "Here",
        "format": "json",
        "event_resource": "customer",
        "url": receiver.url,
        "encryption_key": "a key that both know",
        "is_active": 1,
    }
