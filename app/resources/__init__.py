"""The nouns: one file each, with its table, its schema and its declaration."""

from app.hypermedia import ResourceType
from app.resources.attribute import CUSTOMER_ATTRIBUTE, STORE_ATTRIBUTE
from app.resources.customer import CUSTOMER
from app.resources.customer_address import CUSTOMER_ADDRESS
from app.resources.item import ITEM
from app.resources.payment_method import PAYMENT_METHOD
from app.resources.store import STORE
from app.resources.subscription import SUBSCRIPTION
from app.resources.transaction import TRANSACTION
from app.resources.transaction_template import TRANSACTION_TEMPLATE

TYPES: tuple[ResourceType, ...] = (
    STORE,
    CUSTOMER,
    CUSTOMER_ATTRIBUTE,
    STORE_ATTRIBUTE,
    CUSTOMER_ADDRESS,
    PAYMENT_METHOD,
    TRANSACTION,
    SUBSCRIPTION,
    TRANSACTION_TEMPLATE,
    ITEM,
)
