"""X-HTTP-Method-Override: a POST that stands for another method, from clients that can send no other."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "HTTP_X_HTTP_METHOD_OVERRIDE"
METHODS = frozenset({"PUT", "PATCH", "DELETE"})


def override_methods(app: "WSGIApplication") -> "WSGIApplication":
    """The application, with such requests told apart before they are routed."""

    def overridden(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        method = environ.get(HEADER)
        if method is not None and environ["REQUEST_METHOD"] == "POST":
            method = method.strip().upper()
            if method in METHODS:
                environ["REQUEST_METHOD"] = method
        return app(environ, start_response)

    return overridden
