"""The compiled read path: from a declaration to its SELECTs, and from their rows to resources.

All statements are made once, of exactly the columns that are shown or that links need. Rows become
values by position, without ORM instances.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, Table, bindparam, func, or_, select

from app.auth.scopes import STORE_FULL_ACCESS, Scope
from app.db.indexes import indexes
from app.db.lapsing import as_is_now
from app.db.prepared import Prepared
from app.db.reader import Reader, Row
from app.db.tables import ROW_VERSION
from app.db.types import Json
from app.encryption import Cipher
from app.filtering import OWNER, STORE, scope
from app.hypermedia import FACE, Registry, Relation, ResourceType
from app.schema import column_of, secrets, shown
from app.stored import values_of
from app.transitions import Affordance
from app.zones import Zone
from representations import Rel, Resource, Shape
from representations.compiled import Expression, Named, fixed, is_there, item, truth


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: for which store, through which client, and where that store's clocks are.

    One whose scope does not reach a store has the store 0, which nobody has. A customer in the portal
    is named by `customer_id`, and `face` is the path by which they came there.
    """

    store_id: int
    client: str
    zone: Zone
    scope: Scope = STORE_FULL_ACCESS
    client_row: int = 0
    user_id: int = 0
    customer_id: int = 0
    face: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """The values that every statement takes from the caller."""
        return {
            "store": self.store_id,
            "client": self.client,
            "client_row": self.client_row,
            "user": self.user_id,
            "customer": self.customer_id,
        }


MOST_STATEMENTS = 1024
MOST_LOOKED_AT = 300
"""How many rows are looked at for the first one of some kind."""


