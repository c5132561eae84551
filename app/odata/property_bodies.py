"""What a body says of one property (Protocol 4.01 §11.4.9): as JSON, or as the raw value alone."""

from typing import Any

from app.errors import Refusal, shortened
from app.odata.bodies import Said, read_document, reset, said_in
from app.odata.edm import Complex, Property
from app.odata.exchange import Asked
from app.odata.paths import ResourcePath
from representations.body import fault_in


def said_of_property(asked: Asked, path: ResourcePath) -> Said:
    """What a request says of the property that its path ends in.

    :raises Refusal: 400 or 415 where the body does not say that.
    """
    member = path.member
    if isinstance(member, Complex):
        return _complex(asked, path, member)
    assert isinstance(member, Property)
    said = Said(path.entity)
    if asked.method == "DELETE":
        said.values[member.of] = None
    elif path.suffix == "$value":
        said.values[member.of] = _raw(asked, member)
    else:
        said.values[member.of] = _value(asked)
    return said


def _complex(asked: Asked, path: ResourcePath, member: Complex) -> Said:
    """A PUT says all of it: what it leaves out is as in a new one, and what must be there is missing."""
    document = read_document(asked)
    said = said_in({member.name: document}, path.entity, asked, creating=False)
    if asked.method == "PUT":
        needed = {each.of: None for each in member.properties if each.field.required}
        said.values = {**reset([member]), **needed, **said.values}
    return said


def _value(asked: Asked) -> Any:
    document = read_document(asked)
    others = [name for name in document if name != "value" and "@" not in name]
    if "value" not in document or others:
        message = 'the body must be an object with the new "value", and with nothing else'
        raise Refusal.of(400, message, properties=["value"], code="malformed_body")
    return document["value"]


def _raw(asked: Asked, member: Property) -> Any:
    """The value that a text stands for."""
    header = asked.headers.get("content-type", "")
    kind, _, parameters = header.partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower() or "utf-8"
    if kind.strip().lower() != "text/plain" or charset not in {"utf-8", "utf8", "us-ascii"}:
        message = f"Content-Type {shortened(header)} is not taken here: send text/plain in UTF-8"
        raise Refusal.of(415, message, properties=["Content-Type"])
    try:
        text = asked.body.decode()
    except UnicodeDecodeError:
        raise Refusal.of(400, "the body is not UTF-8", code="malformed_body") from None
    if fault := fault_in(text):
        raise Refusal.of(400, f"the body {fault}", properties=[member.name], code="malformed_body")
    return {"true": True, "false": False}.get(text, text) if member.type == "Edm.Boolean" else text
