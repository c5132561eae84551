"""What customers may change of their addresses: what the store lets them manage, and has not locked."""

from sqlalchemy import Integer, bindparam, select

from app.db.reader import Reader
from app.errors import Refusal
from app.hypermedia import ResourceType
from app.portal.types import OWN_ADDRESS
from app.reading import Caller
from app.resources.customer import Customer
from representations import Resource

USES = {"for_billing": "billing", "for_shipping": "shipping"}
OF_A_NEW_ONE = ("for_shipping",)


class AddressPermissions:
    """Holds writes of addresses against the customer's flags, and the address's own lock."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        flags = (Customer.allow_billing_address_management, Customer.allow_shipping_address_management)
        mine = (
            Customer.store_id == bindparam("store", type_=Integer),
            Customer.id == bindparam("customer", type_=Integer),
        )
        self._flags = reader.prepare(select(*flags).where(*mine))

    def permit(self, target: ResourceType, caller: Caller, seen: Resource | None) -> None:
        """Lets a write pass that the customer may make. An address is managed in each of its uses.

        :param seen: the address as it is, or as it stands blank; None for a new one.
        :raises Refusal: 403, saying what the store has not allowed.
        """
        if target is not OWN_ADDRESS:
            return
        if seen is not None and seen.value("is_locked"):
            raise Refusal.of(403, "This address is locked: only the store may change it.", code="locked")
        uses = OF_A_NEW_ONE if seen is None else [use for use in USES if seen.value(use)]
        for billing, shipping in self._reader.run(self._flags, caller.parameters):
            allowed = {"for_billing": billing, "for_shipping": shipping}
            for use in uses:
                if not allowed[use]:
                    message = f"The store does not let you manage {USES[use]} addresses."
                    raise Refusal.of(403, message, code="not_allowed")
