"""Entities of an OData service as documents of customers: by the names that our own face has for both."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.db.tables import Base
from app.hypermedia import ResourceType
from app.names import parted_name
from app.odata.creating import LONGEST
from app.odata.edm import MODEL, EntityType
from app.odata.writing import USES
from app.pulling.columns import require_clean
from app.pulling.documents import Document
from app.pulling.translating import as_declared
from app.resources.customer import CUSTOMER, Customer
from app.resources.customer_address import CUSTOMER_ADDRESS, CustomerAddress

Entity = Mapping[str, Any]

LEFT_OUT = frozenset({"store_id", "customer_id", "password"})
"""The account, whose customer it is, and what is never shown."""

WHOLE_NAMES = ("name", "full_name")


def customer_of(entity: Entity, href: str, addresses: Mapping[str, list[Entity]]) -> Document:
    """A customer's document.

    :param href: where the entity is.
    :param addresses: the entities of each set of addresses, by its name.
    :raises NotTaken: where it holds what no format could show.
    """
    said = _values(MODEL["Customer"], entity)
    listed = list(_addresses(addresses))
    embedded = {"customer_addresses": listed, "attributes": []}
    whole = {"_links": {"self": {"href": href}}, **said, "_embedded": embedded}
    require_clean(whole)
    return Document(whole, href)


def whole_name(entity: Entity) -> str | None:
    """What a customer is called, in one."""
    said = entity.get("Name")
    return said if isinstance(said, str) else None


def _values(entity_type: EntityType, entity: Entity) -> dict[str, Any]:
    """What an entity says, by the API's names; a name in one is parted."""
    found: dict[str, Any] = {}
    for path, each in entity_type.primitives.items():
        holder: Any = entity if len(path) == 1 else entity.get(path[0])
        if not isinstance(holder, Mapping) or path[-1] not in holder or each.of in LEFT_OUT:
            continue
        value = holder[path[-1]]
        found |= parted_name(value) if each.of in WHOLE_NAMES and isinstance(value, str) else {each.of: value}
    return as_declared(_API[entity_type.resource.row], found)


_API: Mapping[type[Base], ResourceType] = {Customer: CUSTOMER, CustomerAddress: CUSTOMER_ADDRESS}
"""The types that the API has for the rows behind entities."""


def _addresses(several: Mapping[str, list[Entity]]) -> Iterator[dict[str, Any]]:
    """The addresses of both sets; one that stands in both, the same in each, is one with both uses."""
    made: list[dict[str, Any]] = []
    taken: set[str] = set()
    for name, entities in several.items():
        use = USES[name]
        others = {each.name: False for each in USES.values() if each is not use}
        for entity in entities:
            said = {"id": entity.get("Id"), **_values(MODEL[name], entity)}
            twin = next((each for each in made if not each[use.name] and _is_same(each, said)), None)
            if twin is not None:
                twin |= {use.name: True, use.flag: bool(said.get(use.flag))}
                continue
            label = str(said.get("display_label") or "").strip()[:LONGEST] or use.label
            address_name = _free(label, taken)
            taken.add(address_name)
            made.append({**said, **others, use.name: True, "address_name": address_name})
    yield from made


def _is_same(one: Entity, other: Entity) -> bool:
    flags = {each.flag for each in USES.values()}
    return all(one.get(name) == value for name, value in other.items() if name not in flags)


def _free(wanted: str, taken: set[str]) -> str:
    """A name, with a number where another has it: as the OData face names addresses."""
    name, number = wanted, 2
    while name in taken:
        end = f" ({number})"
        name, number = wanted[: LONGEST - len(end)] + end, number + 1
    return name
