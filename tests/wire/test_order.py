"""Collections come in the order that is asked for, the same on each engine, nulls first and ids last."""

from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.site import Site
from tests.wire.crowd import CUSTOMERS, Row, crowd
from tests.wire.meanings import PEOPLE

assert crowd  # a fixture

PROPERTIES = (
    "id", "email", "last_name", "first_name", "date_created", "last_login_date", "is_active", "is_anonymous",
)  # fmt: skip
LAW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

directed = st.tuples(st.sampled_from(PROPERTIES), st.sampled_from(["", " asc", " desc", "  DESC "]))
orders = st.lists(directed, min_size=1, max_size=4, unique_by=lambda each: each[0])
narrowings = st.sampled_from(
    ["", "&is_anonymous=true", "&is_anonymous=*", "&customer_addresses:city=*&is_anonymous=*",
     "&date_created=2013-08-01..2013-08-20&is_anonymous=*", "&last_name=Smith&is_anonymous=*",
     "&date_created=..2013-08-16", "&last_name=S*&is_anonymous=*", "&id=20..x",
     "&id:lessthan=100&is_active=true", "&last_name:lessthan=b",
     "&date_created:in=2013-08-16,1999-12-31&is_anonymous=*", "&last_login_date=1999-01-01..x"],
)  # fmt: skip


def ordered(rows: list[Row], order: list[tuple[str, str]]) -> list[int]:
    """The ids of rows in an order, settled by id in the direction of the first property."""
    rows = sorted(rows, key=lambda row: row["id"], reverse="desc" in order[0][1].lower())
    for name, direction in reversed(order):
        down = "desc" in direction.lower()
        empty = [row for row in rows if row[name] in {None, ""} and not isinstance(row[name], bool)]
        others = [row for row in rows if row not in empty]
        others.sort(key=lambda row, name=name: row[name], reverse=down)
        rows = [*others, *empty] if down else [*empty, *others]
    return [row["id"] for row in rows]


def shown(page: dict[str, Any]) -> list[int]:
    return [each["id"] for each in page["_embedded"]["fx:customers"]]


@LAW
@given(order=orders, narrowing=narrowings, limit=st.sampled_from([1, 3, 7, 20]))
def test_every_order_is_kept_and_walked_by_next(
    crowd: Site, order: list[tuple[str, str]], narrowing: str, limit: int
) -> None:
    asked = f"{CUSTOMERS}?order={quote(','.join(name + way for name, way in order))}{narrowing}&fields=id"
    whole = crowd.hal(f"{asked}&limit=300")
    rows = [row for row in PEOPLE if row["id"] in shown(whole)]

    assert shown(whole) == ordered(rows, order)
    pages = [crowd.hal(f"{asked}&limit={limit}")]
    while "next" in pages[-1]["_links"]:
        pages.append(crowd.hal(pages[-1]["_links"]["next"]["href"]))
    assert [each for page in pages for each in shown(page)] == shown(whole)
    assert {page["total_items"] for page in pages} == {len(rows)}
    assert [page["offset"] for page in pages] == [limit * number for number in range(len(pages))]


@pytest.mark.parametrize("order", ["last_name", "date_created desc", "email,last_name desc"])
def test_offset_shows_the_same_as_next(crowd: Site, order: str) -> None:
    path = f"{CUSTOMERS}?order={quote(order)}&is_anonymous=*&limit=5"
    whole = shown(crowd.hal(f"{path}&limit=300".replace("&limit=5", "")))

    by_offset = [each for at in range(0, len(whole), 5) for each in shown(crowd.hal(f"{path}&offset={at}"))]
    assert by_offset == whole


def test_the_order_is_by_id_where_none_is_given(crowd: Site) -> None:
    assert shown(crowd.hal(f"{CUSTOMERS}?limit=300")) == sorted(shown(crowd.hal(f"{CUSTOMERS}?limit=300")))
    assert shown(crowd.hal(f"{CUSTOMERS}?limit=300&order=")) == shown(crowd.hal(f"{CUSTOMERS}?limit=300"))


def test_what_a_range_finds_comes_in_the_order_of_the_range(crowd: Site) -> None:
    page = crowd.hal(f"{CUSTOMERS}?date_created=2000-01-01..x&limit=300")
    places = [(each["date_created"], each["id"]) for each in page["_embedded"]["fx:customers"]]

    assert len(places) > 5
    assert all(one < two for one, two in pairwise(places))


def test_a_plus_and_a_space_part_a_property_from_its_direction(crowd: Site) -> None:
    expected = shown(crowd.hal(f"{CUSTOMERS}?order=last_name%20desc"))

    for spelled in ("last_name+desc", "last_name+DESC", "+last_name++desc+", "last_name%20Desc,id+desc"):
        assert shown(crowd.hal(f"{CUSTOMERS}?order={spelled}")) == expected


def test_the_cursor_of_an_order_by_id_is_the_id(crowd: Site) -> None:
    for order in ("id", "id desc"):
        page = crowd.hal(f"{CUSTOMERS}?order={quote(order)}&limit=1")
        (customer,) = page["_embedded"]["fx:customers"]
        assert page["_links"]["next"]["href"].endswith(f"cursor={customer['id']}")


def test_text_is_ordered_by_code_point_on_every_engine(crowd: Site) -> None:
    names = [
        each["last_name"]
        for each in crowd.hal(f"{CUSTOMERS}?order=last_name&limit=300&is_anonymous=*")["_embedded"][
            "fx:customers"
        ]
    ]

    assert None in names
    assert [name or "" for name in names] == sorted(name or "" for name in names)
