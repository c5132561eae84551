"""Everything that Patron is asked for and does, on two sites alike: their answers must be the same."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.keeping.purging import purge
from app.sandbox import OTHER_STORE_ID
from tests.db.shards import Seen
from tests.keeping.planting import patron, plant
from tests.odata.requests import odata
from tests.portal.customers import PASSWORD, PORTAL
from tests.receiver import receiving
from tests.site import BASE, HAL, SECRET, SIREN, XML, Site
from tests.wire.delivering import driving
from tests.wire.test_crawl import crawl, hal_links

CARD = {"cc_number": "4111111111111111", "cc_exp_month": "12", "cc_exp_year": "2040"}
ITEM = {"name": "A book", "price": 12.5, "quantity": 2}

_VARYING = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-][\d:]+)?|\$2[aby]\$[./\w$]{56}"
    r"|eyJ[\w.-]+|id-\d{10}-\w{6}|[\w-]{43}|[0-9a-f-]{32,36}"
)
"""What is another each time: moments, hashes, tokens, references into the log."""


@dataclass(frozen=True)
class Pair:
    """Two sites with the same in them, one on shards, and what was seen of the statements of that."""

    whole: Site
    sharded: Site
    seen: list[Seen]

    def same(self, method: str, path: str, body: Any = None, token: str | None = "", **options: Any) -> Any:
        """The answer of the sharded site, which must be that of the other too, and no refusal."""
        answers = []
        for site in (self.whole, self.sharded):
            own = site.other_store_token if token == "other" else token
            answers.append(site.send(method, path, body, token=own, **options))
        whole, sharded = answers
        assert whole.status_code < 400, (method, path, whole.text)
        assert sharded.status_code == whole.status_code, (method, path, sharded.text)
        assert masked(sharded.text) == masked(whole.text), (method, path)
        return sharded

    def odata(self, method: str, path: str, body: Any = None) -> Any:
        whole, sharded = (odata(site, method, path, body) for site in (self.whole, self.sharded))
        assert whole.status_code < 400, (method, path, whole.text)
        assert (sharded.status_code, masked(sharded.text)) == (whole.status_code, masked(whole.text))
        return sharded


def masked(text: str) -> str:
    return _VARYING.sub("…", text)


def walk(pair: Pair, folder: Path) -> None:
    """Links, writes of each kind, the portal, OData, the worker, the metrics and the commands."""
    read_everything(pair)
    write_of_each_kind(pair)
    use_the_portal(pair)
    ask_odata(pair)
    tell_webhooks(pair)
    keep(pair, folder)


def read_everything(pair: Pair) -> None:
    found = crawl(pair.sharded, HAL, hal_links)
    for number, href in enumerate(sorted(found)):
        if "/rels/" not in href and "/odata/" not in href:
            accept = (HAL, XML, SIREN)[number % 3]
            whole, sharded = (site.ask(href, accept) for site in (pair.whole, pair.sharded))
            assert whole.status_code in {200, 405}, (href, whole.text)
            assert (sharded.status_code, masked(sharded.text)) == (whole.status_code, masked(whole.text))
    for token in (pair.sharded.client_token, pair.sharded.user_token):
        crawl(pair.sharded, HAL, hal_links, token, beyond="/store")
    pair.same("GET", "/stores/67/customers?limit=300&zoom=attributes,customer_addresses", token="other")
    for query in ("email=%40example", "order=last_name+desc&offset=20", "first_name:in=Test,Ada"):
        pair.same("GET", f"/stores/66/customers?{query}")


def write_of_each_kind(pair: Pair) -> None:
    for store, token in (("66", ""), ("67", "other")):
        sent = {"email": "shard@example.com", "first_name": "Shard", "password": "an unlikely pass phrase"}
        key = uuid4().hex
        first = pair.same("POST", f"/stores/{store}/customers", sent, token, Idempotency_Key=key)
        again = pair.same("POST", f"/stores/{store}/customers", sent, token, Idempotency_Key=key)
        assert masked(again.text) == masked(first.text)
        customer = f"/customers/{first.json['id']}"
        pair.same("PATCH", customer, {"first_name": "Shared"}, token)
        shown = pair.same("GET", customer, token=token).json
        kept = {name: value for name, value in shown.items() if name in ("email", "first_name", "last_name")}
        pair.same("PUT", customer, {**kept, "is_anonymous": False}, token)
        pair.same("POST", f"{customer}/addresses", {"address_name": "Home", "address1": "1 Way"}, token)
        pair.same("PATCH", f"{customer}/default_billing_address", {"address1": "2 Way"}, token)
        pair.same("PATCH", f"{customer}/default_payment_method", CARD, token)
        made = pair.same("POST", f"{customer}/attributes", {"name": "Size", "value": "L"}, token)
        path = made.headers["Location"].removeprefix(BASE)
        pair.same("PUT", path, {"name": "Size", "value": "XL"}, token)
        pair.same("PATCH", f"{customer}/attributes", [{"name": "Hat", "value": "7"}], token)
        pair.same("DELETE", path, token=token)
        buy(pair, store, token)
        pair.same("DELETE", customer, token=token)


def buy(pair: Pair, store: str, token: str) -> None:
    bought = {"customer_email": "shard@example.com", "checkout_type": "account", "items": [ITEM]}
    made = pair.same("POST", f"/stores/{store}/transactions", bought, token)
    path = made.headers["Location"].removeprefix(BASE)
    pair.same("POST", f"{path}/attributes", {"name": "gift", "value": "yes"}, token)
    repeated = {"customer_email": "shard@example.com", "frequency": "1m", "items": [ITEM]}
    made = pair.same("POST", f"/stores/{store}/subscriptions", repeated, token)
    path = made.headers["Location"].removeprefix(BASE)
    later = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    pair.same("POST", f"{path}/reschedule", {"next_transaction_date": later}, token)
    pair.same("POST", f"{path}/cancel", {}, token)
    pair.same("POST", f"{path}/send_webhooks", {}, token)


def use_the_portal(pair: Pair) -> None:
    given = {"email": "portal@example.com", "password": PASSWORD}
    pair.same("POST", "/stores/66/customers", given)
    for site in (pair.whole, pair.sharded):
        wrong = site.send("POST", f"{PORTAL}/authenticate", {**given, "password": "wrong"}, token=None)
        assert wrong.status_code == 401
    tokens = [
        site.send("POST", f"{PORTAL}/authenticate", given, token=None).json["session_token"]
        for site in (pair.whole, pair.sharded)
    ]
    steps: tuple[tuple[str, str, Any], ...] = (
        ("GET", "", None),
        ("PATCH", "", {"first_name": "Portal"}),
        ("GET", "/transactions?zoom=items", None),
        ("GET", "/subscriptions", None),
        ("POST", "/addresses", {"address_name": "Own", "address1": "1 Way", "city": "Portland"}),
        ("GET", "/addresses", None),
        ("DELETE", "/authenticate", None),
    )
    for method, path, body in steps:
        whole, sharded = (
            site.send(method, f"{PORTAL}{path}", body, token=token)
            for site, token in zip((pair.whole, pair.sharded), tokens, strict=True)
        )
        assert whole.status_code < 400, (method, path, whole.text)
        assert (sharded.status_code, masked(sharded.text)) == (whole.status_code, masked(whole.text))


def ask_odata(pair: Pair) -> None:
    for path in (
        "", "$metadata", "Customer", "Customer/$count", "Customer?$expand=BillingAddresses,ShippingAddresses",
        "Customer?$filter=contains(Name,'a') and BillingAddresses/any(a:a/Address/City ne 'x')&$count=true",
        "Customer?$orderby=Name desc&$top=3&$skip=2", "Customer(115)/ShippingAddresses",
        "Customer?$filter=BillingAddresses/$count gt 0",
    ):  # fmt: skip
        pair.odata("GET", path.replace(" ", "%20"))
    made = pair.odata(
        "POST", "Customer", {"Email": "o@example.com", "BillingAddresses": [{"Address": {"Address1": "x"}}]}
    )
    one = f"Customer({json.loads(made.data)['Id']})"
    pair.odata("PATCH", one, {"Name": "O Data"})
    pair.odata("PUT", f"{one}/Name", {"value": "O"})
    group = {"atomicityGroup": "g", "headers": {"content-type": "application/json"}}
    body = {"Email": "p@example.com"}
    parts = [
        {"id": "1", "method": "post", "url": "Customer", "body": body, **group},
        {"id": "2", "method": "delete", "url": one, **group},
    ]
    pair.odata("POST", "$batch", {"requests": parts})


def tell_webhooks(pair: Pair) -> None:
    """The worker claims, tells, tries again and writes down; the metrics' collector looks; all is purged."""
    plant(pair.sharded, subscribed=False)
    site = pair.sharded
    with receiving() as receiver, driving(site) as driven:
        hook = {"name": "67", "format": "json", "url": receiver.url, "encryption_key": "a key"}
        made = site.send(
            "POST",
            "/stores/67/webhooks",
            {**hook, "event_resource": "customer"},
            token=site.other_store_token,
        )
        assert made.status_code == 201, made.text
        pair.same("PATCH", "/customers/201", {"first_name": "Told"}, "other")
        driven.worker._look()
        driven.serve(OTHER_STORE_ID)
        assert receiver.wait_for(1)
        driven.let_it_be_due()
        driven.serve()
    figures = site.ask("/metrics", None, token=None)
    assert "patron_outbox_events" in figures.text
    assert purge(site.engine, days=0, now=4_000_000_000), "nothing was there to purge"


def keep(pair: Pair, folder: Path) -> None:
    """What operators do, by their commands."""
    site, file = pair.sharded, folder / "67.ndjson"
    new = {"PATRON_SECRET_KEY": f"another {SECRET}", "PATRON_OTHER_SECRET_KEYS": SECRET}
    exported = patron(site, "export", "--store", "67").stdout
    assert exported.count("\n") > 5
    assert masked(exported) == masked(patron(pair.whole, "export", "--store", "67").stdout)
    file.write_text(exported)
    for command in (
        ("export", "--store", "66", "--customer", "115"),
        ("import", str(file), "--store", "67"),
        ("erase", "--store", "66", "--customer", "116", "--yes", "--cancel-subscriptions"),
        ("erasures",),
        ("purge",),
    ):
        said = patron(site, *command)
        assert said.returncode == 0, (command, said.stderr, said.stdout)
    said = patron(site, "keys", "rotate", **new)
    assert said.returncode == 0, said.stderr
