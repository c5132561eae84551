"""The refusals that the addresses of a link relation answer with, as its page lists them."""

from collections.abc import Iterable
from typing import Any

from app.addresses import Address, faults
from app.hypermedia import Registry


def refusals_of(registry: Registry, addresses: Iterable[Address]) -> list[dict[str, Any]]:
    """Those of all these addresses, by status."""
    found = [
        fault
        for address in addresses
        for method in address.methods
        for fault in faults(registry, address, method)
    ]
    listed = sorted({fault[:2]: fault for fault in found}.values())
    return [{"status": status, "code": code, "when": when} for status, code, when in listed]
