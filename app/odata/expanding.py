"""$expand: what navigations lead to, one statement for each, whether of one entity or of a hundred."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select

from app.db.reader import Row, Run
from app.embedding import ALTOGETHER, owners_named, size_for
from app.errors import Refusal
from app.filtering import scope
from app.odata import bound
from app.odata.bound import Options
from app.odata.compiling import Compiler, Term
from app.odata.edm import MODEL, EntityType, Navigation, navigated
from app.odata.expressions import parameters
from app.odata.faults import absent
from app.odata.found import Found, Listed
from app.odata.ordering import Ordering, directed
from app.odata.rows import Rows
from app.odata.tokens import Token
from app.reading import Caller

Expand = Sequence[tuple[str, Options]]


@dataclass(slots=True)
class _Left:
    """How many entities an answer may still be expanded to, and how many each list in it may have."""

    most: int
    count: int = field(default=ALTOGETHER)

    def spend(self, count: int) -> None:
        """Takes so many.

        :raises Refusal: 400 where there are not so many left.
        """
        self.count -= count
        if self.count < 0:
            message = f"more than {ALTOGETHER} entities would be expanded: ask for fewer by $top"
            raise Refusal.of(400, message, properties=["$expand"], code="expand_too_large")


def _shown(found: Found, known: dict[int, int]) -> int:
    """How many entities are shown below one. Those that several lead to are read once, and shown by each."""
    count = known.get(id(found))
    if count is None:
        below = [
            each
            for expanded in found.expanded.values()
            for each in (expanded.found if isinstance(expanded, Listed) else (expanded,))
        ]
        count = known[id(found)] = len(below) + sum(_shown(each, known) for each in below)
    return count


class Expanding:
    """Expands entities that were found."""

    def __init__(self, rows: Mapping[str, Rows], compiler: Compiler) -> None:
        self._rows = rows
        self._compiler = compiler

    def expand(
        self, run: Run, caller: Caller, entity: EntityType, found: Sequence[Found], expand: Expand, most: int
    ) -> list[Found]:
        """The entities, all of one type, with what these navigations of theirs lead to.

        :param most: how many entities are listed at once, of each navigation (Protocol 4.01 §8.2.8.5).
        :raises Refusal: 400 where that is too much for one answer.
        """
        expanded, known = self._expand(run, caller, entity, found, expand, _Left(most)), dict[int, int]()
        _Left(most).spend(sum(_shown(each, known) for each in expanded))
        return expanded

    def _expand(
        self,
        run: Run,
        caller: Caller,
        entity: EntityType,
        found: Sequence[Found],
        expand: Expand,
        left: _Left,
    ) -> list[Found]:
        if not expand or not found:
            return list(found)
        columns = []
        for name, options in expand:
            navigation = navigated(entity, name)
            load = self._many if navigation.many else self._one
            columns.append(load(run, caller, entity, navigation, found, options, left))
        names = [name for name, _ in expand]
        return [
            replace(each, expanded=dict(zip(names, contents, strict=True)))
            for each, *contents in zip(found, *columns, strict=True)
        ]

    def _one(
        self,
        run: Run,
        caller: Caller,
        entity: EntityType,
        navigation: Navigation,
        found: Sequence[Found],
        options: Options,
        left: _Left,
    ) -> list[Found]:
        relation = entity.resource.embeddable[navigation.relation]
        target, rows = MODEL[navigation.target], self._rows[navigation.target]
        ids = [each.values[str(relation.own_key)] for each in found]
        owners = list(dict.fromkeys(ids))
        statement = rows.source.batch("id", size_for(len(owners)), (), ranked=False)
        loaded = run(statement, caller.parameters | owners_named(owners) | {"limit": len(owners)})
        left.spend(len(loaded))
        led = self._expand(run, caller, target, rows.found(loaded, caller), options.expand, left)
        by_id = {each.values["id"]: each for each in led}
        for missing in (each for each in owners if each not in by_id):
            raise absent(target, missing)
        return [by_id[each] for each in ids]

    def _many(
        self,
        run: Run,
        caller: Caller,
        entity: EntityType,
        navigation: Navigation,
        found: Sequence[Found],
        options: Options,
        left: _Left,
    ) -> list[Listed]:
        relation = entity.resource.embeddable[navigation.relation]
        target, rows = MODEL[navigation.target], self._rows[navigation.target]
        lists = _Lists(rows, self._compiler, target, str(relation.child_key), options, left.most)
        owners = [each.values["id"] for each in found]
        values = caller.parameters | owners_named(owners) | lists.values
        read = run(lists.rows(size_for(len(owners))), values) if lists.reach else []
        left.spend(len(read))
        totals = None
        if options.count:
            totals = {row[0]: int(row[1]) for row in run(lists.totals(size_for(len(owners))), values)}
        members = rows.found(read, caller)
        members = self._expand(run, caller, target, members, options.expand, left)
        return list(lists.listed(owners, read, members, totals))


class _Lists:
    """What one navigation of many owners leads to: its statements, and what becomes of their rows."""

    def __init__(
        self, rows: Rows, compiler: Compiler, target: EntityType, key: str, options: Options, most: int
    ) -> None:
        self._source, self._compiler, self._target, self._key = rows.source, compiler, target, key
        self._options, self._ordering = options, Ordering(target, options.order)
        self._shown = most if options.top is None else min(most, options.top)
        self.reach = self._shown + (options.top is None or options.top > most)

    @property
    def values(self) -> dict[str, Any]:
        """What the statements take."""
        skipped = min(self._options.skip or 0, ALTOGETHER)
        values: dict[str, Any] = {"passed": skipped, "reach": skipped + self.reach, "limit": ALTOGETHER + 1}
        for each in (self._options.filter, *(term.expression for term in self._options.order)):
            values |= parameters(each, self._compiler.dialect) if each is not None else {}
        return values

    def rows(self, size: int) -> Any:
        """The rows, those of each owner together and in their order, with what a token needs behind them."""
        form = ("expanded", self._key, size, self._options.filter, self._options.order)
        return self._source.prepared(form, lambda: self._ranked(size))

    def totals(self, size: int) -> Any:
        """How many rows each owner has."""

        def make() -> Select[Any]:
            key = self._source.table.c[self._key]
            statement = select(key, func.count()).where(*self._scope(), *self._where(size)).group_by(key)
            return self._source.indexed(statement, self._key)

        return self._source.prepared(("totals", self._key, size, self._options.filter), make)

    def listed(
        self,
        owners: Sequence[int],
        rows: Sequence[Row],
        members: Sequence[Found],
        totals: Mapping[int, int] | None,
    ) -> Iterator[Listed]:
        """What each owner's navigation leads to."""
        of_owner: dict[int, list[tuple[Row, Found]]] = {owner: [] for owner in owners}
        at = self._source.position(self._key)
        for row, member in zip(rows, members, strict=True):
            of_owner[row[at]].append((row, member))
        for owner in owners:
            shown = of_owner[owner][: self._shown]
            token = self._token(shown[-1][0]) if len(of_owner[owner]) > len(shown) and shown else None
            total = None if totals is None else totals.get(owner, 0)
            yield Listed([member for _, member in shown], total, token)

    def _token(self, row: Row) -> str:
        keys = self._ordering.keys
        after = tuple(row[len(self._source.columns) :][: len(keys)])
        left = None if self._options.top is None else self._options.top - self._shown
        return Token(left, (self._options.skip or 0) + self._shown, after).text(keys)

    def _ranked(self, size: int) -> Select[Any]:
        source, table = self._source, self._source.table
        order = directed(self._ordering.values(self._compiler, table), self._ordering.descents)
        rank = func.row_number().over(partition_by=table.c[self._key], order_by=order).label("rank")
        kept = self._ordering.kept(self._compiler, table)
        labels = [each.label(f"order_{number}") for number, each in enumerate(kept)]
        ranked = source.indexed(source.select().where(*self._where(size)), self._key)
        inner = ranked.add_columns(*labels, rank).subquery()
        shown = [inner.c[str(each.name)] for each in (*source.columns, *labels)]
        within = (
            inner.c.rank > bindparam("passed", type_=Integer),
            inner.c.rank <= bindparam("reach", type_=Integer),
        )
        ordered = select(*shown).where(*within).order_by(inner.c[self._key], inner.c.rank)
        return ordered.limit(bindparam("limit", type_=Integer))

    def _where(self, size: int) -> list[Term]:
        key = self._source.table.c[self._key]
        owners: list[ColumnElement[int]] = [bindparam(f"owner_{at}", type_=Integer) for at in range(size)]
        where = [key.in_(owners) if size > 1 else key == owners[0]]
        if self._options.filter is not None:
            itself = {bound.ITSELF: (self._target, self._source.table)}
            where.append(self._compiler.test(self._options.filter, itself))
        return where

    def _scope(self) -> list[Term]:
        return scope(self._source.type, self._source.table)
