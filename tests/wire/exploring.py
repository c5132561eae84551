"""Looking at Patron as a browser does: with a cookie, and without a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.auth.grants import issue
from app.config import Config
from app.sandbox import CLIENT, STORE_ID
from tests.site import SECRET, Site

HTML = "text/html"
ASKING = {"X-Patron-Explorer": "1"}


@contextmanager
def another(site: Site, **settings: Any) -> Iterator[Site]:
    """Another server over the rows of a site, which is no sandbox, with a token of its own."""
    app = create_app(Config(database_url=site.url, secret_key=SECRET, rate_limits="off", **settings))
    whose = {"client": CLIENT, "client_row": 1, "user_id": None, "store_id": STORE_ID, "is_sandbox": False}
    with Session(site.engine) as session, session.begin():
        issued = issue(session, scope="store_full_access", **whose, with_refresh=False)
    yield replace(site, app=app, token=issued.access_token, tokens={})
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


def look(site: Site, path: str, accept: str = HTML, method: str = "GET", **headers: str) -> TestResponse:
    """What a browser without a token is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.ask(path, accept, token=None, method=method, headers=named)


def signed_in(token: str) -> dict[str, str]:
    return {"Cookie": f"patron_explorer={token}"}


def sign_in(site: Site, token: str, **headers: str) -> TestResponse:
    sent = {"Content-Type": "application/x-www-form-urlencoded"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return site.ask(
        "/explorer/session", HTML, token=None, method="POST", headers=sent, data=f"token={token}".encode()
    )
