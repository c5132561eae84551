"""A body sets what the schema lets it set, and nothing else, in whatever media type it comes."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Boolean, DateTime, Integer, select

from app.db.engine import unguarded_engine
from app.db.tables import is_global
from app.db.types import Moment
from app.hypermedia import ResourceType
from app.sandbox import STORE_ID
from app.schema import declared
from tests.site import BASE, Site
from tests.wire.addresses import ADDRESSES, Address
from tests.wire.encodings import EVERYWHERE, FORM, MULTIPART, WRITERS
from tests.wire.valid import WRITABLE, Writable, least, new

ON_ONE_ENGINE = True

LENIENT = "handling=lenient"

ALWAYS = {"id": 1_234_567, "store_id": 67, "version": 99, "user_id": 1, "client_row": 1, "is_sandbox": False}
"""What no type has among its properties to write, whether it has a column of that name or not."""

each_kind = pytest.mark.parametrize("kind", WRITABLE, ids=lambda it: it.name)
CREATING = [each for each in ADDRESSES if "POST" in each.methods and not each.taken]


def closed(target: ResourceType, *, creating: bool) -> dict[str, Any]:
    """A value for each column that bodies cannot set, unlike any that it could have."""
    known = declared(target.schema)
    open_ = {
        name
        for name, each in known.items()
        if not each.dump_only and (creating or not each.metadata.get("once"))
    }
    columns = {str(column.name): foreign(column.type) for column in target.table.columns}
    shown = {name: "x" for name, each in known.items() if each.dump_only and name not in columns}
    return {name: value for name, value in {**columns, **shown, **ALWAYS}.items() if name not in open_}


def foreign(kind: Any) -> Any:
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Moment | DateTime):
        return "2001-02-03T04:05:06+0000"
    return 987654 if isinstance(kind, Integer) else "f" * 8


def row(site: Site, target: ResourceType, path: str) -> dict[str, Any]:
    """The row behind a path, all of it."""
    table, engine = target.table, unguarded_engine(site.url)
    parts = path.removeprefix(BASE).split("/")
    key = "customer_id" if parts[1] == "customers" else "store_id"  # of its owner's
    found = select(table).where(table.c[key if len(parts) > 3 else "id"] == int(parts[2]))
    if not is_global(table):
        found = found.where(table.c.store_id == STORE_ID)
    with engine.connect() as connection:
        stored = dict(connection.execute(found).mappings().one())
    engine.dispose()
    return stored


def own(site: Site, path: str) -> str:
    """The path that a resource has of its own, whichever way it was asked for."""
    link: str = site.hal(path)["_links"]["self"]["href"]
    return link.removeprefix(BASE)


def flat(values: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    """What the media type can say."""
    plain = media_type in (FORM, MULTIPART)
    return {name: value for name, value in values.items() if not (plain and value is None)}


@pytest.mark.parametrize("media_type", WRITERS)
@pytest.mark.parametrize("kind", [each for each in WRITABLE if each.stored], ids=lambda it: it.name)
def test_a_patch_changes_no_column_that_is_no_property_of_its_own(
    shared_site: Site, kind: Writable, media_type: str
) -> None:
    path = own(shared_site, kind.make(shared_site))
    before, given = row(shared_site, kind.target, path), closed(kind.target, creating=False)
    answer = shared_site.send("PATCH", path, flat(given, media_type), media_type, Prefer=LENIENT)

    assert answer.status_code == 200, answer.text
    assert row(shared_site, kind.target, path) == before
    for name, value in given.items():
        shared_site.send("PATCH", path, {name: value}, media_type)
    assert row(shared_site, kind.target, path) == before


@pytest.mark.parametrize("media_type", EVERYWHERE)
@pytest.mark.parametrize("address", CREATING, ids=lambda it: it.rule)
def test_what_is_created_has_its_own_id_store_version_and_secrets(
    shared_site: Site, address: Address, media_type: str
) -> None:
    target = address.target
    assert target
    given = closed(target, creating=True)
    plain, sent = (
        shared_site.send("POST", place, flat(least(target) | more, media_type), media_type, Prefer=LENIENT)
        for place in [address.make(shared_site)]
        for more in ({}, given)
    )
    assert (plain.status_code, sent.status_code) == (201, 201), sent.text
    rows = [row(shared_site, target, each.headers["Location"]) for each in (plain, sent)]

    assert rows[1]["version"] == 1
    assert rows[1]["id"] > rows[0]["id"]
    assert rows[1].get("store_id", STORE_ID) == STORE_ID
    for name, value in given.items():
        assert rows[1].get(name) != value or rows[0].get(name) == value, name


@pytest.mark.parametrize("name", ["id", "version", "secret_hash", "is_sandbox", "email_key", "password_hash"])
def test_what_is_no_property_is_named_unless_it_is_asked_to_be_passed_over(
    shared_site: Site, name: str
) -> None:
    for kind in WRITABLE:
        if name in declared(kind.target.schema) or kind.relation is not None:
            continue
        answer = shared_site.send("PATCH", new(shared_site, kind.target), {name: "x"})
        assert answer.status_code == 400
        assert answer.json["_embedded"]["fx:errors"][0]["code"] == "unknown_property"
