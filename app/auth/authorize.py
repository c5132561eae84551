"""GET and POST /authorize: a user signs in, and lets a client reach something or not (RFC 6749 §3.1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, request
from sqlalchemy.orm import Session

from app import Patron, respond
from app.audit import audit
from app.auth import limited, parameters
from app.auth.authorization_request import AuthorizationRequest, add_code, destination, requested
from app.auth.browser_session import BrowserSession, BrowserSessions, new_session
from app.auth.clients import Clients
from app.auth.declined import Declined
from app.auth.pages import page, sent_to
from app.auth.remote import address
from app.auth.scopes import STORE_FULL_ACCESS, STORE_READ_ACCESS, USER_FULL_ACCESS
from app.auth.sign_in import SignedIn, Users
from app.bodies import read_raw
from app.encryption import Cipher
from app.errors import refused
from app.resources.user import UserStore
from app.writing.attempts import attempted

METHODS = ("GET", "HEAD", "POST", "OPTIONS")

ABILITIES = {
    USER_FULL_ACCESS: ("read and change your own details", "create stores in your name, and list yours"),
    STORE_FULL_ACCESS: (
        "read and change everything in the store you choose: customers, addresses, what they ordered",
        "see the hashes of customers' passwords, as a shop that moves needs them",
    ),
    STORE_READ_ACCESS: ("read what is in the store you choose, but no passwords and no keys",),
}
"""What a scope means, for the person who is asked."""

WRONG = "That email and password do not belong together."
FORGED = "This form has expired: go back and load the page again"
NO_STORE = "Choose one of your stores."


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to /authorize: what is asked, and in which browser."""

    asked: AuthorizationRequest
    session: BrowserSession
    here: str
    base: str


class Authorize:
    """What /authorize does."""

    def __init__(self, patron: Patron, clients: Clients, secret_key: str) -> None:
        sandbox, others = patron.config.sandbox, patron.config.other_secret_keys
        self._patron, self._clients = patron, clients
        self._users = Users(patron.reader, patron.delays, Cipher(secret_key, *others), sandbox=sandbox)
        self._sessions = BrowserSessions((secret_key, *others), self._users)
        self._acts: Mapping[str, Callable[[Visit, Mapping[str, str]], Response]] = {
            "sign_in": self._sign_in,
            "sign_out": self._sign_out,
            "deny": self._deny,
            "allow": self._allow,
        }

    def view(self) -> Response:
        """The page, or the redirect, that answers a request."""
        if request.method == "OPTIONS":
            return Response("", 200, {"Allow": ", ".join(METHODS)})
        try:
            return self._answered()
        except Declined as declined:
            return page("error", declined.status, error=declined.error, description=declined.description)
        except Exception as error:
            refusal, logref = refused(error)
            said = page("error", refusal.status, error=logref, description=refusal.faults[0].message)
            said.headers.update(refusal.headers)
            return said

    def _answered(self) -> Response:
        base = respond.base_url()
        limited.take("authorize")
        sent = parameters.of_query(request.environ.get("QUERY_STRING", ""))
        to = destination(self._clients, sent, base)
        limited.take("authorize", client=to.client.client_id)
        try:
            asked = requested(sent, to)
        except Declined as declined:
            return sent_to(to.answering(**declined.body))
        here, session = f"{base}/authorize?{urlencode(sent)}", self._sessions.current()
        if request.method == "POST":
            return self._acted(Visit(asked, session or new_session(), here, base))
        if session is not None:
            return self._page(Visit(asked, session, here, base))
        fresh = Visit(asked, new_session(), here, base)
        return self._sessions.kept(fresh.session, self._page(fresh), base)

    def _acted(self, visit: Visit) -> Response:
        """Does what a form says, where the form is one of this visit's.

        :raises Declined: 403 where it is not.
        """
        fields = parameters.of_body(read_raw(), request.environ.get("CONTENT_TYPE", ""))
        if not visit.session.sent_by_us(fields.get("form_token", "")):
            raise Declined("invalid_request", FORGED, 403)
        act = self._acts.get(fields.get("act", ""))
        if act is None:
            raise Declined("invalid_request", "The form does not say what to do")
        return act(visit, fields)

    def _page(self, visit: Visit, status: int = 200, wrong: str = "") -> Response:
        """Asks to sign in, or for consent."""
        user, client = visit.session.user, visit.asked.client
        shown = {"client": client, "here": visit.here, "form_token": visit.session.form_token, "wrong": wrong}
        if user is None:
            return page("sign_in", status, **shown)
        of_store = visit.asked.scope.reach == "store"
        parts = urlsplit(visit.asked.destination.redirect_uri)
        return page(
            "consent",
            status,
            **shown,
            user=user,
            of_store=of_store,
            stores=self._users.stores(user) if of_store else [],
            abilities=ABILITIES[visit.asked.scope],
            origin=f"{parts.scheme}://{parts.netloc}",
        )

    def _sign_in(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        email, password = fields.get("email", ""), fields.get("password", "")
        limited.take("authorize", account=email)
        user = self._users.sign_in(email, password, address())
        if user is None:
            return self._page(visit, 403, WRONG)
        return self._sessions.kept(visit.session.signed_in(user), sent_to(visit.here), visit.base)

    def _sign_out(self, visit: Visit, _fields: Mapping[str, str]) -> Response:
        if visit.session.user is not None:
            audit("signed_out", user_id=visit.session.user.id, address=address())
        return self._sessions.kept(new_session(), sent_to(visit.here), visit.base)

    def _deny(self, visit: Visit, _fields: Mapping[str, str]) -> Response:
        declined = Declined("access_denied", "The user denied access to your application")
        return sent_to(visit.asked.destination.answering(**declined.body))

    def _allow(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        user = visit.session.user
        if user is None:
            return self._page(visit, 403)
        store_id = _number(fields.get("store_id", "")) if visit.asked.scope.reach == "store" else None
        code = attempted(lambda: self._code(visit.asked, user, store_id))
        if code is None:
            return self._page(visit, 400, NO_STORE)
        return sent_to(visit.asked.destination.answering(code=code))

    def _code(self, asked: AuthorizationRequest, user: SignedIn, store_id: int | None) -> str | None:
        """A code; None where the store is none of the user's."""
        with Session(self._patron.engine) as session, session.begin():
            if store_id is not None and session.get(UserStore, (user.id, store_id)) is None:
                return None
            return add_code(session, asked, user.id, store_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def add_authorize(app: Flask, patron: Patron, clients: Clients, secret_key: str) -> None:
    """Adds the URL rule."""
    view = Authorize(patron, clients, secret_key).view
    app.add_url_rule("/authorize", "authorize", view, methods=METHODS, provide_automatic_options=False)
