"""The three documents that the project was created from are part of Patron's answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.site import BASE, Site

GOLDEN = Path(__file__).parents[1] / "golden"
THEIRS = "https://api.foxycart.com"


def seed(name: str) -> str:
    """A seed document with the host of the site; its slip, the store's id in one link, put right."""
    text = (GOLDEN / name).read_text().replace(THEIRS, BASE)
    return text.replace("/customers/66/send_webhooks", "/customers/115/send_webhooks")


def in_order(expected: list[Any], found: list[Any]) -> bool:
    """Whether the expected items stand among those found, in the same order."""
    rest = iter(found)
    return all(any(item == each for each in rest) for item in expected)


def test_the_hal_json_document_of_customer_115_is_in_the_answer(site: Site) -> None:
    expected, found = json.loads(seed("seed_customer.hal.json")), site.hal("/customers/115")

    del found["_links"]["alternate"]  # the way to the other face, of which the seed does not know
    assert list(found["_links"].items()) == list(expected["_links"].items())
    del expected["_links"]
    assert in_order(list(expected.items()), list(found.items()))


def test_the_hal_xml_document_of_customer_115_is_in_the_answer(site: Site) -> None:
    expected, found = etree.fromstring(seed("seed_customer.hal.xml").encode()), site.xml("/customers/115")

    assert dict(found.attrib) == dict(expected.attrib)
    assert in_order([facts(each) for each in expected], [facts(each) for each in found])


def facts(element: etree._Element) -> tuple[Any, ...]:
    """What an element of the seed says."""
    return element.tag, dict(element.attrib), element.text or ""


def test_the_siren_document_of_customer_115_is_in_the_answer(site: Site) -> None:
    expected, found = json.loads(seed("seed_customer.siren.json")), site.siren("/customers/115")

    assert found["class"] == expected["class"]
    assert in_order(list(expected["properties"].items()), list(found["properties"].items()))
    *links, alternate = [{"rel": link["rel"], "href": link["href"]} for link in found["links"]]
    assert links == expected["links"]
    assert alternate["rel"] == ["alternate"]
    assert [name for name in found if name in expected] == list(expected)


@pytest.mark.parametrize(
    "name", ["seed_customer.hal.json", "seed_customer.hal.xml", "seed_customer.siren.json"]
)
def test_the_goldens_are_the_seeds_own_words(name: str) -> None:
    seeds = Path(__file__).parents[3] / "shared" / "seeds"
    if not seeds.is_dir():
        pytest.skip("the seeds are not beside this checkout")
    words = "".join(each.read_text() for each in seeds.iterdir())

    assert (GOLDEN / name).read_text().strip() in words
