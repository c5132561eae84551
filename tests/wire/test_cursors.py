"""Following `next` shows every row that was there all along, once, whatever is written meanwhile."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import delete, insert

from app.db.engine import unguarded_engine
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from tests.site import Site
from tests.wire.crowd import CUSTOMERS, assemble, crowd, customers

assert crowd  # a fixture

ORDERS = ("id", "id desc", "last_name", "last_name desc", "date_created", "date_created desc", "email",
          "last_login_date desc", "first_name,last_name desc", "is_active desc,date_created")  # fmt: skip
NARROWED = (
    "",
    "&is_anonymous=*",
    "&customer_addresses:isdefined=false&is_anonymous=*",
    "&date_created=2000-01-01..x",
)


@pytest.mark.parametrize("narrowed", NARROWED)
def test_no_row_is_skipped_or_repeated_while_others_come_and_go(own_site: Site, narrowed: str) -> None:
    assemble(own_site)
    engine = unguarded_engine(own_site.url)
    for order in ORDERS:
        path = f"{CUSTOMERS}?order={quote(order)}{narrowed}&limit=7&fields=id"
        whole = ids(own_site.hal(path.replace("limit=7", "limit=300")))
        walked, gone, page = [], set(), own_site.hal(path)
        while True:
            walked += ids(page)
            if "next" not in page["_links"]:
                break
            gone |= disturb(engine, ids(page), len(walked))
            page = own_site.hal(page["_links"]["next"]["href"])
        kept = [each for each in walked if each < NEW]
        assert len(walked) == len(set(walked)), order
        assert kept == [each for each in whole if each in kept], order
        assert set(whole) - gone <= set(kept), order
        with engine.begin() as connection:
            connection.execute(delete(Customer).where(Customer.id >= NEW))
            restored = [each for each in customers() if each["id"] in gone]
            for each in restored:
                connection.execute(insert(Customer), [each])
    engine.dispose()


NEW = 100_000


def disturb(engine: Any, seen: list[int], number: int) -> set[int]:
    """Deletes the last row of a page, behind which the cursor stands, and puts others on both sides."""
    with engine.begin() as connection:
        connection.execute(delete(Customer).where(Customer.store_id == STORE_ID, Customer.id == seen[-1]))
        for at, row in enumerate(customers()[:6]):
            new = NEW + number * 10 + at
            connection.execute(insert(Customer), [row | {"id": new, "email_key": f"new{new}@example.com"}])
    return {seen[-1]}


def ids(page: dict[str, Any]) -> list[int]:
    return [each["id"] for each in page["_embedded"]["fx:customers"]]


def made(*values: Any) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


BAD_CURSORS = [
    ("id", "x"), ("id", "-1"), ("id", ""), ("id", made("a", 1)), ("id desc", "1.0"),
    ("last_name", "5"), ("last_name", ""), ("last_name", "!"), ("last_name", "a"), ("last_name", "aaaa"),
    ("last_name", made("a")), ("last_name", made("a", 1, 2)), ("last_name", made(1, 1)),
    ("last_name", made("a", "1")), ("last_name", made("a\0", 1)), ("last_name", made("a", 2**64)),
    ("last_name", made("a", 1.5)), ("last_name", made("a", True)), ("last_name", made("\ud800", 1)),
    ("last_name", made(["a"], 1)), ("last_name", "W" * 2049), ("last_name", made({"a": 1}, 1)),
    ("date_created", made("yesterday", 1)), ("date_created", made("2020-13-01 00:00:00", 1)),
    ("date_created", made("2020-01-01T00:00:00", 1)), ("date_created", made(5, 1)),
    ("date_created", made("0000-01-01 00:00:00", 1)), ("is_active", made("true", 1)),
    ("is_active", made(2, 1)),
    ("email,last_name", made("a", 1)), ("email desc", urlsafe_b64encode(b'{"a": 1}').decode()),
    ("email", urlsafe_b64encode(b"[" * 900).decode()), ("email", urlsafe_b64encode(b'["a", 1').decode()),
]  # fmt: skip


@pytest.mark.parametrize(("order", "cursor"), BAD_CURSORS)
def test_a_cursor_that_none_of_our_pages_has_is_refused(crowd: Site, order: str, cursor: str) -> None:
    status, errors = crowd.refused(f"{CUSTOMERS}?order={quote(order)}&cursor={quote(cursor)}")

    assert status == 400
    assert [each["property"] for each in errors] == ["cursor"]


@pytest.mark.parametrize(
    "cursor", [made(None, 1), made("", 0), made("z" * 200, 2**40), made("\U0001f600", -5)]
)
@pytest.mark.parametrize("order", ["last_name", "last_name desc", "last_name,email desc"])
def test_a_cursor_that_could_be_ours_is_answered(crowd: Site, order: str, cursor: str) -> None:
    if "," in order:
        cursor = made("a", "b", 5)

    assert crowd.ask(f"{CUSTOMERS}?order={quote(order)}&cursor={cursor}").status_code == 200


def test_a_cursor_out_of_the_filters_range_finds_nothing_outside_of_it(crowd: Site) -> None:
    path = f"{CUSTOMERS}?date_created=2013-08-16..2013-08-17&is_anonymous=*&limit=300"
    inside = ids(crowd.hal(path))

    assert ids(crowd.hal(f"{path}&cursor={made('1990-01-01 00:00:00', 0)}")) == inside
    assert ids(crowd.hal(f"{path}&cursor={made('2030-01-01 00:00:00', 0)}")) == []
    down = f"{path}&order=date_created+desc"
    assert ids(crowd.hal(f"{down}&cursor={made('2030-01-01 00:00:00', 0)}")) == ids(crowd.hal(down))


def test_where_a_cursor_would_be_too_long_next_goes_by_offset(own_site: Site) -> None:
    from app.resources.attribute import Attribute

    engine = unguarded_engine(own_site.url)
    rows = [
        {
            "store_id": STORE_ID,
            "id": 90_000 + at,
            "customer_id": 116,
            "name": f"{at}",
            "value": "\u4e00" * 1000,
        }
        for at in range(3)
    ]
    with engine.begin() as connection:
        connection.execute(insert(Attribute), rows)
    engine.dispose()
    page = own_site.hal("/customers/116/attributes?order=value+desc,name&limit=1")

    assert "cursor" not in page["_links"]["next"]["href"]
    following = own_site.hal(page["_links"]["next"]["href"])
    assert [each["name"] for each in following["_embedded"]["fx:attributes"]] == ["1"]
