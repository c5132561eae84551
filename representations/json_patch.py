"""JSON Patch (RFC 6902): a list of operations, applied as a whole or not at all."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonpatch
import jsonpointer

from representations.body import DEEPEST, LARGEST, Malformed, fault_in, shown
from representations.strict_json import load

MEDIA_TYPE = "application/json-patch+json"

MOST = 200
"""How many operations a patch may have."""

_MEMBERS = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "from"),
    "copy": ("path", "from"),
    "test": ("path", "value"),
}


class PatchConflict(ValueError):
    """A patch that does not fit the document: a test fails in it, or a path leads nowhere."""


@dataclass(frozen=True, slots=True)
class JsonPatch:
    """The operations of a patch, each known to be well formed."""

    operations: tuple[Mapping[str, Any], ...]

    def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        """A patched copy of the document.

        :raises PatchConflict: naming the first operation that does not fit the document
        :raises Malformed: where the patch makes too much of the document, or no object
        """
        patched, grown = copy.deepcopy(document), 0
        for index, operation in enumerate(self.operations):
            grown += _weight(operation, patched)
            if grown > _MOST_GROWTH:
                raise Malformed(f"operation {index} makes the document too large")
            patched = _applied(index, operation, patched)
        if not isinstance(patched, dict):
            raise Malformed("the patch leaves no object")
        return patched


def parse(body: bytes) -> JsonPatch:
    """The patch.

    :raises Malformed: where the body is not a list of well-formed operations
    """
    operations = load(body)
    if not isinstance(operations, list):
        raise Malformed("the body is not an array of operations")
    if len(operations) > MOST:
        raise Malformed(f"the patch has more than {MOST} operations")
    for index, operation in enumerate(operations):
        _check(index, operation)
    return JsonPatch(tuple(operations))


def _check(index: int, operation: Any) -> None:
    name = operation.get("op") if isinstance(operation, dict) else None
    if not isinstance(name, str) or name not in _MEMBERS:
        raise Malformed(f"operation {index} is none of {', '.join(_MEMBERS)}")
    which = f"operation {index} ({name})"
    for member in _MEMBERS[name]:
        if member not in operation:
            raise Malformed(f"{which} has no {member}")
        if fault := fault_in(operation[member]):
            raise Malformed(f"{which} {fault}", _property(operation["path"]))
        if member != "value":
            _check_pointer(which, member, operation[member])


def _check_pointer(which: str, member: str, pointer: Any) -> None:
    try:
        parts = _parts(pointer) if isinstance(pointer, str) else None
    except jsonpointer.JsonPointerException:
        parts = None
    if parts is None:
        raise Malformed(f"the {member} of {which} is not a JSON Pointer, as /first_name is")
    if len(parts) > DEEPEST:
        raise Malformed(f"the {member} of {which} is more than {DEEPEST} deep")


def _parts(pointer: str) -> list[str]:
    return jsonpointer.JsonPointer(pointer).parts


def _property(path: Any) -> str | None:
    """The property that a path leads into; what is no path yet leads into none."""
    name = path[1:].partition("/")[0] if isinstance(path, str) else ""
    return shown(name.replace("~1", "/").replace("~0", "~")) or None


def _applied(index: int, operation: Mapping[str, Any], document: Any) -> Any:
    try:
        return jsonpatch.JsonPatch([operation]).apply(document, in_place=True)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        raise PatchConflict(_misfit(index, operation)) from None


def _misfit(index: int, operation: Mapping[str, Any]) -> str:
    name, path = operation["op"], shown(operation["path"])
    why = "fails" if name == "test" else "does not fit the document"
    where = f"from {shown(operation['from'])} to {path}" if "from" in _MEMBERS[name] else f"at {path}"
    return f"operation {index} ({name}) {why} {where}"


# A patch of a few lines can double a value by copying it into itself, over and over. What operations
# put into the document is therefore weighed before each is applied, and what lies too deep refused,
# so that neither memory nor the recursion of whoever reads the result is at a stranger's mercy.

_OF_EACH_VALUE = 100
_MOST_GROWTH = LARGEST * _OF_EACH_VALUE


def _weight(operation: Mapping[str, Any], document: Any) -> int:
    """What an operation puts into the document, in characters, each value counting as 100 more."""
    if operation["op"] in ("remove", "test"):
        return 0
    value = operation.get("value")
    if "from" in _MEMBERS[operation["op"]]:
        value = jsonpointer.JsonPointer(operation["from"]).resolve(document, None)
    weight, depth, level = 0, len(_parts(operation["path"])), [value]
    while level and weight <= _MOST_GROWTH:
        weight += _OF_EACH_VALUE * len(level) + sum(len(each) for each in level if isinstance(each, str))
        maps = [each for each in level if isinstance(each, dict)]
        lists = [each for each in level if isinstance(each, list)]
        depth += 1
        if depth > DEEPEST and (maps or lists):
            raise Malformed(f"the patch nests the document more than {DEEPEST} deep")
        weight += sum(len(name) for each in maps for name in each)
        level = [inner for each in maps for inner in each.values()] + [i for each in lists for i in each]
    return weight
