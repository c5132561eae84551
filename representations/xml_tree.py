"""XML as it comes in: UTF-8 without a DOCTYPE, read with expat into a bounded tree of elements.

Not with lxml: libxml2 keeps every name that it ever met in a dictionary per thread, so a stranger
who sends new names with each request would fill the memory of the server for good.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from representations.body import DEEPEST, LARGEST, Malformed, decoded, shown

MOST_ATTRIBUTES = 32
"""How many attributes an element may have."""

WHITE_SPACE = " \t\r\n"
"""XML 1.0 §2.3."""


@dataclass(slots=True)
class Element:
    """An element: its name as it is written, its attributes, and its children or else its text."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list["Element"] = field(default_factory=list)
    text: str = ""


def read(body: bytes) -> Element:
    """The root element.

    :raises Malformed: where the body is not well-formed, or not what we read of XML
    """
    text = decoded(body).removeprefix("\ufeff")
    if not text.strip(WHITE_SPACE):
        raise Malformed("the body is empty")
    if "\x00" in text:  # which expat would take for UTF-16
        raise Malformed("the body holds the control character U+0000, which XML cannot carry")
    if text.count("=") > _MOST_EQUAL_SIGNS:
        raise Malformed("the body has too many attributes")
    if _doctype(text):  # where its handler raises, expat reads on to the end, expanding entities
        raise _has_doctype()
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise Malformed(f"the body is not well-formed XML: line {error.lineno}") from None
    finally:
        del reader.parser  # whose handlers hold the reader: together they would wait for the collector
    return reader.root.children[0]


_MOST_EQUAL_SIGNS = 4 * LARGEST
"""A tag reaches its handler as a whole, so this alone bounds the work on one with many attributes."""

_doctype = re.compile(r"(?:[ \t\r\n]++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL).match


def _has_doctype() -> Malformed:
    return Malformed("the body has a DOCTYPE: leave it out")


class _Reader:
    """What expat calls as it reads; `root` stands around the document's own root."""

    def __init__(self) -> None:
        self.root = Element("", {}, 0)
        self._open = [self.root]
        self._pieces: list[str] = []
        self._count = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._pieces.append

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:  # noqa: ARG002
        if encoding is not None and encoding.upper() != "UTF-8":
            raise Malformed("the body declares another encoding than UTF-8")

    def _doctype(self, *_: object) -> None:
        raise _has_doctype()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        line = self.parser.CurrentLineNumber
        if self._count > LARGEST:
            raise Malformed(f"the body has more than {LARGEST} elements")
        if len(self._open) > DEEPEST:
            raise Malformed(f"the body is nested more than {DEEPEST} deep: line {line}")
        if len(attributes) > MOST_ATTRIBUTES:
            raise Malformed(f"an element has more than {MOST_ATTRIBUTES} attributes: line {line}")
        self._take_blank()
        element = Element(name, attributes, line)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        element = self._open[-1]
        if element.children:
            self._take_blank()
        else:
            element.text = self._taken()
        self._open.pop()

    def _take_blank(self) -> None:
        """Pass over the white space that stands between elements; nothing else may."""
        around = self._open[-1]
        if self._taken().strip(WHITE_SPACE):
            name = shown(around.name)
            raise Malformed(f"{name} mixes text and elements: line {around.line}", name)

    def _taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
