"""What one secret is good for it is good for alone; and no secret that was handed out is stored or logged."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from app import create_app
from app.auth.tokens import new_token
from app.config import Config
from app.db.engine import unguarded_engine
from app.sandbox import CLIENT, PASSWORD
from app.sandbox.owner import USER_EMAIL
from tests.site import SECRET, Site
from tests.wire.oauth import Browser, add_client, ask_token, by_sandbox, declined

PLACES = ("bearer", "refresh_token", "code", "client_secret")


@pytest.fixture
def secrets(shared_site: Site) -> dict[str, str]:
    """A fresh secret of each purpose, all of one client and user."""
    client, secret = add_client(shared_site)
    browser = Browser(shared_site, client)
    code = browser.code()
    spent = ask_token(
        shared_site,
        basic=f"{client.client_id}:{secret}",
        grant_type="authorization_code",
        code=browser.code(),
    )
    cookie = browser.http.get_cookie("patron_session", path="/authorize")
    assert cookie
    return {
        "access token": json.loads(spent.data)["access_token"],
        "refresh token": json.loads(spent.data)["refresh_token"],
        "code": code,
        "client secret": secret,
        "session": cookie.value,
        "form token": browser.form_token,
        "client": client.client_id,
    }


GOOD_FOR = {
    "access token": "bearer",
    "refresh token": "refresh_token",
    "code": "code",
    "client secret": "client_secret",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_good_for_its_own_purpose_alone(
    shared_site: Site, secrets: dict[str, str], place: str
) -> None:
    basic = f"{secrets['client']}:{secrets['client secret']}"
    for name, secret in secrets.items():
        if place == "bearer":
            answer = shared_site.ask("/customers/115", token=secret)
        elif place == "client_secret":
            answer = ask_token(
                shared_site, basic=f"{secrets['client']}:{secret}", grant_type="client_credentials"
            )
        else:
            grant = "authorization_code" if place == "code" else place
            answer = ask_token(shared_site, basic=basic, grant_type=grant, **{place: secret})
        assert (answer.status_code == 200) == (GOOD_FOR.get(name) == place), (name, place)


@pytest.mark.parametrize(
    ("token", "status"), [("token", 200), ("client_token", 403), ("user_token", 403), ("refresh_token", 401)]
)
def test_a_store_is_reached_by_a_stores_token_alone(shared_site: Site, token: str, status: int) -> None:
    assert shared_site.ask("/customers/115", token=getattr(shared_site, token)).status_code == status


def test_a_server_that_is_no_sandbox_knows_nothing_of_one(own_site: Site) -> None:
    client, secret = add_client(own_site)
    refresh = {"grant_type": "refresh_token", "refresh_token": own_site.refresh_token}
    app = create_app(Config(database_url=own_site.url, secret_key=SECRET, rate_limits="off"))
    real = Site(app, own_site.engine, own_site.url, *[""] * 6)
    sandbox = f"{CLIENT}:{own_site.client_secret}"
    assert declined(ask_token(real, basic=sandbox, **refresh))[1] == "invalid_client"
    assert declined(ask_token(real, basic=f"{client.client_id}:{secret}", **refresh))[1] == "invalid_grant"
    answer = Browser(real, client).send("sign_in", email=USER_EMAIL, password=PASSWORD)
    assert answer.status_code == 403, "everybody knows that password"
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


def rows(site: Site) -> Iterator[str]:
    """Every value of every table, as text."""
    engine = unguarded_engine(site.url)
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                yield from (str(each) for each in row)
    engine.dispose()


def test_a_dump_of_the_database_and_the_log_hold_nothing_that_was_handed_out(
    own_site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    client, secret = add_client(own_site)
    public, _ = add_client(own_site, is_public=True)
    browser = Browser(own_site, client)
    browser.send("sign_in", email=USER_EMAIL, password="a wrong password")
    code = browser.code()
    basic = f"{client.client_id}:{secret}"
    given = [
        ask_token(own_site, basic=basic, grant_type="authorization_code", code=code),
        by_sandbox(own_site, "refresh_token", refresh_token=own_site.refresh_token),
        by_sandbox(own_site, "client_credentials"),
    ]
    refused = [
        ask_token(own_site, basic=basic, grant_type="authorization_code", code=code),
        by_sandbox(own_site, "refresh_token", refresh_token="a-refresh-token-of-nobody"),
        ask_token(own_site, basic=f"{client.client_id}:a-wrong-secret", grant_type="client_credentials"),
        by_sandbox(own_site, path="/revoke", token=own_site.refresh_token),
        ask_token(own_site, grant_type="refresh_token", client_id=public.client_id, refresh_token=code),
    ]
    assert [each.status_code for each in given] == [200] * 3
    handed_out = {secret, code, own_site.client_secret, own_site.refresh_token, own_site.token, PASSWORD}
    handed_out |= {browser.form_token, "a wrong password", "a-refresh-token-of-nobody", "a-wrong-secret"}
    for each in given:
        document = json.loads(each.data)
        handed_out |= {document[name] for name in ("access_token", "refresh_token") if name in document}

    stored, logged = "\n".join(rows(own_site)), capfd.readouterr()
    answered = "\n".join(each.text for each in refused)
    for each in handed_out:
        for place in (stored, logged.out, logged.err, answered):
            assert each not in place
    if own_site.engine.dialect.name == "sqlite":
        database = Path(str(own_site.engine.url.database))
        files = b"".join(each.read_bytes() for each in database.parent.glob(f"{database.name}*"))
        assert [each for each in handed_out if each.encode() in files] == []


def test_tokens_are_drawn_and_never_alike() -> None:
    drawn = {new_token() for _ in range(1000)}

    assert len(drawn) == 1000
    assert all(re.fullmatch("[A-Za-z0-9_-]{43}", each) for each in drawn)