class Source:
    """Where the resources of one type come from: its statements, and what its rows become."""

    def __init__(
        self, registry: Registry, reader: Reader, cipher: Cipher, resource_type: ResourceType
    ) -> None:
        self.type = resource_type
        self.shape: Shape = registry.shape(resource_type)
        self.table = resource_type.table
        self.dialect = reader.dialect
        self._reader = reader
        names = (*self.shape.properties, *self.shape.hidden)
        self.columns = [_shown(self.table, self._column(name)) for name in names if name != FACE]
        self._values = values_of(self.columns, cipher, self.dialect, faced=FACE in self.shape.hidden)
        self._drops, self._keeps = self._telling(registry)
        self._variants: dict[tuple[Shape, tuple[bool, ...]], Shape] = {}
        self._guarded = self.guarded(self.shape)
        self._discreet = self._secretless(self.shape)
        self._secrets = [
            at for at, name in enumerate(self.shape.properties) if name in secrets(resource_type.schema)
        ]
        self._statements: dict[tuple[Any, ...], Prepared] = {}
        by_id = self.table.c.id == bindparam("id", type_=Integer)
        self.one = reader.prepare(self.select().where(by_id))
        self.presence = reader.prepare(select(self.table.c.id).where(*scope(self.type, self.table), by_id))

    def resources(self, rows: Sequence[Row], caller: Caller) -> list[Resource]:
        """Rows as resources for a caller, without the links that lead to nothing or are not for it now."""
        read, show, face = self._values, caller.zone.show, caller.face
        shape, discreet = self._shape_for(caller), caller.scope.without_secrets
        made = [Resource(shape, read(row, show, face)) for row in rows]
        for each in made if discreet else ():
            self._hide(each.values)
        for each in made if self._drops else ():
            each.shape = self._variant(shape, self._keeps(each.values))
        return made

    def _shape_for(self, caller: Caller) -> Shape:
        if caller.scope.writes:
            return self._discreet if caller.scope.without_secrets else self.shape
        return self._guarded

    def _hide(self, values: Any) -> None:
        """Takes the secrets, as what is not shown may still be looked for among the values."""
        for at in self._secrets:
            values[at] = None

    def _telling(self, registry: Registry) -> tuple[list[Rel], Callable[[Any], tuple[bool, ...]]]:
        """The relations that not every row has, and how its values tell which of them it has."""
        calls, drops, kept = Named(), list[Rel](), list[Expression]()
        for each in self.type.relations:
            if isinstance(each, Relation) and each.own_key and self.table.c[each.own_key].nullable:
                drops.append(registry.rel(each.name))
                kept.append(is_there(item("values", self.position(each.own_key))))
            if isinstance(each, Affordance) and each.when:
                drops.append(registry.rel(each.name))
                needs = [item("values", self.position(name)) for name in each.when.needs]
                kept.append(truth(calls.call(each.when.holds, *needs)))
        return drops, calls.function(["values"], fixed(kept))

    def _variant(self, shape: Shape, kept: tuple[bool, ...]) -> Shape:
        """The shape of the rows that have just these of the relations."""
        found = self._variants.get((shape, kept))
        if found is None:
            found = shape
            for rel, keep in zip(self._drops, kept, strict=True):
                found = found if keep else found.without(rel)
            self._variants[shape, kept] = found
        return found

    def guarded(self, shape: Shape) -> Shape:
        """A shape of this type for callers who may neither write nor see secrets."""
        return self._secretless(for_readers(shape))

    def _secretless(self, shape: Shape) -> Shape:
        return shape.only(frozenset(shown(self.type.schema, secrets=False)))

    def position(self, name: str) -> int:
        """Where a column's value stands among the values."""
        return self.shape.index[name]

    def values(self, row: Row, caller: Caller) -> list[Any]:
        """A row as values: moments as the store shows them, flags true or false, secrets in clear."""
        values: list[Any] = self._values(row, caller.zone.show, caller.face)
        return values

    def _column(self, name: str) -> str:
        """The column that holds a value."""
        return "version" if name == ROW_VERSION else column_of(self.type.schema, name)

    def blank(self, registry: Registry, relation: Relation) -> "Blank":
        """What a relation shows before its row is first written."""
        given = {"version": 0, **relation.unwritten}
        values: list[Any] = []
        for column in self.columns:
            empty = False if isinstance(column.type, Boolean) else None
            if isinstance(column.type, Json) and column.default is not None:
                empty = column.default.arg
            values.append(given.get(str(column.name), empty))
        places = {name: self.position(name) for name in ("store_id", str(relation.child_key))}
        shape = registry.blank_shape(relation)
        guarded = self.guarded(shape)
        return Blank(shape, guarded, values, places["store_id"], places[str(relation.child_key)])

    def batch(self, key: str, size: int, flags: tuple[str, ...], *, ranked: bool) -> Prepared:
        """The rows of several owners at once, at most `limit`; with any of the flags, where given.

        :param ranked: number each owner's rows, and leave out those beyond `each`.
        """

        def make() -> Select[Any]:
            column = self.table.c[key]
            statement = self.indexed(self.select(), key)
            if key != "store_id":
                owners = [bindparam(f"owner_{at}", type_=Integer) for at in range(size)]
                statement = statement.where(column.in_(owners) if size > 1 else column == owners[0])
            if flags:
                statement = statement.where(or_(*(self.table.c[flag] for flag in flags)))
            order: tuple[ColumnElement[Any], ...] = (column, self.table.c.id)
            if ranked:
                rank = func.row_number().over(partition_by=column, order_by=self.table.c.id).label("rank")
                inner = statement.add_columns(rank).subquery()
                shown = [inner.c[str(each.name)] for each in self.columns]
                statement = select(*shown).where(inner.c.rank <= bindparam("each", type_=Integer))
                order = (inner.c[key], inner.c.id)
            return statement.order_by(*order).limit(bindparam("limit", type_=Integer))

        return self.prepared(("batch", key, size, flags, ranked), make)

    def related(self, key: str, flag: str | None) -> Prepared:
        """The one row whose `key` column names an owner, with a flag where the relation has one."""

        def make() -> Select[Any]:
            statement = self.indexed(self.select().where(self.table.c[key] == OWNER), key)
            return statement.where(self.table.c[flag]) if flag else statement

        return self.prepared(("related", key, flag), make)

    def first(self, column: str, flag: str | None) -> Prepared:
        """The first value of a column, an id, in the first rows of a store by an index that has it."""

        def make() -> Select[Any]:
            found = (members[:2] for members in indexes(self.table).members.values())
            by = self.table.c[column if ("store_id", column) in found else "id"]
            first = select(self.table).where(self.table.c.store_id == STORE, by > 0)
            rows = self.indexed(first, str(by.name)).order_by(by, self.table.c.id).limit(MOST_LOOKED_AT)
            seen = rows.subquery("first")
            told = [*scope(self.type, seen), seen.c[column] > 0, *([seen.c[flag]] if flag else [])]
            return select(seen.c[column]).where(*told).order_by(seen.c[str(by.name)], seen.c.id).limit(1)

        return self.prepared(("first", column, flag), make)

    def prepared(self, key: tuple[Any, ...], make: Callable[[], Select[Any]]) -> Prepared:
        """A statement of this source that is made once; the queries of clients make ever new ones."""
        prepared = self._statements.get(key)
        if prepared is None:
            if len(self._statements) > MOST_STATEMENTS:
                self._statements.clear()
            prepared = self._statements[key] = self._reader.prepare(make())
        return prepared

    def select(self) -> Select[Any]:
        """What a resource is made of, from all rows that a caller may see."""
        return select(*self.columns).where(*scope(self.type, self.table))

    def indexed(self, statement: Select[Any], *equal: str) -> Select[Any]:
        """The statement, held on SQLite to the index of the columns that are narrowed to values.

        Without statistics SQLite takes every store for a small one and reads all its rows in the
        order of the primary key. PostgreSQL keeps statistics by itself.
        """
        fixed = (*self.type.set_apart_by, *equal)
        columns = ("store_id", *(name for name in fixed if name not in {"store_id", "id"}))
        for index, members in indexes(self.table).members.items():
            if len(columns) > 1 and members in (columns, (*columns, "id")):
                return statement.with_hint(self.table, f"INDEXED BY {index}", "sqlite")
        return statement


def _shown(table: Table, name: str) -> ColumnElement[Any]:
    """A column as it is read; what it is now keeps its name."""
    now = as_is_now(table, table, name)
    return now if now is table.c[name] else now.label(name)


@lru_cache(maxsize=512)
def for_readers(shape: Shape) -> Shape:
    """A shape for callers who may not write: no action of it does."""
    return replace(shape, actions=tuple(each for each in shape.actions if each.method == "GET"))


@dataclass(frozen=True, slots=True)
class Blank:
    """A related row that has not been written: its shape, its values, and where the owner is named."""

    shape: Shape
    guarded: Shape
    values: Sequence[Any]
    store_at: int
    owner_at: int

    def resource(self, caller: Caller, owner_id: int) -> Resource:
        """The blank resource of one owner, for a caller."""
        values = [*self.values, caller.face]
        values[self.store_at] = caller.store_id
        values[self.owner_at] = owner_id
        is_whole = caller.scope.writes and not caller.scope.without_secrets
        return Resource(self.shape if is_whole else self.guarded, values)
