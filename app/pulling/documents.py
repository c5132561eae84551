"""HAL documents of another server, read by their link relations: of any curie and prefix, or as full URIs.

What stands in them is believed as far as it can be read, and no further (foxy-hapi's quirks).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

RESERVED = frozenset({"_links", "_embedded", "_templates", "message"})


@dataclass(frozen=True)
class Document:
    """A resource in HAL+JSON. `url` is where it was read, for hrefs that are relative to it."""

    values: Mapping[str, Any]
    url: str

    @property
    def properties(self) -> dict[str, Any]:
        """What it says of itself."""
        return {name: value for name, value in self.values.items() if name not in RESERVED}

    def link(self, name: str) -> str | None:
        """Where its first link of a relation leads, absolute; None where it has none.

        :param name: the relation's own name: `customers`, whatever stands before it.
        """
        for link in _listed(self._found("_links", name)):
            href = link.get("href") if isinstance(link, Mapping) else None
            if isinstance(href, str) and href and not link.get("templated"):
                return joined(self.url, href)
        return None

    def embedded(self, name: str) -> "list[Document] | None":
        """What it embeds under a relation; None where it embeds nothing there, not even an empty array."""
        found = self._found("_embedded", name)
        if found is None:
            return None
        return [Document(each, self.url) for each in _listed(found) if isinstance(each, Mapping)]

    @cached_property
    def self_href(self) -> str:
        """Its own address, else where it was read."""
        return self.link("self") or self.url

    @cached_property
    def id(self) -> int | None:
        """Its id, as it says or as its own address ends: hAPI does not show those of all resources."""
        said = self.number("id")
        return id_in(self.link("self")) if said is None else said

    def number(self, name: str) -> int | None:
        """A counter, which hAPI's examples have as text."""
        said = self.values.get(name)
        if isinstance(said, str):
            return whole(said)
        return said if isinstance(said, int) and not isinstance(said, bool) else None

    @property
    def members(self) -> "list[Any]":
        """Of a page, what is on it, each as it stands there: the one array that it embeds."""
        embedded = self.values.get("_embedded")
        arrays = list(embedded.values()) if isinstance(embedded, Mapping) else []
        found = [each for each in arrays if isinstance(each, list)]
        return found[0] if found else [each for each in arrays if isinstance(each, Mapping)]

    def _found(self, part: str, name: str) -> Any:
        there = self.values.get(part)
        if not isinstance(there, Mapping):
            return None
        known = dict(self._curies())
        names = [each for each in there if _named(each, known) == name]
        best = min(names, key=lambda each: (":" in each and not each.startswith("fx:"), names.index(each)),
                   default=None)  # fmt: skip
        return None if best is None else there[best]

    def _curies(self) -> Iterator[tuple[str, str]]:
        links = self.values.get("_links")
        for each in _listed(links.get("curies")) if isinstance(links, Mapping) else ():
            if isinstance(each, Mapping) and isinstance(each.get("href"), str):
                yield str(each.get("name")), each["href"]


def joined(url: str, href: str) -> str | None:
    """Where an href leads from an address; None where it is none."""
    try:
        return urljoin(url, href)
    except ValueError:  # as of a bracket that is not closed
        return None


def id_in(href: str | None) -> int | None:
    """The id at the end of a resource's address."""
    return whole(urlsplit(href or "").path.rstrip("/").rpartition("/")[2])


def whole(text: str) -> int | None:
    """The whole number that a text is; None where it is none, or one that nothing is counted by."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def with_query(href: str, **parameters: str | int) -> str:
    """An address with these parameters in its query, in place of those of their names."""
    parts = urlsplit(href)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in parameters]
    query = urlencode([*kept, *parameters.items()], safe=",:")
    return urlunsplit(parts._replace(query=query))


def query_of(href: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(href).query, keep_blank_values=True))


def _named(key: str, curies: Mapping[str, str]) -> str:
    """The last part of what a relation is called in full: of `fx:customers`, of `https://…/rels/customers`."""
    prefix, colon, rest = key.partition(":")
    if colon and prefix in curies:
        key = curies[prefix].replace("{rel}", rest)
    elif colon and "/" not in rest:
        return rest
    return key.partition("?")[0].rstrip("/").rpartition("/")[2].rpartition("#")[2]


def _listed(value: Any) -> list[Any]:
    """A link or several, as HAL has either."""
    return value if isinstance(value, list) else [] if value is None else [value]
