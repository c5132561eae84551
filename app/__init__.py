"""Patron: a self-hosted customer service with a hypermedia API. `create_app` puts it together."""

import gc
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import Engine

from app.config import Config, Misconfigured, from_environment, require_production


@dataclass(frozen=True, slots=True)
class Patron:
    """What the requests of one application share."""

    config: Config
    engine: Engine


def create_app(config: Config | None = None) -> Flask:
    """The WSGI application.

    :param config: read from the environment, and held to what production needs, where not given.
    :raises Misconfigured: where that leaves something out, or the database does not fit the code.
    """
    from app.auth.bearer import Bearer
    from app.catalogue import Catalogue
    from app.db.engine import open_engine
    from app.db.migrate import require_current
    from app.db.reader import Reader
    from app.docs import Docs
    from app.encryption import Cipher
    from app.errors import ErrorDocument, handle_errors
    from app.home import Home
    from app.hypermedia import Registry
    from app.logs import configure_logs
    from app.resources import TYPES
    from app.resources.property_helper import PropertyHelpers
    from app.views import add_public, add_resources

    if config is None:
        config = from_environment()
        require_production(config)
    if not config.secret_key:
        raise Misconfigured("a secret key is needed: it encrypts temporary passwords")
    configure_logs()
    require_current(config.database_url)
    engine = open_engine(config.database_url)
    reader = Reader(engine)
    registry = Registry(TYPES, config.rels_href)
    bearer = Bearer(reader, sandbox=config.sandbox)

    app = Flask("app", static_folder=None)
    app.extensions["patron"] = Patron(config, engine)
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    handle_errors(app, ErrorDocument(registry.curie))
    add_resources(app, registry, Catalogue(registry, reader, Cipher(config.secret_key)), bearer)
    helpers, docs = PropertyHelpers(registry), Docs(registry)
    add_public(app, bearer, "/", "home", Home(registry).read)
    add_public(app, bearer, "/property_helpers", "property_helpers", helpers.home)
    add_public(app, bearer, "/property_helpers/<name>", "property_helper", helpers.read)
    add_public(app, bearer, "/rels", "rels", docs.index)
    add_public(app, bearer, "/rels/<name>", "rel", docs.read)
    gc.freeze()
    return app
