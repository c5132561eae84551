"""Patron: a self-hosted customer service with a hypermedia API. `create_app` puts it together.

Importing this package imports nothing else, so that the command line answers at once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from app.auth.explorer_session import ExplorerSession
    from app.auth.house import House
    from app.behind import Behind
    from app.catalogue import Catalogue
    from app.config import Config
    from app.db.reader import Reader
    from app.delays import Delays
    from app.encryption import Cipher
    from app.errors import ErrorDocument
    from app.hypermedia import Registry
    from app.operations.readiness import Readiness
    from app.rate_limits import RateLimits
    from app.writing import Writer


GARBAGE = (50_000, 20, 100)
"""How often Python looks for garbage in cycles. A page of 300 customers makes some 10,000 objects, none of
them garbage in cycles: with Python's own numbers the search for such is a third of its time."""


@dataclass(frozen=True, slots=True)
class Patron:
    """What one application is made of, for its requests and for whoever tests it."""

    config: "Config"
    engine: "Engine"
    reader: "Reader"
    registry: "Registry"
    errors: "ErrorDocument"
    limits: "RateLimits"
    delays: "Delays"
    behind: "Behind"
    readiness: "Readiness"


def create_app(config: "Config | None" = None) -> "Flask":
    """The WSGI application.

    :param config: read from the environment, and held to what production needs, where not given.
    :raises Misconfigured: where that leaves something out, or the database does not fit the code.
    """
    import gc

    gc.set_threshold(*GARBAGE)  # before all that is imported, in which there is no garbage either
    from app.application import Application
    from app.config import Misconfigured, from_environment, require_production
    from app.db.migrate import await_current, require_current
    from app.logs import configure_logs, warn_of_unknown_variables
    from app.passwords import GATE

    configure_logs()
    if config is None:
        config = from_environment()
        warn_of_unknown_variables()
        require_production(config)
        await_current(config.database_url)
    if not config.secret_key:
        raise Misconfigured("a secret key is needed: it encrypts temporary passwords")
    require_current(config.database_url)
    GATE.leave_threads(config.threads)
    app = Application("app")
    patron = _assemble(config, config.secret_key)
    app.extensions["patron"] = patron
    _note_routes(app)
    _add_routes(app, patron, config.secret_key)
    _observe(app, patron)
    gc.freeze()
    return app


def _assemble(config: "Config", secret_key: str) -> Patron:
    from app.behind import Behind
    from app.db.engine import open_engine
    from app.db.reader import Reader
    from app.delays import Delays
    from app.encryption import Cipher
    from app.errors import ErrorDocument
    from app.json_schema import SCHEMAS
    from app.operations.readiness import Readiness
    from app.rate_limits import RateLimits
    from app.registries import joined
    from app.resources import TYPES

    engine = open_engine(config.database_url, config.threads)
    registry = joined(TYPES, config.rels_href, SCHEMAS)
    reader, behind = Reader(engine), Behind()
    return Patron(
        config=config,
        engine=engine,
        reader=reader,
        registry=registry,
        errors=ErrorDocument(registry.curie),
        limits=RateLimits(config),
        delays=Delays(engine, reader, Cipher(secret_key, *config.other_secret_keys), behind.do),
        behind=behind,
        readiness=Readiness(config, reader),
    )


def _add_routes(app: "Flask", patron: Patron, secret_key: str) -> None:
    from app.auth.bearer import Bearer
    from app.auth.explorer_session import ExplorerSession
    from app.auth.faces import Hypermedia
    from app.auth.limited import tell_limits
    from app.auth.routes import add_oauth
    from app.catalogue import Catalogue
    from app.cors import let_pages_in
    from app.encryption import Cipher
    from app.errors import handle_errors
    from app.explorer import add_explorer
    from app.idempotency import IdempotencyKeys
    from app.mail import mailer
    from app.method_override import override_methods
    from app.odata.composition import add_odata
    from app.portal.composition import add_portal
    from app.portal.portals import PATH
    from app.views import add_foundings, add_resources
    from app.writes import Writes

    registry, reader = patron.registry, patron.reader
    bearer = Bearer(reader, sandbox=patron.config.sandbox)
    session = ExplorerSession(bearer, _house(patron), patron.config.base_url)
    cipher = Cipher(secret_key, *patron.config.other_secret_keys)
    catalogue = Catalogue(registry, reader, cipher)
    writer = _writer(patron, catalogue, cipher)
    keys = IdempotencyKeys(patron.engine, cipher)
    writes = Writes(registry, writer, keys)
    handle_errors(app, patron.errors)
    tell_limits(app)
    add_resources(app, registry, catalogue, Hypermedia(session), writes)
    add_foundings(app, registry, bearer, writes)
    _add_public_pages(app, patron, session, catalogue)
    let_pages_in(app, patron.config.cors_origins, apart_from=PATH, documentation="/rels")
    add_explorer(app, session)
    add_oauth(app, patron, secret_key)
    add_portal(app, patron, writer, keys, cipher, mailer(patron.config))
    add_odata(app, patron, writer, bearer, cipher)
    app.wsgi_app = override_methods(app.wsgi_app)  # type: ignore[method-assign, assignment] # as Flask documents it
    _trust_proxies(app, patron.config)


