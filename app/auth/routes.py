"""The URL rules of the OAuth 2.0 server."""

from flask import Flask

from app import Patron
from app.auth.authorize import add_authorize
from app.auth.clients import Clients
from app.auth.metadata import add_metadata
from app.auth.token_endpoint import add_token_endpoint


def add_oauth(app: Flask, patron: Patron, secret_key: str) -> None:
    """Adds them all."""
    clients = Clients(patron.reader, sandbox=patron.config.sandbox)
    add_token_endpoint(app, patron, clients)
    add_authorize(app, patron, clients, secret_key)
    add_metadata(app, patron.config.base_url)
