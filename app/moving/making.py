"""Rows as tuples, with a value for every column of their table."""

from collections.abc import Mapping
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from app.db.tables import StoreRow

Row = tuple[Any, ...]
Values = Mapping[str, Any]

MOMENTS = frozenset({"date_created", "date_modified"})
"""The columns whose default is now; the only other default that is computed, a whole name, is made before."""


class Maker:
    """Makes the rows of one table: what is not given has its column's default."""

    def __init__(self, row: type[StoreRow]) -> None:
        self._defaults = defaults(row)
        self._ordered = itemgetter(*self._defaults)

    def row(self, columns: Values, store_id: int, row_id: int, customer_id: int | None, moment: str) -> Row:
        """A row of these columns.

        :param customer_id: whose it is; None for a customer.
        :param moment: now, as it is stored.
        """
        keys = {"store_id": store_id, "id": row_id, "customer_id": customer_id}
        made: Row = self._ordered({**self._defaults, **dict.fromkeys(MOMENTS, moment), **columns, **keys})
        return made


@cache
def maker_of(row: type[StoreRow]) -> Maker:
    """The maker of a class's rows."""
    return Maker(row)


def defaults(row: type[StoreRow]) -> dict[str, Any]:
    """The columns of a table in their order, each with what it has where nothing is given."""
    return {str(column.name): _default(column.default) for column in table_of(row).columns}


def table_of(row: type[StoreRow]) -> Table:
    """The table of a class of rows."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


def _default(default: Any) -> Any:
    return default.arg if default is not None and default.is_scalar else None
