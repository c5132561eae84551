"""Brings customers who are there already in line with what a source says of them: as a PATCH would.

What a source does not name stays as it is, and so do those dates that say when something happened here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from app.db.tables import Author, StoreRow, now
from app.fields import Date
from app.hypermedia import ResourceType
from app.moving.candidates import Candidate, Unfit
from app.moving.clear_passwords import clear_password, is_same, stored_of
from app.moving.forms import named
from app.moving.lines import Reject
from app.moving.making import table_of
from app.moving.matching import Match
from app.moving.rows import NewRows, Supply, parts
from app.passwords import Hashed
from app.resources.attribute import CUSTOMER_ATTRIBUTE, Attribute
from app.resources.customer import CUSTOMER, Customer
from app.resources.customer_address import CUSTOMER_ADDRESS, CustomerAddress
from app.resources.payment_method import PAYMENT_METHOD, PaymentMethod
from app.schema import Invalid, declared
from app.validation import said_of
from app.writing.writer import altered

if TYPE_CHECKING:
    from app.moving.loading import Outcome

Values = Mapping[str, Any]
Key = tuple[Any, ...]

_NAMED_BY: Mapping[type[StoreRow], tuple[ResourceType, tuple[str, ...]]] = {
    CustomerAddress: (CUSTOMER_ADDRESS, ("address_name",)),
    Attribute: (CUSTOMER_ATTRIBUTE, CUSTOMER_ATTRIBUTE.named_by),
    PaymentMethod: (PAYMENT_METHOD, ()),
}
"""By which properties one of a customer's own rows is found again."""


@dataclass(slots=True)
class _Renewal:
    """What one customer takes: rows to change, and parts to add."""

    changes: list[tuple[type[StoreRow], int, Values]] = field(default_factory=list)
    added: list[tuple[type[StoreRow], Values]] = field(default_factory=list)


def renew(
    connection: Connection,
    store_id: int,
    author: Author,
    again: Sequence[tuple[Candidate, Match]],
    rows: NewRows,
    supply: Supply,
    outcome: "Outcome",
) -> None:
    """Changes what differs, and adds what is not there; parts that are new go to `rows`."""
    if not again:
        return
    known = _Known(connection, store_id, author.client, [match.id for _, match in again])
    for candidate, match in again:
        try:
            renewal = _renewal(candidate, match.id, known, author)
        except Unfit as unfit:
            outcome.rejects.append(Reject(candidate.line, unfit.reasons))
            continue
        if not renewal.changes and not renewal.added:
            outcome.loaded.unchanged += 1
            continue
        _make_way(connection, store_id, match.id, renewal, known)
        for row, row_id, columns in renewal.changes:
            _change(connection, store_id, row, row_id, columns)
        for row, given in renewal.added:
            rows.add_part(row, given, match.id, supply)
        outcome.loaded.updated += 1


class _Known:
    """Customers as they are, held against others, with what belongs to them."""

    def __init__(self, connection: Connection, store_id: int, client: str, ids: Sequence[int]) -> None:
        table = table_of(Customer)
        held = select(table).where(table.c.store_id == store_id, table.c.id.in_(ids)).with_for_update()
        self.customers = {each["id"]: dict(each) for each in connection.execute(held).mappings()}
        self.parts: dict[type[StoreRow], dict[int, dict[Key, dict[str, Any]]]] = {}
        for row, (_, keys) in _NAMED_BY.items():
            of_table, found = table_of(row), defaultdict[int, dict[Key, dict[str, Any]]](dict)
            theirs = select(of_table).where(of_table.c.store_id == store_id, of_table.c.customer_id.in_(ids))
            for each in connection.execute(theirs).mappings():
                if each.get("visibility") != "restricted" or each["client"] == client:
                    found[each["customer_id"]][tuple(each[name] for name in keys)] = dict(each)
            self.parts[row] = found


def _renewal(candidate: Candidate, customer_id: int, known: _Known, author: Author) -> _Renewal:
    """What differs.

    :raises Unfit: where it would not fit what is there.
    """
    made = _Renewal()
    current = known.customers[customer_id]
    given = _without_same_password(candidate, current, author)
    _compare(made, CUSTOMER, Customer, given, current, _by_whom(candidate, author), "")
    for row, part in parts(candidate):
        resource_type, keys = _NAMED_BY[row]
        key = tuple(part.get(name, "private") for name in keys)
        stored = known.parts[row][customer_id].get(key)
        if stored is None:
            made.added.append((row, part))
        else:
            _compare(made, resource_type, row, part, stored, author, f"{resource_type.rel}.")
    return made


def _compare(
    made: _Renewal,
    resource_type: ResourceType,
    row: type[StoreRow],
    given: Values,
    current: Values,
    author: Author,
    way: str,
) -> None:
    changed = _changed(resource_type, given, current)
    if not changed:
        return
    try:
        row.check(changed, current, author)
    except Invalid as invalid:
        raise Unfit({f"{way}{name}": said_of(name, text) for name, text in invalid.faults}) from None
    if columns := altered(row.columns(changed, current, author), current):
        made.changes.append((row, current["id"], columns))


def _changed(resource_type: ResourceType, given: Values, current: Values) -> dict[str, Any]:
    """What is given otherwise than it is stored, with what means something only beside that."""
    groups = _groups(resource_type)
    changed = {name for name, value in given.items() if name in groups and current.get(name) != value}
    together = {groups[name] for name in changed} - {None}
    return {
        name: value
        for name, value in given.items()
        if name in changed or (name in groups and groups[name] in together)
    }


@lru_cache(maxsize=16)
def _groups(resource_type: ResourceType) -> Mapping[str, str | None]:
    """The properties that may change here, each with its group."""
    return {
        name: each.metadata.get("group")
        for name, each in declared(resource_type.schema).items()
        if name != "id" and not each.metadata.get("once") and not (each.dump_only and isinstance(each, Date))
    }


def _without_same_password(candidate: Candidate, current: Values, author: Author) -> Values:
    """A password in clear text that is the stored one changes nothing."""
    given = named(candidate.customer)
    if not given.get("password") or not current["password_hash"]:
        return given
    if not is_same(candidate, stored_of(current), author):
        return given
    return {name: value for name, value in given.items() if name != "password"}


def _by_whom(candidate: Candidate, author: Author) -> Author:
    """Who writes what a candidate is like: a password is hashed already, not within the transaction."""
    if clear_password(candidate) is None:
        return author
    made = Hashed(candidate.columns["password_hash"], candidate.columns["password_salt"])
    return replace(author, hash=lambda *_: made)


def _make_way(
    connection: Connection, store_id: int, customer_id: int, renewal: _Renewal, known: _Known
) -> None:
    """Takes from a customer's other addresses the flags that one of these is about to get."""
    coming: Iterable[tuple[type[StoreRow], int, Values]] = (
        *renewal.changes,
        *((row, 0, given) for row, given in renewal.added),
    )
    for row, row_id, columns in coming:
        for flag in filter(columns.get, row.exclusive):
            for each in known.parts[row][customer_id].values():
                if each[flag] and each["id"] != row_id:
                    _change(connection, store_id, row, each["id"], {flag: False})
                    each[flag] = False


def _change(connection: Connection, store_id: int, row: type[StoreRow], row_id: int, columns: Values) -> None:
    table = table_of(row)
    this = update(table).where(table.c.store_id == store_id, table.c.id == row_id)
    connection.execute(this.values(**columns, version=table.c.version + 1, date_modified=now()))
