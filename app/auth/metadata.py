"""/.well-known/oauth-authorization-server: what clients need to know of this server (RFC 8414)."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Flask, Response, request

from app import respond
from app.auth.authorization_request import OFFERED
from app.auth.authorization_server import REQUIRED
from app.auth.scopes import CLIENT_FULL_ACCESS

PATH = "/.well-known/oauth-authorization-server"
METHODS = ("GET", "HEAD", "OPTIONS")

PROOFS = ("client_secret_basic", "client_secret_post", "none")
"""How clients may prove who they are; `none` is for those that can keep no secret."""


def metadata(base: str) -> dict[str, Any]:
    """The document of the server at an address, which is the issuer's name too (RFC 9207)."""
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "revocation_endpoint": f"{base}/revoke",
        "scopes_supported": [CLIENT_FULL_ACCESS.name, *(each.name for each in OFFERED)],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(REQUIRED),
        "token_endpoint_auth_methods_supported": list(PROOFS),
        "revocation_endpoint_auth_methods_supported": list(PROOFS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def add_metadata(app: Flask, base_url: str | None) -> None:
    """Adds the URL rules. Everybody may read it, scripts of other sites too.

    Clients of an issuer with a path ask for that path behind the well-known one (RFC 8414 §3.1); a proxy has
    to pass it on. Below the issuer's own path it stands as well.
    """

    def view() -> Response:
        headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
        headers |= {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
        if request.method == "OPTIONS":
            headers["Allow"] = ", ".join(METHODS)
            return Response(orjson.dumps({"message": f"Supported here: {headers['Allow']}."}), 200, headers)
        return Response(orjson.dumps(metadata(respond.base_url())), 200, headers)

    for path in sorted({PATH, PATH + urlsplit(base_url or "").path}):
        app.add_url_rule(path, "metadata", view, methods=METHODS, provide_automatic_options=False)
