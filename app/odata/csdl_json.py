"""$metadata as JSON (CSDL JSON 4.01), made from the model and its annotations."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from app.odata import annotations
from app.odata.annotations import (
    ADDRESS,
    VOCABULARIES,
    Annotation,
    Member,
    NavigationPath,
    PropertyPath,
    Said,
)
from app.odata.edm import CONTAINER, MODEL, NAMESPACE, Complex, EntityType, Navigation, Property, complexes


@cache
def document() -> bytes:
    """The document, made once."""
    references = {
        ADDRESS.format(namespace=f"{namespace}.json"): {
            "$Include": [{"$Namespace": namespace, "$Alias": alias}]
        }
        for alias, namespace in VOCABULARIES.items()
    }
    schema = {each.name: _entity_type(each) for each in MODEL.values()}
    schema |= {each.type: _complex_type(entity, each) for entity, each in complexes()}
    schema |= {CONTAINER: _container()}
    whole = {
        "$Version": "4.01",
        "$Reference": references,
        "$EntityContainer": f"{NAMESPACE}.{CONTAINER}",
        NAMESPACE: schema,
    }
    return orjson.dumps(whole)


def _entity_type(entity: EntityType) -> dict[str, Any]:
    structural = {each.name: _structural(entity, each) for each in entity.structural}
    navigations = {each.name: _navigation(each) for each in entity.navigations}
    return {"$Kind": "EntityType", "$Key": list(entity.key), **structural, **navigations}


def _complex_type(entity: EntityType, each: Complex) -> dict[str, Any]:
    return {"$Kind": "ComplexType", **{below.name: _property(entity, below) for below in each.properties}}


def _structural(entity: EntityType, each: Property | Complex) -> dict[str, Any]:
    if isinstance(each, Property):
        return _property(entity, each)
    return {"$Type": f"{NAMESPACE}.{each.type}"}


def _property(entity: EntityType, each: Property) -> dict[str, Any]:
    said: dict[str, Any] = {} if each.type == "Edm.String" else {"$Type": each.type}
    if each.nullable:
        said["$Nullable"] = True
    if each.most is not None:
        said["$MaxLength"] = each.most
    if each.type == "Edm.DateTimeOffset":
        said["$Precision"] = 0
    if each.default is not None:
        said["$DefaultValue"] = each.default
    return said | _annotations(annotations.of_property(entity, each))


def _navigation(each: Navigation) -> dict[str, Any]:
    said: dict[str, Any] = {"$Kind": "NavigationProperty"}
    if each.many:
        said["$Collection"] = True
    if each.partner:
        said["$Partner"] = each.partner
    return said | {"$Type": f"{NAMESPACE}.{each.target}"}


def _container() -> dict[str, Any]:
    sets = {each.name: _set(each) for each in MODEL.values()}
    return {"$Kind": "EntityContainer", **sets, **_annotations(annotations.of_container())}


def _set(entity: EntityType) -> dict[str, Any]:
    said: dict[str, Any] = {"$Collection": True, "$Type": f"{NAMESPACE}.{entity.name}"}
    if entity.navigations:
        said["$NavigationPropertyBinding"] = {each.name: each.target for each in entity.navigations}
    return said | _annotations(annotations.of_set(entity))


def _annotations(said: Iterable[Annotation]) -> dict[str, Any]:
    return {f"@{term}": _json(what) for term, what in said}


def _json(said: Said) -> Any:
    match said:
        case bool() | int() | str():
            return said
        case Member():
            return said.name
        case PropertyPath() | NavigationPath():
            return said.path
        case Mapping():
            return {name: _json(value) for name, value in said.items()}
        case Sequence():
            return [_json(each) for each in said]
