"""The addresses that need no token: where one begins, lists of values, documentation, descriptions."""

from dataclasses import dataclass

from app.addresses.places import Address
from app.home import HELPERS_TITLE, HOME_TITLE, MEANINGS, RELS_TITLE
from app.json_schema import JSON_SCHEMA, SCHEMAS
from app.resources.property_helper import PROPERTY_HELPERS
from representations import Link, Rel, Shape

SEARCH = "q"
SEARCHING = "Words, all of which must stand in a link relation's name, title, meaning or properties."
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"

SERVICE = Shape(
    None,
    (),
    (
        Link(Rel("service-desc"), "/openapi.json", type=OPENAPI),
        Link(Rel("service-doc"), "/rels", type="text/html"),
    ),
)
"""What describes the whole API, to machines and to people (RFC 8631)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PublicPlace(Address):
    """An address that strangers may ask. `language` is the media type of what is no resource."""

    language: str = ""


HOME = PublicPlace(href="/", name="home", title=HOME_TITLE, meaning=MEANINGS["home"], parameters={})
HELPERS = PublicPlace(
    href="/property_helpers",
    name="property_helpers",
    title=HELPERS_TITLE,
    meaning=MEANINGS["property_helpers"],
    parameters={},
)
HELPER = PublicPlace(
    href="/property_helpers/{name}",
    name="property_helper",
    title=HELPERS_TITLE,
    meaning="A list of values.",
    parameters={name: said for each in PROPERTY_HELPERS for name, said in each.parameters.items()},
)
RELS = PublicPlace(
    href="/rels",
    name="rels",
    title=RELS_TITLE,
    meaning="The list of all link relations, or of those in which some words stand.",
    parameters={SEARCH: SEARCHING},
)
REL = PublicPlace(
    href="/rels/{name}",
    name="rel",
    title="Documentation of this Link Relation",
    meaning="What a link relation means and offers.",
    parameters={},
)
SCHEMA = PublicPlace(
    href=f"{SCHEMAS}{{name}}",
    name="schema",
    title="JSON Schema",
    meaning="What a resource holds, as JSON Schema has it.",
    parameters={},
    language=JSON_SCHEMA,
)
DOCUMENT = PublicPlace(
    href="/openapi.json",
    name="openapi",
    title="OpenAPI",
    meaning="This document.",
    parameters={},
    language=OPENAPI,
)
PUBLIC = (HOME, HELPERS, HELPER, RELS, REL, SCHEMA, DOCUMENT)
