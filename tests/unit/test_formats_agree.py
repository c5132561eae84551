"""The law that HAL+JSON, HAL+XML and Siren say the same facts, as read by parsers that know no model.

Facts are compared as XML can carry them: null, "" and empty lists alike, numbers and booleans as text,
characters that XML has not as U+FFFD.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from representations import Resource, hal_json, hal_xml, siren
from tests.unit.example import BASE, BOOK_OF_TEA, refusal
from tests.unit.strategies import BOUNDED, FEW, bases, resources

TAKEN = refusal(409, ("taken", "email", "taken"), ("no", None, "no"))

Fact = str | tuple[Any, ...]
LinkFact = tuple[str, str, str | None]


@dataclass(frozen=True)
class Facts:
    """What a document says of one resource."""

    properties: tuple[tuple[str, Fact], ...]
    links: frozenset[LinkFact]
    embedded: Mapping[str, tuple["Facts", ...]]


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_fact(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def json_fact(value: Any) -> Fact:
    """What a value of a JSON document says."""
    if isinstance(value, dict) and value:
        return "map", *((text_fact(key), json_fact(each)) for key, each in value.items())
    if isinstance(value, list) and value:
        return "list", *(json_fact(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_fact(str(value)) if value or value == 0 else ""


def xml_fact(element: etree._Element) -> Fact:
    """What an element of an XML document says."""
    if not len(element):
        return element.text or ""
    if element[0].get("key") is None:
        return "list", *(xml_fact(each) for each in element)
    return "map", *((each.get("key"), xml_fact(each)) for each in element)


def title_fact(title: str | None) -> str | None:
    return None if title is None else text_fact(title)


def grouped(pairs: Iterable[tuple[str, Facts]]) -> Mapping[str, tuple[Facts, ...]]:
    """Embedded resources by the relation of one of them, each group in its order."""
    groups: dict[str, tuple[Facts, ...]] = {}
    for name, facts in pairs:
        groups[name] = (*groups.get(name, ()), facts)
    return groups


def of_hal_json(document: dict[str, Any], single: Callable[[str], str]) -> Facts:
    """`single` names one of the resources that stand in an array: the one fact HAL+JSON does not tell."""
    links: dict[str, Any] = document.pop("_links")
    curies = {each["name"]: each["href"] for each in links.pop("curies", [])}

    def full(name: str) -> str:
        prefix, _, rest = name.partition(":")
        return str(curies[prefix]).replace("{rel}", rest) if prefix in curies else name

    return Facts(
        embedded=grouped(
            (full(single(name)) if isinstance(content, list) else full(name), of_hal_json(each, single))
            for name, content in document.pop("_embedded", {}).items()
            for each in (content if isinstance(content, list) else [content])
        ),
        links=frozenset(
            (full(name), each["href"], title_fact(each.get("title")))
            for name, content in links.items()
            for each in (content if isinstance(content, list) else [content])
            if not each.get("templated")  # Siren has no templates (SI8)
        ),
        properties=tuple((name, json_fact(value)) for name, value in document.items()),
    )


def of_siren(entity: dict[str, Any]) -> Facts:
    return Facts(
        properties=tuple((name, json_fact(value)) for name, value in entity["properties"].items()),
        links=frozenset(
            (name, each["href"], title_fact(each.get("title")))
            for each in entity["links"]
            for name in each["rel"]
        ),
        embedded=grouped(
            (name, of_siren(each)) for each in entity.get("entities", []) for name in each["rel"]
        ),
    )


def of_hal_xml(element: etree._Element) -> Facts:
    return Facts(
        properties=tuple(
            (each.tag, xml_fact(each)) for each in element if each.tag not in {"link", "resource"}
        ),
        links=frozenset(
            (each.get("rel", ""), each.get("href", ""), each.get("title"))
            for each in element.findall("link")
            if not each.get("templated")
        ),
        embedded=grouped((each.get("rel", ""), of_hal_xml(each)) for each in element.findall("resource")),
    )


def facts_of(resource: Resource, base: str, single: Callable[[str], str]) -> tuple[Facts, Facts, Facts]:
    return (
        of_hal_json(json.loads(hal_json.render(resource, base)), single),
        of_siren(json.loads(siren.render(resource, base))),
        of_hal_xml(etree.fromstring(hal_xml.render(resource, base))),
    )


def one_of_ours(name: str) -> str:
    """How `tests.unit.strategies` names one of many: of `fx:things` each is `fx:a_thing`."""
    return name.replace("fx:", "fx:a_").removesuffix("s")


@BOUNDED
@given(resources(), bases)
def test_the_three_formats_say_the_same_facts(resource: Resource, base: str) -> None:
    by_hal_json, by_siren, by_hal_xml = facts_of(resource, base, one_of_ours)

    assert by_hal_json == by_siren
    assert by_siren == by_hal_xml


@pytest.mark.parametrize("resource", [BOOK_OF_TEA, TAKEN])
def test_the_three_formats_say_the_same_facts_of_the_examples(resource: Resource) -> None:
    by_hal_json, by_siren, by_hal_xml = facts_of(resource, BASE, lambda name: name.removesuffix("s"))

    assert by_hal_json == by_siren == by_hal_xml


def test_the_facts_are_not_empty() -> None:
    """The law above would hold of parsers that read nothing."""
    for facts in facts_of(BOOK_OF_TEA, BASE, lambda name: name.removesuffix("s")):
        assert dict(facts.properties)["sizes"] == ("map", ("small", "1"), ("large", ""))
        assert dict(facts.properties)["in_print"] == "true"
        assert (f"{BASE}/rels/shop", f"{BASE}/shops/66?book=7&view=all", None) in facts.links
        assert [len(facts.embedded[f"{BASE}/rels/{name}"]) for name in ("note", "shelf")] == [2, 1]


@FEW
@given(resources(depth=1), bases)
def test_the_address_of_a_resource_is_the_same_in_the_three_formats(resource: Resource, base: str) -> None:
    links = json.loads(hal_json.render(resource, base))["_links"]
    entity = json.loads(siren.render(resource, base))
    own = [each["href"] for each in entity["links"] if each["rel"] == ["self"]]

    assert own == ([links["self"]["href"]] if "self" in links else [])
    assert own == etree.fromstring(hal_xml.render(resource, base)).xpath("@href")


@FEW
@given(resources(depth=0), bases)
def test_the_kind_of_a_resource_is_the_same_in_siren_and_xml(resource: Resource, base: str) -> None:
    classes = json.loads(siren.render(resource, base)).get("class", [])
    rels = etree.fromstring(hal_xml.render(resource, base)).xpath("@rel")

    assert rels == [f"{base}/rels/{name}" for name in classes]
