"""The home resource: where clients that follow links begin (hAPI §1.5)."""

from collections.abc import Mapping

from app.auth.scopes import Reach
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
    "token": "Where clients exchange codes, refresh tokens or their secrets for access tokens (RFC 6749).",
    "property_helpers": "Lists of the values that some properties take.",
}


TOKEN_TITLE = "The OAuth endpoint for obtaining a new access_token using an existing refresh_token."  # noqa: S105 - hAPI's title
HOW_TO_REFRESH = (
    " Post www-form-url-encoded data as follows: grant_type=refresh_token&refresh_token={refresh_token}"
    "&client_id={client_id}&client_secret={client_secret}"
)


class Home:
    """The home of strangers, and that of callers with a token, which says what they reach."""

    def __init__(self, registry: Registry, *, sandbox: bool) -> None:
        curie, kind = registry.curie, registry.rel("home")

        def shape(links: tuple[Link, ...], hidden: str = "") -> Shape:
            return Shape(kind, ("message",), links, hidden=(hidden,) if hidden else (), curie=curie)

        def link(name: str, href: str, title: str) -> Link:
            return Link(registry.rel(name), href, title)

        founded = {each.name: link(each.name, each.href, each.title) for _, each in registry.founded()}
        first = _first(registry)
        ours = (*first, _token(registry, TOKEN_TITLE))
        create = (founded["create_client"],) if sandbox else ()
        self._public = shape((*first, _token(registry, TOKEN_TITLE + HOW_TO_REFRESH), *create))
        client = (link("client", "/clients/{client}", "This Client"), founded["create_user"])
        user = (
            link("user", "/users/{user}", "Your API home page."),
            link("stores", "/users/{user}/stores", "Your stores"),
        )
        store = link("store", "/stores/{store}", "The current store for your authentication token")
        self._shapes: Mapping[Reach, Shape] = {
            "client": shape((*ours, *client), "client"),
            "user": shape((*ours, *user), "user"),
            "store": shape((*ours, store), "store"),
        }

    def read(self, caller: Caller | None, _name: str, raw: str, _base: str) -> Resource:
        """The home resource for this caller."""
        refuse_query(raw)
        if caller is None:
            return Resource(self._public, (MESSAGE,))
        own = {"client": caller.client_row, "user": caller.user_id, "store": caller.store_id}
        reach = caller.scope.reach
        return Resource(self._shapes[reach], (MESSAGE, own[reach]))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What it looks like: to strangers, and to callers of each reach."""
        return (self._public, *self._shapes.values())


def _first(registry: Registry) -> tuple[Link, ...]:
    """The links that everybody has."""
    return (
        Link(SELF, "/", HOME_TITLE),
        Link(
            registry.rel("property_helpers"),
            "/property_helpers",
            "Various helpers used for determing valid property values.",
        ),
        Link(Rel(registry.curie.href.replace("/{rel}", "")), "/rels", RELS_TITLE),
    )


def _token(registry: Registry, title: str) -> Link:
    return Link(registry.rel("token"), "/token", title, "application/json")
