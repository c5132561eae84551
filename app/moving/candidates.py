"""Customers of a source, checked and ready to be written: what nobody needs the database for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.db.tables import Author
from app.errors import Fault, Refusal
from app.hypermedia import ResourceType
from app.moving.checks import Checks
from app.moving.documents import Parts, parts_of, repeated
from app.moving.forms import Part, named
from app.moving.lines import Line, Manner, Reasons
from app.passwords import Overloaded, Stored, UnsupportedHashType
from app.resources.attribute import CUSTOMER_ATTRIBUTE
from app.resources.customer import CUSTOMER, Customer
from app.resources.customer_address import CUSTOMER_ADDRESS
from app.resources.payment_method import PAYMENT_METHOD
from app.zones import Zone
from representations import Malformed

Values = dict[str, Any]


@dataclass(slots=True)
class Candidate:
    """A customer who may be written: the valid values of each part, and by what they are found again.

    `columns` are those that a new row has of the customer's values apart; `key` is the folded email of one
    who is registered. `checked` says of stored passwords whether a password in clear text is the same.
    """

    line: Line
    customer: Part
    addresses: list[Part]
    attributes: list[Part]
    card: Part | None
    columns: Mapping[str, Any]
    id: int | None
    key: str | None
    checked: dict[Stored, bool] = field(default_factory=dict)


class Unfit(Exception):
    """A customer who cannot be written."""

    def __init__(self, reasons: Reasons) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


class Candidates:
    """Makes candidates of lines.

    :param author: who writes them, and what the store has chosen.
    """

    def __init__(self, author: Author, zone: Zone, manner: Manner) -> None:
        self.author = author
        self._client, self._trusted = manner.client, manner.trusted

        def checks(resource_type: ResourceType) -> Checks:
            return Checks(resource_type, zone, trusted=manner.trusted, lenient=manner.lenient)

        self._customer, self._address = checks(CUSTOMER), checks(CUSTOMER_ADDRESS)
        self._attribute, self._card = checks(CUSTOMER_ATTRIBUTE), checks(PAYMENT_METHOD)

    def of(self, line: Line) -> Candidate:
        """What a line says, checked.

        :raises Unfit: saying of each faulty property what is wrong.
        """
        if line.fault:
            raise Unfit({"": line.fault})
        try:
            parts = parts_of(line.document, is_clean=line.is_clean)
        except Malformed as malformed:
            raise Unfit({"": malformed.message}) from None
        candidate = self._quickly(line, parts) or self._thoroughly(line, parts)
        addresses = [apart for _, _, apart in candidate.addresses]
        attributes = [apart for _, _, apart in candidate.attributes]
        if self._has_doubles(addresses, attributes):
            raise Unfit(dict(repeated(addresses, attributes)))
        line.put_by()
        return candidate

    def _quickly(self, line: Line, parts: Parts) -> Candidate | None:
        """The candidate, where all of it is surely right."""
        author = self.author
        customer = self._customer.quick(parts.customer, author)
        if customer is None:
            return None
        addresses = self._address.all_quick(parts.addresses, author)
        attributes = self._attribute.all_quick(parts.attributes, author)
        card = self._card.quick(parts.card, self._of(customer)) if parts.card else None
        if addresses is None or attributes is None or (parts.card and card is None):
            return None
        return self._made(line, customer, addresses, attributes, card)

    def _thoroughly(self, line: Line, parts: Parts) -> Candidate:
        """The candidate, or all that is wrong with it."""
        reasons: dict[str, str] = {}

        def taken(checks: Checks, given: Values, way: str, author: Author = self.author) -> Part:
            try:
                return checks.thorough(given, author)
            except Refusal as refusal:
                reasons.update((_way(way, each), each.message) for each in refusal.faults)
                return checks.part({})

        customer = taken(self._customer, parts.customer, "")
        addresses = [
            taken(self._address, each, f"customer_addresses[{number}].")
            for number, each in enumerate(parts.addresses)
        ]
        attributes = [
            taken(self._attribute, each, f"attributes[{number}].")
            for number, each in enumerate(parts.attributes)
        ]
        card = taken(self._card, parts.card, _CARD, self._of(customer)) if parts.card else None
        if reasons:
            raise Unfit(reasons)
        return self._made(line, customer, addresses, attributes, card)

    def _of(self, customer: Part) -> Author:
        """Who writes what belongs to a customer that is moved in: the saved card is judged by its owner."""
        return replace(self.author, owner=named(customer))

    def _made(
        self,
        line: Line,
        customer: Part,
        addresses: list[Part],
        attributes: list[Part],
        card: Part | None,
    ) -> Candidate:
        _, _, apart = customer
        try:
            columns = Customer.columns(apart, None, self.author)
        except (UnsupportedHashType, Overloaded) as error:
            raise Unfit({"password": f"password {error}"}) from None
        key = None if apart.get("is_anonymous") else columns["email_key"]
        return Candidate(line, customer, addresses, attributes, card, columns, apart.get("id"), key)

    def _has_doubles(self, addresses: list[Values], attributes: list[Values]) -> bool:
        """Whether a customer has twice what one may have once.

        :raises Unfit: where there are attributes of a client, and none is named.
        """
        if not self._client:
            for each in attributes:
                if each.get("visibility") == "restricted":
                    text = "visibility is restricted to a client: say which by --client"
                    raise Unfit({"attributes.visibility": text})
        names = {each["name"] for each in attributes}
        if len(names) < len(attributes) and _is_twice(attributes):
            return True
        billing = shipping = 0
        names.clear()
        for each in addresses:
            names.add(each["address_name"])
            billing += each.get("is_default_billing", False)
            shipping += each.get("is_default_shipping", False)
        return billing > 1 or shipping > 1 or len(names) < len(addresses)


_CARD = "default_payment_method."


def _is_twice(attributes: list[Values]) -> bool:
    """Whether two attributes have a name and a visibility in common."""
    for each in attributes:
        each.setdefault("visibility", "private")
    return len({(each["name"], each["visibility"]) for each in attributes}) < len(attributes)


def _way(way: str, each: Fault) -> str:
    return f"{way}{each.property or ''}"
