"""One neutral model of a resource, and the media types that speak it.

A format is a module here: its media type, its aliases and `render(resource, base) -> bytes`. This
library knows neither Flask nor SQL nor customers.
"""

from representations import hal_json, hal_xml, html, problem_json, siren
from representations.link_header import link_header
from representations.model import (
    SELF,
    Action,
    Curie,
    Embedded,
    Field,
    Link,
    Rel,
    Resource,
    Shape,
    Value,
    Values,
)
from representations.negotiation import Format, Offer, negotiate, offers

FORMATS: tuple[Format, ...] = (hal_json, hal_xml, siren, html)
"""In order of preference: the first answers who has none."""

OFFERS = offers(FORMATS)
ERROR_OFFERS = (Offer(problem_json.MEDIA_TYPE, problem_json, alias=True), *OFFERS)

__all__ = [
    "ERROR_OFFERS",
    "FORMATS",
    "OFFERS",
    "SELF",
    "Action",
    "Curie",
    "Embedded",
    "Field",
    "Format",
    "Link",
    "Offer",
    "Rel",
    "Resource",
    "Shape",
    "Value",
    "Values",
    "link_header",
    "negotiate",
]
