"""The bodies of requests and of answers in OpenAPI: which schema, in which media types."""

from typing import Any

from app.addresses import Address, Place, PublicPlace
from app.bodies import MERGE_PATCH, MULTIPART, offered
from app.openapi.components import answered, schema
from app.transitions import Affordance
from representations import form, hal_xml, json_patch, siren

_PATCH_OF_JSON = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"op": {"type": "string"}, "path": {"type": "string"}, "value": {}},
        "required": ["op", "path"],
    },
}


def answers(address: Address, method: str) -> dict[str, Any]:
    """What is answered where a method succeeds."""
    if method == "HEAD":
        return {}
    if isinstance(address, PublicPlace) and address.language and method == "GET":
        types = (address.language, "application/json")
        return {"content": {each: {"schema": {"type": "object"}} for each in types}}
    if isinstance(address, Place) and address.target and method in {"GET", "PUT", "PATCH"}:
        return {"content": answered(schema(_shown(address)))}
    if method == "POST" and isinstance(address, Place) and address.makes and address.keeps_keys:
        return {"content": answered({"anyOf": [schema(_taken(address)), schema(_shown(address))]})}
    return {"content": answered(schema("resource"))}


def requests(place: Place, method: str) -> dict[str, Any]:
    """What a method takes."""
    types = offered(method, one=not place.makes)
    return {each: {"schema": _body(place, method, each)} for each in types}


def _shown(place: Place) -> str:
    """The schema of what stands there."""
    assert place.target
    return place.target.plural if place.many else place.target.name


def _taken(place: Place) -> str:
    """The schema of what one sends."""
    if isinstance(place.relation, Affordance):
        return place.name
    assert place.target
    return place.target.name


def _body(place: Place, method: str, media_type: str) -> Any:
    """What is sent in a media type. Of a collection, a POST sends one or several, a PATCH or PUT several."""
    if media_type == json_patch.MEDIA_TYPE:
        return _PATCH_OF_JSON
    if media_type == siren.MEDIA_TYPE:
        return schema("siren")
    if media_type in {hal_xml.MEDIA_TYPE, "application/xml", "text/xml"}:
        return {"type": "string", "description": f"XML, which says what JSON says of {_taken(place)}."}
    if media_type in {form.MEDIA_TYPE, MULTIPART}:
        return {"type": "object", "description": f"The properties of {_taken(place)}, as text."}
    one = schema(f"new_{_taken(place)}" if method == "POST" and place.makes else _taken(place))
    if not place.makes or media_type == MERGE_PATCH:
        return one
    several = {"type": "array", "items": one}
    return {"anyOf": [one, several]} if method == "POST" else several
