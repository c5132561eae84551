"""customer_portal_settings: how a store's customers help themselves; without them it has no portal."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from marshmallow import Schema, ValidationError
from sqlalchemy import Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Author, StoreRow
from app.db.types import Ciphertext, EncryptedJson, Json
from app.fields import Boolean, between, listed, matching, one_of
from app.fields import Integer as Number
from app.hypermedia import TO_STORE, WRITE, ResourceType
from app.jsonata_queries import is_query
from app.origins import EXPECTED, is_origin
from app.schema import of
from app.structures import Either, List, Object, Structure, text

LONGEST_SESSION = 40320
"""Minutes: four weeks."""


class CustomerPortalSettings(StoreRow):
    """The settings of one store. Its properties have hAPI's names, which are in camel case here alone."""

    __tablename__ = "customer_portal_settings"
    __table_args__ = (
        Index("uq_customer_portal_settings_store_id", "store_id", unique=True),
        {"sqlite_with_rowid": False},
    )

    allowedOrigins: Mapped[Any] = mapped_column(Json, default=[])
    subscriptions: Mapped[Any] = mapped_column(
        Json, default={"allowFrequencyModification": [], "allowNextDateModification": False}
    )
    sso: Mapped[bool] = mapped_column(default=False)
    ssoSecret: Mapped[str | None] = mapped_column(Ciphertext(1000))
    sessionLifespanInMinutes: Mapped[int | None] = mapped_column(Integer)
    signUp: Mapped[str | None] = mapped_column(EncryptedJson(2000))
    jwtSharedSecret: Mapped[str | None] = mapped_column(Ciphertext(1000))
    jwtPrivateKey: Mapped[str | None] = mapped_column(Ciphertext(4000))

    @classmethod
    def columns(
        cls, given: Mapping[str, Any], current: Mapping[str, Any] | None, author: Author
    ) -> dict[str, Any]:
        """Encrypts the secrets, and draws those that are needed and not given."""
        made = dict(given)
        seen = current or {}
        if not {**seen, **made}.get("jwtSharedSecret"):
            made["jwtSharedSecret"] = secrets.token_urlsafe(48)
        if {**seen, **made}.get("sso") and not {**seen, **made}.get("ssoSecret"):
            made["ssoSecret"] = secrets.token_urlsafe(48)
        if made.get("signUp") is not None:
            made["signUp"] = orjson.dumps(made["signUp"]).decode()
        for name in ("ssoSecret", "jwtSharedSecret", "signUp"):
            if made.get(name):
                made[name] = author.encrypt(made[name])
        return made


_FREQUENCY = matching(r"[0-9]{1,3}[dwmy]|\.5m", "must be a number and d, w, m or y, or .5m")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOST_RULES = 10
MOST_DATES = 50


def _origin(value: str) -> None:
    if not is_origin(value):
        raise ValidationError(EXPECTED)


def _a_secret(least: int, value: str) -> None:
    if value and len(value) < least:
        raise ValidationError(f"is too short (minimum is {least} characters)")


def _query(most: int = 200) -> Any:
    return text(most, listed(is_query, "is not a JSONata query"), required=True)


class _FrequencyRule(Structure):
    jsonataQuery = _query()
    values = List(text(4, _FREQUENCY, required=True), 20, required=True)


class _AllowedDays(Structure):
    type = text(5, one_of(("day", "month")), required=True)
    days = List(Number(validate=between(0, 31)), 31, required=True)


class _NextDateRule(Structure):
    jsonataQuery = _query()
    min = text(4, _FREQUENCY)
    max = text(4, _FREQUENCY)
    disallowedDates = List(
        text(22, matching(rf"{_DATE}(\.\.{_DATE})?", "must be a date or two with .. between"), required=True),
        MOST_DATES,
        load_default=[],
    )
    allowedDays = Object(_AllowedDays, load_default=None, allow_none=True)


class _Subscriptions(Structure):
    allowFrequencyModification = List(Object(_FrequencyRule), MOST_RULES, load_default=[])
    allowNextDateModification = Either(List(Object(_NextDateRule), MOST_RULES), load_default=False)


class _Verification(Structure):
    type = text(20, one_of(("hcaptcha",)), required=True)
    siteKey = text(100, required=True)
    secretKey = text(100, required=True)


class _SignUp(Structure):
    enabled = Boolean(load_default=False)
    verification = Object(_Verification, load_default=None, allow_none=True)


of_secret = partial(of, kept=True, secret=True)


class CustomerPortalSettingsSchema(Schema):
    """The settings, in hAPI's order and with its names."""

    allowedOrigins = of(
        CustomerPortalSettings.allowedOrigins,
        "The origins whose pages may use the portal: up to 10, https but for localhost, with their ports.",
        kind=partial(List, text(200, _origin, required=True), 10),
        example=["https://www.example.com"],
    )
    subscriptions = of(
        CustomerPortalSettings.subscriptions,
        "Which subscriptions a customer may change, and to what.",
        kind=partial(Object, _Subscriptions),
    )
    sso = of(CustomerPortalSettings.sso, "Whether a customer who has signed in is signed in at checkout too.")
    ssoSecret = of_secret(
        CustomerPortalSettings.ssoSecret,
        "The secret of the single sign-on at checkout; one is drawn where it is needed and not set.",
        most=100,
    )
    sessionLifespanInMinutes = of(
        CustomerPortalSettings.sessionLifespanInMinutes,
        "How long a session lasts after its last request; null stands for the store's app_session_time.",
        within=(1, LONGEST_SESSION),
    )
    signUp = of_secret(
        CustomerPortalSettings.signUp,
        "Whether customers may register, and how it is made sure that they are people.",
        kind=partial(Object, _SignUp),
    )
    jwtSharedSecret = of_secret(
        CustomerPortalSettings.jwtSharedSecret,
        "The secret that signs customers' tokens (HS256): 40 to 100 characters; drawn where it is not set.",
        most=100,
        checks=[partial(_a_secret, 40)],
    )
    jwtPrivateKey = of_secret(
        CustomerPortalSettings.jwtPrivateKey,
        "Always null: tokens are signed with jwtSharedSecret.",
        read_only=True,
    )
    date_created = of(CustomerPortalSettings.date_created, "When this resource was created.", read_only=True)
    date_modified = of(
        CustomerPortalSettings.date_modified, "When this resource was last modified.", read_only=True
    )


CUSTOMER_PORTAL_SETTINGS = ResourceType(
    name="customer_portal_settings",
    row=CustomerPortalSettings,
    schema=CustomerPortalSettingsSchema,
    path="/stores/{store_id}/customer_portal_settings",
    title="Store Customer Portal Settings",
    meaning="How a store's customers help themselves. Until it is first written the store has no portal.",
    methods=WRITE,
    relations=(TO_STORE,),
)
