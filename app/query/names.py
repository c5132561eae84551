"""The left side of a filter: `relation:property[name]:operator`, resolved against what is declared."""

from dataclasses import dataclass
from functools import lru_cache

from app.errors import Fault, Refusal, shortened
from app.hypermedia import Registry, ResourceType
from app.query.parameters import ON_PAGES, unknown_parameter
from app.query.properties import OPERATORS, Property, comparable, has_names

DEEPEST_PATH = 3


@dataclass(frozen=True, slots=True)
class Target:
    """What a filter compares: a property, perhaps of a related resource, perhaps of the one so named."""

    text: str
    path: tuple[str, ...]
    property: Property
    named: str | None
    operator: str


@lru_cache(maxsize=512)
def resolve(text: str, registry: Registry, resource_type: ResourceType) -> Target | Fault:
    """What a filter's name means for the resources of a type, or why it means nothing."""
    try:
        return _resolve(text, registry, resource_type)
    except Refusal as refusal:
        return refusal.faults[0]


def _resolve(text: str, registry: Registry, resource_type: ResourceType) -> Target:
    words, named, operator = _split(text)
    path, name, asked_of = words[:-1], words[-1], resource_type
    for depth, each in enumerate(path):
        relation = asked_of.embeddable.get(each)
        if relation is None:
            raise _unrelated(text, words, depth, asked_of)
        if depth >= DEEPEST_PATH:
            raise _refusal(text, f"is too deep, at most {DEEPEST_PATH} relations are followed")
        asked_of = registry.target(relation)
    offered = comparable(asked_of)
    if named is not None and not (path and name == "name" and has_names(asked_of)):
        raise _refusal(text, "takes no brackets: they stand behind the name of what has a name and a value")
    if name in asked_of.embeddable and operator == "isdefined":
        path, offered, name = [*path, name], {"id": Property("id", "integer")}, "id"
    if name not in offered:
        raise _unoffered(text, path, name, asked_of)
    found = offered["value" if named is not None else name]
    if operator and operator not in found.operators:
        raise _refusal(text, f"takes no operator {shortened(operator)}: {_operators(found)}")
    return Target(text, tuple(path), found, named, operator)


def _split(text: str) -> tuple[list[str], str | None, str]:
    """The words before the bracket, what stands in it, and the operator."""
    if "\0" in text:
        raise _refusal(text, "has a NUL in it")
    head, bracket, rest = text.partition("[")
    if not bracket:
        if "]" in head:
            raise _refusal(text, "has a bracket that is closed and never opened")
        words = head.split(":")
        operator = words.pop() if len(words) > 1 and words[-1] in OPERATORS else ""
        return words, None, operator
    named, closed, tail = rest.rpartition("]")
    if not closed or not _balanced(named) or (tail and not tail.startswith(":")):
        raise _refusal(text, "has unbalanced brackets: write name[…] or name[…]:operator")
    if not named:
        raise _refusal(text, "needs a name between its brackets")
    if tail and tail[1:] not in OPERATORS:
        raise _refusal(text, f"has no operator {shortened(tail[1:])}: it takes {', '.join(OPERATORS)}")
    return head.split(":"), named, tail[1:]


def _balanced(text: str) -> bool:
    depth = 0
    for each in text:
        depth += (each == "[") - (each == "]")
        if depth < 0:
            return False
    return depth == 0


def offered_by(resource_type: ResourceType) -> tuple[str, ...]:
    """What a page of such resources takes: its parameters, properties, and relations with theirs."""
    related = (f"{name}:…" for name in resource_type.embeddable)
    return (*ON_PAGES, *comparable(resource_type), *related)


def _unrelated(text: str, words: list[str], depth: int, asked_of: ResourceType) -> Refusal:
    """A word before a colon that is no relation: a property with an operator that it lacks, or unknown."""
    found = comparable(asked_of).get(words[depth])
    if found is not None:
        return _refusal(
            text, f"takes no operator {shortened(':'.join(words[depth + 1 :]))}: {_operators(found)}"
        )
    if depth == 0:
        return Refusal(400, (unknown_parameter(text, offered_by(asked_of)),))
    offered = ", ".join(asked_of.embeddable) or "nothing"
    return _refusal(text, f"has no relation '{shortened(words[depth])}', there is {offered}")


def _unoffered(text: str, path: list[str], name: str, asked_of: ResourceType) -> Refusal:
    if not path:
        return Refusal(400, (unknown_parameter(text, offered_by(asked_of)),))
    offered = ", ".join(comparable(asked_of))
    return _refusal(text, f"has no property '{shortened(name)}' to filter by: {asked_of.rel} has {offered}")


def _operators(found: Property) -> str:
    return f"{found.name} takes {', '.join(found.operators)}"


def _refusal(text: str, what: str) -> Refusal:
    name = shortened(text)
    return Refusal.of(400, f"{name} {what}", properties=[name], code="bad_filter")
