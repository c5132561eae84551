"""The portal, put together from the parts of one application."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from flask import Flask

from app import Patron
from app.audit import audit
from app.auth.remote import address
from app.captcha import HCaptcha
from app.catalogue import Catalogue
from app.db.sessions import StoreSession
from app.encryption import Cipher
from app.errors import Refusal
from app.idempotency import IdempotencyKeys
from app.mail import Mailer
from app.portal.authentication import Accounts, Authentication
from app.portal.documents import Documents
from app.portal.entry import Entry, must_reset
from app.portal.forgotten import Forgotten
from app.portal.notices import Notices
from app.portal.own_subscriptions import SubscriptionPermissions
from app.portal.permissions import AddressPermissions
from app.portal.portals import Portals
from app.portal.registration import Registration
from app.portal.sessions import Sessions, former_email, keep
from app.portal.types import OWN_CUSTOMER, OWN_TYPES
from app.portal.views import Doors
from app.query import encode_pairs, parse_pairs
from app.reading import Caller
from app.registries import joined
from app.views import Read, add_address, add_resources, one
from app.writes import Rules, Writes
from app.writing import Writer, Written
from representations import Resource


def add_portal(
    app: Flask, patron: Patron, writer: Writer, keys: IdempotencyKeys, cipher: Cipher, mailer: Mailer
) -> None:
    """Adds the portal's addresses.

    :param writer: the API's, by which those who register become customers.
    """
    reader, engine = patron.reader, patron.engine
    sessions, accounts = Sessions(reader, engine), Accounts(reader)
    authentication = Authentication(engine, accounts, patron.delays, cipher)
    entry = Entry(Portals(reader, cipher), sessions)
    entry.watch(app)
    registry = joined(OWN_TYPES, patron.config.rels_href)
    catalogue = Catalogue(registry, reader, cipher)
    subscriptions = SubscriptionPermissions(registry, catalogue, entry.portal)
    notices = Notices(mailer, patron.behind)
    rules = _rules(entry, authentication, AddressPermissions(reader), subscriptions, notices)
    own_writer = Writer(registry, catalogue, engine, reader, cipher, tell=writer.tell)
    writes = Writes(registry, own_writer, keys, rules)
    documents = Documents(registry.curie)
    add_resources(app, registry, catalogue, entry, writes)
    itself = one(registry, catalogue, writes, OWN_CUSTOMER)
    add_address(app, registry, entry, replace(itself, read=_read(entry, documents, itself.read)))
    Doors(
        entry=entry,
        documents=documents,
        limits=patron.limits,
        sessions=sessions,
        authentication=authentication,
        forgotten=Forgotten(engine, accounts, cipher, mailer, patron.behind),
        registration=Registration(writer, HCaptcha(patron.config.hcaptcha_url)),
    ).add(app, registry.curie)


def _rules(
    entry: Entry,
    authentication: Authentication,
    addresses: AddressPermissions,
    subscriptions: SubscriptionPermissions,
    notices: Notices,
) -> Rules:
    """What holds for customers who write of themselves."""

    def knows(caller: Caller) -> Callable[[str], bool]:
        portal, session = entry.portal(), entry.session()

        @cache  # a write may be attempted more than once
        def known(given: str) -> bool:
            return authentication.knows(portal, caller.customer_id, session.temporary, given, address())

        return known

    def also(caller: Caller, written: Written) -> None:
        portal, session = entry.portal(), entry.session()
        if not isinstance(written.session, StoreSession):
            if session.must_reset:
                raise must_reset()
            return
        former = former_email(written.session, caller.customer_id)
        told = [partial(notices.send, portal, former, "email")] if former else []
        if keep(written.session, session):
            email = former or written.resource.value("email")
            told.append(partial(notices.send, portal, email, "password"))
            told.append(partial(_audit_password, caller))
        elif session.must_reset:
            raise must_reset()
        entry.afterwards(*told)

    return Rules(addresses.permit, subscriptions.allow, knows, also)


def _audit_password(caller: Caller) -> None:
    audit("password_changed", store_id=caller.store_id, customer_id=caller.customer_id, address=address())


def _read(entry: Entry, documents: Documents, read: Read) -> Read:
    """Reads the customer; with `?sso=true`, and a link to the checkout where the store signs on there.

    A session that must set a new password first gets neither that link nor what a zoom embeds.
    """

    def with_checkout(caller: Caller, customer_id: int, raw: str) -> Resource:
        resets = entry.session().must_reset
        if resets and _zooms(raw):
            raise must_reset()
        if "sso" not in raw:
            return read(caller, customer_id, raw)
        pairs = parse_pairs(raw)
        wanted = {value for name, value in pairs if name == "sso"}
        if not wanted <= {"true", "false"}:
            raise Refusal.of(400, "sso must be true or false", properties=["sso"], code="bad_parameter")
        customer = read(caller, customer_id, encode_pairs(pair for pair in pairs if pair[0] != "sso"))
        portal = entry.portal()
        leads_on = portal.signs_on and not resets and "true" in wanted
        return documents.with_checkout(portal, customer) if leads_on else customer

    return with_checkout


def _zooms(raw: str) -> bool:
    """Whether a query asks for more than the attributes, which are there anyway."""
    return any(name == "zoom" and value not in {"", "attributes"} for name, value in parse_pairs(raw))
