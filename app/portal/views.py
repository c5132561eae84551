"""The addresses of the portal that are no resources of a customer: signing in, out and up, the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, Response, request

from app import respond
from app.affordances import Affordances
from app.audit import audit
from app.auth import limited
from app.auth.remote import address
from app.bodies import parse_body, read_raw
from app.portal.authentication import Authentication
from app.portal.documents import Documents
from app.portal.entry import PREFIXES, Entry
from app.portal.forgotten import Forgotten
from app.portal.forms import Form
from app.portal.portals import Portal
from app.portal.registration import FORM as SIGN_UP
from app.portal.registration import Registration
from app.portal.sessions import Sessions
from app.query import refuse_query
from app.rate_limits import RateLimits
from app.views import here
from representations import Action, Body, Curie, Resource

SIGN_IN = Form({"email": (None, True), "password": (None, True)})
FORGOT = Form({"email": (None, True)})

Way = Callable[[Portal], Resource]


@dataclass(frozen=True, slots=True)
class Doors:
    """What can be done without a session, and the way out of one."""

    entry: Entry
    documents: Documents
    limits: RateLimits
    sessions: Sessions
    authentication: Authentication
    forgotten: Forgotten
    registration: Registration

    def add(self, app: Flask, curie: Curie) -> None:
        """Adds the URL rules."""
        signing = {"POST": self.sign_in, "DELETE": self.sign_out}
        self._add(app, curie, "authenticate", signing, _action("authenticate", "Sign in", SIGN_IN))
        forgot = _action("forgot_password", "Ask for a temporary password", FORGOT)
        self._add(app, curie, "forgot_password", {"POST": self.forgot_password}, forgot)
        self._add(app, curie, "sign_up", {"POST": self.sign_up}, _action("sign_up", "Register", SIGN_UP))
        reading = {"GET": self.settings, "HEAD": self.settings}
        self._add(app, curie, "customer_portal_settings", reading)

    def sign_in(self, portal: Portal) -> Resource:
        """Opens a session."""
        given = SIGN_IN.read(_given())
        email, here = given["email"], address()
        limited.take("authenticate", account=email, store_id=portal.store_id)
        opened = self.authentication.sign_in(portal, email, given["password"], here)
        return self.documents.signed_in(portal, opened)

    def sign_out(self, portal: Portal) -> Resource:
        """Ends the session."""
        session = self.entry.session()
        self.sessions.end(session)
        audit("signed_out", store_id=portal.store_id, customer_id=session.customer_id, address=address())
        return self.documents.signed_out

    def forgot_password(self, portal: Portal) -> Resource:
        """Sends a temporary password to a customer, though not ever so many, and tells everybody the same."""
        email, here = FORGOT.read(_given())["email"], address()
        limited.take("forgot_password", account=email, store_id=portal.store_id)
        audit("password_reset_asked", store_id=portal.store_id, address=here)
        if self.limits.allows("mail", address=here, account=email, store_id=portal.store_id):
            self.forgotten.ask(portal, email)
        return self.documents.sent

    def sign_up(self, portal: Portal) -> Resource:
        """Makes a customer."""
        self.registration.require_enabled(portal)
        given, here = _given(), address()
        email = given.get("email")
        account = email if isinstance(email, str) else None
        limited.take("sign_up", account=account, store_id=portal.store_id)
        customer_id = self.registration.register(portal, given, here)
        audit("signed_up", store_id=portal.store_id, customer_id=customer_id, address=here)
        return self.documents.signed_up

    def settings(self, portal: Portal) -> Resource:
        """What the portal's pages need to know."""
        return self.documents.settings.resource(portal)

    def _add(self, app: Flask, curie: Curie, name: str, ways: Mapping[str, Way], *actions: Action) -> None:
        affordances = Affordances(curie, (*ways, "OPTIONS"), actions)

        def view(store_id: str = "") -> Response:  # noqa: ARG001 - the entry has looked at it
            respond.require_version()
            portal = self.entry.portal()
            offer, base = respond.negotiated(), respond.base_url()
            refuse_query(request.environ.get("QUERY_STRING", ""))
            if request.method == "OPTIONS":
                return respond.answer_options(affordances.methods, affordances.resource(here()), offer, base)
            resource = ways[request.method](portal)
            if "GET" in ways:
                return respond.answer(resource, offer, base)
            return respond.answer_once(resource, offer, base)

        for prefix in PREFIXES:
            app.add_url_rule(
                f"{prefix}/{name}",
                f"{self.entry.name}{name}",
                view,
                methods=affordances.methods,
                provide_automatic_options=False,
            )


def _given() -> Mapping[str, object]:
    body = parse_body(read_raw())
    assert isinstance(body, Body)  # a JSON Patch is no body of a POST
    return body.properties


def _action(name: str, title: str, form: Form) -> Action:
    return Action(name, "POST", "/{path}", title, form.fields)
