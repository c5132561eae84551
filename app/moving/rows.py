"""New rows of customers and of what belongs to them, as tuples for every column of their tables."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table

from app.db.bulk import insert_rows
from app.db.tables import Author, StoreRow, now
from app.db.tally import count, tally_name
from app.db.types import STORED_FORMAT
from app.moving.candidates import Candidate
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.payment_method import PaymentMethod

Row = tuple[Any, ...]
Values = Mapping[str, Any]

TABLES: tuple[type[StoreRow], ...] = (Customer, Attribute, CustomerAddress, PaymentMethod)
"""In the order in which rows are inserted: those that others name come first."""


class NewRows:
    """The new rows of one batch."""

    def __init__(self, store_id: int, author: Author) -> None:
        self._author = author
        moment = stored_now()
        self._makers = {each: Maker(each, store_id, moment) for each in TABLES}
        self._rows: dict[type[StoreRow], list[Row]] = {each: [] for each in TABLES}
        self._store_id = store_id
        self._guests = self._registered = 0

    def add(self, candidate: Candidate, row_id: int, ids: "Supply") -> None:
        """A customer with all that belongs to them."""
        self._rows[Customer].append(self._makers[Customer].row(candidate.columns, row_id))
        if candidate.customer.get("is_anonymous"):
            self._guests += 1
        else:
            self._registered += 1
        for row, given in parts(candidate):
            self.add_part(row, given, row_id, ids)

    def add_part(self, row: type[StoreRow], given: Values, customer_id: int, ids: "Supply") -> None:
        """An address, an attribute or a saved card of a customer."""
        columns = row.columns(given, None, self._author)
        columns["customer_id"] = customer_id
        self._rows[row].append(self._makers[row].row(columns, ids.take(row)))

    def of(self, row: type[StoreRow]) -> list[Row]:
        """Those of one table."""
        return self._rows[row]

    def insert(self, connection: Connection) -> None:
        """Inserts them, and counts those that are counted."""
        for row in TABLES:
            insert_rows(connection, table_of(row), self._rows[row])
        steps = {False: self._registered, True: self._guests}
        named = {tally_name("customer", value): step for value, step in steps.items() if step}
        count(connection, self._store_id, named)


class Supply:
    """The ids that a batch may use up."""

    def __init__(self, ids: Mapping[type[StoreRow], list[int]]) -> None:
        self.left = {row: each[::-1] for row, each in ids.items()}

    def take(self, row: type[StoreRow]) -> int:
        """The next one."""
        return self.left[row].pop()


class Maker:
    """Makes the rows of one table: what is not given has its column's default."""

    def __init__(self, row: type[StoreRow], store_id: int, moment: str) -> None:
        table = table_of(row)
        self._defaults = {str(column.name): _default(column, moment) for column in table.columns}
        self._defaults["store_id"] = store_id
        self._ordered = itemgetter(*self._defaults)

    def row(self, columns: Values, row_id: int) -> Row:
        """A row of these columns."""
        made: Row = self._ordered({**self._defaults, **columns, "id": row_id})
        return made


def parts(candidate: Candidate) -> list[tuple[type[StoreRow], Values]]:
    """What belongs to a customer, each with the class of its row."""
    found: list[tuple[type[StoreRow], Values]] = [(Attribute, each) for each in candidate.attributes]
    found += [(CustomerAddress, each) for each in candidate.addresses]
    if candidate.card:
        found.append((PaymentMethod, candidate.card))
    return found


def stored_now() -> str:
    """This second, as it is stored."""
    return now().strftime(STORED_FORMAT)


def table_of(row: type[StoreRow]) -> Table:
    """The table of a class of rows."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


def _default(column: Any, moment: str) -> Any:
    default = column.default
    if default is None:
        return None
    if default.is_scalar:
        return default.arg
    return moment if column.name in _MOMENTS else None


_MOMENTS = frozenset({"date_created", "date_modified"})
"""Those whose default is now; a whole name, the only other default that is computed, `columns` makes."""
