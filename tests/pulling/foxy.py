"""A stand-in for Foxy's hypermedia API, with the shapes and quirks of foxy-hapi.md, and with bad days.

Pages have all five links and clamp `next`; guests hide; counters are text; what is embedded is cut at 300
resources an answer; default addresses are blank resources until they are written.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

TOKEN = "0123456789abcdefABCDEF0123456789abcdefAB"
MOST_EMBEDDED = 300
MOST_ATTRIBUTES = 20

Fault = Callable[["Handler"], bool]
"""Does something in place of an answer; whether it did."""


@dataclass
class Foxy:
    """A store, and how it is served. `faults` are tried in order before each answer."""

    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    belongings: dict[str, dict[int, list[dict[str, Any]]]] = field(default_factory=dict)
    cards: dict[int, dict[str, Any]] = field(default_factory=dict)
    transactions: dict[int, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[int, dict[str, Any]] = field(default_factory=dict)
    offers_zoom: bool = True
    faults: list[Fault] = field(default_factory=list)
    token: str = TOKEN
    refresh_token: str = "the refresh token that never ends"
    curie: str = "fx"
    rels: str = "https://api.foxycart.com/rels/"
    asked: list[str] = field(default_factory=list)
    tokens_seen: Counter[str] = field(default_factory=Counter)
    under_way: int = 0
    most_under_way: int = 0
    left_alone_until: float = 0.0
    impatient: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rel(self, name: str) -> str:
        return f"{self.curie}:{name}" if self.curie else f"{self.rels}{name}"

    def links(self, own: str, **others: str) -> dict[str, Any]:
        made: dict[str, Any] = {"self": {"href": self.url + own, "title": "This"}}
        if self.curie:
            made["curies"] = [{"name": self.curie, "href": f"{self.rels}{{rel}}", "templated": True}]
        return made | {
            self.rel(name): {"href": self.url + href, "title": name} for name, href in others.items()
        }

    def customer(self, customer_id: int, zooms: list[str], left: list[int]) -> dict[str, Any]:
        here = f"/customers/{customer_id}"
        parts = (
            "attributes",
            "default_billing_address",
            "default_shipping_address",
            "default_payment_method",
        )
        links = {name: f"{here}/{name}" for name in parts} | {"customer_addresses": f"{here}/addresses"}
        links |= {"store": "/stores/66", "transactions": f"/stores/66/transactions?customer_id={customer_id}"}
        embedded = {
            self.rel("attributes"): self._cut(self.of("attributes", customer_id)[:MOST_ATTRIBUTES], left)
        }
        for name in zooms:
            if name == "customer_addresses":
                embedded[self.rel(name)] = self._cut(self.of("addresses", customer_id), left)
            elif name in parts[1:]:
                left[0] -= 1
                embedded[self.rel(name)] = self.single(customer_id, name)
        return {"_links": self.links(here, **links), "_embedded": embedded, **self.customers[customer_id]}

    def of(self, kind: str, customer_id: int) -> list[dict[str, Any]]:
        path = {"addresses": "customer_addresses", "attributes": "customer_attributes"}[kind]
        return [
            {"_links": self.links(f"/{path}/{each['id']}", customer=f"/customers/{customer_id}"),
             **{name: value for name, value in each.items() if name != "id"}}
            for each in self.belongings.get(kind, {}).get(customer_id, [])
        ]  # fmt: skip

    def single(self, customer_id: int, name: str) -> dict[str, Any]:
        own = self.links(f"/customers/{customer_id}/{name}")
        if name == "default_payment_method":
            blank = dict.fromkeys(("cc_type", "cc_number_masked", "cc_exp_month", "cc_exp_year"))
            return {
                "_links": own,
                "save_cc": False,
                **blank,
                "date_created": None,
                **self.cards.get(customer_id, {}),
            }
        flag = name.replace("default_", "is_default_").removesuffix("_address")
        found = next((each for each in self.of("addresses", customer_id) if each.get(flag)), None)
        blank = dict.fromkeys(
            ("first_name", "last_name", "address1", "address2", "city", "region", "phone"), ""
        )
        return found or {
            "_links": own,
            "address_name": name.replace("_", " ").title(),
            **blank,
            "country": "US",
        }

    def _cut(self, several: list[Any], left: list[int]) -> list[Any]:
        kept = several[: max(left[0], 0)]
        left[0] -= len(several)
        return kept

    def transaction(self, own_id: int, zooms: list[str], left: list[int]) -> dict[str, Any]:
        here, said = f"/transactions/{own_id}", dict(self.transactions[own_id])
        customer, items = said.pop("customer"), said.pop("items")
        links = {
            "customer": f"/customers/{customer}",
            "items": f"{here}/items",
            "attributes": f"{here}/attributes",
        }
        if "subscription" in said:
            links["subscription"] = f"/subscriptions/{said.pop('subscription')}"
        embedded = {self.rel("attributes"): []}
        if "items" in zooms:
            embedded[self.rel("items")] = self._cut([self.item(each) for each in items], left)
        return {"_links": self.links(here, **links), "_embedded": embedded, "id": str(own_id), **said}

    def item(self, item: dict[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in item.items() if name != "id"}
        return {"_links": self.links(f"/items/{item['id']}"), **said}

    def subscription(self, own_id: int, zooms: list[str], left: list[int]) -> dict[str, Any]:
        here, said = f"/subscriptions/{own_id}", dict(self.subscriptions[own_id])
        links = {"customer": f"/customers/{said.pop('customer')}", "transaction_template": f"/carts/{own_id}"}
        links |= {"last_transaction": f"/transactions/{said.pop('last')}", "attributes": f"{here}/attributes"}
        said.pop("items")
        embedded: dict[str, Any] = {self.rel("attributes"): []}
        if any(each.startswith("transaction_template") for each in zooms):
            embedded[self.rel("transaction_template")] = self.cart(own_id)
        return {"_links": self.links(here, **links), "_embedded": embedded, **said}

    def cart(self, own_id: int) -> dict[str, Any]:
        items = [self.item(each) for each in self.subscriptions[own_id]["items"]]
        money = {"total_item_price": "30.00", "total_order": "30", "currency_code": "USD"}
        links = self.links(f"/carts/{own_id}", items=f"/carts/{own_id}/items")
        return {"_links": links, "_embedded": {self.rel("items"): items}, **money}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    @property
    def foxy(self) -> Foxy:
        return self.server.foxy

    def do_GET(self) -> None:
        self.path_asked, _, raw = self.path.partition("?")
        self.query = dict(parse_qsl(raw, keep_blank_values=True))
        foxy = self.foxy
        with foxy.lock:
            foxy.asked.append(self.path)
            foxy.under_way += 1
            foxy.most_under_way = max(foxy.most_under_way, foxy.under_way)
            foxy.impatient += time.monotonic() < foxy.left_alone_until
            faults = list(foxy.faults)
        try:
            if not any(fault(self) for fault in faults):
                self._answer()
        finally:
            with foxy.lock:
                foxy.under_way -= 1

    def _answer(self) -> None:
        foxy = self.foxy
        given = self.headers.get("Authorization", "")
        foxy.tokens_seen[given] += 1
        if given != f"Bearer {foxy.token}":
            said = {"error": "invalid_token", "error_description": "The access token provided has expired"}
            return self.send(401, said)
        if self.headers.get("FOXY-API-VERSION") != "1":
            return self.send(400, self.errors("The FOXY-API-VERSION request header is required"))
        found = self.found(self.path_asked.strip("/").split("/"))
        status = 200 if found is not None else 404
        return self.send(status, found if found is not None else self.errors("No route found"))

    def do_POST(self) -> None:
        foxy = self.foxy
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        foxy.asked.append(self.path)
        right = {"grant_type": "refresh_token", "refresh_token": foxy.refresh_token, "client_id": "a client",
                 "client_secret": "its secret"}  # fmt: skip
        if self.path != "/token" or form != right:
            return self.send(400, {"error": "invalid_grant", "error_description": "Invalid refresh token"})
        return self.send(200, {"access_token": foxy.token, "expires_in": 7200, "token_type": "Bearer"})

    def errors(self, message: str) -> dict[str, Any]:
        entry = {"logref": "id-1611385278", "message": message}
        return {"total": 1, "_links": {}, "_embedded": {"fx:errors": [entry]}}

    def found(self, path: list[str]) -> Any:
        foxy = self.foxy
        zooms = self.query.get("zoom", "").split(",") if foxy.offers_zoom else []
        match path:
            case [""]:
                return {"_links": foxy.links("/", store="/stores/66", token="/token"), "message": "Welcome"}
            case ["stores", "66"]:
                names = ("customers", "transactions", "subscriptions", "attributes")
                links = foxy.links("/stores/66", **{name: f"/stores/66/{name}" for name in names})
                return {"_links": links, "store_name": "Foxglove", "store_domain": "foxglove", "id": 66,
                        "store_email": "a@foxglove.example", "timezone": "America/Chicago",
                        "checkout_type": "default_guest",
                        "customer_password_hash_type": "phpass", "customer_password_hash_config": 8,
                        "is_maintenance_mode": 0, "date_modified": "2020-01-01T00:00:00-0600"}  # fmt: skip
            case ["stores", "66", "customers"]:
                hidden = self.query.get("is_anonymous", "false") == "true"
                ids = [
                    each for each, said in foxy.customers.items() if bool(said.get("is_anonymous")) is hidden
                ]
                return self.page("customers", ids, lambda each, left: foxy.customer(each, zooms, left))
            case ["stores", "66", "transactions"]:
                ids = list(foxy.transactions)
                return self.page("transactions", ids, lambda each, left: foxy.transaction(each, zooms, left))
            case ["stores", "66", "subscriptions"]:
                ids = list(foxy.subscriptions)
                return self.page(
                    "subscriptions", ids, lambda each, left: foxy.subscription(each, zooms, left)
                )
            case ["customers", own, *rest] if int(own) in foxy.customers:
                return self.of_customer(int(own), rest, zooms)
            case ["carts", own]:
                return foxy.cart(int(own))
            case ["transactions", own, "items"]:
                items = foxy.transactions[int(own)]["items"]
                return self.page("items", items, lambda each, _: foxy.item(each))
            case [*_, "attributes"]:
                return self.page("attributes", [], lambda each, _: each)
        return None

    def of_customer(self, own: int, rest: list[str], zooms: list[str]) -> Any:
        match rest:
            case []:
                return self.foxy.customer(own, zooms, [MOST_EMBEDDED])
            case ["attributes" | "addresses" as kind]:
                rel = "attributes" if kind == "attributes" else "customer_addresses"
                return self.page(rel, self.foxy.of(kind, own), lambda each, _: each)
            case [name]:
                return self.foxy.single(own, name)
        return None

    def page(self, rel: str, several: list[Any], make: Callable[[Any, list[int]], Any]) -> dict[str, Any]:
        limit = min(int(self.query.get("limit", 20)), 300)
        offset, total, left = int(self.query.get("offset", 0)), len(several), [MOST_EMBEDDED]
        last = max(total - 1, 0) // limit * limit
        starts = {"first": 0, "prev": max(offset - limit, 0), "next": min(last, offset + limit), "last": last}
        links = self.foxy.links(self.path)
        for name, start in starts.items():
            query = urlencode({**self.query, "limit": limit, "offset": start})
            links[name] = {"href": f"{self.foxy.url}{self.path_asked}?{query}", "title": name}
        found = [make(each, left) for each in several[offset : offset + limit]]
        counters = {"total_items": str(total), "returned_items": len(found), "limit": limit, "offset": offset}
        return {"_links": links, "_embedded": {self.foxy.rel(rel): found}, **counters}

    def send(self, status: int, document: Any, **headers: str) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document, indent=4).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/hal+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # who pulled was killed, or hangs up
            self.close_connection = True


Served = TypeVar("Served", bound=Foxy)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    foxy: Foxy


@contextmanager
def served(foxy: Served, handler: type[Handler] = Handler) -> Iterator[Served]:
    """The store, served on this machine."""
    server = Server(("127.0.0.1", 0), handler)
    server.foxy, foxy.port = foxy, server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield foxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
