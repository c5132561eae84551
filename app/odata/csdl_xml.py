"""$metadata as XML (CSDL XML 4.01), made from the model and its annotations."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

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

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_edmx: Any = ElementMaker(namespace=_EDMX, nsmap={"edmx": _EDMX})
_edm: Any = ElementMaker(namespace=_EDM, nsmap={None: _EDM})


@cache
def document() -> bytes:
    """The document, made once."""
    references = (
        _edmx.Reference(
            _edmx.Include(Namespace=namespace, Alias=alias),
            Uri=ADDRESS.format(namespace=f"{namespace}.xml"),
        )
        for alias, namespace in VOCABULARIES.items()
    )
    schema = _edm.Schema(
        *map(_entity_type, MODEL.values()),
        *map(_complex_type, complexes()),
        _container(),
        Namespace=NAMESPACE,
    )
    root = _edmx.Edmx(*references, _edmx.DataServices(schema), Version="4.0")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _entity_type(entity: EntityType) -> Any:
    return _edm.EntityType(
        _edm.Key(*(_edm.PropertyRef(Name=name) for name in entity.key)),
        *(_structural(entity, each) for each in entity.structural),
        *map(_navigation, entity.navigations),
        Name=entity.name,
    )


def _complex_type(example: tuple[EntityType, Complex]) -> Any:
    entity, each = example
    return _edm.ComplexType(*(_property(entity, below) for below in each.properties), Name=each.type)


def _structural(entity: EntityType, each: Property | Complex) -> Any:
    if isinstance(each, Property):
        return _property(entity, each)
    return _edm.Property(Name=each.name, Type=f"{NAMESPACE}.{each.type}", Nullable="false")


def _property(entity: EntityType, each: Property) -> Any:
    facets = {"Nullable": _word(each.nullable)}
    if each.most is not None:
        facets["MaxLength"] = str(each.most)
    if each.type == "Edm.DateTimeOffset":
        facets["Precision"] = "0"
    if each.default is not None:
        facets["DefaultValue"] = _word(each.default)
    said = _annotations(annotations.of_property(entity, each))
    return _edm.Property(*said, Name=each.name, Type=each.type, **facets)


def _navigation(each: Navigation) -> Any:
    target = f"{NAMESPACE}.{each.target}"
    more = {"Partner": each.partner} if each.partner else {}
    if each.many:
        return _edm.NavigationProperty(Name=each.name, Type=f"Collection({target})", **more)
    return _edm.NavigationProperty(Name=each.name, Type=target, Nullable="false", **more)


def _container() -> Any:
    return _edm.EntityContainer(
        *map(_set, MODEL.values()), *_annotations(annotations.of_container()), Name=CONTAINER
    )


def _set(entity: EntityType) -> Any:
    bindings = (
        _edm.NavigationPropertyBinding(Path=each.name, Target=each.target) for each in entity.navigations
    )
    said = _annotations(annotations.of_set(entity))
    return _edm.EntitySet(*bindings, *said, Name=entity.name, EntityType=f"{NAMESPACE}.{entity.name}")


def _annotations(said: Iterable[Annotation]) -> list[Any]:
    return [_carrying(_edm.Annotation(Term=_full(term)), what) for term, what in said]


def _full(name: str) -> str:
    """A name as documents that know no aliases have it."""
    alias, _, rest = name.partition(".")
    return f"{VOCABULARIES[alias]}.{rest}"


def _carrying(element: Any, said: Said) -> Any:
    """An element that says so, in an attribute where that can be, else in an element below."""
    match said:
        case bool():
            element.set("Bool", _word(said))
        case int():
            element.set("Int", str(said))
        case str():
            element.set("String", said)
        case Member():
            element.set("EnumMember", f"{_full(said.type)}/{said.name}")
        case PropertyPath():
            element.set("PropertyPath", said.path)
        case NavigationPath():
            element.set("NavigationPropertyPath", said.path)
        case Mapping():
            element.append(
                _edm.Record(*(_carrying(_edm.PropertyValue(Property=n), v) for n, v in said.items()))
            )
        case Sequence():
            element.append(_edm.Collection(*map(_item, said)))
    return element


def _item(said: Said) -> Any:
    match said:
        case PropertyPath():
            return _edm.PropertyPath(said.path)
        case NavigationPath():
            return _edm.NavigationPropertyPath(said.path)
        case Mapping():
            return _record(said)
    return _edm.String(str(said))


def _record(said: Mapping[str, Said]) -> Any:
    return _edm.Record(*(_carrying(_edm.PropertyValue(Property=name), value) for name, value in said.items()))


def _word(flag: bool) -> str:
    return "true" if flag else "false"
