"""/property_helpers: the lists of values as resources, and the home that links to them."""

from collections.abc import Mapping

from app.errors import Refusal, shortened
from app.home import HELPERS_TITLE, MEANINGS
from app.hypermedia import Registry
from app.query import encode_pairs, gather, parse_pairs, refuse_query
from app.reading import Caller
from app.resources.property_helper import PROPERTY_HELPERS, UnknownValue
from representations import SELF, Link, Resource, Shape


class PropertyHelpers:
    """The helpers as resources, and the home that links to them."""

    def __init__(self, registry: Registry) -> None:
        home = Link(registry.rel("property_helpers"), "/property_helpers", HELPERS_TITLE)
        links = {
            each.name: Link(registry.rel(each.name), f"/property_helpers/{each.name}", each.title)
            for each in PROPERTY_HELPERS
        }
        own = Link(SELF, "/property_helpers", HELPERS_TITLE)
        kind, curie = registry.rel("property_helpers"), registry.curie
        self._home = Shape(kind, ("message",), (own, *links.values()), curie=curie)
        self._shapes = {
            each.name: Shape(
                registry.rel(each.name),
                ("message", "values"),
                (
                    Link(SELF, "/{asked}", each.title),
                    home,
                    *(links[name] for name in each.links),
                ),
                hidden=("asked",),
                curie=curie,
            )
            for each in PROPERTY_HELPERS
        }
        self._helpers = {each.name: each for each in PROPERTY_HELPERS}

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """What they look like, by name; that of their list has none."""
        return {"": self._home, **self._shapes}

    def home(self, _caller: Caller | None, _name: str, raw: str, _base: str) -> Resource:
        """The list of all helpers."""
        refuse_query(raw)
        return Resource(self._home, (MEANINGS["property_helpers"],))

    def read(self, _caller: Caller | None, name: str, raw: str, _base: str) -> Resource:
        """One helper.

        :raises Refusal: 404 for a name that is none, 400 for a parameter that makes no sense.
        """
        helper = self._helpers.get(name)
        if helper is None:
            offered = ", ".join(self._helpers)
            raise Refusal.of(404, f"property_helper {shortened(name)} does not exist, these do: {offered}")
        pairs = parse_pairs(raw)
        query = gather(pairs, tuple(helper.parameters))
        try:
            values = helper.values(query)
        except UnknownValue as error:
            message = f"{error.name} must be {error.expected}, not {shortened(error.value)}"
            raise Refusal.of(400, message, properties=[error.name], code="unknown_value") from error
        asked = f"property_helpers/{name}" + (f"?{encode_pairs(pairs)}" if pairs else "")
        return Resource(self._shapes[name], (helper.message, values, asked))
