"""Documents as a client has them: read in a format, looked into, edited, and sent back in it."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from lxml import etree
from werkzeug.test import TestResponse

from tests.site import HAL, SIREN, XML, Site


class Document(Protocol):
    """A representation of a resource or of a page. Members are parts of it: who edits one edits it."""

    @property
    def properties(self) -> dict[str, Any]: ...

    @property
    def members(self) -> "list[Document]": ...

    @property
    def body(self) -> bytes: ...

    def set(self, name: str, value: Any) -> None: ...

    def drop(self, name: str) -> None: ...

    def drop_member(self, position: int) -> None: ...


class HalDocument:
    """A HAL+JSON document."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._tree = tree

    @property
    def properties(self) -> dict[str, Any]:
        return {name: value for name, value in self._tree.items() if name not in {"_links", "_embedded"}}

    @property
    def _embedded(self) -> list[dict[str, Any]]:
        (embedded,) = self._tree["_embedded"].values()
        return embedded

    @property
    def members(self) -> list[Document]:
        return [HalDocument(each) for each in self._embedded]

    @property
    def body(self) -> bytes:
        return json.dumps(self._tree).encode()

    def set(self, name: str, value: Any) -> None:
        self._tree[name] = value

    def drop(self, name: str) -> None:
        del self._tree[name]

    def drop_member(self, position: int) -> None:
        del self._embedded[position]


class SirenDocument:
    """A Siren entity."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._tree = tree

    @property
    def properties(self) -> dict[str, Any]:
        return dict(self._tree["properties"])

    @property
    def members(self) -> list[Document]:
        return [SirenDocument(each) for each in self._tree["entities"]]

    @property
    def body(self) -> bytes:
        return json.dumps(self._tree).encode()

    def set(self, name: str, value: Any) -> None:
        self._tree["properties"][name] = value

    def drop(self, name: str) -> None:
        del self._tree["properties"][name]

    def drop_member(self, position: int) -> None:
        del self._tree["entities"][position]


class XmlDocument:
    """A HAL+XML document. Its properties are texts."""

    def __init__(self, tree: etree._Element) -> None:
        self._tree = tree

    @property
    def properties(self) -> dict[str, Any]:
        return {
            str(child.tag): _value(child) for child in self._tree if child.tag not in {"link", "resource"}
        }

    @property
    def members(self) -> list[Document]:
        return [XmlDocument(each) for each in self._tree.findall("resource")]

    @property
    def body(self) -> bytes:
        return etree.tostring(self._tree, xml_declaration=True, encoding="UTF-8")

    def set(self, name: str, value: Any) -> None:
        element = self._tree.find(name)
        if element is None:
            element = etree.SubElement(self._tree, name)
        _fill(element, value)

    def drop(self, name: str) -> None:
        element = self._tree.find(name)
        assert element is not None
        self._tree.remove(element)

    def drop_member(self, position: int) -> None:
        self._tree.remove(self._tree.findall("resource")[position])


def _fill(element: etree._Element, value: Any) -> None:
    for child in list(element):
        element.remove(child)
    element.text = None if isinstance(value, dict | list) else text(value)
    if isinstance(value, dict):
        for name, each in value.items():
            _fill(etree.SubElement(element, "value", {"key": name}), each)
    elif isinstance(value, list):
        for each in value:
            _fill(etree.SubElement(element, "value"), each)


def _value(element: etree._Element) -> Any:
    """A text, or what an element's own elements list: by key where they have one."""
    if element.find("value") is None:
        return element.text or ""
    listed = [(each.get("key"), _value(each)) for each in element]
    return dict(listed) if listed[0][0] is not None else [value for _, value in listed]


def document(media_type: str, body: bytes) -> Document:
    """A body in one of the formats, read."""
    if media_type == XML:
        return XmlDocument(etree.fromstring(body))
    return {HAL: HalDocument, SIREN: SirenDocument}[media_type](json.loads(body))


def read(site: Site, path: str, media_type: str = HAL) -> Document:
    """What stands at a path, in a format."""
    answer = site.ask(path, media_type)
    assert answer.status_code == 200, answer.text
    return document(media_type, answer.data)


def refusals(answer: TestResponse, status: int = 400) -> dict[str, str]:
    """What a refusal in HAL+JSON says of each property; of none it says more than one thing."""
    assert answer.status_code == status, answer.text
    entries = answer.json["_embedded"]["fx:errors"]
    said = {each["property"]: each["message"] for each in entries}
    assert len(said) == len(entries) == answer.json["total"]
    assert all(each["code"] for each in entries)
    return said


def text(value: Any) -> str:
    """A value as a format writes it that knows texts alone."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def texts(properties: Mapping[str, Any]) -> dict[str, str]:
    """Properties as texts, in which all formats can be compared."""
    return {name: flat(value) for name, value in properties.items()}


def flat(value: Any) -> Any:
    """Nested values as texts, in which all formats can be compared; XML has nothing in what is empty."""
    if isinstance(value, dict) and value:
        return {name: flat(each) for name, each in value.items()}
    if isinstance(value, list) and value:
        return [flat(each) for each in value]
    return text(value or None if isinstance(value, dict | list) else value)
