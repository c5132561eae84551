"""CSDL XML as CSDL JSON has it: what the one says is read off, to be compared with what the other says."""

from typing import Any

from lxml import etree

from app.odata.annotations import VOCABULARIES

KINDS = {"EntityType", "ComplexType", "EntityContainer", "NavigationProperty"}


def bare(name: str) -> str:
    """The name of a type of ours, whether of one or of many."""
    return name.removeprefix("Collection(").removesuffix(")").removeprefix("Patron.")


def in_json(element: etree._Element) -> dict[str, Any]:
    """An element of CSDL XML as CSDL JSON has it."""
    kind = etree.QName(element).localname
    made: dict[str, Any] = {"$Kind": kind} if kind in KINDS else {}
    if kind == "EntitySet":
        made |= {"$Collection": True, "$Type": element.get("EntityType")}
    if kind in {"Property", "NavigationProperty"}:
        made |= _typed(element.get("Type", ""))
    return made | _facets(element) | _below(element)


def _typed(name: str) -> dict[str, Any]:
    single = name.removeprefix("Collection(").removesuffix(")")
    many = {} if single == name else {"$Collection": True}
    return many | ({} if single == "Edm.String" else {"$Type": single})


def _facets(element: etree._Element) -> dict[str, Any]:
    made: dict[str, Any] = {"$Nullable": True} if element.get("Nullable") == "true" else {}
    made |= {
        f"${name}": int(element.get(name, "")) for name in ("MaxLength", "Precision") if element.get(name)
    }
    if element.get("DefaultValue"):
        made["$DefaultValue"] = element.get("DefaultValue") == "true"
    return made | ({"$Partner": element.get("Partner")} if element.get("Partner") else {})


def _below(element: etree._Element) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for child in element:
        match etree.QName(child).localname:
            case "Key":
                made["$Key"] = [each.get("Name") for each in child]
            case "NavigationPropertyBinding":
                bound = made.setdefault("$NavigationPropertyBinding", {})
                bound[child.get("Path")] = child.get("Target")
            case "Annotation":
                made["@" + aliased(child.get("Term", ""))] = value_of(child)
            case _ if child.get("Name"):
                made[child.get("Name", "")] = in_json(child)
    return made


def aliased(name: str) -> str:
    """A term under the alias of its vocabulary."""
    (found,) = (
        alias + name.removeprefix(each) for alias, each in VOCABULARIES.items() if name.startswith(f"{each}.")
    )
    return found


def value_of(element: etree._Element) -> Any:
    """What an annotation, or a part of one, says."""
    for attribute, read in READ.items():
        if element.get(attribute) is not None:
            return read(element.get(attribute, ""))
    if not len(element):
        return element.text
    (inner,) = element
    if etree.QName(inner).localname == "Record":
        return record(inner)
    return [record(each) if etree.QName(each).localname == "Record" else each.text for each in inner]


def record(element: etree._Element) -> dict[str, Any]:
    """The values of a record."""
    return {each.get("Property", ""): value_of(each) for each in element}


READ: dict[str, Any] = {
    "Bool": lambda text: text == "true",
    "Int": int,
    "String": str,
    "EnumMember": lambda text: text.rpartition("/")[2],
    "PropertyPath": str,
    "NavigationPropertyPath": str,
}
