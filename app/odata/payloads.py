"""Entities as JSON (JSON Format 4.01): their properties by OData's names, and as much else as is wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson

from app.odata import contexts
from app.odata.bound import Options
from app.odata.edm import MODEL, NAMESPACE, Complex, EntityType, Property
from app.odata.found import Found, Listed
from app.odata.negotiation import Wanted


@dataclass(frozen=True, slots=True)
class Payload:
    """How entities of one answer are written: as what, and below which service root."""

    wanted: Wanted
    root: str

    def entity(self, found: Found, options: Options) -> bytes:
        """One entity."""
        context = contexts.of_entity(self.root, found.type, options)
        return orjson.dumps(self._context(context) | self._entity(found, options))

    def collection(self, entity: EntityType, listed: Listed, options: Options, own: str) -> bytes:
        """A list of entities.

        :param own: its address, of which that of those that come next is made.
        """
        said = self._context(contexts.of_collection(self.root, entity, options))
        if listed.total is not None:
            said["@odata.count"] = self._number(listed.total)
        said["value"] = [self._entity(each, options) for each in listed.found]
        if listed.token is not None:
            said["@odata.nextLink"] = following(own, options, listed.token)
        return orjson.dumps(said)

    def property(self, found: Found, path: tuple[str, ...]) -> bytes:
        """One property of an entity: a complex one as it is, a primitive one as `value`."""
        key = found.values["id"]
        said = self._context(contexts.of_property(self.root, found.type, key, path))
        member = found.type.members[path[0]]
        if isinstance(member, Complex) and len(path) == 1:
            return orjson.dumps(said | dict(self._complex(found, member, None)))
        each = found.type.primitives[path]
        if self.wanted.level == "full" and each.type not in _INFERRED:
            said["@odata.type"] = _type_name(each)
        return orjson.dumps(said | {"value": shown(each, found.values[each.of])})

    def _context(self, context: str) -> dict[str, Any]:
        return {} if self.wanted.level == "none" else {"@odata.context": context}

    def _number(self, number: int) -> int | str:
        return str(number) if self.wanted.textual_numbers else number

    def _entity(self, found: Found, options: Options) -> dict[str, Any]:
        said = self._about(found, options)
        for name, paths in _chosen(found.type, options.select):
            member = found.type.members[name]
            if isinstance(member, Complex):
                said[name] = dict(self._complex(found, member, paths))
            elif isinstance(member, Property):
                if self.wanted.level == "full" and member.type not in _INFERRED:
                    said[f"{name}@odata.type"] = _type_name(member)
                said[name] = shown(member, found.values[member.of])
        if self.wanted.level == "full":
            said |= self._links(found)
        for name, below in options.expand:
            said |= self._expanded(found, name, below)
        return said

    def _about(self, found: Found, options: Options) -> dict[str, Any]:
        """What is said of an entity before its properties."""
        own = contexts.address(found.type, found.values["id"])
        match self.wanted.level:
            case "none":
                return {}
            case "full":
                link = "editLink" if "PATCH" in found.type.methods else "readLink"
                return {
                    "@odata.type": f"#{NAMESPACE}.{found.type.name}",
                    "@odata.id": f"{self.root}{own}",
                    "@odata.etag": contexts.tag(found.version),
                    f"@odata.{link}": own,
                }
        said = {"@odata.etag": contexts.tag(found.version)}
        if options.select is not None and any((each,) not in options.select for each in found.type.key):
            said["@odata.id"] = f"{self.root}{own}"
        return said

    def _links(self, found: Found) -> dict[str, Any]:
        own = f"{self.root}{contexts.address(found.type, found.values['id'])}"
        return {f"{each.name}@odata.navigationLink": f"{own}/{each.name}" for each in found.type.navigations}

    def _complex(
        self, found: Found, member: Complex, paths: frozenset[str] | None
    ) -> Iterator[tuple[str, Any]]:
        if self.wanted.level == "full":
            yield "@odata.type", f"#{NAMESPACE}.{member.type}"
        for each in member.properties:
            if paths is None or each.name in paths:
                yield each.name, shown(each, found.values[each.of])

    def _expanded(self, found: Found, name: str, below: Options) -> dict[str, Any]:
        what = found.expanded[name]
        own = f"{contexts.address(found.type, found.values['id'])}/{name}"
        if isinstance(what, Found):
            return {name: self._entity(what, below)}
        said: dict[str, Any] = {}
        if what.total is not None:
            said[f"{name}@odata.count"] = self._number(what.total)
        said[name] = [self._entity(each, below) for each in what.found]
        if what.token is not None:
            said[f"{name}@odata.nextLink"] = following(f"{self.root}{own}", below, what.token)
        return said


def following(own: str, options: Options, token: str) -> str:
    """The address of what comes behind a $skiptoken, asked with the same options."""
    parts = [options.carried, f"$skiptoken={quote(token, safe='')}"]
    return f"{own}?{'&'.join(filter(None, parts))}"


def shown(each: Property, stored: Any) -> Any:
    """A stored value as JSON has it: a moment in UTC, as text."""
    if stored is None or each.type != "Edm.DateTimeOffset":
        return stored
    return f"{stored[:10]}T{stored[11:19]}Z"


_INFERRED = ("Edm.Boolean", "Edm.String")
"""The types that JSON itself tells."""


def _type_name(each: Property) -> str:
    return f"#{each.type.removeprefix('Edm.')}"


Chosen = tuple[tuple[str, frozenset[str] | None], ...]
"""The names of what an entity shows, each with those below it that were chosen where not all were."""


@lru_cache(maxsize=512)
def _chosen(entity: EntityType, select: tuple[tuple[str, ...], ...] | None) -> Chosen:
    """What an entity shows, in the model's order; never what is written only."""
    found = list[tuple[str, frozenset[str] | None]]()
    for each in entity.structural:
        if isinstance(each, Property) and each.write_only:
            continue
        if select is None or (each.name,) in select:
            found.append((each.name, None))
        elif below := frozenset(path[1] for path in select if path[0] == each.name and len(path) > 1):
            found.append((each.name, below))
    return tuple(found)


def service_document(root: str, wanted: Wanted) -> bytes:
    """What the service has to offer (JSON Format 4.01 §5)."""
    context: Mapping[str, Any] = {} if wanted.level == "none" else {"@odata.context": f"{root}$metadata"}
    sets = [{"name": each, "kind": "EntitySet", "url": each} for each in MODEL]
    return orjson.dumps({**context, "value": sets})
