"""What a body says of an entity (JSON Format 4.01 §7), by the names of the API's properties."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from app.errors import Fault, Refusal, shortened
from app.odata.edm import MODEL, Complex, EntityType, Navigation, Property
from app.odata.exchange import Asked
from app.validation import changes, said_of
from representations import Malformed, strict_json
from representations.body import fault_in

MOST_BELOW = 50
"""How many entities of a navigation one body may create together with the one that it is about."""

_CONTENT_TYPE = re.compile(r"\s*application/json\s*(?:;\s*(.*))?", re.IGNORECASE | re.DOTALL)
_REFERENCE = re.compile(r"([A-Za-z]{1,40})(?:\((?:Id=)?|/)([0-9]{1,10})\)?", re.ASCII)


@dataclass(slots=True)
class Said:
    """What a body says: values by the API's names; which entities it binds to, by navigation; and those
    that are to be created along."""

    type: EntityType
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    bound: dict[str, int] = field(default_factory=dict)
    below: dict[str, Sequence["Said"]] = field(default_factory=dict)


def read_document(asked: Asked) -> Mapping[str, Any]:
    """The object that the body is.

    :raises Refusal: 415 where it is no JSON in UTF-8, 400 where it is malformed or no object.
    """
    _require_json(asked)
    try:
        document = strict_json.load(asked.body)
        fault = fault_in(document)
    except Malformed as error:
        about = [error.property] if error.property else []
        raise Refusal.of(400, error.message, properties=about, code="malformed_body") from error
    if fault:
        raise Refusal.of(400, f"the body {fault}", code="malformed_body")
    if not isinstance(document, dict):
        raise Refusal.of(
            400, "the body is no object: send the properties of one entity", code="malformed_body"
        )
    return document


def said_in(document: Mapping[str, Any], entity: EntityType, asked: Asked, *, creating: bool) -> Said:
    """What an object says of an entity; annotations that say nothing of it are passed over.

    :raises Refusal: 400, an entry for each member that is unknown or no such thing, all of them at once.
    """
    faults: list[Fault] = []
    said = _Reader(asked.root, creating, faults).entity(document, entity, "")
    if faults:
        raise Refusal(400, (*faults, *_wrong_besides(said, creating=creating)))
    return said


def _wrong_besides(said: Said, *, creating: bool) -> Sequence[Fault]:
    """What is wrong with those values that could be read."""
    try:
        changes(said.type.resource, said.values, None if creating else {})
    except Refusal as refusal:
        return in_terms_of(said.type, refusal).faults
    return ()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads objects; what is wrong with them it notes."""

    root: str
    creating: bool
    faults: list[Fault]

    def entity(self, document: Mapping[str, Any], entity: EntityType, way: str, above: str = "") -> Said:
        """What an object says of an entity.

        :param way: what stands before the names of its members in faults.
        :param above: the navigation back to the one that is being created with it.
        """
        said = Said(entity)
        for name, value in document.items():
            if "@" in name:
                self._annotation(said, name, value, way, above)
                continue
            member = entity.members.get(name)
            if member is None or (above and name == above):
                others = {each: there for each, there in entity.members.items() if each != above}
                self._unknown(name, others, way, entity.name)
            elif isinstance(member, Property):
                self._property(said, member, value)
            elif isinstance(member, Complex):
                self._complex(said, member, value, way)
            else:
                self._navigation(said, member, value, way)
        return said

    def _property(self, said: Said, member: Property, value: Any) -> None:
        """Null stands for the default of a new one's flag: clients send it for what was not set."""
        is_default = self.creating and value is None and member.default is not None
        if not member.computed and not is_default:
            said.values[member.of] = value

    def _complex(self, said: Said, member: Complex, value: Any, way: str) -> None:
        if not isinstance(value, dict):
            self._fault(f"{way}{member.name}", "is not an object", "wrong_type")
            return
        below = {each.name: each for each in member.properties}
        for name, inner in value.items():
            if name in below:
                self._property(said, below[name], inner)
            elif "@" not in name:
                self._unknown(name, below, f"{way}{member.name}/", member.name)

    def _annotation(self, said: Said, name: str, value: Any, way: str, above: str) -> None:
        about, _, term = name.partition("@")
        if term.removeprefix("odata.") != "bind" or not about:
            return
        member = said.type.members.get(about)
        if not isinstance(member, Navigation) or about == above:
            self._unknown(about, said.type.members, way, said.type.name)
        elif member.many:
            text = "cannot bind what is there: an address belongs to its customer"
            self._fault(f"{way}{about}", text, "not_bindable")
        else:
            self._bind(said, member, value, way)

    def _bind(self, said: Said, member: Navigation, value: Any, way: str) -> None:
        path = value if isinstance(value, str) else ""
        for start in (self.root, urlsplit(self.root).path):
            path = path.removeprefix(start)
        found = _REFERENCE.fullmatch(path.lstrip("/"))
        if not found or found[1] != member.target:
            self._fault(
                f"{way}{member.name}", f"must name one {member.target}: {member.target}(1)", "invalid"
            )
            return
        said.bound[member.name] = int(found[2])

    def _navigation(self, said: Said, member: Navigation, value: Any, way: str) -> None:
        where = f"{way}{member.name}"
        if not member.many:
            names = [each for each in ("@id", "@odata.id") if isinstance(value, dict) and each in value]
            if names:
                self._bind(said, member, value[names[0]], way)
            elif value is not None:
                self._fault(
                    where, f"is there already: bind it with {member.name}@odata.bind", "not_insertable"
                )
        elif not self.creating or way:
            self._fault(where, "is written at its own address, not here", "not_insertable")
        elif not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self._fault(where, "is not a list of objects", "wrong_type")
        elif len(value) > MOST_BELOW:
            self._fault(where, f"lists {len(value)}: at most {MOST_BELOW} are created at once", "too_many")
        else:
            target, above = MODEL[member.target], member.partner or ""
            said.below[member.name] = [
                self.entity(each, target, f"{where}/{at}/", above) for at, each in enumerate(value)
            ]

    def _unknown(self, name: str, members: Mapping[str, Any], way: str, whose: str) -> None:
        offered = ", ".join(
            each for each, member in members.items() if not getattr(member, "computed", False)
        )
        text = f"{shortened(name)} is no property of {whose}, these can be written: {offered}"
        self.faults.append(Fault(text, f"{way}{shortened(name)}", "unknown_property"))

    def _fault(self, where: str, text: str, code: str) -> None:
        self.faults.append(Fault(said_of(where, text), where, code))