def _writer(patron: Patron, catalogue: "Catalogue", cipher: "Cipher") -> "Writer":
    from app.webhooks.addresses import Addresses
    from app.webhooks.nudges import Nudges
    from app.writing import Writer

    config = patron.config
    return Writer(
        patron.registry,
        catalogue,
        patron.engine,
        patron.reader,
        cipher,
        allow_weak_hashes=config.allow_weak_hashes,
        sandbox=config.sandbox,
        tell=Nudges(config).tell,
        url_fault=Addresses(config.webhook_networks).fault,
    )


def _house(patron: Patron) -> "House | None":
    """As whom a sandbox lets people look around."""
    from app.auth.house import House
    from app.sandbox.rows import CLIENT, STORE_ID

    return House(patron.reader, STORE_ID, CLIENT) if patron.config.sandbox else None


def _add_public_pages(
    app: "Flask", patron: Patron, session: "ExplorerSession", catalogue: "Catalogue"
) -> None:
    from app.descriptions import add_descriptions
    from app.docs import Docs, strangers
    from app.home import Home
    from app.property_helpers import PropertyHelpers
    from app.views import add_public

    registry = patron.registry
    home, helpers = Home(registry, sandbox=patron.config.sandbox), PropertyHelpers(registry)
    docs = Docs(registry, catalogue, home, helpers, strangers(_house(patron)), sandbox=patron.config.sandbox)
    add_public(app, registry, session, "/", "home", home.read)
    add_public(app, registry, session, "/property_helpers", "property_helpers", helpers.home)
    add_public(app, registry, session, "/property_helpers/<name>", "property_helper", helpers.read)
    add_public(app, registry, session, "/rels", "rels", docs.index)
    add_public(app, registry, session, "/rels/<name>", "rel", docs.read)
    add_descriptions(app, registry, session, sandbox=patron.config.sandbox)


def _trust_proxies(app: "Flask", config: "Config") -> None:
    """Believes as many proxies as stand in front, and no header that a client could have sent itself.

    Where PATRON_BASE_URL says what links look like, X-Forwarded-Host is not looked at: many proxies pass on
    what a client put there.
    """
    from werkzeug.middleware.proxy_fix import ProxyFix

    if config.proxies:
        hosts = 0 if config.base_url else config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, config.proxies, config.proxies, x_host=hosts)  # type: ignore[method-assign]


def _note_routes(app: "Flask") -> None:
    """Notes the route of each request, before anything else is done with it."""
    from flask import request

    from app.operations.current import CURRENT

    @app.before_request
    def note() -> None:
        rule = request.url_rule
        CURRENT.facts.rule = rule.rule if rule is not None else None


def _observe(app: "Flask", patron: Patron) -> None:
    """Puts around it what an operator sees; as the last, so that it sees what has come over the wire."""
    from app.operations.endpoints import Endpoints
    from app.operations.metrics import describe, watch_hashes
    from app.operations.observed import Observed
    from app.operations.outbox import Outbox
    from app.operations.tracing import open_tracer

    config = patron.config
    describe(config, patron.engine, config.threads)
    watch_hashes()
    endpoints = Endpoints(config, patron.readiness, [Outbox(patron.reader)])
    observed = Observed(app.wsgi_app, endpoints, open_tracer(), access_log=config.access_log)
    app.wsgi_app = observed  # type: ignore[method-assign]
