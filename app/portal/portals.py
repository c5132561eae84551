"""Which store's portal a request is for, and how that store has set it up."""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Integer, String, bindparam, select

from app.db.ids import LARGEST
from app.db.reader import Reader, Row
from app.encryption import Cipher
from app.origins import normal_origin
from app.resources.customer_portal_settings import CustomerPortalSettings
from app.resources.store import Store
from app.zones import Zone, zone

OWN_PATH = "s/customer"
DEFAULT_SESSION = 43200
"""Seconds, where neither the portal's settings nor the store's `app_session_time` say."""

PATH = re.compile(rf"(?:/stores/([1-9][0-9]{{0,9}}))?/{OWN_PATH}(?:/|$)", re.ASCII)
"""The beginning of all its paths."""


@dataclass(frozen=True, slots=True, repr=False)
class Portal:
    """A store's portal: `face` is the path by which it was reached. It has no repr: it holds secrets."""

    store_id: int
    face: str
    zone: Zone
    store_name: str
    domain: str
    sender: str
    hash_type: str
    hash_config: str | None
    lifetime: int
    origins: frozenset[str]
    subscriptions: dict[str, Any]
    allowed_origins: list[str]
    sso: bool
    sso_secret: str | None
    jwt_secret: str | None
    sign_up: dict[str, Any]

    @property
    def signs_on(self) -> bool:
        """Whether customers are signed in at the checkout too."""
        return self.sso and bool(self.sso_secret)

    @property
    def captcha(self) -> dict[str, Any]:
        """How it is made sure that whoever registers is a person; empty where it is not."""
        return self.sign_up.get("verification") or {}


class Portals:
    """Finds portals. A store has one when it is active and its settings have been written."""

    def __init__(self, reader: Reader, cipher: Cipher) -> None:
        self._reader, self._cipher = reader, cipher
        settings, store = CustomerPortalSettings, Store
        columns = (
            store.id, store.timezone, store.store_name, store.store_domain, store.from_email,
            store.store_email, store.customer_password_hash_type, store.customer_password_hash_config,
            store.app_session_time, settings.allowedOrigins, settings.subscriptions, settings.sso,
            settings.ssoSecret, settings.sessionLifespanInMinutes, settings.signUp, settings.jwtSharedSecret,
        )  # fmt: skip
        here = bindparam("store", type_=Integer)
        self._settings = reader.prepare(
            select(*columns)
            .join_from(store, settings, settings.store_id == store.id)
            .where(settings.store_id == here, store.id == here, store.is_active)
        )
        named = store.store_domain == bindparam("domain", type_=String)
        self._domain = reader.prepare(select(store.id).where(named))

    def find(self, path: str, host: str) -> Portal | None:
        """The portal that a path is of; without a store in the path, that of the store whose domain it is."""
        matched = PATH.match(path)
        if not matched:
            return None
        if matched[1]:
            store_id = int(matched[1])
            face = f"stores/{store_id}/{OWN_PATH}"
        else:
            rows = self._reader.run(self._domain, {"domain": _domain(host)})
            store_id, face = rows[0][0] if rows else 0, OWN_PATH
        if not 0 < store_id <= LARGEST:
            return None
        rows = self._reader.run(self._settings, {"store": store_id})
        return self._portal(rows[0], face) if rows else None

    def _portal(self, row: Row, face: str) -> Portal:
        (
            store_id, timezone, name, domain, from_email, store_email, hash_type, hash_config, seconds,
            origins, subscriptions, sso, sso_secret, minutes, sign_up, jwt_secret,
        ) = row  # fmt: skip
        allowed = orjson.loads(origins)
        opened = self._cipher.decrypt(sign_up)
        return Portal(
            store_id=store_id,
            face=face,
            zone=zone(timezone, ":"),
            store_name=name,
            domain=domain,
            sender=from_email or store_email.split(",")[0].strip(),
            hash_type=hash_type,
            hash_config=hash_config,
            lifetime=60 * minutes if minutes else seconds or DEFAULT_SESSION,
            origins=frozenset(map(normal_origin, allowed)),
            subscriptions=orjson.loads(subscriptions),
            allowed_origins=allowed,
            sso=sso == 1,
            sso_secret=self._cipher.decrypt(sso_secret),
            jwt_secret=self._cipher.decrypt(jwt_secret),
            sign_up=orjson.loads(opened) if opened else {},
        )


def _domain(host: str) -> str:
    """The name in a Host header, without its port."""
    return re.sub(r":[0-9]{1,5}\Z", "", host.lower())
