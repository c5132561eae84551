"""The compiled read path: from a declaration to its SELECTs, and from their rows to resources.

All statements are made once, of exactly the columns that are shown or that links need. Rows become
values by position, without ORM instances.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, String, bindparam, func, or_, select

from app.db.reader import Prepared, Reader, Row
from app.db.tables import is_global
from app.db.tally import Tally, tally_name
from app.db.types import Ciphertext, Moment
from app.encryption import Cipher
from app.hypermedia import Registry, Relation, ResourceType
from app.zones import Zone
from representations import Resource, Shape


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: for which store, through which client, and where that store's clocks are."""

    store_id: int
    client: str
    zone: Zone

    @property
    def parameters(self) -> dict[str, Any]:
        """The values that every statement takes from the caller."""
        return {"store": self.store_id, "client": self.client}


_store: ColumnElement[int] = bindparam("store", type_=Integer)
_owner: ColumnElement[int] = bindparam("owner", type_=Integer)


class Source:
    """Where the resources of one type come from: its statements, and what its rows become."""

    def __init__(
        self, registry: Registry, reader: Reader, cipher: Cipher, resource_type: ResourceType
    ) -> None:
        self.type = resource_type
        self.shape: Shape = registry.shape(resource_type)
        self.table = resource_type.table
        self._reader = reader
        self._decrypt = cipher.decrypt
        self.columns = [self.table.c[name] for name in (*self.shape.properties, *self.shape.hidden)]
        kinds = [column.type for column in self.columns]
        self._moments = [at for at, kind in enumerate(kinds) if isinstance(kind, Moment)]
        self._secrets = [at for at, kind in enumerate(kinds) if isinstance(kind, Ciphertext)]
        numeric = reader.dialect == "sqlite"
        self._flags = [at for at, kind in enumerate(kinds) if numeric and isinstance(kind, Boolean)]
        self._optional = [
            (self.position(each.own_key), registry.rel(each.name))
            for each in resource_type.relations
            if isinstance(each, Relation) and each.own_key and self.table.c[each.own_key].nullable
        ]
        self._statements: dict[tuple[Any, ...], Prepared] = {}
        by_id = self.table.c.id == bindparam("id", type_=Integer)
        self.one = reader.prepare(self._select().where(by_id))
        self.presence = reader.prepare(select(self.table.c.id).where(*self._scope(), by_id))

    def resource(self, row: Row, zone: Zone) -> Resource:
        """A row as a resource, without the links that it has nothing to lead to."""
        values, shape = self.values(row, zone), self.shape
        for at, rel in self._optional:
            if values[at] is None:
                shape = shape.without(rel)
        return Resource(shape, values)

    def position(self, name: str) -> int:
        """Where a column's value stands among the values."""
        return self.shape.index[name]

    def values(self, row: Row, zone: Zone) -> list[Any]:
        """A row as values: moments as the store shows them, flags true or false, secrets in clear."""
        values = list(row)
        known = shown = None  # a row that was never modified has the same moment twice
        for at in self._moments:
            stored = values[at]
            if stored is not None:
                if stored != known:
                    known, shown = stored, zone.show(stored)
                values[at] = shown
        for at in self._flags:
            values[at] = values[at] == 1
        for at in self._secrets:
            if values[at] is not None:
                values[at] = self._decrypt(values[at])
        return values

    def blank(self, registry: Registry, relation: Relation) -> "Blank":
        """What a relation shows before its row is first written."""
        given = {"version": 0, **(relation.blank or {})}
        values: list[Any] = []
        for column in self.columns:
            empty = False if isinstance(column.type, Boolean) else None
            values.append(given.get(str(column.name), empty))
        places = {name: self.position(name) for name in ("store_id", str(relation.child_key))}
        return Blank(
            registry.blank_shape(relation), values, places["store_id"], places[str(relation.child_key)]
        )

    def page(self, key: str, names: tuple[str, ...], *, cursor: bool) -> Prepared:
        """A page of the rows whose `key` column names an owner, narrowed by filters of these names.

        Where a kept counter knows the total, it comes as one more column.
        """

        def make() -> Select[Any]:
            statement = self._indexed(self._narrowed(self._select(), key, names), key, *names)
            if self.counted(key, names):
                statement = statement.add_columns(self._total().scalar_subquery())
            if cursor:
                statement = statement.where(self.table.c.id > bindparam("after", type_=Integer))
            else:
                statement = statement.offset(bindparam("offset", type_=Integer))
            return statement.order_by(self.table.c.id).limit(bindparam("limit", type_=Integer))

        return self._prepared(("page", key, names, cursor), make)

    def count(self, key: str, names: tuple[str, ...]) -> Prepared:
        """How many rows such pages have in all."""

        def make() -> Select[Any]:
            if self.counted(key, names):
                return self._total()
            counted = select(func.count()).select_from(self.table).where(*self._scope())
            return self._indexed(self._narrowed(counted, key, names), key, *names)

        return self._prepared(("count", key, names), make)

    def counted(self, key: str, names: tuple[str, ...]) -> bool:
        """Whether a kept counter knows the total: of a whole store, narrowed at most by what is tallied."""
        tally = getattr(self.type.row, "tally", None)
        return key == "store_id" and tally is not None and names == ((tally,) if tally else ())

    def counter(self, filters: Mapping[str, Any]) -> str:
        """The name of that counter."""
        tally = getattr(self.type.row, "tally", None)
        return tally_name(self.table.name, filters[tally] if tally else None)

    def batch(self, key: str, size: int, flags: tuple[str, ...], *, ranked: bool) -> Prepared:
        """The rows of several owners at once, at most `limit`; with any of the flags, where given.

        :param ranked: number each owner's rows, and leave out those beyond `each`.
        """

        def make() -> Select[Any]:
            column = self.table.c[key]
            statement = self._indexed(self._select(), key)
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

        return self._prepared(("batch", key, size, flags, ranked), make)

    def related(self, key: str, flag: str | None) -> Prepared:
        """The one row whose `key` column names an owner, with a flag where the relation has one."""

        def make() -> Select[Any]:
            statement = self._indexed(self._narrowed(self._select(), key, ()), key)
            return statement.where(self.table.c[flag]) if flag else statement

        return self._prepared(("related", key, flag), make)

    def _prepared(self, key: tuple[Any, ...], make: Callable[[], Select[Any]]) -> Prepared:
        prepared = self._statements.get(key)
        if prepared is None:
            prepared = self._statements[key] = self._reader.prepare(make())
        return prepared

    def _select(self) -> Select[Any]:
        return select(*self.columns).where(*self._scope())

    def _scope(self) -> list[ColumnElement[bool]]:
        owner = self.table.c.id if is_global(self.table) else self.table.c.store_id
        narrowed = [self.type.where(self.table)] if self.type.where else []
        return [owner == _store, *narrowed]

    def _narrowed(self, statement: Select[Any], key: str, names: Sequence[str]) -> Select[Any]:
        if key != "store_id":
            statement = statement.where(self.table.c[key] == _owner)
        columns = [self.table.c[name] for name in names]
        return statement.where(
            *(each == bindparam(f"filter_{each.name}", type_=each.type) for each in columns)
        )

    def _indexed(self, statement: Select[Any], *equal: str) -> Select[Any]:
        """The statement, held on SQLite to the index of the columns that are narrowed to values.

        Without statistics SQLite takes every store for a small one and reads all its rows in the
        order of the primary key. PostgreSQL keeps statistics by itself.
        """
        fixed = (self.type.set_apart_by, *equal)
        columns = ["store_id", *(name for name in fixed if name not in {None, "store_id", "id"})]
        for index in sorted(self.table.indexes, key=lambda index: str(index.name)):
            found = [column.name for column in index.columns]
            partial = index.dialect_options["sqlite"]["where"] is not None
            if not partial and len(columns) > 1 and found in (columns, [*columns, "id"]):
                return statement.with_hint(self.table, f"INDEXED BY {index.name}", "sqlite")
        return statement

    def _total(self) -> Select[Any]:
        counter: ColumnElement[str] = bindparam("counter", type_=String)
        return select(Tally.rows).where(Tally.store_id == _store, Tally.name == counter)


@dataclass(frozen=True, slots=True)
class Blank:
    """A related row that has not been written: its shape, its values, and where the owner is named."""

    shape: Shape
    values: Sequence[Any]
    store_at: int
    owner_at: int

    def resource(self, store_id: int, owner_id: int) -> Resource:
        """The blank resource of one owner."""
        values = list(self.values)
        values[self.store_at] = store_id
        values[self.owner_at] = owner_id
        return Resource(self.shape, values)
