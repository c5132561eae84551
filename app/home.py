"""The home resource: where clients that follow links begin (hAPI §1.5)."""

from app.hypermedia import Registry
from app.query import refuse_query
from app.reading import Caller
from representations import SELF, Link, Rel, Resource, Shape

MESSAGE = "Welcome to the FoxyCart API!"
HOME_TITLE = "Your API starting point."
HELPERS_TITLE = "Property Helpers Home"
RELS_TITLE = "Custom Link Relationships supported by this API."
MEANINGS = {
    "home": "The starting point of the API, with the links that your token allows.",
    "property_helpers": "Lists of the values that some properties take.",
}


class Home:
    """The home of strangers, and that of callers with a token for a store."""

    def __init__(self, registry: Registry) -> None:
        rels = registry.curie.href.replace("/{rel}", "")
        links = (
            Link(SELF, "/", HOME_TITLE),
            Link(
                registry.rel("property_helpers"),
                "/property_helpers",
                "Various helpers used for determing valid property values.",
            ),
            Link(Rel(rels), "/rels", RELS_TITLE),
        )
        store = Link(
            registry.rel("store"), "/stores/{store_id}", "The current store for your authentication token"
        )
        kind, properties, curie = registry.rel("home"), ("message",), registry.curie
        self._public = Shape(kind, properties, links, curie=curie)
        self._of_store = Shape(kind, properties, (*links, store), hidden=("store_id",), curie=curie)

    def read(self, caller: Caller | None, _name: str, raw: str) -> Resource:
        """The home resource for this caller."""
        refuse_query(raw)
        if caller is None:
            return Resource(self._public, (MESSAGE,))
        return Resource(self._of_store, (MESSAGE, caller.store_id))
