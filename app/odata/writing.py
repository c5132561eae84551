"""Entities are changed and deleted as the API's resources are: by the same checks, with the same events."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from app.conditions import Precondition
from app.db.tables import ROW_VERSION
from app.errors import Refusal
from app.odata.bodies import Said, in_terms_of, read_document, reset, said_in
from app.odata.bound import Options
from app.odata.edm import EntityType
from app.odata.exchange import Asked, Visitor
from app.odata.faults import absent
from app.odata.found import Found
from app.query import Query
from app.reading import Caller
from app.resources.customer import CUSTOMER
from app.structures import identical
from app.validation import Values
from app.writing import Request, Writer, Written, clear_use, write_one
from app.writing.joint import current
from representations import Body, Resource

Read = Callable[[Visitor, EntityType, int, Options], Found]
"""Reads one entity; within a transaction that this thread has joined, as that has it."""


NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Kept:
    """What a write has left: the key of the entity, its version, and the entity where it was asked for, as
    it was asked for with `options`."""

    key: int
    version: int
    found: Found | None = None
    options: Options = field(default_factory=Options)


class Writing:
    """Writes entities.

    :param writer: that of this face.
    :param api: that of the API, by which customers are deleted: webhooks are told of them in its words.
    """

    def __init__(self, writer: Writer, api: Writer, read: Read) -> None:
        self.writer = writer
        self._api = api
        self.read = read

    def update(
        self, asked: Asked, visitor: Visitor, entity: EntityType, key: int, options: Options | None
    ) -> Kept:
        """Changes an entity (PATCH), or sets all of it (PUT).

        :param options: what is read of it afterwards; None for nothing.
        :raises Refusal: what cannot be written, and why.
        """
        said = said_in(read_document(asked), entity, asked, creating=False)
        if asked.method == "PUT":
            said.values = reset(entity.structural) | said.values
        return self.change(asked, visitor, said, key, options, whole=asked.method == "PUT")

    def change(
        self,
        asked: Asked,
        visitor: Visitor,
        said: Said,
        key: int,
        options: Options | None,
        *,
        whole: bool = False,
    ) -> Kept:
        """Changes an entity as it was said.

        :param whole: what is required must be among it.
        :raises Refusal: what cannot be written, and why.
        """
        entity, fixed = said.type, _fixed(said, visitor.caller)
        request = replace(
            request_of(asked, said.values, "PUT" if whole else "PATCH"),
            allow=lambda _type, _caller, seen, _given: _require_same(seen, fixed),
        )
        reply = self.kept(visitor, entity, options)
        with refusing(entity, missing=absent(entity, key)):
            return write_one(self.writer, entity.resource, visitor.caller, key, request, Query(), reply)

    def delete(self, asked: Asked, visitor: Visitor, entity: EntityType, key: int) -> None:
        """Deletes a customer; takes from an address the use that its set stands for.

        :raises Refusal: 404 where it is not there, 412 where it has changed, 409 where it cannot go.
        """
        request = request_of(asked, {}, "DELETE")
        with refusing(entity, missing=absent(entity, key)):
            if entity.resource.row is CUSTOMER.row:
                write_one(self._api, CUSTOMER, visitor.caller, key, request, Query(), lambda _: None)
                return
            use = USES[entity.name]
            clear_use(
                self.writer,
                entity.resource,
                visitor.caller,
                key,
                request,
                {use.flag: False, use.name: False},
                tuple(each.name for each in USES.values() if each is not use),
                lambda _: None,
            )

    def kept(
        self, visitor: Visitor, entity: EntityType, options: Options | None
    ) -> Callable[[Written], Kept]:
        """Reads what has been written, in its transaction."""

        def reply(written: Written) -> Kept:
            key, version = written.resource.value("id"), written.resource.value(ROW_VERSION)
            if options is None:
                return Kept(key, version)
            with self._within(written):
                return Kept(key, version, self.read(visitor, entity, key, options), options)

        return reply

    def _within(self, written: Written) -> AbstractContextManager[None]:
        if written.session is None or current() is not None:
            return nullcontext()
        return self.writer.reader.joining(written.session)


@dataclass(frozen=True, slots=True)
class Use:
    """What an address in a set is for: the columns that say so, and that it is the default there."""

    name: str
    flag: str
    label: str


USES: Mapping[str, Use] = {
    "CustomerBillingAddress": Use("for_billing", "is_default_billing", "Billing Address"),
    "CustomerShippingAddress": Use("for_shipping", "is_default_shipping", "Shipping Address"),
}
"""By the name of its set."""


def request_of(asked: Asked, values: Values, method: str) -> Request:
    """A write of these values, under the conditions of the request."""
    headers = asked.headers
    return Request(
        method=method,
        body=Body(values),
        address=asked.address,
        base=asked.base,
        precondition=Precondition(headers.get("if-match"), headers.get("if-none-match")),
        make_hash=asked.hash,
    )


@contextmanager
def refusing(entity: EntityType, way: str = "", missing: Refusal | None = None) -> Iterator[None]:
    """Lets refusals call things what OData calls them.

    :param way: what stands before the names of properties.
    :param missing: the refusal of what should be there already, where it is not.
    """
    try:
        yield
    except Refusal as refusal:
        if refusal.status == NOT_FOUND and missing is not None:
            raise missing from refusal
        raise in_terms_of(entity, refusal, way) from refusal


def _fixed(said: Said, caller: Caller) -> dict[str, Any]:
    """What must be as it is: by the API's names what was said of properties that are set at creation only.

    :raises Refusal: 400 where another account is bound than the visitor's own.
    """
    primitives = said.type.primitives.values()
    named = [each.of for each in primitives if each.immutable and each.of in said.values]
    fixed = {name: said.values.pop(name) for name in named}
    require_own_account(said, caller)
    if "Customer" in said.bound:
        fixed["customer_id"] = said.bound["Customer"]
    return fixed


def require_own_account(said: Said, caller: Caller) -> None:
    """Refuses to bind to another account than the visitor's own.

    :raises Refusal: 400.
    """
    if said.bound.get("Account", caller.store_id) != caller.store_id:
        message = "Account must be that of your credentials"
        raise Refusal.of(400, message, properties=["Account"], code="not_bindable")


def _require_same(seen: Resource, fixed: Mapping[str, Any]) -> None:
    """Refuses to change what is set at creation only.

    :raises Refusal: 400, naming it.
    """
    changed = [each for each, value in fixed.items() if not identical(seen.value(each), value)]
    if changed:
        messages = [f"{each} cannot be changed: it was set at creation" for each in changed]
        raise Refusal.of(400, *messages, properties=changed, code="immutable")
