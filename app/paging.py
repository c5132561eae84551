"""The statements of pages: the rows of an owner, filtered, in an order, from some place on; and how many.

A page walks the index that holds its rows in their order, or finds few rows by one that holds them
by a value and sorts these. A store's rows lie apart by their tallied flag: a page of both kinds is
two walks, merged. A cursor's place is reached at once: on PostgreSQL by comparing rows of values, on
SQLite, whose indexes on expressions cannot, first among the rows that share its value, then beyond.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Label,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from app.comparing import Loose, Term, bound
from app.db.expressions import Lowest, Unindexed, lowest
from app.db.lapsing import as_is_now
from app.db.prepared import Prepared
from app.db.reader import Row
from app.db.tally import Tally, tally_name
from app.filtering import STORE, Filtering, owned
from app.query import Query
from app.query.conditions import own
from app.query.cursors import make_cursor
from app.reading import Source
from app.routing import Route, route

Step = Literal["whole", "tie", "beyond"]
"""What a walk shows of the rows behind a cursor: all, those that share its value, or those beyond it."""


class Pages:
    """The statements of the pages of one source, and the values that they take."""

    def __init__(self, source: Source, filtering: Filtering) -> None:
        self._source = source
        self._filtering = filtering
        self._tally: str | None = getattr(source.type.row, "tally", None)

    def walks(self, key: str, query: Query) -> list[Prepared]:
        """The statements that together give a page of the rows whose `key` column names an owner.

        Each goes on where the one before it ends. Where kept counters know the total, it comes as
        the last column.
        """
        behind = query.after is not None
        form = ("page", key, query.filters, query.partitions, query.beside, query.order, behind)
        steps: tuple[Step, ...] = ("tie", "beyond") if behind and self._in_two(key, query) else ("whole",)
        return [self._walk(form, step, key, query) for step in steps]

    def _in_two(self, key: str, query: Query) -> bool:
        if len(query.order) == 1 or self._source.dialect != "sqlite":
            return False
        return _Page(self._source, self._filtering, key, query).is_walked

    def _walk(self, form: tuple[Any, ...], step: Step, key: str, query: Query) -> Prepared:
        def make() -> Select[Any]:
            total = self._total(query) if self.counted(key, query) else None
            return _Page(self._source, self._filtering, key, query).select(step, total)

        return self._source.prepared((*form, step), make)

    def count(self, key: str, query: Query) -> Prepared:
        """How many rows such pages have in all."""

        def make() -> Select[Any]:
            if self.counted(key, query):
                return self._total(query)
            return _Page(self._source, self._filtering, key, query).count()

        return self._source.prepared(("count", key, query.filters, query.partitions, query.beside), make)

    def counted(self, key: str, query: Query) -> bool:
        """Whether kept counters know the total: of a whole store, narrowed at most by what is tallied."""
        is_whole = not query.filters and query.beside is None
        return key == "store_id" and self._tally is not None and is_whole

    def values(self, query: Query) -> dict[str, Any]:
        """What these statements take from a query."""
        passed_over = query.offset if query.after is None else 0
        values: dict[str, Any] = {
            "limit": query.limit,
            "offset": query.offset,
            "reach": query.limit + passed_over,
        }
        if query.parameters:
            values |= query.parameters
        table = self._source.table.name
        for number, value in enumerate(_UNPARTED if query.partitions is None else query.partitions):
            values[f"partition_{number}"] = value
            values[f"counter_{number}"] = tally_name(table, value)
        if query.after is not None:
            values |= {f"after_{number}": value for number, value in enumerate(query.after)}
        return values

    def cursor(self, query: Query, row: Row) -> str | None:
        """The cursor behind a row of a page; None where only an offset can say it."""
        return make_cursor(query.order, [row[place] for place in places(self._source, query)])

    def _total(self, query: Query) -> Select[Any]:
        names: list[ColumnElement[str]] = [
            bindparam(f"counter_{number}", type_=String)
            for number in range(len(query.partitions) if query.partitions else 1)
        ]
        if len(names) == 1:
            return select(Tally.rows).where(Tally.store_id == STORE, Tally.name == names[0])
        return select(func.sum(Tally.rows)).where(Tally.store_id == STORE, Tally.name.in_(names))


_UNPARTED = (None,)


def places(source: Source, query: Query) -> list[int]:
    """Where in a row the values stand by which a page is ordered: those not shown come after the others."""
    hidden = (number for number in range(len(source.columns), len(source.columns) + len(query.order)))
    index = source.shape.index
    return [index[name] if name in index else next(hidden) for name, _ in query.order]


class _Page:
    """The statement of one form of query."""

    def __init__(self, source: Source, filtering: Filtering, key: str, query: Query) -> None:
        self._source, self._filtering, self._key, self._query = source, filtering, key, query
        self._table = source.table
        fixed = {each.column for each in own(query.filters) if each.operator == "equals"}
        self._order = [
            (number, name, descends)
            for number, (name, descends) in enumerate(query.order)
            if name == "id" or name not in fixed
        ]
        self._route = route(source.type, key, query, tuple((name, down) for _, name, down in self._order))
        hidden = [name for name, _ in query.order if name not in source.shape.index]
        self._columns = [*source.columns, *(self._column(name) for name in hidden)]

    @property
    def is_walked(self) -> bool:
        """Whether an index holds the rows in an order by more than their id."""
        return self._route.walked and len(self._order) == 2

    def select(self, step: Step, total: Select[Any] | None) -> Select[Any]:
        """The rows of a page, with the total where a counter has it."""
        columns = [*self._columns, *([total.scalar_subquery()] if total is not None else [])]
        if self._route.parted and len(self._query.partitions or ()) > 1:
            merged = self._merged(step)
            same = and_(
                self._table.c.store_id == STORE, self._table.c.id == merged.c[self._labels()[-1].name]
            )
            ordering = self._directed([merged.c[label.name] for label in self._labels()])
            return select(*columns).select_from(merged.join(self._table, same)).order_by(*ordering)
        return self._limited(self._walk(columns, step, None).order_by(*self._ordering(step)))

    def _merged(self, step: Step) -> Subquery:
        """The places of a page's rows, of which each partition gives as many as the page may need."""
        reach = bindparam("reach", type_=BigInteger)
        walks = [
            self._walk(self._labels(), step, number).order_by(*self._ordering(step)).limit(reach).subquery()
            for number in range(len(self._query.partitions or ()))
        ]
        merged = union_all(*(select(*walk.c) for walk in walks)).subquery()
        ordering = self._directed([merged.c[label.name] for label in self._labels()])
        return self._limited(select(*merged.c).order_by(*ordering)).subquery()

    def _limited(self, statement: Select[Any]) -> Select[Any]:
        if self._query.after is None:
            statement = statement.offset(bindparam("offset", type_=Integer))
        return statement.limit(bindparam("limit", type_=Integer))

    def count(self) -> Select[Any]:
        """How many rows all pages have."""
        taken = route(self._source.type, self._key, self._query, None)
        statement = select(func.count()).select_from(self._table).where(*self._scope(), *self._parts(taken))
        return self._hinted(statement.where(*self._conditions()), taken)

    def _walk(self, columns: Sequence[Any], step: Step, partition: int | None) -> Select[Any]:
        """The rows behind the cursor, all or those of one partition."""
        loose = None
        if self._query.after is not None:
            _, name, descends = self._order[0]
            loose = Loose(name, low=not descends)
        parts = self._parts(self._route) if partition is None else [self._partition(partition)]
        where = [*self._scope(), *parts, *self._conditions(loose), *self._behind(step)]
        return self._hinted(select(*columns).where(*where), self._route)

    def _conditions(self, loose: Loose | None = None) -> Iterator[Term]:
        yield from self._filtering.where(self._source.type, self._table, self._query.filters, loose)
        if self._query.beside is not None:
            yield from self._query.beside.terms(self._table)

    def _scope(self) -> list[Term]:
        return owned(self._source.type, self._table, self._key)

    def _parts(self, taken: Route) -> list[Term]:
        """The partitions, where they are not walked one by one."""
        if not self._query.partitions:
            return []
        if len(self._query.partitions) == 1:
            return [self._partition(0)]
        return [self._flag.in_([false(), true()])] if taken.parted else []

    def _partition(self, number: int) -> Term:
        return self._flag == bindparam(f"partition_{number}", type_=Boolean)

    @property
    def _flag(self) -> ColumnElement[bool]:
        return self._table.c[str(self._source.type.partition)]

    def _hinted(self, statement: Select[Any], taken: Route) -> Select[Any]:
        if taken.index is None:
            return statement
        return statement.with_hint(self._table, f"INDEXED BY {taken.index}", "sqlite")

    def _values(self) -> list[ColumnElement[Any]]:
        """What a page is ordered by. Where related rows lead to it, no index is searched by that."""
        values = [lowest(self._column(name)) for _, name, _ in self._order]
        return [Unindexed(each) for each in values] if self._route.related else values

    def _labels(self) -> list[Label[Any]]:
        return [each.label(f"order_{number}") for number, each in enumerate(self._values())]

    def _ordering(self, step: Step) -> list[ColumnElement[Any]]:
        """What a walk is ordered by: rows that share a value by their id alone."""
        ordering = self._directed([*self._values()[:-1], self._table.c.id])
        return ordering[-1:] if step == "tie" else ordering

    def _directed(self, values: list[Any]) -> list[ColumnElement[Any]]:
        return [
            value.desc() if descends else value.asc()
            for value, (_, _, descends) in zip(values, self._order, strict=True)
        ]

    def _behind(self, step: Step) -> list[Term]:
        """The conditions that a cursor makes."""
        if self._query.after is None:
            return []
        values = self._values()
        places = [self._place(number, name) for number, name, _ in self._order]
        downs = [descends for _, _, descends in self._order]
        if step == "tie":
            return [values[0] == places[0], _beyond(values[1], places[1], downs[1])]
        if step == "beyond" or len(values) == 1:
            return [_beyond(values[0], places[0], downs[0])]
        first = values[0] <= places[0] if downs[0] else values[0] >= places[0]
        if len(set(downs)) == 1:
            return [first, _beyond(tuple_(*values), tuple_(*places), downs[0])]
        return [first, behind(values, places, downs)]

    def _place(self, number: int, name: str) -> ColumnElement[Any]:
        column = self._column(name)
        place = bound(f"after_{number}", column)
        return Lowest(place) if getattr(column, "nullable", True) else place

    def _column(self, name: str) -> ColumnElement[Any]:
        return as_is_now(self._table, self._table, name)


def behind(values: list[Any], places: list[Any], downs: list[bool]) -> Term:
    """That these values come behind those places, in an order of mixed directions."""
    beyond = _beyond(values[0], places[0], downs[0])
    if len(values) == 1:
        return beyond
    return or_(beyond, and_(values[0] == places[0], behind(values[1:], places[1:], downs[1:])))


def _beyond(value: ColumnElement[Any], place: ColumnElement[Any], descends: bool) -> Term:
    return value < place if descends else value > place
