"""Transactions and subscriptions of another server, with their items, templates and attributes."""

from app.pulling.columns import incoming, incoming_attributes
from app.pulling.documents import Document, id_in
from app.pulling.following import Reader
from app.pulling.rows import Group, Incoming
from app.pulling.translating import Moments
from app.resources.attribute import SUBSCRIPTION_ATTRIBUTE, TRANSACTION_ATTRIBUTE
from app.resources.item import ITEM
from app.resources.subscription import SUBSCRIPTION
from app.resources.transaction import TRANSACTION
from app.resources.transaction_template import TRANSACTION_TEMPLATE

TRANSACTION_ZOOM = "items"
SUBSCRIPTION_ZOOM = "transaction_template:items"

ATTRIBUTE_NAMES = ("name", "visibility", "client")
ITEM_NAMES = ("name", "code", "price", "quantity")


class Purchases:
    """Makes rows of them."""

    def __init__(self, reader: Reader, moment: Moments, client: str) -> None:
        self._reader, self._moment, self._client = reader, moment, client

    def transaction(self, document: Document, *, may_be_cut: bool) -> list[Incoming]:
        """A transaction.

        :raises NotTaken: where it makes no sense here.
        :raises Unread: where what belongs to it cannot be read.
        """
        made = incoming(
            TRANSACTION,
            document,
            self._moment,
            customer_id=id_in(document.link("customer")),
            subscription_id=id_in(document.link("subscription")),
        )
        made.columns["display_id"] = made.columns.get("display_id") or str(made.id)
        attributes = self._reader.many(document, "attributes", may_be_cut=may_be_cut)
        own = incoming_attributes(TRANSACTION_ATTRIBUTE, attributes, self._moment, self._client)
        made.groups = [
            Group("transaction_id", ITEM_NAMES, self._items(document, may_be_cut=may_be_cut)),
            Group("transaction_id", ATTRIBUTE_NAMES, own),
        ]
        return [made]

    def subscription(self, document: Document, *, may_be_cut: bool) -> list[Incoming]:
        """A subscription, behind the template of its transactions.

        :raises NotTaken: where it makes no sense here.
        :raises Unread: where what belongs to it cannot be read.
        """
        template = self._reader.one(document, "transaction_template")
        found = [] if template is None else [incoming(TRANSACTION_TEMPLATE, template, self._moment)]
        if template is not None:
            items = self._items(template, may_be_cut=may_be_cut)
            found[0].groups = [Group("transaction_template_id", ITEM_NAMES, items)]
        made = incoming(
            SUBSCRIPTION,
            document,
            self._moment,
            customer_id=id_in(document.link("customer")),
            transaction_template_id=found[0].id if found else None,
            last_transaction_id=id_in(document.link("last_transaction")),
        )
        attributes = self._reader.many(document, "attributes", may_be_cut=may_be_cut)
        own = incoming_attributes(SUBSCRIPTION_ATTRIBUTE, attributes, self._moment, self._client)
        made.groups = [Group("subscription_id", ATTRIBUTE_NAMES, own)]
        return [*found, made]

    def _items(self, owner: Document, *, may_be_cut: bool) -> list[Incoming]:
        documents = self._reader.many(owner, "items", may_be_cut=may_be_cut)
        return [incoming(ITEM, each, self._moment) for each in documents]
