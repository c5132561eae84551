"""To which resources a row belongs of which webhooks are told: it follows from the rows' declarations.

A class says what is `told` of its rows, and what they `include`; rows that go with such a one are part
of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from app.db.tables import Base, StoreRow


@dataclass(frozen=True, slots=True)
class Part:
    """How a row belongs to a resource: `column` holds the value that the resource has in `named_in`."""

    resource: type[StoreRow]
    column: str
    named_in: str = "id"

    @property
    def is_itself(self) -> bool:
        """Whether the row is the resource."""
        return self.column == self.named_in == "id"


@lru_cache(maxsize=256)
def parts(row: type[Any]) -> tuple[Part, ...]:
    """To which resources that are told rows of a class belong, and how."""
    if not issubclass(row, StoreRow):
        return ()
    return tuple(_derived(row))


def _derived(row: type[StoreRow]) -> Iterator[Part]:
    if row.told:
        yield Part(row, "id")
    keys = {row.__tablename__: "id"}
    for constraint in table_of(row).foreign_key_constraints:
        if constraint.ondelete == "CASCADE" and len(constraint.column_keys) > 1:
            keys[constraint.referred_table.name] = constraint.column_keys[-1]
    for resource in told().values():
        if resource is not row and resource.__tablename__ in keys:
            yield Part(resource, keys[resource.__tablename__])
        for column in resource.includes:
            if (named := _referred(resource, column)) in keys:
                yield Part(resource, keys[named], column)


@lru_cache(maxsize=1)
def told() -> dict[str, type[StoreRow]]:
    """The classes of rows that are told of, by their tables."""
    classes = (mapper.class_ for mapper in Base.registry.mappers)
    return {each.__tablename__: each for each in classes if issubclass(each, StoreRow) and each.told}


def _referred(row: type[StoreRow], column: str) -> str:
    """The table whose rows a column names."""
    keys = table_of(row).foreign_key_constraints
    return next(each.referred_table.name for each in keys if each.column_keys[-1] == column)


def table_of(row: type[StoreRow]) -> Table:
    """The table of a class of rows."""
    table = row.__table__
    assert isinstance(table, Table)
    return table
