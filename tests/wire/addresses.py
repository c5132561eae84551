"""Every address that the declarations give, what may be done there, and a row for it to lead to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.db.sessions import store_session
from app.hypermedia import READ, Affordance, Relation, ResourceType
from app.resources import TYPES
from app.resources.attribute import Attribute
from app.resources.item import Item
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.resources.transaction_template import TransactionTemplate
from app.sandbox import STORE_ID
from tests.site import Site
from tests.wire.valid import REGISTRY, new, valid

TRADE = 9001
"""The id of every row that `add_trade` makes."""


@dataclass(frozen=True)
class Address:
    """A URL rule as it is declared: whose id it names, and what stands there."""

    href: str
    owner: ResourceType
    target: ResourceType | None
    methods: tuple[str, ...]
    relation: Relation | Affordance | None = None

    @property
    def rule(self) -> str:
        return self.href.replace("{id}", "<owner_id>")

    @property
    def many(self) -> bool:
        return isinstance(self.relation, Relation) and self.relation.many

    @property
    def rel(self) -> str:
        """The link relation whose page documents it."""
        return self.relation.name if self.relation else self.owner.rel

    def body(self) -> dict[str, Any]:
        """A valid body for it; a default address must have the use that it is the default for."""
        assert self.target
        use = self.relation.use if isinstance(self.relation, Relation) else None
        return valid(self.target) | ({use: True} if use else {})

    @property
    def writing(self) -> tuple[str, ...]:
        return tuple(each for each in self.methods if each not in READ)

    def make(self, site: Site) -> str:
        """Its path for a new owner, where one can be made."""
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
    for owner, affordance in REGISTRY.affordances():
        yield Address(affordance.href, owner, None, affordance.methods, affordance)


ADDRESSES = tuple(declared_addresses())


def add_trade(site: Site, customer_id: int) -> None:
    """Rows of the types that no request makes, of a customer of store 66 who has none."""
    with store_session(site.engine, STORE_ID) as session:
        session.add(Attribute(id=TRADE, name="Closed on", value="Sunday", visibility="public"))
        session.add(TransactionTemplate(id=TRADE))
        session.add(Transaction(id=TRADE, customer_id=customer_id))
        session.add(Transaction(id=TRADE + 1, customer_id=None))
        session.flush()
        session.add(Subscription(id=TRADE, customer_id=customer_id, transaction_template_id=TRADE))
        session.add(Item(id=TRADE, transaction_id=TRADE, name="A book", code="B1"))
        session.add(Item(id=TRADE + 1, transaction_template_id=TRADE, name="A paper"))
