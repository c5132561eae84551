"""All that a store has, by address, so that two servers can be held against each other."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Get = Callable[[str], Any]

ZOOMS = {
    "customers": "default_billing_address,default_shipping_address,default_payment_method,customer_addresses",
    "transactions": "items",
    "subscriptions": "transaction_template:items,last_transaction",
    "webhooks": "",
    "attributes": "",
}


def everything(get: Get, store: str) -> dict[str, Any]:
    """The store's documents, with all that is embedded, by their addresses, whatever the server is called."""
    document = get(store)
    found = {"store": document, "portal": get(document["_links"]["fx:customer_portal_settings"]["href"])}
    for name, zoom in ZOOMS.items():
        for each in _members(get, document["_links"][f"fx:{name}"]["href"], zoom, name):
            found[each["_links"]["self"]["href"]] = each
    return {_plain(key): json.loads(_plain(json.dumps(each))) for key, each in found.items()}


def _members(get: Get, href: str, zoom: str, name: str) -> Iterator[Any]:
    filters = "&is_anonymous=false|is_anonymous=true" if name == "customers" else ""
    page = get(f"{href}?limit=100{filters}" + (f"&zoom={zoom}" if zoom else ""))
    while True:
        yield from page["_embedded"][f"fx:{name}"]
        if "next" not in page["_links"]:
            return
        page = get(page["_links"]["next"]["href"])


def _plain(text: str) -> str:
    return re.sub(r"/stores/\d+", "/stores/N", re.sub(r"https?://[a-z0-9.]+(:\d+)?/", "/", text))
