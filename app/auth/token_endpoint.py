"""POST /token and POST /revoke: the Flask end of the grants (RFC 6749 §3.2, RFC 7009).

Answers are flat JSON, whatever is accepted, and whatever goes wrong: that is what OAuth's clients read.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from app import Patron, respond
from app.audit import audit
from app.auth import limited, parameters
from app.auth.authorization_server import REQUIRED, TokenServer, require_grant
from app.auth.clients import Clients
from app.auth.declined import Declined, invalid_request
from app.auth.grants import revoke_token
from app.auth.remote import address
from app.auth.tokens import token_hash
from app.bodies import read_raw
from app.errors import refused
from app.writing.attempts import attempted

METHODS = ("POST", "OPTIONS")

_NAMES = {429: "temporarily_unavailable", 500: "server_error", 503: "temporarily_unavailable"}
"""What OAuth calls the statuses of other failures; the rest are an `invalid_request`."""

Work = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""What an endpoint does with the parameters of a request: the members of its answer."""


def add_token_endpoint(app: Flask, patron: Patron, clients: Clients) -> None:
    """Adds the URL rules of both endpoints."""
    _add(app, "/token", _granting(patron, clients))
    _add(app, "/revoke", _revoking(patron, clients))


def _granting(patron: Patron, clients: Clients) -> Work:
    server = TokenServer(patron.engine, sandbox=patron.config.sandbox)

    def grant(fields: Mapping[str, str]) -> Mapping[str, Any]:
        require_grant(fields)
        client = clients.authenticated(_header(), fields)
        # one that proves nothing is only named: others could use its windows up
        proved = None if client.is_public else client.client_id
        needed = REQUIRED[fields["grant_type"]]
        limited.take("token", client=proved, account=token_hash(fields[needed]) if needed else None)
        issued = attempted(lambda: server.granted(client, fields, address()))
        audit(
            "token_granted",
            client=client.client_id,
            scope=issued.scope,
            grant=issued.grant_id,
            address=address(),
        )
        return issued.members

    return grant


def _revoking(patron: Patron, clients: Clients) -> Work:
    def revoke(fields: Mapping[str, str]) -> Mapping[str, Any]:
        client = clients.authenticated(_header(), fields)
        token = fields.get("token")
        if not token:
            raise invalid_request('Missing parameter: "token" is required')
        ended = attempted(lambda: _revoked(patron.engine, token, client.id))
        if ended:
            audit("token_revoked", client=client.client_id, address=address())
        return {}

    def _revoked(engine: Engine, token: str, client_row: int) -> int:
        with Session(engine) as session, session.begin():
            return revoke_token(session, token, client_row)

    return revoke


def _header() -> str:
    header: str = request.environ.get("HTTP_AUTHORIZATION", "")
    return header


def _add(app: Flask, path: str, work: Work) -> None:
    """Adds the URL rule for every method that there may be: those that are not taken are told so here."""

    def view() -> Response:
        if request.method == "OPTIONS":
            allowed = {"Allow": ", ".join(METHODS), "Accept-Post": parameters.FORM}
            return answered({"message": f"Supported here: {allowed['Allow']}."}, 200, allowed)
        try:
            return _done(work)
        except Declined as declined:
            audit("token_refused", reason=declined.error, path=path, address=address())
            return answered(declined.body, declined.status, declined.headers)
        except Exception as error:
            refusal, _ = refused(error)
            name = _NAMES.get(refusal.status, "invalid_request")
            said = Declined(name, refusal.faults[0].message, refusal.status, refusal.headers)
            return answered(said.body, said.status, said.headers)

    app.url_map.add(Rule(path, endpoint=path.strip("/")))  # Flask's own way knows no rule for all methods
    app.view_functions[path.strip("/")] = view


def _done(work: Work) -> Response:
    if request.method not in METHODS:
        raise MethodNotAllowed(METHODS)
    respond.require_version()
    limited.take("token")
    fields = parameters.of_body(read_raw(), request.environ.get("CONTENT_TYPE", ""))
    return answered(work(fields), 200, {})


def answered(members: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    """An answer that nobody may keep (RFC 6749 §5.1)."""
    sent = {
        "Content-Type": parameters.JSON,
        "Cache-Control": "no-store",
        "Pragma": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(orjson.dumps(members), status, {**sent, **headers})
