"""New rows of customers and of what belongs to them, those of a batch at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.db.bulk import insert_rows
from app.db.tables import Author, StoreRow, now
from app.db.tally import count, tally_name
from app.db.types import STORED_FORMAT
from app.moving.candidates import Candidate
from app.moving.forms import Part, named
from app.moving.making import Row, maker_of, table_of
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.payment_method import PaymentMethod

Values = Mapping[str, Any]

TABLES: tuple[type[StoreRow], ...] = (Customer, Attribute, CustomerAddress, PaymentMethod)
"""In the order in which rows are inserted: those that others name come first."""


class NewRows:
    """The new rows of one batch."""

    def __init__(self, store_id: int, author: Author) -> None:
        self._author, self._moment = author, stored_now()
        self._rows: dict[type[StoreRow], list[Row]] = {each: [] for each in TABLES}
        self._store_id = store_id
        self._guests = self._registered = 0

    def add(self, candidate: Candidate, row_id: int, ids: "Supply") -> None:
        """A customer with all that belongs to them."""
        form, values, _ = candidate.customer
        made = form.row(values, candidate.columns, self._store_id, row_id, None, self._moment)
        self._rows[Customer].append(made)
        if candidate.columns.get("is_anonymous"):
            self._guests += 1
        else:
            self._registered += 1
        if candidate.attributes:
            self._add(Attribute, candidate.attributes, row_id, ids)
        if candidate.addresses:
            self._add(CustomerAddress, candidate.addresses, row_id, ids)
        if candidate.card:
            self._add(PaymentMethod, [candidate.card], row_id, ids)

    def add_part(self, row: type[StoreRow], given: Values, customer_id: int, ids: "Supply") -> None:
        """An address, an attribute or a saved card of a customer who is there."""
        columns = row.columns(given, None, self._author)
        made = maker_of(row).row(columns, self._store_id, ids.left[row].pop(), customer_id, self._moment)
        self._rows[row].append(made)

    def _add(self, row: type[StoreRow], several: list[Part], customer_id: int, ids: "Supply") -> None:
        take, add, columns = ids.left[row].pop, self._rows[row].append, row.columns
        store_id, author, moment = self._store_id, self._author, self._moment
        for form, values, apart in several:
            add(form.row(values, columns(apart, None, author), store_id, take(), customer_id, moment))

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


def parts(candidate: Candidate) -> list[tuple[type[StoreRow], Values]]:
    """What belongs to a customer, each with the class of its row."""
    found: list[tuple[type[StoreRow], Values]]
    found = [(Attribute, named(each)) for each in candidate.attributes]
    found += [(CustomerAddress, named(each)) for each in candidate.addresses]
    if candidate.card:
        found.append((PaymentMethod, named(candidate.card)))
    return found


def stored_now() -> str:
    """This second, as it is stored."""
    return now().strftime(STORED_FORMAT)
