"""Pages in an order that is computed of each row: all rows that pass are looked at."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    select,
    true,
)

from app.db.tables import is_global
from app.filtering import STORE, Filtering, owned, scope
from app.odata import bound
from app.odata.compiling import Compiler, Rows, Term
from app.odata.edm import MODEL, EntityType, navigated
from app.odata.ordering import Counts, Ordering, directed
from app.paging import behind
from app.query import Query
from app.reading import Source
from app.routing import route


def sorted_page(
    source: Source, filtering: Filtering, compiler: Compiler, key: str, query: Query, ordering: Ordering
) -> Select[Any]:
    """The rows of a page, with the values by which they are ordered behind them.

    The ids of a page are found first, so that no row is read whole that is not shown.
    """
    table, descents = source.table, ordering.descents
    rows, counts = _counted(compiler, ordering, table)
    rows, led = _led(ordering, table, rows)
    values = ordering.values(compiler, table, counts, led)
    labels = [value.label(f"order_{number}") for number, value in enumerate(values)]
    where = [*owned(source.type, table, key), *_conditions(source, filtering, query)]
    if query.after is not None:
        where.append(behind(values, ordering.places(), list(descents)))
    found = select(*labels).select_from(rows).where(*where).order_by(*directed(values, descents))
    found = found.limit(bindparam("limit", type_=Integer))
    if query.after is None:
        found = found.offset(bindparam("offset", type_=Integer))
    taken = route(source.type, key, query, None)
    if taken.index is not None:
        found = found.with_hint(table, f"INDEXED BY {taken.index}", "sqlite")
    inner = found.subquery()
    order = [inner.c[label.name] for label in labels]
    joined = inner.join(table, _same(table, order[-1]))
    return select(*source.columns, *order).select_from(joined).order_by(*directed(order, descents))


def _counted(compiler: Compiler, ordering: Ordering, table: FromClause) -> tuple[FromClause, Counts]:
    """The rows, each beside how many rows its navigations have, all of which are counted at once."""
    rows, counts = table, dict[bound.Counted, ColumnElement[int]]()
    for each in dict.fromkeys(ordering.counted):
        counted = compiler.counts(each, {bound.ITSELF: (ordering.type, table)}).subquery()
        rows = rows.outerjoin(counted, counted.c.owner == table.c.id)
        counts[each] = counted.c.number
    return rows, counts


def _led(ordering: Ordering, table: FromClause, rows: FromClause) -> tuple[FromClause, Rows]:
    """The rows, each beside those that its navigations lead to, so that each of these is read once."""
    joined = dict[str, tuple[EntityType, FromClause]]()
    for name in dict.fromkeys(ordering.led):
        navigation = navigated(ordering.type, name)
        target = MODEL[navigation.target]
        if is_global(target.resource.table):
            continue  # it is one row for all
        theirs = target.resource.table.alias()
        own_key = str(ordering.type.resource.embeddable[navigation.relation].own_key)
        rows = rows.outerjoin(theirs, and_(*scope(target.resource, theirs), theirs.c.id == table.c[own_key]))
        joined[f"{bound.ITSELF}/{name}"] = target, theirs
    return rows, joined


def _same(table: FromClause, found: ColumnElement[Any]) -> Term:
    if is_global(table):  # type: ignore[arg-type] # a source's table is one
        return table.c.id == found
    return and_(table.c.store_id == STORE, table.c.id == found)


def _conditions(source: Source, filtering: Filtering, query: Query) -> list[Term]:
    conditions = list(filtering.where(source.type, source.table, query.filters))
    if query.partitions and source.type.partition:
        flag = source.table.c[source.type.partition]
        both = len(query.partitions) > 1
        held = flag.in_([false(), true()]) if both else flag == bindparam("partition_0", type_=Boolean)
        conditions.append(held)
    if query.beside is not None:
        conditions += query.beside.terms(source.table)
    return conditions
