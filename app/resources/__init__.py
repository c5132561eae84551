"""The nouns: one file each, with its table, its schema and its declaration."""

from app.hypermedia import ResourceType
from app.resources.attribute import (
    CUSTOMER_ATTRIBUTE,
    STORE_ATTRIBUTE,
    SUBSCRIPTION_ATTRIBUTE,
    TRANSACTION_ATTRIBUTE,
)
from app.resources.client import CLIENT
from app.resources.customer import CUSTOMER
from app.resources.customer_address import CUSTOMER_ADDRESS
from app.resources.customer_portal_settings import CUSTOMER_PORTAL_SETTINGS
from app.resources.item import ITEM
from app.resources.payment_method import PAYMENT_METHOD
from app.resources.store import STORE
from app.resources.subscription import SUBSCRIPTION
from app.resources.transaction import TRANSACTION
from app.resources.transaction_template import TRANSACTION_TEMPLATE
from app.resources.user import USER
from app.resources.webhook import WEBHOOK
from app.resources.webhook_log import WEBHOOK_LOG
from app.resources.webhook_status import WEBHOOK_STATUS

TYPES: tuple[ResourceType, ...] = (
    STORE,
    CUSTOMER,
    CUSTOMER_ATTRIBUTE,
    STORE_ATTRIBUTE,
    TRANSACTION_ATTRIBUTE,
    SUBSCRIPTION_ATTRIBUTE,
    CUSTOMER_ADDRESS,
    PAYMENT_METHOD,
    CUSTOMER_PORTAL_SETTINGS,
    TRANSACTION,
    SUBSCRIPTION,
    TRANSACTION_TEMPLATE,
    ITEM,
    WEBHOOK,
    WEBHOOK_STATUS,
    WEBHOOK_LOG,
    CLIENT,
    USER,
)
