"""From a question of this face to a query of the pages that the other face reads too."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.db.ids import LARGEST
from app.odata.compiling import Compiler
from app.odata.edm import MODEL, EntityType, Navigation, navigated
from app.odata.expressions import parameters
from app.odata.found import Question
from app.odata.narrowing import narrow
from app.odata.ordering import Ordering
from app.odata.tokens import Token, parse_token
from app.query import Query
from app.query.conditions import parameters as compared


@dataclass(frozen=True, slots=True)
class Asking:
    """A query, the column by which rows name their owner, and how many of the rows are shown.

    The query's limit is one row more where another page may follow.
    """

    type: EntityType
    key: str
    owner: int | None
    query: Query
    ordering: Ordering
    size: int
    left: int | None
    skipped: int

    def token(self, after: Sequence[Any] | None) -> str:
        """The token behind a page whose last row has these values."""
        left = None if self.left is None else self.left - self.size
        token = Token(left, self.skipped + self.size, None if after is None else tuple(after))
        return token.text(self.ordering.keys)


def ask(question: Question, compiler: Compiler, size: int) -> Asking:
    """The query of a question.

    :param size: how many rows a page has at most.
    :raises Refusal: 400 for a $skiptoken that is none of this order.
    """
    options = question.options
    ordering = Ordering(question.type, options.order)
    token = Token(_within(options.top), _within(options.skip) or 0)
    if options.token is not None:
        token = parse_token(options.token, ordering.keys)
    left = token.left
    shown = size if left is None else min(size, left)
    narrowed = narrow(question.type, options.filter, compiler)
    values = dict(compared(narrowed.clauses))
    for each in (options.filter, *(term.expression for term in options.order)):
        values |= parameters(each, compiler.dialect) if each is not None else {}
    query = Query(
        limit=shown if left is not None and left <= size else shown + 1,
        offset=token.offset,
        order=ordering.columns or (),
        after=_native(token.after, compiler.dialect),
        filters=narrowed.clauses,
        partitions=narrowed.partitions,
        beside=narrowed.beside,
        parameters=values,
    )
    return Asking(question.type, key_of(question), question.owner, query, ordering, shown, left, token.offset)


def owner_of(question: Question) -> EntityType:
    """The type of the entity whose navigation is asked for."""
    name, target = question.navigation, question.type.name
    return next(
        each
        for each in MODEL.values()
        if isinstance(found := each.members.get(name), Navigation) and found.target == target
    )


def key_of(question: Question) -> str:
    """The column by which the rows that are asked for name whose they are."""
    if question.owner is None:
        return "store_id"
    owner = owner_of(question)
    relation = owner.resource.embeddable[navigated(owner, question.navigation).relation]
    return str(relation.child_key)


def _within(count: int | None) -> int | None:
    return None if count is None else min(count, LARGEST)


def _native(after: Sequence[Any] | None, dialect: str) -> tuple[Any, ...] | None:
    """The values of a token as the engine takes them."""
    if after is None:
        return None
    return tuple(_number(each) if dialect == "sqlite" else each for each in after)


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    whole = int(value) if value == value.to_integral_value() else None
    return whole if whole is not None and abs(whole) < 2**63 else float(value)
