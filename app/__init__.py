"""Patron: a self-hosted customer service with a hypermedia API. `create_app` puts it together.

Importing this package imports nothing else, so that the command line answers at once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from app.config import Config
    from app.db.reader import Reader
    from app.errors import ErrorDocument
    from app.hypermedia import Registry


@dataclass(frozen=True, slots=True)
class Patron:
    """What one application is made of, for its requests and for whoever tests it."""

    config: "Config"
    engine: "Engine"
    reader: "Reader"
    registry: "Registry"
    errors: "ErrorDocument"


def create_app(config: "Config | None" = None) -> "Flask":
    """The WSGI application.

    :param config: read from the environment, and held to what production needs, where not given.
    :raises Misconfigured: where that leaves something out, or the database does not fit the code.
    """
    import gc

    from flask import Flask

    from app.config import Misconfigured, from_environment, require_production
    from app.db.engine import open_engine
    from app.db.migrate import require_current
    from app.db.reader import Reader
    from app.errors import ErrorDocument
    from app.hypermedia import Registry
    from app.logs import configure_logs
    from app.resources import TYPES

    if config is None:
        config = from_environment()
        require_production(config)
    if not config.secret_key:
        raise Misconfigured("a secret key is needed: it encrypts temporary passwords")
    configure_logs()
    require_current(config.database_url)
    engine = open_engine(config.database_url, config.threads)
    app = Flask("app", static_folder=None)
    app.url_map.merge_slashes = False
    registry = Registry(TYPES, config.rels_href)
    patron = Patron(config, engine, Reader(engine), registry, ErrorDocument(registry.curie))
    app.extensions["patron"] = patron
    _add_routes(app, patron, config.secret_key)
    gc.freeze()
    return app


def _add_routes(app: "Flask", patron: Patron, secret_key: str) -> None:
    from app.auth.bearer import Bearer
    from app.catalogue import Catalogue
    from app.docs import Docs
    from app.encryption import Cipher
    from app.errors import handle_errors
    from app.home import Home
    from app.idempotency import IdempotencyKeys
    from app.method_override import override_methods
    from app.property_helpers import PropertyHelpers
    from app.views import add_public, add_resources
    from app.writes import Writes
    from app.writing import Writer

    registry, reader = patron.registry, patron.reader
    bearer = Bearer(reader, sandbox=patron.config.sandbox)
    helpers, docs = PropertyHelpers(registry), Docs(registry)
    cipher = Cipher(secret_key)
    catalogue = Catalogue(registry, reader, cipher)
    writer = Writer(registry, catalogue, patron.engine, reader, cipher)
    writes = Writes(registry, writer, IdempotencyKeys(patron.engine, cipher))
    handle_errors(app, patron.errors)
    add_resources(app, registry, catalogue, bearer, writes)
    add_public(app, registry, bearer, "/", "home", Home(registry).read)
    add_public(app, registry, bearer, "/property_helpers", "property_helpers", helpers.home)
    add_public(app, registry, bearer, "/property_helpers/<name>", "property_helper", helpers.read)
    add_public(app, registry, bearer, "/rels", "rels", docs.index)
    add_public(app, registry, bearer, "/rels/<name>", "rel", docs.read)
    app.wsgi_app = override_methods(app.wsgi_app)  # type: ignore[method-assign, assignment] # as Flask documents it
