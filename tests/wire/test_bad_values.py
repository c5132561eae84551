"""Values that a property cannot have, for every property of every type: each refused by its name."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow.fields import Field

from app.errors import MOST_FAULTS
from app.schema import declared
from tests.site import HAL, JSON, SIREN, XML, Site
from tests.wire.bad_bodies import Bad
from tests.wire.encodings import FORM, MERGE, MULTIPART, PATCH, WRITERS
from tests.wire.places import PLACES, Place, nothing_written, require_refused
from tests.wire.test_refusals import READERS
from tests.wire.valid import least

ON_ONE_ENGINE = True

TYPED, TEXTUAL = [JSON, SIREN], [XML, FORM, MULTIPART]

NESTED: tuple[Any, ...] = ([], ["x"], {}, {"a": {"b": []}})
WRONG: dict[str, tuple[Any, ...]] = {
    "String": (0, 1.5, True, 2**63 - 1, *NESTED),
    "Email": (0, 1.5, True, *NESTED),
    "Boolean": ("true", "", 0, 1, 1.0, *NESTED),
    "Integer": ("", "1", 1.5, 1.0, True, *NESTED),
    "Amount": ("", "1", True, *NESTED),
    "Date": ("", 0, 1.5, True, "yesterday", "2024-02-30", "2024-01-01T25:00", *NESTED),
    "Members": (),
}
"""For each kind of property the values of other kinds, as JSON has them."""

WRONG_TEXTS: dict[str, tuple[Any, ...]] = {
    "String": (),
    "Email": (),
    "Boolean": ("yes", "2", "-1", "١", "truefalse", "null", "0x1"),
    "Integer": ("x", "1.5", "1e3", "١٢", "0x10", "1 2", "--1", "9" * 30, "²"),
    "Amount": ("x", "1e3", "1,5", "١٢", "0x10", "1 2", "--1", "NaN", "9" * 30),
    "Date": ("x", "2024-02-30", "20240101", "2024-01-01T25:00", "2024-01-01T10:00+99:00", "-1"),
    "Members": (),
}
"""And what cannot be read as one, where all values are text."""


def writable(place: Place) -> list[tuple[str, Field[Any]]]:
    creating = place.method == "POST"
    return [
        (name, field)
        for name, field in declared(place.target.schema).items()
        if not field.dump_only and (creating or not field.metadata.get("once"))
    ]


def spelt(place: Place, name: str, value: Any, media_type: str) -> bytes:
    """A body that is valid but for one value."""
    document = least(place.target) if place.method != "PATCH" or place.many else {}
    document |= {name: value}
    return WRITERS[media_type]([document] if place.many else document)


def named(place: Place, name: str) -> str:
    return f"[0].{name}" if place.many else name


def faults(place: Place, media_type: str) -> Iterator[Bad]:
    """Every property with every value of a wrong type, with null where it has none, and with too much."""
    textual = media_type in TEXTUAL
    for name, field in writable(place):
        about, kind = named(place, name), type(field).__name__
        wrong = WRONG_TEXTS[kind] if textual else WRONG[kind] if media_type == JSON else WRONG[kind][-1:]
        for value in wrong:
            yield Bad(f"{name}: {value!r}", spelt(place, name, value, media_type), about, "wrong_type")
        if media_type == XML and kind != "Members":
            for value in (["x", "y"], [{"a": "b"}]):
                yield Bad(f"{name}: {value!r}", spelt(place, name, value, media_type), about, "wrong_type")
        if not field.allow_none and not textual and not place.blank:
            yield Bad(f"{name}: null", spelt(place, name, None, media_type), about, "blank")
        if most := field.metadata.get("most"):
            yield Bad(f"{name}: long", spelt(place, name, "ж" * (most + 1), media_type), about, "too_long")


@pytest.mark.parametrize("media_type", [*TYPED, *TEXTUAL], ids=lambda value: value.partition(";")[0])
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_value_of_a_wrong_type_or_too_long_is_refused_by_its_name(
    site: Site, place: Place, media_type: str
) -> None:
    with nothing_written(site):
        for bad, accept in zip(faults(place, media_type), itertools.cycle(READERS), strict=False):
            require_refused(site, place, media_type, bad, accept)


@pytest.mark.parametrize("place", [each for each in PLACES if each.method == "PATCH"], ids=str)
def test_a_patch_that_puts_a_wrong_type_in_place_is_refused_as_well(site: Site, place: Place) -> None:
    media_type = MERGE if place.many else PATCH
    with nothing_written(site):
        for name, field in writable(place):
            for value in WRONG[type(field).__name__][::3]:
                bad = Bad(
                    f"{name}: {value}",
                    spelt(place, name, value, media_type),
                    named(place, name),
                    "wrong_type",
                )
                require_refused(site, place, media_type, bad, HAL)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_million_characters_are_refused_in_a_moment(site: Site, place: Place) -> None:
    with nothing_written(site):
        texts = itertools.cycle(("x" * 1_000_000, "1 " * 500_000, "@" * 1_000_000, " " * 1_000_000 + "x"))
        for name, field in writable(place):
            if field.metadata.get("most"):
                bad = Bad(name, spelt(place, name, next(texts), JSON), named(place, name), "too_long")
                require_refused(site, place, JSON, bad, HAL)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_unknown_property_has_an_entry_of_its_own(site: Site, place: Place) -> None:
    document = least(place.target) | {"nonsense": 1, "Email ": "x", "__proto__": {}, "x" * 500: None}
    body = json.dumps([document] if place.many else document).encode()
    with nothing_written(site):
        answer = site.send(place.method, place.path, body)

    assert answer.status_code == 400
    unknown = [each["property"] for each in READERS[HAL](answer.data) if each["code"] == "unknown_property"]
    expected = [named(place, name) for name in ("nonsense", "Email ", "__proto__", "x" * 80 + "…")]
    assert unknown == expected


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_of_thousands_of_faults_a_client_is_told_the_first(site: Site, place: Place) -> None:
    documents = [{f"unknown-{number}": number for number in range(5_000)}]
    if place.many:
        documents = [{"name": f"{number}", **dict.fromkeys("abcdefgh")} for number in range(900)]
    body = json.dumps(documents if place.many else documents[0]).encode()
    with nothing_written(site):
        for accept in READERS:
            answer = site.send(place.method, place.path, body, accept=accept)
            assert answer.status_code == 400
            assert len(READERS[accept](answer.data)) == MOST_FAULTS
            assert len(answer.data) < 200_000


@pytest.mark.parametrize("name", ["cc_cvv", "CC_CVV2", "cvc", "security_code", "cc_token"])
@pytest.mark.parametrize("media_type", [*TYPED, *TEXTUAL], ids=lambda value: value.partition(";")[0])
def test_the_code_on_a_card_is_refused_and_not_repeated(site: Site, name: str, media_type: str) -> None:
    (place,) = (each for each in PLACES if each.target.name == "payment_method")
    body = WRITERS[media_type]({"cc_number": "4111111111111111", name: "9182"})
    with nothing_written(site):
        for accept in READERS:
            answer = site.send(place.method, place.path, body, media_type, accept)
            entries = READERS[accept](answer.data)
            assert (answer.status_code, entries[0]["property"], entries[0]["code"]) == (400, name, "refused")
            assert [each for each in entries if "9182" in each["message"]] == []
            assert "4111111111111111" not in answer.text
