"""Where this server stands, as its client sees it: the beginning of every link."""

import re

from flask import current_app

from app import Patron
from app.application import request_environ
from app.errors import Refusal

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_LARGEST_PORT = 65535


def base_url() -> str:
    """The API's address as this client uses it: the configured one, else the request's own origin.

    :raises Refusal: 400 for a Host that is none. Of proxies' headers only those of trusted ones get here.
    """
    patron: Patron = current_app.extensions["patron"]
    if patron.config.base_url and not request_environ().get(OWN_HOST):
        return patron.config.base_url
    return origin()


OWN_HOST = "patron.own_host"
"""Set in the environment of a request whose Host is known to be one of ours, beside the configured one."""


def origin() -> str:
    """The request's own origin.

    :raises Refusal: 400 for a Host that is none.
    """
    environ = request_environ()
    host = environ.get("HTTP_HOST", "")
    matched = _HOST.fullmatch(host)
    if not matched or int(matched[1] or 0) > _LARGEST_PORT:
        raise Refusal.of(400, "Host names no server: send the name of this one", properties=["Host"])
    scheme = environ["wsgi.url_scheme"]
    if scheme not in {"http", "https"}:  # as a proxy may have let through what a client sent
        raise Refusal.of(400, "X-Forwarded-Proto must be http or https", properties=["X-Forwarded-Proto"])
    return f"{scheme}://{host}{environ.get('SCRIPT_NAME', '').rstrip('/')}"
