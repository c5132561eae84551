"""GET in a format, change a property, PUT it back in that format: exactly that property has changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.hypermedia import Relation, ResourceType
from app.schema import shown
from tests.site import FORMATS, HAL, Site, counted_statements, writing
from tests.wire.documents import Document, document, read, texts
from tests.wire.encodings import FORM, MERGE, MULTIPART, PATCH
from tests.wire.valid import FOLLOWS, REGISTRY, STORE, WRITABLE, Writable, beside, new, valid

BY_PATCH = (FORM, MULTIPART, MERGE, PATCH, "text/plain")
IDS = [each.name for each in WRITABLE]

each_writable = pytest.mark.parametrize("kind", WRITABLE, ids=IDS)
each_stored = pytest.mark.parametrize(
    "kind", [each for each in WRITABLE if each.stored], ids=lambda it: it.name
)
each_blank = pytest.mark.parametrize(
    "kind", [each for each in WRITABLE if not each.stored], ids=lambda it: it.name
)
in_each_format = pytest.mark.parametrize("media_type", FORMATS)


Seen = Mapping[str, tuple[bytes, str]]
"""A resource in every format, with its tags."""


def as_seen(site: Site, path: str) -> Seen:
    answers = {media_type: site.ask(path, media_type) for media_type in FORMATS}
    return {media_type: (each.data, each.headers["ETag"]) for media_type, each in answers.items()}


def version(seen: Seen) -> int:
    return int(seen[HAL][1].strip('"').partition("-")[0])


def put(site: Site, path: str, body: bytes, media_type: str) -> Seen:
    """The resource as it is after a PUT, whose answer says the same."""
    answer = site.send("PUT", path, body, media_type, media_type)
    assert answer.status_code == 200, answer.text
    seen = as_seen(site, path)
    assert (answer.data, answer.headers["ETag"]) == seen[media_type]
    return seen


def require_unchanged_by_its_own_put(site: Site, path: str, media_type: str) -> None:
    before = as_seen(site, path)
    with counted_statements() as statements:
        after = put(site, path, before[media_type][0], media_type)

    assert writing(statements) == []
    assert after == before


def require_changed(
    kind: Writable, before: Mapping[str, Any], after: Mapping[str, Any], edits: Mapping[str, Any]
) -> None:
    """Holds properties against what they were and what has been edited, and nothing else."""
    visible = {name: value for name, value in edits.items() if name in shown(kind.target.schema)}
    followers = {"date_modified"}.union(*(FOLLOWS.get(name, ()) for name in edits)) - set(visible)

    assert after == {**before, **visible, **{name: after[name] for name in followers if name in after}}, edits
    for name in set(edits) - set(visible):
        seen = [each for each in FOLLOWS[name] if each in before]  # of a user's password nothing is
        assert not seen or any(before[each] != after[each] for each in seen), f"{name} has had no effect"


def require_each_change_to_change_just_that(site: Site, path: str, kind: Writable, media_type: str) -> None:
    seen = as_seen(site, path)
    for edits in kind.changes():
        before, edited = document(HAL, seen[HAL][0]).properties, document(media_type, seen[media_type][0])
        for name, value in edits.items():
            edited.set(name, value)
        number, seen = version(seen), put(site, path, edited.body, media_type)

        after = document(HAL, seen[HAL][0]).properties
        require_changed(kind, before, after, edits)
        assert all(texts(document(each, seen[each][0]).properties) == texts(after) for each in FORMATS)
        assert version(seen) == number + any(before.get(name) != edits[name] for name in edits)


@in_each_format
@each_writable
def test_put_back_unchanged_nothing_changes(shared_site: Site, kind: Writable, media_type: str) -> None:
    require_unchanged_by_its_own_put(shared_site, kind.make(shared_site), media_type)


@in_each_format
@each_stored
def test_put_back_with_a_change_just_that_has_changed(
    shared_site: Site, kind: Writable, media_type: str
) -> None:
    require_each_change_to_change_just_that(shared_site, kind.make(shared_site), kind, media_type)


@pytest.mark.parametrize("media_type", BY_PATCH)
@each_stored
def test_a_patch_in_any_media_type_changes_just_what_it_names(
    shared_site: Site, kind: Writable, media_type: str
) -> None:
    path = kind.make(shared_site)
    after = read(shared_site, path).properties
    for edits in kind.changes():
        before = after
        needed = {name for edited in edits for name in beside(kind.target, edited)}
        sent = {name: before[name] for name in needed if name in before} | edits
        answer = shared_site.send("PATCH", path, sent, media_type)

        assert answer.status_code == 200, (edits, answer.text)
        after = read(shared_site, path).properties
        require_changed(kind, before, after, edits)


@in_each_format
@each_blank
def test_what_stands_blank_is_filled_by_putting_it_back_filled_in(
    shared_site: Site, kind: Writable, media_type: str
) -> None:
    path = kind.make(shared_site)
    before, blank = read(shared_site, path).properties, read(shared_site, path, media_type)
    edits = {**valid(kind.target), **({"for_shipping": True} if "for_shipping" in before else {})}
    for name, value in edits.items():
        blank.set(name, value)
    seen = put(shared_site, path, blank.body, media_type)

    assert version(seen) == 1
    after = document(HAL, seen[HAL][0]).properties
    dates = {name: value for name, value in after.items() if "date" in name}
    require_changed(kind, before | dates, after, edits)
    assert all(texts(document(each, seen[each][0]).properties) == texts(after) for each in FORMATS)


@in_each_format
def test_a_store_put_back_changes_by_what_was_changed(own_site: Site, media_type: str) -> None:
    path = STORE.make(own_site)
    require_unchanged_by_its_own_put(own_site, path, media_type)
    require_each_change_to_change_just_that(own_site, path, STORE, media_type)


def test_a_store_takes_patches_in_any_media_type(own_site: Site) -> None:
    path = STORE.make(own_site)
    original = own_site.ask(path).data
    for media_type in BY_PATCH:
        own_site.send("PUT", path, original, HAL)
        before, edits = read(own_site, path).properties, valid(STORE.target)
        assert own_site.send("PATCH", path, edits, media_type).status_code == 200
        require_changed(STORE, before, read(own_site, path).properties, edits)


COLLECTIONS = [(owner, each) for owner, each in REGISTRY.served() if each.many and "PUT" in each.methods]
each_collection = pytest.mark.parametrize(
    ("owner", "relation"), COLLECTIONS, ids=[f"{owner.name}-{each.name}" for owner, each in COLLECTIONS]
)


def collection(site: Site, owner: ResourceType, relation: Relation) -> str:
    """The path of a collection that three members have been added to, all on one page."""
    path = new(site, owner) + relation.href.partition("{id}")[2]
    added = [valid(REGISTRY.target(relation)) for _ in range(3)]
    assert site.send("POST", path, added).status_code == 201
    return f"{path}?limit=300"


@in_each_format
@each_collection
def test_a_page_of_all_put_back_changes_the_members_that_were_changed(
    shared_site: Site, owner: ResourceType, relation: Relation, media_type: str
) -> None:
    path = collection(shared_site, owner, relation)
    require_unchanged_by_its_own_put(shared_site, path, media_type)

    *others, changed, _ = [each.properties for each in read(shared_site, path).members]
    page = read(shared_site, path, media_type)
    page.members[-2].set("value", "changed")
    page.drop_member(-1)
    page.set("total_items", len(page.members))
    answer = shared_site.send("PUT", path, page.body, media_type, media_type)

    assert answer.status_code == 200, answer.text
    expected = [*others, changed | {"value": "changed"}]
    assert undated(read(shared_site, path)) == [texts(each) | UNDATED for each in expected]
    assert undated(document(media_type, answer.data)) == undated(read(shared_site, path))


@in_each_format
@each_collection
def test_a_part_of_a_page_is_merged_by_patch_and_refused_by_put(
    shared_site: Site, owner: ResourceType, relation: Relation, media_type: str
) -> None:
    path = collection(shared_site, owner, relation)
    whole = read(shared_site, path).members
    part = path.replace("limit=300", f"limit=1&offset={len(whole) - 2}")
    page = read(shared_site, part, media_type)
    page.members[0].set("value", "merged")

    before = as_seen(shared_site, path)
    answer = shared_site.send("PUT", path, page.body, media_type)
    assert (answer.status_code, answer.json["_embedded"]["fx:errors"][0]["code"]) == (400, "partial_page")
    assert as_seen(shared_site, path) == before
    assert shared_site.send("PATCH", path, page.body, media_type).status_code == 200
    values = [each.properties["value"] for each in read(shared_site, path).members]
    assert values == [
        *(each.properties["value"] for each in whole[:-2]),
        "merged",
        whole[-1].properties["value"],
    ]


UNDATED = {"date_created": "", "date_modified": ""}


def undated(page: Document) -> list[dict[str, str]]:
    """The members of a page as texts, whenever they were written."""
    return [texts(each.properties) | UNDATED for each in page.members]
