"""Every address that the declarations give, what may be done there, and a row for it to lead to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.db.sessions import store_session
from app.db.tables import now
from app.encryption import Cipher
from app.hypermedia import READ, Relation, ResourceType
from app.resources import TYPES
from app.resources.attribute import Attribute
from app.resources.item import Item
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.resources.transaction_template import TransactionTemplate
from app.resources.webhook import Webhook
from app.resources.webhook_log import WebhookLog
from app.resources.webhook_status import WebhookStatus
from app.sandbox import STORE_ID
from app.transitions import Affordance, Founding
from tests.site import SECRET, Site
from tests.wire.valid import REGISTRY, new, taking, valid

TRADE = 9001
"""The id of every row that `add_trade` makes, but for the second and the third of a kind."""


@dataclass(frozen=True)
class Address:
    """A URL rule as it is declared: whose id it names, and what stands there."""

    href: str
    owner: ResourceType
    target: ResourceType | None
    methods: tuple[str, ...]
    relation: Relation | Affordance | Founding | None = None

    @property
    def rule(self) -> str:
        return self.href.replace("{id}", "<owner_id>")

    @property
    def many(self) -> bool:
        return isinstance(self.relation, Relation) and self.relation.many

    @property
    def taken(self) -> bool:
        """Whether an affordance is taken there."""
        return isinstance(self.relation, Affordance)

    @property
    def rel(self) -> str:
        """The link relation whose page documents it."""
        return self.relation.name if self.relation else self.owner.rel

    def body(self) -> dict[str, Any]:
        """A valid body for it; a default address must have the use that it is the default for."""
        if isinstance(self.relation, Affordance):
            return taking(self.relation)
        assert self.target
        use = self.relation.use if isinstance(self.relation, Relation) else None
        return valid(self.target) | ({use: True} if use else {})

    @property
    def writing(self) -> tuple[str, ...]:
        return tuple(each for each in self.methods if each not in READ)

    def make(self, site: Site) -> str:
        """Its path for a new owner, where one can be made."""
        if "{id}" not in self.href:
            return self.href
        try:
            path = new(site, self.owner)
        except LookupError:
            path = self.owner.path.replace("{id}", str(TRADE))
        return path if self.relation is None else path + self.href.partition("{id}")[2]


def declared_addresses() -> Iterator[Address]:
    """All addresses of resources."""
    for each in TYPES:
        if "{id}" in each.path:
            yield Address(each.path, each, each, each.methods)
    for owner, relation in REGISTRY.served():
        yield Address(relation.href, owner, REGISTRY.target(relation), relation.methods, relation)
    for target, founding in REGISTRY.founded():
        yield Address(founding.href, target, target, founding.methods, founding)
    for owner, affordance in REGISTRY.affordances():
        yield Address(affordance.href, owner, None, affordance.methods, affordance)


ADDRESSES = tuple(declared_addresses())


def subscription(row_id: int, customer_id: int, **given: Any) -> Subscription:
    """One that began yesterday, after the template of its own id, with the transaction of its own id."""
    began = now() - timedelta(days=1)
    dates = {"start_date": began, "next_transaction_date": began + timedelta(days=30)}
    return Subscription(
        id=row_id,
        customer_id=customer_id,
        transaction_template_id=row_id,
        last_transaction_id=row_id,
        **dates | {"frequency": "1m"} | given,
    )


def add_trade(site: Site, customer_id: int) -> None:
    """Rows of the types that no request makes, of a customer of store 66 who has none."""
    with store_session(site.engine, STORE_ID) as session:
        session.add(Attribute(id=TRADE, name="Closed on", value="Sunday", visibility="public"))
        session.add(TransactionTemplate(id=TRADE))
        session.add(Transaction(id=TRADE, customer_id=customer_id))
        session.add(Transaction(id=TRADE + 1, customer_id=None))
        session.flush()
        session.add(subscription(TRADE, customer_id))
        session.flush()
        session.add(Attribute(id=TRADE + 1, transaction_id=TRADE, name="Gift", value="yes"))
        session.add(Attribute(id=TRADE + 2, subscription_id=TRADE, name="Gift", value="no"))
        session.add(Item(id=TRADE, transaction_id=TRADE, name="A book", code="B1"))
        session.add(Item(id=TRADE + 1, transaction_template_id=TRADE, name="A paper"))
    add_deliveries(site)


def add_deliveries(site: Site) -> None:
    """A webhook, an event that it was told of, and the attempt at it."""
    told = {"webhook_id": TRADE, "resource_type": "customer", "resource_id": 116, "delivery": f"e-{TRADE}"}
    key = Cipher(SECRET).encrypt("a key that only the receiver knows")
    where = {"url": "https://receiver.example/", "format": "json", "event_resource": "customer"}
    with store_session(site.engine, STORE_ID) as session:
        session.add(Webhook(id=TRADE, name="Receiver", encryption_key=key, is_active=0, **where))
        session.flush()
        one = {"event": "customer/modified", "status": "successful", "attempts": 1}
        session.add(WebhookStatus(id=TRADE, sequence=1, next_at=0, **one, **told))
        session.add(WebhookLog(id=TRADE, response_code="200", response_body="thanks", **told))
