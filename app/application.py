"""The Flask application without what no request here has: sessions of Flask's, async views, blueprints.

Each override is one that Flask's documentation offers. Together they are a sixth of what a GET of one
customer costs, which is mostly Flask's and Werkzeug's own work.
"""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter

from app.paths import Paths

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Request
    from flask.typing import ResponseReturnValue


_asked: ContextVar["WSGIEnvironment"] = ContextVar("asked")


def request_environ() -> "WSGIEnvironment":
    """The environment of the request that is answered: what `request.environ` is, at a tenth of its cost."""
    return _asked.get()


class Application(Flask):
    """A Flask application whose views and hooks are plain functions of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self.session_interface = _NoSession()
        self.url_map.merge_slashes = False
        self._paths = Paths(self.url_map)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        """Answers a request."""
        before = _asked.set(environ)
        try:
            return super().wsgi_app(environ, start_response)
        finally:
            _asked.reset(before)

    def ensure_sync(self, func: Any) -> Any:
        """The function itself: none of ours is a coroutine."""
        return func

    def create_url_adapter(self, request: "Request | None") -> MapAdapter | None:
        """What finds the view of a request. Host has no say in it, and nothing is redirected."""
        if request is None:
            return super().create_url_adapter(request)
        return self._paths.adapter(request.environ)

    def preprocess_request(self) -> "ResponseReturnValue | None":
        """Calls the functions that look at a request before its view, until one has an answer."""
        for arrive in self.before_request_funcs.get(None, ()):
            answer = arrive()
            if answer is not None:
                return answer  # type: ignore[return-value] # as Flask's own: it may be a coroutine's there
        return None

    def process_response(self, response: Response) -> Response:
        """Calls the functions that look at an answer, the last one added first."""
        for leave in reversed(self.after_request_funcs.get(None, ())):
            response = leave(response)
        return response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Calls what is to be called behind a request, where there is anything."""
        if self.teardown_request_funcs:
            super().do_teardown_request(exc)

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """The same behind the application's context."""
        if self.teardown_appcontext_funcs:
            super().do_teardown_appcontext(exc)


class Rendered(Response):
    """An answer that is whole: nothing of its headers is left to be looked at, completed or copied.

    :param headers: with Content-Type where there is a body. Their values are ours, or percent-encoded: there
        is no line break among them, which servers refuse besides.
    """

    default_mimetype = None

    def __init__(self, status: int, headers: "list[tuple[str, str]]", body: bytes | None = None) -> None:
        if body is not None:
            headers.append(("Content-Length", str(len(body))))
        super().__init__([body or b""], status, _WellFormed(headers), direct_passthrough=True)

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - as Werkzeug calls it
        """The headers as they are: Werkzeug's own would be copied, and held to what holds for these."""
        return self.headers


class _WellFormed(Headers):
    """Headers that are taken over as they are given."""

    def __init__(self, pairs: "list[tuple[str, str]]") -> None:
        super().__init__()
        self._list = pairs


class _NoSession(SessionInterface):
    """What Flask opens with each request and closes after it: nothing."""

    _none = SecureCookieSession()

    def open_session(self, app: Flask, request: "Request") -> SessionMixin:  # noqa: ARG002 - as Flask calls it
        """One for all, as nobody keeps anything in it."""
        return self._none

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing is kept."""
