"""From the HAL document of a customer to what belongs to it, whosever it is.

Relations are told apart by their names alone, so those of any curie, or written as whole addresses, do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.resources.customer import SECRETS
from representations import Malformed
from representations.body import fault_in

Document = Mapping[str, Any]

DEFAULTS = (
    ("default_billing_address", "is_default_billing", "for_billing"),
    ("default_shipping_address", "is_default_shipping", "for_shipping"),
)
"""The relations that embed a default address, each with its flag and its use."""

MOST_OF_A_KIND = 10_000
"""How many addresses, or attributes, one customer may bring."""


@dataclass(slots=True)
class Parts:
    """What a customer's document holds, each part as it stands there."""

    customer: dict[str, Any]
    addresses: list[dict[str, Any]]
    attributes: list[dict[str, Any]]
    card: dict[str, Any] | None


def parts_of(document: Any, *, is_clean: bool = False) -> Parts:
    """Takes a document apart.

    :param is_clean: whether it is known to hold no characters that some format cannot carry.
    :raises Malformed: where it is no document of a customer.
    """
    if not isinstance(document, dict):
        raise Malformed("is not an object")
    if not is_clean and (fault := fault_in(document)):
        raise Malformed(fault)
    embedded = _embedded(document)
    customer = document
    if customer.get("is_anonymous") is True:  # elsewhere guests have passwords that nobody knows
        customer = {name: value for name, value in document.items() if name not in SECRETS}
    return Parts(
        customer,
        _addresses(embedded),
        _many(embedded, "attributes"),
        _card(embedded.get("default_payment_method")),
    )


def _embedded(document: Document) -> dict[str, Any]:
    """What is embedded, by the bare name of its relation."""
    embedded = document.get("_embedded")
    if embedded is None:
        return {}
    if not isinstance(embedded, dict):
        raise Malformed("_embedded is not an object")
    return {_bare(rel): value for rel, value in embedded.items()}


@lru_cache(maxsize=256)
def _bare(rel: str) -> str:
    """`attributes` of `fx:attributes` and of `https://example.com/rels/attributes`."""
    return rel.rpartition("/")[2].rpartition(":")[2]


def _many(embedded: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = embedded.get(name)
    if value is None:
        return []
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list):
        raise Malformed(f"{name} are not objects")
    for each in found:
        if not isinstance(each, dict):
            raise Malformed(f"{name} are not objects")
    if len(found) > MOST_OF_A_KIND:
        raise Malformed(f"{name}: {len(found)}, at most {MOST_OF_A_KIND} are taken")
    return found


def _addresses(embedded: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All addresses, those of them marked that stand as defaults besides.

    A default one is told apart by its name, which is unique among a customer's own.
    """
    listed = _many(embedded, "customer_addresses")
    if _stand_alone(listed, embedded):
        return listed
    listed = [dict(each) for each in listed]
    for name, flag, use in DEFAULTS:
        default = embedded.get(name)
        if default is not None and not isinstance(default, dict):
            raise Malformed(f"{name} is not an object")
        if default and not _is_blank(default) and not any(each.get(flag) is True for each in listed):
            _named(listed, default, name)[flag] = True
        for each in listed:
            if each.get(flag) is True:
                each.setdefault(use, True)
    return listed


def _stand_alone(listed: Sequence[Document], embedded: Mapping[str, Any]) -> bool:
    """Whether none stands as a default besides, and those that are flagged so say that they are used so."""
    for name, flag, use in DEFAULTS:
        if name in embedded:
            return False
        for each in listed:
            if use not in each and each.get(flag) is True:
                return False
    return True


_CONTENT = ("address1", "address2", "city", "postal_code", "phone", "company")


def _is_blank(default: Document) -> bool:
    """Whether a default address has never been written: then a country may stand in it, or a name."""
    return not any(default.get(name) for name in _CONTENT)


def _named(listed: list[dict[str, Any]], default: Document, relation: str) -> dict[str, Any]:
    """The address of a list that stands as a default besides; it is added where it is not there."""
    name = default.get("address_name") or relation.replace("_", " ").title()
    for each in listed:
        if each.get("address_name") == name:
            return each
    made = {**default, "address_name": name}
    listed.append(made)
    return made


def _card(card: Any) -> dict[str, Any] | None:
    """The saved card; none where it has never been written."""
    if card is None:
        return None
    if not isinstance(card, dict):
        raise Malformed("default_payment_method is not an object")
    is_written = any(card.get(name) for name in ("date_created", "cc_number", "cc_number_masked"))
    return card if is_written else None


def repeated(addresses: Sequence[Document], attributes: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """What must be unique among a customer's own and is not: the way to it, and what is wrong."""
    yield from _twice(addresses, "customer_addresses", ("address_name",), _NAME_TAKEN)
    yield from _twice(attributes, "attributes", ("name", "visibility"), "has already been taken")
    for _, flag, _ in DEFAULTS:
        if sum(each.get(flag) is True for each in addresses) > 1:
            yield "customer_addresses", f"have more than one {flag}"


_NAME_TAKEN = "this address name already exists for this customer"


def _twice(rows: Sequence[Document], name: str, keys: Sequence[str], text: str) -> Iterator[tuple[str, str]]:
    seen = set[tuple[Any, ...]]()
    for number, each in enumerate(rows):
        key = tuple(each.get(part) for part in keys)
        if key in seen:
            yield f"{name}[{number}].{keys[0]}", text
        seen.add(key)
