"""/openapi.json: the hypermedia API in OpenAPI 3.1, derived from the declarations that its addresses follow.

What a request may say and what is answered refers to the same JSON Schemas as stand at /schemas.
"""

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from app.addresses import PUBLIC, places
from app.auth.scopes import SCOPES
from app.hypermedia import Registry
from app.json_schema import DIALECT
from app.openapi.components import components
from app.openapi.operations import Pool, paths

DESCRIPTION = """Start at `/` and follow the links: every address below is led to by one. What may be done \
there, the representation says itself: in HAL-FORMS' templates, in Siren's actions, in the body of OPTIONS. \
`/rels/{name}` explains each link relation. This document is for tools that want all of it at once.

Two faces of the same customers describe themselves elsewhere: the OData face in `/odata/v1/$metadata`; \
the customer portal below `/stores/{id}/s/customer` by its own links."""


class OpenApi:
    """The document, made once where it is first asked for."""

    def __init__(self, registry: Registry, *, sandbox: bool) -> None:
        self._registry, self._sandbox = registry, sandbox
        self._made = lru_cache(maxsize=1)(self._make)

    def at(self, base: str) -> dict[str, Any]:
        """The document of the API that stands at an address."""
        made = self._made()
        schemes = {"securitySchemes": security_schemes(base)}
        return made | {"servers": [{"url": base}], "components": made["components"] | schemes}

    def _make(self) -> dict[str, Any]:
        pool, shared = Pool(), components(self._registry)
        addresses = (*PUBLIC, *places(self._registry, sandbox=self._sandbox))
        described = paths(self._registry, addresses, pool)
        for kind, kept in pool.kept.items():
            shared[kind] = shared.get(kind, {}) | kept
        return {
            "openapi": "3.1.0",
            "jsonSchemaDialect": DIALECT,
            "info": {"title": "Patron", "version": version("patron"), "description": DESCRIPTION},
            "servers": [],
            "paths": described,
            "components": shared,
        }


def security_schemes(base: str) -> dict[str, Any]:
    """How a client shows who it is: by a token, and where that comes from."""
    scopes = {name: _reached(name) for name in SCOPES}
    token = {"tokenUrl": f"{base}/token", "refreshUrl": f"{base}/token", "scopes": scopes}
    flows = {
        "authorizationCode": {"authorizationUrl": f"{base}/authorize", **token},
        "clientCredentials": token,
    }
    return {"bearer": {"type": "http", "scheme": "bearer"}, "oauth2": {"type": "oauth2", "flows": flows}}


def _reached(name: str) -> str:
    scope = SCOPES[name]
    return f"Reads {'and writes' if scope.writes else 'without secrets'} what belongs to a {scope.reach}."
