"""Addresses that answers name: of entities, and of what a payload is, its context (Protocol 4.01 §10)."""

from app.odata.bound import Options
from app.odata.edm import EntityType

EVERYTHING = Options()


def address(entity: EntityType, key: int) -> str:
    """The address of an entity, below the service root: its id and its edit link."""
    return f"{entity.name}({key})"


def tag(version: int) -> str:
    """The tag of an entity of this version: weak, for it says nothing of how the entity is represented."""
    return f'W/"{version}"'


def of_collection(root: str, entity: EntityType, options: Options) -> str:
    """The context of a list of entities."""
    return f"{root}$metadata#{entity.name}{_listed(options)}"


def of_entity(root: str, entity: EntityType, options: Options = EVERYTHING) -> str:
    """The context of one entity."""
    return f"{of_collection(root, entity, options)}/$entity"


def of_property(root: str, entity: EntityType, key: int, path: tuple[str, ...]) -> str:
    """The context of a property of an entity."""
    return f"{root}$metadata#{address(entity, key)}/{'/'.join(path)}"


def _listed(options: Options) -> str:
    """What was selected and expanded, in parentheses; nothing where that is everything as it comes."""
    if options.select is None and not options.expand:
        return ""
    return f"({','.join(_names(options))})"


def _names(options: Options) -> list[str]:
    selected = ["/".join(path) for path in options.select or ()]
    return selected + [f"{name}({','.join(_names(below))})" for name, below in options.expand]
