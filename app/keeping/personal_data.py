"""All that is held on a person, as one JSON document: `patron export --customer`.

It has the rows of every table that are about them, column by column, but for what only proves who they
are: hashes of passwords and sessions, and temporary passwords, are no use to them and a danger elsewhere.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, select

from app.db.tables import Base, now
from app.db.types import Ciphertext
from app.delays import SignInFailure
from app.encryption import Cipher
from app.keeping import answers
from app.keeping.persons import Person, about, find, others_of_email, tables
from app.payloads import as_told
from app.registries import joined
from app.resources import TYPES

WITHHELD: Mapping[str, frozenset[str]] = {
    "customer": frozenset(
        {"password_hash", "password_salt", "password_hash_type", "password_hash_config", "forgot_password"}
    ),
    "customer_session": frozenset({"hash", "temporary"}),
    "webhook_status": frozenset({"lease", "lease_until"}),
}
"""The columns that are left out. The document names them."""

ENCODED = ("payload",)
"""Columns of JSON that webhooks were told; what they must not be told over http is left out here too."""


def personal_data(engine: Engine, cipher: Cipher, store_id: int, named: str) -> dict[str, Any] | None:
    """The document of the person of that id or email; None where there is nothing about them."""
    with engine.connect() as connection:
        person = find(connection, store_id, named)
        found = {table: rows for table, rows in _found(connection, cipher, person) if rows}
        if not found:
            return None
        return {
            "store_id": store_id,
            "customers": list(person.customers),
            "others_with_the_same_email": others_of_email(connection, person),
            "exported_at": now().isoformat(),
            "left_out": {table: sorted(names) for table, names in WITHHELD.items() if table in found},
            "held": found,
        }


def encoded(document: Mapping[str, Any]) -> bytes:
    """The document as text: UTF-8, two spaces deep."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(document, default=_shown, option=options)


def failures(person: Person, cipher: Cipher) -> Any:
    """The condition that rows of `sign_in_failure` are about a person."""
    accounts = [each for email in person.emails for each in cipher.accounts(person.store_id, email)]
    return (SignInFailure.store_id == person.store_id) & SignInFailure.account.in_(sorted(set(accounts)))


def _found(connection: Connection, cipher: Cipher, person: Person) -> Iterator[tuple[str, list[Any]]]:
    for table in tables():
        yield table.name, list(_rows(connection, table, about(table, person)))
    delays: Table = Base.metadata.tables[SignInFailure.__tablename__]
    yield delays.name, list(_rows(connection, delays, failures(person, cipher)))
    yield "idempotency_key", [_kept(each) for each in answers.told_of(connection, cipher, person)]


def _rows(connection: Connection, table: Table, condition: Any) -> Iterator[dict[str, Any]]:
    kept = [each for each in table.columns if each.name not in WITHHELD.get(table.name, ())]
    assert not any(isinstance(each.type, Ciphertext) for each in kept)
    for row in connection.execute(select(*kept).where(condition).order_by(*table.primary_key)).mappings():
        yield {name: _read(value) if name in ENCODED else value for name, value in row.items()}


def _read(payload: str | None) -> Any:
    return payload and orjson.loads(as_told(joined(TYPES, "/rels/"), payload, None))


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """What was answered, unless a secret stands in it: then that there was an answer."""
    told = row["told"]
    body = told and told["body"]
    is_secret = body is not None and any(each in body for each in ("password_hash", "forgot_password"))
    shown = {name: row[name] for name in ("client", "key", "claimed_at", "status")}
    return shown | {"answer": "left out: it holds a secret" if is_secret else body}


def _shown(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
