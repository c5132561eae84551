"""Entities are created: alone, or a customer together with addresses, all of them or none (deep insert)."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, bindparam, select

from app.conditions import Precondition
from app.db.ids import LARGEST
from app.db.reader import Reader
from app.errors import Refusal
from app.fields import BLANK
from app.hypermedia import Relation, ResourceType
from app.odata.bodies import Said, read_document, said_in
from app.odata.bound import Options
from app.odata.edm import MODEL, EntityType
from app.odata.exchange import Asked, Visitor
from app.odata.faults import absent
from app.odata.types import ACCOUNT, LIFTOFF_CUSTOMER
from app.odata.writing import (
    NOT_FOUND,
    USES,
    Kept,
    Writing,
    refusing,
    request_of,
    require_own_account,
)
from app.query import Query
from app.reading import Caller
from app.resources.customer_address import CustomerAddress
from app.resources.store import STORE
from app.validation import Values, fault
from app.writing import Place, write_collection

_CUSTOMERS = next(each for each in STORE.relations if isinstance(each, Relation) and each.name == "customers")

_ADDRESSES = {MODEL[each.target].name: each for each in MODEL["Customer"].navigations if each.many}
"""The navigations that lead to addresses, by the name of their set."""


class Creating:
    """Creates entities."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._names = AddressNames(writing.writer.reader)

    def create(
        self,
        asked: Asked,
        visitor: Visitor,
        entity: EntityType,
        options: Options | None,
        owner_id: int | None = None,
    ) -> Kept:
        """Creates what the body says, with what stands in it.

        :param options: what is read of it afterwards; None for nothing. What was created along is expanded.
        :param owner_id: the customer in whose navigation it is created.
        :raises Refusal: what cannot be created, and why.
        """
        said = said_in(read_document(asked), entity, asked, creating=True)
        precondition = Precondition(asked.headers.get("if-match"), asked.headers.get("if-none-match"))
        precondition.require_version(0)
        require_own_account(said, visitor.caller)
        _require_one_default(said)
        if not any(said.below.values()):
            return self._one(asked, visitor, said, options, owner_id)
        return self._writing.writer.together(visitor.caller, lambda: self._all(asked, visitor, said, options))

    def _all(self, asked: Asked, visitor: Visitor, said: Said, options: Options | None) -> Kept:
        """A customer and their addresses."""
        made = self._one(asked, visitor, replace(said, values=dict(said.values)), None, None)
        for navigation, below in said.below.items():
            for at, each in enumerate(below):
                own = replace(each, values=dict(each.values))
                self._one(asked, visitor, own, None, made.key, f"{navigation}/{at}/")
        if options is None:
            return made
        shown = _expanding(options, said)
        found = self._writing.read(visitor, said.type, made.key, shown)
        return replace(made, version=found.version, found=found, options=shown)

    def _one(
        self,
        asked: Asked,
        visitor: Visitor,
        said: Said,
        options: Options | None,
        owner_id: int | None,
        way: str = "",
    ) -> Kept:
        entity = said.type
        missing = None if owner_id is None else absent(MODEL["Customer"], owner_id)
        with refusing(entity, way, missing):
            if entity.resource.row is CustomerAddress:
                place = self._among_addresses(visitor, said, owner_id)
            else:
                place = _place(ACCOUNT, _CUSTOMERS, entity.resource, visitor, visitor.caller.store_id)
            request = replace(request_of(asked, said.values, "POST"), precondition=Precondition(None, None))
            return write_collection(
                self._writing.writer, place, request, Query(), self._writing.kept(visitor, entity, options)
            )

    def _among_addresses(self, visitor: Visitor, said: Said, owner_id: int | None) -> Place:
        """The addresses of the customer who is named, by the address, by the body, or by both alike.

        :raises Refusal: 400 where nobody is, or one who is not there; 404 where the address names nobody.
        """
        entity, use = said.type, USES[said.type.name]
        owner = _owner(said, owner_id)
        if owner_id is None:
            self._require_customer(visitor, owner)
        navigation = _ADDRESSES[entity.name]
        relation = next(each for each in LIFTOFF_CUSTOMER.relations if each.name == navigation.relation)
        assert isinstance(relation, Relation)
        others = dict.fromkeys((each.name for each in USES.values()), False)

        def beside(sent: Values) -> Values:
            name = self._names.free(visitor.caller, owner, sent.get("display_label"), use.label)
            return {**others, use.name: True, "address_name": name}

        place = _place(LIFTOFF_CUSTOMER, relation, entity.resource, visitor, owner)
        return replace(place, beside=beside)

    def _require_customer(self, visitor: Visitor, owner: int) -> None:
        try:
            if not 0 < owner <= LARGEST:
                raise absent(MODEL["Customer"], owner)
            self._writing.writer.catalogue.row(LIFTOFF_CUSTOMER, visitor.caller, owner)
        except Refusal as refusal:
            if refusal.status != NOT_FOUND:
                raise
            message = "customer_id names no customer of this account"
            raise Refusal.of(400, message, properties=["customer_id"], code="not_a_customer") from refusal


