"""The collections that a store is made of: which relation leads to each, and what it is here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.db.tables import StoreRow
from app.pulling import customers as people
from app.pulling.purchases import SUBSCRIPTION_ZOOM, TRANSACTION_ZOOM
from app.resources.customer import Customer
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.resources.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Part:
    """A collection of the store: the relation that leads to it, how it is asked for, what it is here."""

    name: str
    relation: str
    row: type[StoreRow]
    zoom: str = ""
    is_guests: bool | None = None

    @property
    def filters(self) -> dict[str, str]:
        """hAPI lists guests only where they are asked for (§3.6)."""
        return {} if self.is_guests is None else {"is_anonymous": str(self.is_guests).lower()}

    @property
    def conditions(self) -> Sequence[Any]:
        """Which rows here are of it."""
        return () if self.is_guests is None else (Customer.is_anonymous.is_(self.is_guests),)


CUSTOMERS = Part("customers", "customers", Customer, people.ZOOM, is_guests=False)
GUESTS = Part("guests", "customers", Customer, people.ZOOM, is_guests=True)
SUBSCRIPTIONS = Part("subscriptions", "subscriptions", Subscription, SUBSCRIPTION_ZOOM)
TRANSACTIONS = Part("transactions", "transactions", Transaction, TRANSACTION_ZOOM)
WEBHOOKS = Part("webhooks", "webhooks", Webhook)
PARTS = (CUSTOMERS, GUESTS, SUBSCRIPTIONS, TRANSACTIONS, WEBHOOKS)
"""In this order: transactions name subscriptions, and both of them customers."""
