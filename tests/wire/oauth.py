"""OAuth as clients and browsers speak it: token requests, pages and their forms, clients of a test's own."""

import base64
import hashlib
import json
import re
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.auth.grants import Issued, issue
from app.auth.tokens import new_token, token_hash
from app.resources.client import Client
from app.sandbox import CLIENT, PASSWORD, STORE_ID
from app.sandbox.owner import USER_EMAIL, USER_ID
from tests.site import BASE, Site

FORM = "application/x-www-form-urlencoded"
REDIRECT = "https://app.example/callback?of=patron"
VERIFIER = "a-verifier-of-exactly-as-many-characters-as-it-takes"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

_numbers = count(1000)


def ask_token(site: Site, path: str = "/token", *, basic: str | None = None, **fields: str) -> TestResponse:
    """A token request as clients send it; by HTTP Basic where `basic` is `name:secret`."""
    headers = {"Authorization": "Basic " + base64.b64encode(basic.encode()).decode()} if basic else {}
    return post(site, path, urlencode(fields).encode(), FORM, **headers)


def post(site: Site, path: str, raw: bytes, media_type: str | None = FORM, **headers: str) -> TestResponse:
    """A POST of bytes."""
    with site.app.test_client() as client:
        return client.post(path, data=raw, content_type=media_type, headers=headers)


def by_sandbox(site: Site, grant_type: str = "", path: str = "/token", **fields: str) -> TestResponse:
    """A request of the sandbox's client, as the SDK sends it."""
    named = {"grant_type": grant_type} if grant_type else {}
    return ask_token(site, path, client_id=CLIENT, client_secret=site.client_secret, **named, **fields)


def declined(answer: TestResponse) -> tuple[int, str, str]:
    """The status, code and sentence of what was declined."""
    document = json.loads(answer.data)
    assert set(document) == {"error", "error_description"}, document
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, document["error"], document["error_description"]


def add_client(site: Site, **columns: Any) -> tuple[Client, str]:
    """A client of a test's own, and its secret; none where it is public."""
    number, secret = next(_numbers), new_token()
    given = {
        "id": number,
        "client_id": f"client_{number}",
        "redirect_uri": REDIRECT,
        "project_name": f"Project {number}",
        "company_name": "A company",
        "contact_name": "Nobody",
        "contact_email": "nobody@example.com",
        "contact_phone": "0",
        **columns,
    }
    if not given.get("is_public"):
        given["secret_hash"] = token_hash(secret)
    with Session(site.engine, expire_on_commit=False) as session, session.begin():
        session.add(client := Client(**given))
    return client, "" if client.is_public else secret


def grant_to(site: Site, client: Client, **changes: Any) -> Issued:
    """Tokens of a client for the sandbox's store."""
    given = {"scope": "store_full_access", "user_id": USER_ID, "store_id": STORE_ID, "with_refresh": True}
    with Session(site.engine) as session, session.begin():
        named = {"client": client.client_id, "client_row": client.id, "is_sandbox": True}
        return issue(session, **{**named, **given, **changes})


class Browser:
    """A browser at /authorize: it keeps cookies, and follows no redirect by itself."""

    def __init__(self, site: Site, client: Client, **parameters: str) -> None:
        asked = {"response_type": "code", "client_id": client.client_id, "state": "a state/of+mine"}
        self.query = "/authorize?" + urlencode({**asked, "scope": "store_full_access", **parameters})
        self.site, self.http = site, site.app.test_client()
        self.page = self.open()

    def open(self) -> TestResponse:
        """The page, as it is loaded now."""
        self.page = self.http.get(self.query)
        return self.page

    @property
    def form_token(self) -> str:
        return unescape(re.search(r'name="form_token" value="([^"]+)"', self.page.text)[1])  # type: ignore[index]

    def send(self, act: str, **fields: str) -> TestResponse:
        """Sends the form that is shown."""
        sent = {"form_token": self.form_token, "act": act, **fields}
        return self.http.post(self.query, data=sent)

    def sign_in(self, email: str = USER_EMAIL, password: str = PASSWORD) -> "Browser":
        """Signs in, and loads the page to which that leads."""
        answer = self.send("sign_in", email=email, password=password)
        assert (answer.status_code, answer.location) == (303, BASE + self.query), answer.text
        self.open()
        return self

    def code(self, store_id: int = STORE_ID) -> str:
        """A code, by the consent of the sandbox's user, who signs in once for all tests of a site."""
        self.http = self.site.app.extensions.setdefault("test_browser", self.http)
        if 'name="password"' in self.open().text:
            self.sign_in()
        return sent_back(self.send("allow", store_id=str(store_id)))["code"]


def sent_back(answer: TestResponse) -> dict[str, str]:
    """What a redirect to a client says."""
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.location).query, strict_parsing=True)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}
