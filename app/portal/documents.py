"""What the portal says besides the customer's own resources, and the customer with a way to the checkout."""

from dataclasses import replace
from functools import lru_cache

from app.portal.authentication import TEMPORARY_MINUTES, Opened
from app.portal.forgotten import SENT
from app.portal.jwt import signed
from app.portal.portals import Portal
from app.portal.settings import PortalSettings
from app.portal.sso import checkout_address
from app.portal.types import TO_ITSELF
from representations import Curie, Link, Rel, Resource, Shape

SESSION = ("session_token", "expires_in", "jwt", "force_password_reset")
RESET_SECONDS = 60 * TEMPORARY_MINUTES
CHECKOUT = "checkout"
CHECKOUT_TITLE = "Checkout"


class Documents:
    """The shapes, made once with the curie of the server."""

    def __init__(self, curie: Curie) -> None:
        self.curie = curie
        self.settings = PortalSettings(curie, "Customer Portal Settings")
        links = (Link(Rel(TO_ITSELF.name, curie), TO_ITSELF.href, TO_ITSELF.title),)
        self._session = Shape(None, SESSION, links, hidden=("face",), curie=curie)
        self._with_sso = Shape(None, (*SESSION, "sso"), links, hidden=("face",), curie=curie)
        message = Shape(None, ("message",), curie=curie)
        self.signed_out = Resource(message, ("You have signed out.",))
        self.sent = Resource(message, (SENT,))
        done = Shape(None, ("success", "message"), curie=curie)
        self.signed_up = Resource(done, (True, "You have registered: sign in now."))

    def signed_in(self, portal: Portal, opened: Opened) -> Resource:
        """A session that has been opened; one that must set a new password first signs on nowhere else.

        Its JWT is there, for Foxy's client keeps no session without one, but not for long.
        """
        lifetime = portal.lifetime
        token = portal.jwt_secret and signed(
            portal.jwt_secret,
            store_id=portal.store_id,
            customer_id=opened.customer_id,
            email=opened.email,
            lifetime=min(lifetime, RESET_SECONDS) if opened.must_reset else lifetime,
        )
        values = [opened.token, lifetime, token, opened.must_reset]
        if opened.must_reset or not portal.signs_on:
            return Resource(self._session, [*values, portal.face])
        return Resource(self._with_sso, [*values, checkout_address(portal, opened.customer_id), portal.face])

    def with_checkout(self, portal: Portal, customer: Resource) -> Resource:
        """A customer with a link that signs them in at the store's checkout."""
        shape = _with_checkout(customer.shape, self.curie)
        customer_id = customer.value("id")
        values = [*customer.values[: len(customer.shape.index)], checkout_address(portal, customer_id)]
        return Resource(shape, values, customer.embedded)


@lru_cache(maxsize=64)
def _with_checkout(shape: Shape, curie: Curie) -> Shape:
    """The shape with one more link, whose href stands behind all other values."""
    link = Link(Rel(CHECKOUT, curie), f"{{{CHECKOUT}}}", CHECKOUT_TITLE, "text/html")
    places = [shape.index[name] for name in (*shape.properties, *shape.hidden)]
    return replace(
        shape,
        links=(*shape.links, link),
        hidden=(*shape.hidden, CHECKOUT),
        positions=(*places, len(places)),
    )
