"""Answers kept for an Idempotency-Key: which of them tell of a person, and how they are forgotten."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, delete, or_, select, update

from app.encryption import Cipher
from app.idempotency import IdempotencyKey
from app.keeping.persons import Person

AT_ONCE = 200
"""How many answers are looked at in one statement."""

GONE = 410
FORGOTTEN = "what this was answered with has been erased, together with the customer that it told of"

Kept = dict[str, Any]


def told_of(connection: Connection, cipher: Cipher, person: Person) -> Iterator[Kept]:
    """The rows that tell of a person; `told` is what was answered, None where no key of ours can read it."""
    mentions = _mentions(person)
    for row in _rows(connection, person.store_id):
        answer = cipher.decrypt(row["answer"])
        told = orjson.loads(answer) if answer else None
        by_key = _is_named(person, row["key"])
        if by_key or (row["answer"] and (told is None or mentions(told))):
            yield {**row, "told": told, "by_key": by_key}


def forget(connection: Connection, cipher: Cipher, person: Person) -> int:
    """Forgets what was answered, and not that it was: who sends such a request again makes nothing twice.

    A key in which an email stands goes whole.
    """
    row, count = IdempotencyKey, 0
    empty = {"headers": [["Content-Type", "application/json"]], "body": _gone()}
    for kept in list(told_of(connection, cipher, person)):
        here = (row.store_id == person.store_id, row.client == kept["client"], row.key == kept["key"])
        if kept["by_key"]:
            connection.execute(delete(row).where(*here))
        else:
            answer = cipher.encrypt(orjson.dumps(empty).decode())
            connection.execute(update(row).where(*here).values(status=GONE, answer=answer))
        count += 1
    return count


def _rows(connection: Connection, store_id: int) -> Iterator[Kept]:
    row = IdempotencyKey
    after: tuple[str, str] | None = None
    columns = select(row.client, row.key, row.claimed_at, row.status, row.answer)
    while True:
        page = columns.where(row.store_id == store_id).order_by(row.client, row.key).limit(AT_ONCE)
        if after is not None:
            page = page.where(or_(row.client > after[0], (row.client == after[0]) & (row.key > after[1])))
        found = connection.execute(page).mappings().all()
        yield from (dict(each) for each in found)
        if len(found) < AT_ONCE:
            return
        after = found[-1]["client"], found[-1]["key"]


def _mentions(person: Person) -> Any:
    """Tells whether an answer leads to one of the customers, or says one of the emails."""
    ids = "|".join(map(str, person.customers)) or "-"
    link = re.compile(rf"/customers/(?:{ids})(?![0-9])|customer_id=(?:{ids})(?![0-9])")

    def mentions(told: Kept) -> bool:
        text = orjson.dumps([told["headers"], told["body"]]).decode()
        return bool(link.search(text)) or _is_named(person, text)

    return mentions


def _is_named(person: Person, text: str) -> bool:
    """Whether an email stands in a text, as it is or as JSON and XML write it."""
    low = text.lower()
    forms = {form for email in person.emails for form in _forms(email.lower())}
    return any(each in low for each in forms)


def _forms(email: str) -> tuple[str, ...]:
    escaped = email.replace("&", "&amp;")
    return email, escaped, orjson.dumps(email).decode()[1:-1]


def _gone() -> str:
    errors = [{"logref": "erased", "message": FORGOTTEN, "code": "erased"}]
    return orjson.dumps({"total": 1, "_embedded": {"fx:errors": errors}}).decode()
