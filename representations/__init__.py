"""One neutral model of a resource, and the media types that speak it.

A format is a module here: its media type, its aliases, `render(resource, base) -> bytes` and, where it
can be sent to us, `parse(body) -> Body`. This library knows neither Flask nor SQL nor customers.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from representations import explorer, form, hal_forms, hal_json, hal_xml, problem_json, siren
from representations.body import Body, Malformed
from representations.json_patch import JsonPatch, PatchConflict
from representations.link_header import link_header
from representations.model import (
    PROFILE,
    SELF,
    Action,
    Curie,
    Embedded,
    Field,
    Link,
    Method,
    Rel,
    Resource,
    Shape,
    Value,
    Values,
)
from representations.negotiation import Format, Offer, negotiate, offers

FORMATS: tuple[Format, ...] = (hal_json, hal_xml, siren, hal_forms, explorer)
"""In order of preference: the first answers who has none."""

OFFERS = offers(FORMATS)
ERROR_OFFERS = (Offer(problem_json.MEDIA_TYPE, problem_json, alias=True), *OFFERS)

PARSERS: Mapping[str, Callable[[bytes], Body]] = MappingProxyType(
    {
        "application/json": hal_json.parse,
        hal_json.MEDIA_TYPE: hal_json.parse,
        "text/plain": hal_json.parse,  # as which clients in browsers send JSON
        siren.MEDIA_TYPE: siren.parse,
        hal_forms.MEDIA_TYPE: hal_forms.parse,
        hal_xml.MEDIA_TYPE: hal_xml.parse,
        "application/xml": hal_xml.parse,
        "text/xml": hal_xml.parse,
        form.MEDIA_TYPE: form.parse,
        "application/merge-patch+json": hal_json.parse,  # RFC 7396: an object of what is to change
    }
)
"""What a body of each media type says. `json_patch`, whose bodies say what to do, stands apart."""

__all__ = [
    "ERROR_OFFERS",
    "FORMATS",
    "OFFERS",
    "PARSERS",
    "PROFILE",
    "SELF",
    "Action",
    "Body",
    "Curie",
    "Embedded",
    "Field",
    "Format",
    "JsonPatch",
    "Link",
    "Malformed",
    "Method",
    "Offer",
    "PatchConflict",
    "Rel",
    "Resource",
    "Shape",
    "Value",
    "Values",
    "link_header",
    "negotiate",
]
