"""Counts a request against the windows that it falls into, and says so on whatever answers it."""

from flask import Flask, Response, current_app

from app.application import request_environ
from app.auth.remote import address
from app.rate_limits import What

_TOLD = "patron.rate_limits"


def take(what: What, *, client: str | None = None, account: str | None = None, store_id: int = 0) -> None:
    """Takes one from each window that applies; the address's own once a request, however often it is called.

    :raises Refusal: 429 where one of them has nothing left.
    """
    limits = current_app.extensions["patron"].limits
    told = request_environ().setdefault(_TOLD, [])
    whose = {"client": client, "account": account, "store_id": store_id}
    told.append(limits.take(what, address=address(), again=bool(told), **whose))


def tell_limits(app: Flask) -> None:
    """Lets every answer to a request that was counted tell how its windows stand, failures too."""
    app.after_request(_telling)


def _telling(response: Response) -> Response:
    for headers in reversed(request_environ().get(_TOLD, ())):
        for name, value in headers.items():
            later = response.headers.get(name)
            response.headers[name] = f"{value}, {later}" if later else value
    return response
