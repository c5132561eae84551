"""A customer about whom there is something everywhere, and the search for what is left of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from click.testing import CliRunner
from sqlalchemy import delete, inspect

from app.cli import main
from app.db.engine import unguarded_engine
from app.encryption import Cipher
from app.events import Event
from app.logs import configure_logs
from app.resources.webhook import Webhook
from tests.portal.customers import sign_in
from tests.receiver import Heard, receiving
from tests.site import SECRET, XML, Site
from tests.wire.delivering import driving

PASSWORD = "an unlikely pass phrase"


@dataclass(frozen=True)
class Said:
    """What a command has said, and with what it ended."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Planted:
    """The customer. `canary` stands in whatever was told of them, in any case of its letters."""

    site: Site
    id: int
    canary: str

    @property
    def email(self) -> str:
        return f"{self.canary}@example.com"

    @property
    def ip(self) -> str:
        return f"10.{'.'.join(str(each) for each in bytes.fromhex(self.canary[-6:]))}"

    @property
    def named(self) -> tuple[str, ...]:
        return ("--store", "66", "--customer", str(self.id))

    def patron(self, *arguments: str, **variables: str) -> Said:
        """A command about the site's database."""
        return patron(self.site, *arguments, **variables)


def patron(site: Site, *arguments: str, **variables: str) -> Said:
    """A command about a site's database, in this process: it starts in a third of the time."""
    settings = {"PATRON_DATABASE_URL": site.url, "PATRON_SECRET_KEY": SECRET}
    try:
        result = CliRunner().invoke(main, arguments, env=settings | variables, catch_exceptions=False)
    finally:
        configure_logs()  # it has written to the command's own stderr
    return Said(result.exit_code, result.stdout, result.stderr)


def plant(site: Site, *, subscribed: bool = True) -> Planted:
    """A customer with all that a customer can have, told of to two webhooks, of which one refuses."""
    canary = f"Canary{uuid4().hex}"
    given = {"first_name": canary, "last_name": canary, "tax_id": canary, "external_id": canary}
    asked = {"email": f"{canary}@example.com", "password": PASSWORD, "forgot_password": canary, **given}
    with site.engine.begin() as connection:  # receivers of others, who listen no more
        for table in (Event, Webhook):
            connection.execute(delete(table).where(table.store_id == 66))
    with receiving() as receiver, driving(site) as driven:
        receiver.body = canary.encode()
        receiver.answer = lambda heard: _refusing(heard, canary)
        for resource in ("customer", "transaction", "subscription"):
            _listen(site, resource, receiver.url)
        made = _post(site, "/stores/66/customers", asked, Idempotency_Key=uuid4().hex)
        planted = Planted(site, made["id"], canary)
        driven.serve()  # as it was before anything else came of it
        _tell_more(planted, subscribed=subscribed)
        driven.serve()
    _post(site, f"/customers/{planted.id}/attributes", {"name": "last", "value": canary})
    return planted


def _refusing(heard: Heard, canary: str) -> int:
    return 500 if canary.encode() in heard.body and b"/transactions/" in heard.body else 200


def _listen(site: Site, resource: str, url: str) -> None:
    zoom = "" if resource == "customer" else "zoom=customer"
    _post(
        site,
        "/stores/66/webhooks",
        {
            "name": resource,
            "format": "json",
            "url": url,
            "encryption_key": "a key",
            "event_resource": resource,
            "query": zoom,
        },
    )


def _tell_more(planted: Planted, *, subscribed: bool) -> None:
    site, canary, path = planted.site, planted.canary, f"/customers/{planted.id}"
    for accept in ("application/hal+json", XML):
        for key in (uuid4().hex, f"{accept[-4:]}-{canary}@example.com"):
            named = {"address_name": f"{canary} {key[:20]}", "address1": canary, "city": canary}
            named |= {"phone": canary, "company": canary}
            _post(site, f"{path}/addresses", named, accept=accept, Idempotency_Key=key)
    _post(site, f"{path}/attributes", {"name": f"{canary} name", "value": canary})
    card = {"cc_number": "4111111111111111", "cc_exp_month": "12", "cc_exp_year": "2040"}
    assert site.send("PATCH", f"{path}/default_payment_method", card).status_code == 200
    item = {"name": "A book", "price": 12.5, "quantity": 2, "shipto": canary}
    bought = {"customer_email": f"{canary}@example.com", "checkout_type": "account", "items": [item]}
    bought |= {"customer_ip": planted.ip, "user_agent": canary, "customer_tax_id": canary}
    paid = _post(site, "/stores/66/transactions", bought, Idempotency_Key=uuid4().hex)
    number = paid["_links"]["self"]["href"].rpartition("/")[2]
    _post(site, f"/transactions/{number}/attributes", {"name": "gift for", "value": canary})
    for active in (False, *([True] if subscribed else [])):
        repeated = {"customer_email": f"{canary}@example.com", "frequency": "1m", "items": [item]}
        repeated |= {"third_party_id": canary}
        made = _post(site, "/stores/66/subscriptions", repeated)
        href = made["_links"]["self"]["href"]
        _post(site, f"{href}/attributes", {"name": "for", "value": canary})
        if not active:
            assert site.send("POST", f"{href}/cancel", {}).status_code == 200
    assert sign_in(site, planted.email, PASSWORD).status_code == 200
    assert sign_in(site, planted.email, "a wrong one").status_code == 401
    answer = site.send("POST", "/stores/66/s/customer/forgot_password", {"email": planted.email}, token=None)
    assert answer.status_code == 200, answer.text


def _post(site: Site, path: str, body: Any, accept: str = "application/hal+json", **headers: str) -> Any:
    answer = site.send("POST", path, body, accept=accept, **headers)
    assert answer.status_code == 201, answer.text
    return answer.json if accept != XML else None


def found(site: Site, canary: str) -> dict[str, int]:
    """By table and column, in how many rows a text stands, encrypted or not, in any case of its letters."""
    counted: dict[str, int] = {}
    for table, row in everything(site):
        for column, value in row.items():
            if value is not None and canary.lower() in _readable(value).lower():
                name = f"{table}.{column}"
                counted[name] = counted.get(name, 0) + 1
    return counted


def _readable(value: Any) -> str:
    text = str(value)
    return (Cipher(SECRET).decrypt(text) or "") if text.startswith("gAAAA") else text


def everything(site: Site) -> Iterator[tuple[str, dict[str, Any]]]:
    """All rows of all tables."""
    engine = unguarded_engine(site.url)
    quote = engine.dialect.identifier_preparer.quote
    rows: list[tuple[str, dict[str, Any]]] = []
    with engine.connect() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            found = connection.exec_driver_sql(f"SELECT * FROM {quote(table)}").mappings()
            rows += [(table, dict(row)) for row in found]
    engine.dispose()
    yield from rows
