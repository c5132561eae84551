"""Registering as a customer, where the store lets people do so."""

from collections.abc import Mapping
from typing import Any

from app.captcha import Captcha, CaptchaUnavailable
from app.errors import Refusal
from app.hypermedia import Relation
from app.portal.forms import Form
from app.portal.portals import Portal
from app.query import Query
from app.reading import Caller
from app.structures import Object, Structure, typed
from app.writing import Place, Request, Writer, write_collection
from representations import Body

DISABLED = "Customer registration is disabled."
UNVERIFIED = "Client verification failed. Please try again."

FORM = Form(
    {"email": (100, True), "first_name": (50, False), "last_name": (50, False), "password": (50, False)}
)

_VERIFICATION = Object(Structure)
"""What a captcha has given the page; in a form it is JSON, as in other properties that hold several."""


class Registration:
    """Makes customers as the API makes them.

    :param writer: the API's.
    """

    def __init__(self, writer: Writer, captcha: Captcha) -> None:
        self._writer, self._captcha = writer, captcha
        self._store = writer.registry.types["store"]
        customers = next(each for each in self._store.relations if each.name == "customers")
        assert isinstance(customers, Relation)
        self._customers = customers

    def require_enabled(self, portal: Portal) -> None:
        """Refuses everybody where the store registers nobody.

        :raises Refusal: 401, as clients of the portal expect.
        """
        if not portal.sign_up.get("enabled"):
            raise Refusal.of(401, DISABLED, headers={"WWW-Authenticate": 'Bearer realm="patron"'})

    def register(self, portal: Portal, given: Mapping[str, Any], address: str) -> int:
        """Makes a customer and gives the id.

        :raises Refusal: 400 where the form is not filled in properly or nobody says that this is a person,
            403 where the email is taken, 503 where the service that knows persons does not answer.
        """
        properties = FORM.read(given)
        self._require_person(portal, typed(_VERIFICATION, given.get("verification")), address)
        caller = Caller(portal.store_id, "portal", portal.zone)
        place = Place(
            owner=self._store,
            relation=self._customers,
            target=self._writer.registry.target(self._customers),
            caller=caller,
            owner_id=portal.store_id,
        )
        try:
            return write_collection(
                self._writer,
                place,
                Request("POST", Body(properties)),
                Query(),
                lambda written: int(written.resource.value("id")),
            )
        except Refusal as refusal:
            if refusal.status == 409:
                raise Refusal(403, refusal.faults) from refusal
            raise

    def _require_person(self, portal: Portal, verification: Any, address: str) -> None:
        """Where there is a secret to ask the service with, it must say so."""
        secret = portal.captcha.get("secretKey")
        if not secret:
            return
        token = verification.get("token") if isinstance(verification, Mapping) else None
        if not isinstance(token, str) or not token:
            raise _unverified()
        try:
            is_person = self._captcha.is_person(secret, token, address)
        except CaptchaUnavailable as error:
            message = "the service that verifies clients does not answer: try again shortly"
            raise Refusal.of(503, message, headers={"Retry-After": "5"}) from error
        if not is_person:
            raise _unverified()


def _unverified() -> Refusal:
    return Refusal.of(400, UNVERIFIED, properties=["verification"], code="not_verified")
