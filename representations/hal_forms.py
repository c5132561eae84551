"""HAL-FORMS (`application/prs.hal-forms+json`): HAL+JSON, and what may be done next as `_templates`.

A resource with which nothing may be done, as an error is, has no `_templates` and keeps the media type
that was asked for. Clients that rank it first are warned of documents without templates because they
show nothing but GET there; here that is the truth, and a client that allows this type alone is answered.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from representations import hal_json
from representations.json_text import escape
from representations.model import Action, Field, Resource, Shape
from representations.template import Fill, Part, compile_template, href_parts, joined

MEDIA_TYPE = "application/prs.hal-forms+json"
ALIASES: tuple[str, ...] = ()

parse = hal_json.parse
"""What a body says: that of HAL+JSON. Its `_templates` are no properties."""

_TYPES = {"datetime": "datetime-local"}
"""HTML's input types that HAL-FORMS has by another name; a moment without an offset is the store's."""


def render(resource: Resource, base: str) -> bytes:
    """The representation; `base` is the API's origin and path, without a slash at its end."""
    document = hal_json.document(resource, base)
    if resource.shape.actions:
        document["_templates"] = orjson.Fragment(_compiled(resource.shape, base)(resource.values))
    return orjson.dumps(document)


@lru_cache(maxsize=1024)
def _compiled(shape: Shape, base: str) -> Fill:
    return compile_template(_templates(shape, base))


def _templates(shape: Shape, base: str) -> Iterator[Part]:
    """The templates by name; a single one is the default, whatever its action is called."""
    names = ["default"] if len(shape.actions) == 1 else [each.name for each in shape.actions]
    pairs = zip(names, shape.actions, strict=True)
    yield "{"
    yield from joined((_template(name, action, shape, base) for name, action in pairs), ",")
    yield "}"


def _template(name: str, action: Action, shape: Shape, base: str) -> Iterator[Part]:
    yield f'"{escape(name)}":{{"method":"{action.method}","title":"{escape(action.title)}",'
    yield f'"contentType":"{action.type}","target":"'
    yield from href_parts(action.href, shape, base, escape)
    properties = orjson.dumps([_property(each) for each in action.fields]).decode()
    yield f'","properties":{properties}}}'


def _property(field: Field) -> dict[str, Any]:
    """A field as HAL-FORMS has it: what is left out is not required, and can be written."""
    least, most = field.within or (None, None)
    said = {
        "name": field.name,
        "prompt": field.title,
        "type": _TYPES.get(field.type, field.type),
        "value": field.value,
        "required": field.required or None,
        "maxLength": field.longest,
        "min": least,
        "max": most,
        "options": _options(field),
    }
    return {name: value for name, value in said.items() if value is not None}


def _options(field: Field) -> dict[str, Any] | None:
    """The values to choose from: one, for without a limit clients would send a list of them."""
    if not field.choices:
        return None
    return {"inline": list(field.choices), "minItems": int(field.required), "maxItems": 1}
