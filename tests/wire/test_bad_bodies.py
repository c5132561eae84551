"""Bodies that make no sense: each a clear 4xx in the client's own format, and nothing is written."""

import gzip
import itertools
import json
import sys
from collections.abc import Iterator

import pytest

from representations import PARSERS, Malformed
from tests.site import HAL, JSON, SIREN, XML, Site
from tests.wire.bad_bodies import DOCTYPES, FAMILIES, SPOKEN, Bad
from tests.wire.encodings import FORM, MERGE, MULTIPART, PATCH, WRITERS
from tests.wire.places import PLACES, TYPES, Place, nothing_written, require_refused
from tests.wire.test_refusals import READERS

ON_ONE_ENGINE = True


def accepting() -> Iterator[str]:
    """Each format in turn, so that all of them tell of most faults."""
    return itertools.cycle(READERS)


def taken(place: Place) -> list[str]:
    patches = [] if place.method != "PATCH" else [MERGE] if place.many else [MERGE, PATCH]
    return [*(each for each in WRITERS if each not in (MERGE, PATCH)), *patches]


SPELT = [
    (place, media_type)
    for place in PLACES
    for media_type in taken(place)
    if media_type in FAMILIES or place.path == "/customers/115"  # where aliases are shown to be read alike
]


@pytest.mark.parametrize(("place", "media_type"), SPELT, ids=lambda value: str(value).partition(";")[0])
def test_a_body_that_is_not_what_it_says_is_refused(site: Site, place: Place, media_type: str) -> None:
    make, one, many = FAMILIES[SPOKEN.get(media_type, media_type)]
    with nothing_written(site):
        for bad, accept in zip(make(place.spoiled, many if place.many else one), accepting(), strict=False):
            require_refused(site, place, media_type, bad, accept)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_media_type_that_is_not_read_is_415_and_the_answer_lists_those_that_are(
    site: Site, place: Place
) -> None:
    header = {"POST": "Accept-Post", "PATCH": "Accept-Patch", "PUT": "Accept"}[place.method]
    known = {each.partition(";")[0] for each in taken(place)}
    body = json.dumps({place.spoiled: "x"}).encode()
    with nothing_written(site):
        for sent, accept in zip(UNREAD, accepting(), strict=False):
            with site.app.test_client() as client:
                headers = {"Authorization": f"Bearer {site.token}", "Accept": accept}
                headers |= {} if sent is None else {"Content-Type": sent}
                answer = client.open(place.path, method=place.method, data=body, headers=headers)

            assert (answer.status_code, answer.headers["Content-Type"]) == (415, accept), sent
            assert set(answer.headers[header].split(", ")) >= known
            (entry,) = READERS[accept](answer.data)
            assert (entry["property"], entry["code"]) == ("Content-Type", "unsupported_media_type")
            assert "send" in entry["message"]


UNREAD = (
    None,
    "",
    "text/csv",
    "application/jsonx",
    "application/json, application/xml",
    "json",
    "*/*",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    'application/xml; charset="latin1"',
    f"{FORM}; charset=windows-1252",
    "application/octet-stream",
    "application/vnd.api+json",
    "application/json\x00",
    "x" * 5000,
)


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity", "x" * 500])
def test_a_body_that_is_compressed_is_415_and_the_answer_says_so(site: Site, coding: str) -> None:
    with nothing_written(site):
        for place in PLACES:
            answer = site.send(place.method, place.path, gzip.compress(b"{}"), Content_Encoding=coding)
            assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity")
            (entry,) = READERS[HAL](answer.data)
            assert (entry["property"], entry["code"]) == ("Content-Encoding", "unsupported_media_type")


def test_a_json_patch_of_a_collection_or_of_what_is_created_is_415(site: Site) -> None:
    with nothing_written(site):
        for place in PLACES:
            if place.many or place.method != "PATCH":
                answer = site.send(place.method, place.path, b"[]", PATCH)
                assert answer.status_code == 415, place


LISTS = {
    JSON: b'[{"first_name":"x"}]',
    HAL: b'{"_embedded":{"fx:customers":[{"first_name":"x"}]}}',
    SIREN: b'[{"properties":{"first_name":"x"}}]',
    XML: b"<list><item><first_name>x</first_name></item></list>",
    FORM: b"0[first_name]=x",
    MULTIPART: WRITERS[MULTIPART]([{"first_name": "x"}]),
}


@pytest.mark.parametrize("media_type", LISTS, ids=lambda value: value.partition(";")[0])
@pytest.mark.parametrize(
    "place", [each for each in PLACES if not each.many and "attributes" not in each.path], ids=str
)
def test_a_list_where_one_resource_belongs_is_refused(site: Site, place: Place, media_type: str) -> None:
    code = "one_at_a_time" if place.method == "POST" else "malformed_body"
    with nothing_written(site):
        for accept in READERS:
            require_refused(site, place, media_type, Bad("a list", LISTS[media_type], code=code), accept)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_lists_nothing_does_not_write_a_collection(site: Site, method: str) -> None:
    place = Place(method, "/customers/115/attributes", TYPES["customer_attribute"], "name", many=True)
    with nothing_written(site):
        for media_type, body in (
            (JSON, b"{}"),
            (JSON, b'{"_embedded":{}}'),
            (JSON, b'{"_embedded":{"fx:attributes":{"name":"x","value":"y"}}}'),
            (SIREN, b'{"properties":{}}'),
            (XML, b"<attributes/>"),
            (FORM, b"&&"),
        ):
            require_refused(site, place, media_type, Bad(f"{media_type} {body!r}", body), HAL)


def test_no_entity_makes_the_server_open_a_file_or_a_connection() -> None:
    watched = list[str]()
    looking = True

    def watch(event: str, _: object) -> None:
        if looking and (event == "open" or event.startswith("socket.")):
            watched.append(event)

    sys.addaudithook(watch)  # which stays, as hooks do
    try:
        for doctype in DOCTYPES.values():
            with pytest.raises(Malformed):
                PARSERS[XML](f"{doctype}<customer><email>&b;</email></customer>".encode())
    finally:
        looking = False
    assert watched == []


def test_a_body_that_is_too_large_is_413_whatever_it_says(site: Site) -> None:
    with nothing_written(site):
        for place, accept in zip(PLACES, accepting(), strict=False):
            large = json.dumps({place.spoiled: "x" * 1024 * 1024}).encode()
            bad = Bad("a megabyte and more", large, code="too_large", status=413)
            require_refused(site, place, JSON, bad, accept)
            require_refused(site, place, "text/csv", bad, accept)