def reset(members: Sequence[Property | Complex]) -> dict[str, Any]:
    """What a PUT that says nothing sets: defaults of whatever may be changed and need not be sent."""
    return {each.of: each.field.metadata.get("default") for each in _resettable(members)}


def _resettable(members: Sequence[Property | Complex]) -> Iterator[Property]:
    for each in members:
        if isinstance(each, Complex):
            yield from _resettable(each.properties)
        elif not (each.computed or each.immutable or each.write_only or each.field.required):
            yield each


def in_terms_of(entity: EntityType, refusal: Refusal, way: str = "") -> Refusal:
    """A refusal that calls properties what OData calls them.

    :param way: what stands before their names.
    """
    names = {each.of: f"{way}{'/'.join(path)}" for path, each in entity.primitives.items()}
    return replace(refusal, faults=tuple(_renamed(each, names) for each in refusal.faults))


def _renamed(fault: Fault, names: Mapping[str, str]) -> Fault:
    name = names.get(fault.property or "")
    if name is None:
        return fault
    message = re.sub(rf"(^|, ){re.escape(str(fault.property))}(?= )", rf"\g<1>{name}", fault.message)
    return replace(fault, message=message, property=name)


def _require_json(asked: Asked) -> None:
    header = asked.headers.get("content-type", "")
    matched = _CONTENT_TYPE.fullmatch(header)
    coding = asked.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        about, said = "Content-Encoding", f"Content-Encoding {shortened(coding)} is not taken"
    elif matched is None:
        about = "Content-Type"
        said = f"Content-Type {shortened(header)} is not taken here" if header else "Content-Type is missing"
    elif not _is_in_utf8(matched[1] or ""):
        about, said = "Content-Type", "the charset is not taken"
    else:
        return
    raise Refusal.of(415, f"{said}: send application/json in UTF-8, as it is", properties=[about])


def _is_in_utf8(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower() in {"utf-8", "utf8"}
    return True
