"""Rows of this face's resources, and the entities that they become."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.db.reader import Reader, Row
from app.db.tables import ROW_VERSION
from app.encryption import Cipher
from app.hypermedia import Registry
from app.odata.edm import EntityType
from app.odata.found import Found
from app.reading import Caller, Source
from app.zones import Zone


class _AsStored(Zone):
    """Shows moments as they are stored, to the second."""

    def show(self, stored: str) -> str:
        """The stored form itself."""
        return stored[:19]


_AS_STORED = _AsStored("UTC")


class Rows:
    """Where the entities of one type come from."""

    def __init__(self, registry: Registry, reader: Reader, cipher: Cipher, entity: EntityType) -> None:
        self.source = Source(registry, reader, cipher, entity.resource)
        self._type = entity
        self._names = (*self.source.shape.properties, *self.source.shape.hidden)

    def found(self, rows: Iterable[Row], caller: Caller) -> list[Found]:
        """The entities that rows are; what stands in them beyond the columns is left out."""
        inside = replace(caller, zone=_AS_STORED)
        return [self._found(self.source.values(row, inside)) for row in rows]

    def _found(self, values: list[Any]) -> Found:
        named = dict(zip(self._names, values, strict=False))
        return Found(self._type, named, named[ROW_VERSION])
