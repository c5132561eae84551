"""/rels and /rels/{rel} as resources: what is declared, with a live example and the lines that ask for it."""

from collections.abc import Mapping
from typing import Any

from app.addresses import Place, scopes
from app.addresses.public import SEARCH, SEARCHING
from app.catalogue import Catalogue
from app.docs.examples import Example, Examples
from app.docs.general import REL, general_pages
from app.docs.pages import Page, declared_pages
from app.docs.samples import REFRESH, curl, sample
from app.docs.search import found
from app.docs.strangers import Strangers
from app.errors import Refusal, shortened
from app.home import RELS_TITLE, Home
from app.hypermedia import READ, Registry, Relation
from app.property_helpers import PropertyHelpers
from app.query import encode_pairs, gather, parse_pairs, refuse_query
from app.reading import Caller
from app.resources.property_helper import PROPERTY_HELPERS
from app.transitions import Affordance
from representations import SELF, Action, Embedded, Field, Link, Rel, Resource, Shape, Value

MOST_VALUES = 3
"""How many of a list of values an example shows."""

SEARCH_TITLE = "Search the link relations"


class Docs:
    """A documentation page for each link relation that any representation shows."""

    def __init__(
        self,
        registry: Registry,
        catalogue: Catalogue,
        home: Home,
        helpers: PropertyHelpers,
        strangers: Strangers,
        *,
        sandbox: bool,
    ) -> None:
        self._helpers = helpers
        own = Link(SELF, "/rels/{rel}", Value("rel"))
        rels = Link(registry.rel("rels"), "/rels", RELS_TITLE)
        self._shape = Shape(registry.rel("rel"), tuple(REL), (own, rels), curie=registry.curie)
        self._short = self._shape.only(frozenset({"rel", "title", "description"}))
        self._list = _listing(registry)
        self._embedded = Embedded(registry.rel("rels"), registry.rel("rel"), many=True)
        self._example = Embedded(registry.rel("example"), registry.rel("example"), many=False)
        self.pages = _pages(registry, home, helpers, sandbox=sandbox)
        public = {
            "home": lambda caller: home.read(caller, "", "", ""),
            "property_helpers": lambda caller: helpers.home(caller, "", "", ""),
            "rels": lambda caller: self.index(caller, "", f"{SEARCH}=address", ""),
            "rel": lambda _: self._brief(self.pages["customer"]),
        }
        public |= {each.name: self._values(each.name) for each in PROPERTY_HELPERS}
        self._examples = Examples(registry, catalogue, public, strangers)

    def index(self, _caller: Caller | None, _name: str, raw: str, _base: str) -> Resource:
        """All link relations, or those that are searched for."""
        pairs = parse_pairs(raw)
        asked = gather(pairs, (SEARCH,)).get(SEARCH, "")
        pages = found(self.pages.values(), asked)
        message = (
            f"{len(pages)} of {len(self.pages)} link relations have {shortened(asked)} in them."
            if asked.strip()
            else "The link relations of this API that are not registered with IANA."
        )
        own = "rels" + (f"?{encode_pairs(pairs)}" if pairs else "")
        return Resource(
            self._list, (message, own, asked), ((self._embedded, [self._brief(each) for each in pages]),)
        )

    def read(self, caller: Caller | None, name: str, raw: str, base: str) -> Resource:
        """The page of one link relation, with an example for this caller.

        :raises Refusal: 404 for a name that is none.
        """
        refuse_query(raw)
        page = self.pages.get(name)
        if page is None:
            raise Refusal.of(404, f"rel {shortened(name)} does not exist: /rels lists those that do")
        example = self._examples.find(page, caller)
        methods = {
            method: {**said, "curl": _line(page, method, example, base)}
            for method, said in page.told["methods"].items()
        }
        told = {**page.told, "methods": methods, "message": self._said(page, caller, example)}
        told |= {"rel": page.rel, "title": page.title, "description": page.meaning}
        embedded = ((self._example, [example.resource]),) if example else ()
        return Resource(self._shape, [told[each] for each in REL], embedded)

    def _brief(self, page: Page) -> Resource:
        values = {"rel": page.rel, "title": page.title, "description": page.meaning}
        return Resource(self._short, [values.get(name) for name in REL])

    def _values(self, name: str) -> Any:
        """Reads the beginning of a list of values."""

        def read(caller: Caller | None) -> Resource:
            whole = self._helpers.read(caller, name, "", "")
            message, values, asked = whole.values
            return Resource(whole.shape, (message, dict(list(values.items())[:MOST_VALUES]), asked))

        return read

    def _said(self, page: Page, caller: Caller | None, example: Example | None) -> str | None:
        """What there is to know of the example."""
        if not page.places and not page.public:
            return None
        if page.rel in {each.name for each in PROPERTY_HELPERS}:
            return f"The first {MOST_VALUES} of its values."
        if not page.places:
            return "An example, as it is at this moment." if example else None
        if example and not isinstance(page.places[0].relation, Relation | None):
            return "What OPTIONS says of it."
        if example:
            whose = "the sandbox's own" if caller is None else "yours"
            return f"An example of {whose}, as it is at this moment, without secrets."
        if self._examples.reached(page, caller):
            return "There is none yet: as soon as there is, one stands here as an example."
        needed = " or ".join(scopes(page.places[0], page.places[0].methods[0]))
        return f"Send a token of the scope {needed} (Authorization: Bearer …) to see an example of your own."


def _pages(registry: Registry, home: Home, helpers: PropertyHelpers, *, sandbox: bool) -> dict[str, Page]:
    pages = declared_pages(registry, sandbox=sandbox)
    meanings = {name: page.meaning for name, page in pages.items()}
    meanings[registry.curie.href.replace("/{rel}", "")] = RELS_TITLE
    for page in general_pages(registry, home.shapes, helpers.shapes, meanings):
        pages.setdefault(page.rel, page)
    return pages


def _listing(registry: Registry) -> Shape:
    """What the list looks like: it can be searched, by a template in HAL and by an action in Siren."""
    links = (
        Link(SELF, "/{asked}", RELS_TITLE),
        Link(Rel("search"), f"/rels{{?{SEARCH}}}", SEARCH_TITLE, templated=True),
    )
    field = Field(SEARCH, "search", SEARCHING)
    search = Action(
        "search", "GET", "/rels", SEARCH_TITLE, (field,), type="application/x-www-form-urlencoded"
    )
    return Shape(registry.rel("rels"), ("message",), links, (search,), ("asked", SEARCH), registry.curie)


def _line(page: Page, method: str, example: Example | None, base: str) -> str:
    """The line that does what a method does where the example stands, or somewhere."""
    if page.public == "/token" and method == "POST":
        return REFRESH.format(url=f"{base}{page.public}")
    if page.public:
        path = page.public.replace("{name}", "customer")
        return curl(method, f"{base}{path}", token=False)
    place = example.place if example and example.place else page.places[0]
    if method not in place.methods:
        place, example = next(each for each in page.places if method in each.methods), None
    path = example.path if example else place.href
    if example and place.many and method == "GET":
        path = example.resource.href or path
    return curl(method, f"{base}{path}", token=not place.open, body=_body(place, method, example))


def _body(place: Place, method: str, example: Example | None) -> Any:
    relation = place.relation
    taker = relation if isinstance(relation, Affordance) else place.target
    if method in READ or method == "DELETE" or taker is None:
        return None
    seen: Mapping[str, Any] | None = example.resource.properties if example and not place.many else None
    return sample(taker.schema, method, many=place.makes, seen=seen)
