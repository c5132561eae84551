"""Attributes as they are written: one or many, merged into what is there or in place of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import update

from app.auth.tokens import Token, token_hash
from app.sandbox import CLIENT
from tests.site import BASE, FORMATS, XML, Site, counted_statements
from tests.wire.documents import refusals
from tests.wire.encodings import FORM, MULTIPART, PATCH
from tests.wire.valid import REGISTRY, new

CUSTOMER = REGISTRY.types["customer"]


@pytest.fixture
def attributes(shared_site: Site) -> str:
    """The path of the attributes of a customer who has none."""
    return new(shared_site, CUSTOMER) + "/attributes"


def members(site: Site, path: str) -> dict[tuple[str, str], str]:
    """The values of all attributes that are there, by name and visibility."""
    listed = site.hal(f"{path}?limit=300")["_embedded"]["fx:attributes"]
    return {(each["name"], each["visibility"]): each["value"] for each in listed}


def named(*names: str, value: str = "x", **others: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value, **others} for name in names]


@contextmanager
def another_client(site: Site) -> Iterator[None]:
    """Lets the token be that of another client of the same store for a while."""
    _become(site, "another")
    try:
        yield
    finally:
        _become(site, CLIENT)


def _become(site: Site, client: str) -> None:
    with site.engine.begin() as connection:
        own = update(Token).where(Token.hash == token_hash(site.token))
        connection.execute(own.values(client=client))


WORDS = [
    ({"name": ""}, "name can't be blank, name is too short (minimum is 1 characters)"),
    ({"name": "x" * 501}, "name is too long (maximum is 500 characters)"),
    ({"value": ""}, "value can't be blank, value is too short (minimum is 1 characters)"),
    ({"value": "x" * 1001}, "value is too long (maximum is 1000 characters)"),
    ({"value": 44}, "value is not a string"),
    ({"value": "4111111111111111"}, "value looks like a card number, which is kept nowhere: leave it out"),
    ({"visibility": "secret"}, "visibility is not included in the list: private, public, restricted"),
    ({"visibility": None}, "visibility can't be blank"),
]


@pytest.mark.parametrize(("faulty", "said"), WORDS, ids=[str(faulty)[:30] for faulty, _ in WORDS])
def test_a_fault_is_told_in_hapis_words(
    shared_site: Site, attributes: str, faulty: dict[str, Any], said: str
) -> None:
    (name,) = faulty
    body = {"name": "Size", "value": "44", **faulty}

    assert refusals(shared_site.send("POST", attributes, body)) == {name: said}
    for method in ("POST", "PATCH", "PUT"):
        assert refusals(shared_site.send(method, attributes, [*named("One"), body])) == {f"[1].{name}": said}
    assert members(shared_site, attributes) == {}


def test_a_visibility_is_fixed_at_creation(shared_site: Site, attributes: str) -> None:
    created = shared_site.send("POST", attributes, {"name": "Size", "value": "44"})
    path = created.headers["Location"]

    assert created.json["visibility"] == "private"
    for method in ("PATCH", "PUT"):
        body = {"name": "Size", "value": "45", "visibility": "public"}
        assert shared_site.send(method, path, body).json["visibility"] == "private"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", *FORMATS, FORM, MULTIPART])
def test_many_are_posted_at_once(shared_site: Site, attributes: str, media_type: str) -> None:
    answer = shared_site.send("POST", attributes, named("One", "Two", visibility="public"), media_type)

    assert (answer.status_code, answer.headers["Location"]) == (201, BASE + attributes), answer.text
    assert answer.json["message"] == "attributes: 2 created."
    assert answer.json["total_items"] == 2
    assert members(shared_site, attributes) == {("One", "public"): "x", ("Two", "public"): "x"}
    answer = shared_site.send("POST", attributes, [])
    assert (answer.status_code, "Location" in answer.headers) == (200, False), "nothing was created"


def test_a_post_creates_and_a_name_that_is_there_is_taken(shared_site: Site, attributes: str) -> None:
    for body in (named("Size")[0], named("Hat")):
        assert shared_site.send("POST", attributes, body).status_code == 201
    said = {"name": "name has already been taken"}

    assert refusals(shared_site.send("POST", attributes, named("Size")[0]), 409) == said
    assert refusals(shared_site.send("POST", attributes, named("Shoe", "Size")), 409) == said
    assert shared_site.send("POST", attributes, named("Size", visibility="public")[0]).status_code == 201
    other = shared_site.send("POST", attributes, named("Shoe")[0]).headers["Location"]
    assert refusals(shared_site.send("PATCH", other, {"name": "Size"}), 409) == said
    assert set(members(shared_site, attributes)) == {
        ("Size", "private"),
        ("Hat", "private"),
        ("Size", "public"),
        ("Shoe", "private"),
    }


@pytest.mark.parametrize("media_type", ["application/json", *FORMATS, FORM, MULTIPART])
def test_a_patch_creates_and_updates_by_name(shared_site: Site, attributes: str, media_type: str) -> None:
    shared_site.send("POST", attributes, named("One", "Two", "Three"))
    before = {each["name"]: each for each in listed(shared_site, attributes)}
    body = [*named("Two", value="changed"), *named("Four"), *named("Three")]
    answer = shared_site.send("PATCH", attributes, body, media_type, Prefer="return=minimal")

    assert answer.json["message"] == "attributes: 1 created, 1 updated."
    after = {each["name"]: each for each in listed(shared_site, attributes)}
    assert set(after) == {"One", "Two", "Three", "Four"}
    assert [after[name] for name in ("One", "Three")] == [before[name] for name in ("One", "Three")]
    assert after["Two"]["_links"] == before["Two"]["_links"]
    assert after["Two"]["value"] == "changed"


def test_a_patch_of_one_alone_needs_no_list(shared_site: Site, attributes: str) -> None:
    for value in ("44", "45"):
        answer = shared_site.send("PATCH", attributes, {"name": "Size", "value": value})
        assert answer.status_code == 200
        assert members(shared_site, attributes) == {("Size", "private"): value}


@pytest.mark.parametrize("media_type", ["application/json", *FORMATS, FORM, MULTIPART])
def test_a_put_replaces_all(shared_site: Site, attributes: str, media_type: str) -> None:
    shared_site.send("POST", attributes, named("One", "Two", "Three"))
    kept = listed(shared_site, attributes)[1]["_links"]["self"]["href"]
    body = [*named("Two", value="changed"), *named("Four", visibility="public")]
    answer = shared_site.send("PUT", attributes, body, media_type, Prefer="return=minimal")

    assert answer.json["message"] == "attributes: 1 created, 1 updated, 2 deleted."
    assert members(shared_site, attributes) == {("Two", "private"): "changed", ("Four", "public"): "x"}
    assert listed(shared_site, attributes)[0]["_links"]["self"]["href"] == kept
    assert shared_site.send("PUT", attributes, []).json["total_items"] == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_name_stands_once_in_a_body(shared_site: Site, attributes: str, method: str) -> None:
    said = {"[2].name": "name is given more than once"}
    twice = named("One", "Two", "One")

    assert refusals(shared_site.send(method, attributes, twice)) == said
    shared_site.send("POST", attributes, named("One"))
    if method != "POST":
        assert refusals(shared_site.send(method, attributes, twice)) == said
    apart = [*named("A", visibility="public"), *named("A", visibility="private")]
    assert shared_site.send(method, attributes, apart).status_code in (200, 201)


def test_a_name_that_several_have_is_told_apart_by_visibility(shared_site: Site, attributes: str) -> None:
    shared_site.send("POST", attributes, [*named("A"), *named("A", visibility="public")])

    said = refusals(shared_site.send("PATCH", attributes, named("A", value="changed")))
    assert said == {"[0].name": "name is that of 2 here: say which visibility is meant"}
    assert (
        shared_site.send("PATCH", attributes, named("A", value="y", visibility="public")).status_code == 200
    )
    assert members(shared_site, attributes) == {("A", "private"): "x", ("A", "public"): "y"}


@pytest.mark.parametrize("body", [None, {}, b"", b"[5]", b'"x"', b"null"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_lists_nothing_is_refused(
    shared_site: Site, attributes: str, method: str, body: dict[str, str] | bytes | None
) -> None:
    shared_site.send("POST", attributes, named("One"))

    assert shared_site.send(method, attributes, body).status_code == 400
    assert members(shared_site, attributes) == {("One", "private"): "x"}


def test_all_faults_of_all_members_are_told_at_once_and_nothing_is_written(
    shared_site: Site, attributes: str
) -> None:
    body = [
        {"value": "x" * 1001},
        *named("Fine"),
        {"name": "Size", "value": "44", "hat": "58", "visibility": "x"},
    ]

    assert refusals(shared_site.send("PATCH", attributes, body)).keys() == {
        "[0].name",
        "[0].value",
        "[2].hat",
        "[2].visibility",
    }
    assert members(shared_site, attributes) == {}


def test_what_another_client_restricts_is_neither_seen_nor_replaced(
    shared_site: Site, attributes: str
) -> None:
    shared_site.send("POST", attributes, [*named("Ours", visibility="restricted"), *named("Open")])
    ours = listed(shared_site, attributes)[0]["_links"]["self"]["href"]
    with another_client(shared_site):
        assert members(shared_site, attributes) == {("Open", "private"): "x"}
        answer = shared_site.send("PUT", attributes, named("Ours", value="theirs", visibility="restricted"))
        assert answer.status_code == 200
        assert members(shared_site, attributes) == {("Ours", "restricted"): "theirs"}
        for method in ("GET", "PATCH", "PUT", "DELETE"):
            assert shared_site.send(method, ours, named("Taken")[0]).status_code == 404

    assert members(shared_site, attributes) == {("Ours", "restricted"): "x"}
    assert shared_site.send("PUT", attributes, []).status_code == 200
    with another_client(shared_site):
        assert members(shared_site, attributes) == {("Ours", "restricted"): "theirs"}


def test_a_list_is_patched_by_members_not_by_operations(shared_site: Site, attributes: str) -> None:
    answer = shared_site.send("PATCH", attributes, b'[{"op":"add","path":"/-","value":{}}]', PATCH)

    assert answer.status_code == 415
    assert PATCH not in answer.headers["Accept-Patch"]
    options = shared_site.ask(attributes, XML, method="OPTIONS").headers
    assert PATCH not in options["Accept-Patch"]


def test_a_thousand_are_written_at_once_and_no_more(shared_site: Site, attributes: str) -> None:
    many = named(*map(str, range(1001)))

    assert shared_site.send("PATCH", attributes, many).json["_embedded"]["fx:errors"][0]["code"] == "too_many"
    assert shared_site.send("PATCH", attributes, many[:1000]).json["total_items"] == 1000


def listed(site: Site, path: str) -> list[dict[str, Any]]:
    embedded: list[dict[str, Any]] = site.hal(path)["_embedded"]["fx:attributes"]
    return embedded


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_many_are_read_for_writing_by_as_few_statements_as_one(shared_site: Site, method: str) -> None:
    reads = []
    for count in (2, 19):  # on one page: a longer one counts them
        path = f"{new(shared_site, CUSTOMER)}/attributes"
        listed = [{"name": f"n{number}", "value": "old"} for number in range(count)]
        assert shared_site.send("POST", path, listed).status_code == 201
        with counted_statements() as statements:
            answer = shared_site.send(method, path, [each | {"value": "new"} for each in listed])
        assert answer.status_code == 200
        reads.append(len([each for each in statements if each.startswith("SELECT")]))

    assert reads[0] == reads[1]