class AddressNames:
    """Names for addresses, which the API's clients know them by, and which Liftoff's do not set."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        of_store = CustomerAddress.store_id == bindparam("store", type_=Integer)
        of_customer = CustomerAddress.customer_id == bindparam("owner", type_=Integer)
        self._taken = reader.prepare(select(CustomerAddress.address_name).where(of_store, of_customer))

    def free(self, caller: Caller, customer_id: int, label: Any, otherwise: str) -> str:
        """The label, or what stands for it; with a number where another of the customer's has that name."""
        said = label.strip()[:LONGEST] if isinstance(label, str) else ""
        wanted = said or otherwise
        rows = self._reader.run(self._taken, caller.parameters | {"owner": customer_id})
        taken, name, number = {row[0] for row in rows}, wanted, 2
        while name in taken:
            end = f" ({number})"
            name, number = wanted[: LONGEST - len(end)] + end, number + 1
        return name


LONGEST: int = CustomerAddress.__table__.c.address_name.type.length  # type: ignore[attr-defined] # it is a text
"""How many characters an address's name may have."""


def _owner(said: Said, owner_id: int | None) -> int:
    """The customer to whom an address is to belong.

    :raises Refusal: 400 where none is named, or two are.
    """
    named = [each for each in (owner_id, said.bound.get("Customer")) if each is not None]
    sent = said.values.pop("customer_id", None)
    if sent is not None and (not isinstance(sent, int) or isinstance(sent, bool)):
        raise Refusal(400, (fault("customer_id", ["is not a number"]),))
    named += [sent] if sent is not None else []
    if not named:
        raise Refusal(400, (fault("customer_id", [BLANK]),))
    if len(set(named)) > 1:
        message = "customer_id must be the customer to whom the address is added"
        raise Refusal.of(400, message, properties=["customer_id"], code="ambiguous")
    return named[0]


def _require_one_default(said: Said) -> None:
    """Refuses several addresses that each are to be the one default.

    :raises Refusal: 400.
    """
    for navigation, below in said.below.items():
        flag = USES[below[0].type.name].flag if below else ""
        if [each.values.get(flag) for each in below].count(True) > 1:
            name = f"{navigation}/IsDefault"
            raise Refusal.of(400, f"{name} is true of several: one is the default", properties=[name])


def _place(
    owner: ResourceType, relation: Relation, target: ResourceType, visitor: Visitor, owner_id: int
) -> Place:
    return Place(owner=owner, relation=relation, target=target, caller=visitor.caller, owner_id=owner_id)


def _expanding(options: Options, said: Said) -> Options:
    """The options, with what was created along expanded: the answer shows all that was sent."""
    known = {name for name, _ in options.expand}
    more = tuple((name, Options()) for name, below in said.below.items() if below and name not in known)
    return replace(options, expand=options.expand + more)
