"""The way into the portal: which store's it is, whose session, and what is said to browsers."""

from collections.abc import Callable, Iterable
from typing import cast

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from app import respond
from app.application import request_environ
from app.auth.scopes import Reach, Scope
from app.cors import is_preflight
from app.errors import Refusal
from app.operations.current import CURRENT
from app.portal.cors import PORTAL
from app.portal.portals import OWN_PATH, Portal, Portals
from app.portal.sessions import Sessions, SignedIn
from app.reading import Caller

CUSTOMER_SESSION = Scope("customer_session", "store")
"""What a customer's session allows; no token has it."""

PREFIXES = (f"/{OWN_PATH}", f"/stores/<store_id>/{OWN_PATH}")

MUST_RESET = "Set a new password first: PATCH this customer with password and password_old."

_PORTAL, _SESSION, _AFTERWARDS = "patron.portal", "patron.session", "patron.afterwards"


class Entry:
    """The portal as a face of Patron."""

    name = "portal."

    def __init__(self, portals: Portals, sessions: Sessions) -> None:
        self._portals, self._sessions = portals, sessions

    def watch(self, app: Flask) -> None:
        """Looks at each request before and after it is answered."""
        app.before_request(self._arrive)
        app.after_request(self._leave)

    def rules(self, href: str) -> Iterable[str]:
        """The rules of an address: under the API and under the store's own domain, `/` at the end or not."""
        rest = href.removeprefix("/{face}").replace("{id}", "<owner_id>")
        for prefix in PREFIXES:
            yield prefix + rest
            if not rest:
                yield prefix + "/"

    def caller(self, reach: Reach, *, writing: bool) -> Caller:  # noqa: ARG002 - all is the customer's own
        """The customer who asks.

        :raises Refusal: 401 without a session, 403 in one that must set a new password first.
        """
        portal, session = self.portal(), self.session()
        if session.must_reset and request.endpoint != f"{self.name}customer":
            raise must_reset()
        CURRENT.facts.asked_by(portal.store_id, "portal")
        return Caller(
            store_id=portal.store_id,
            client=f"customer {session.customer_id}",
            zone=portal.zone,
            scope=CUSTOMER_SESSION,
            customer_id=session.customer_id,
            face=portal.face,
        )

    def portal(self) -> Portal:
        """The portal of this request.

        :raises NotFound: where there is none.
        """
        portal = request_environ().get(_PORTAL)
        if portal is None:
            raise NotFound
        return cast("Portal", portal)

    def session(self) -> SignedIn:
        """The session of this request.

        :raises Refusal: 401 where there is none.
        """
        session = request_environ().get(_SESSION)
        if session is None:
            header = request_environ().get("HTTP_AUTHORIZATION")
            portal = self.portal()
            session = self._sessions.signed_in(portal.store_id, portal.lifetime, header)
            request_environ()[_SESSION] = session
        return cast("SignedIn", session)

    def afterwards(self, *acts: Callable[[], None]) -> None:
        """Does this, and only this, once all is stored that this request has changed."""
        request_environ()[_AFTERWARDS] = acts

    def _arrive(self) -> Response | None:
        path = request_environ()["PATH_INFO"]
        if OWN_PATH not in path:
            return None
        portal = self._portals.find(path, request_environ().get("HTTP_HOST", ""))
        if portal is None:
            return None
        request_environ()[_PORTAL] = portal
        request_environ()[respond.OWN_HOST] = portal.face == OWN_PATH
        return PORTAL.preflight() if is_preflight() else None

    def _leave(self, response: Response) -> Response:
        portal, session = request_environ().get(_PORTAL), request_environ().get(_SESSION)
        if portal is not None:
            PORTAL.allow(response, portal.origins)
        if session is not None and response.status_code < 400:
            self._sessions.extend(session)
            for act in request_environ().get(_AFTERWARDS, ()):
                act()
        return response


def must_reset() -> Refusal:
    """The refusal of all else in a session that must set a new password first."""
    return Refusal.of(403, MUST_RESET, code="must_reset")
