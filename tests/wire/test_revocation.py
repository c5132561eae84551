"""POST /revoke, and everything else that ends a token: it ends at once, everywhere."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, update

from app import create_app
from app.auth.tokens import Token, token_hash
from app.config import Config
from app.resources.client import Client
from tests.site import SECRET, Site
from tests.wire.oauth import add_client, ask_token, by_sandbox, declined, grant_to


@pytest.fixture
def second_app(own_site: Site) -> Iterator[Flask]:
    """Another process's application on the same database, as far as one process can have two."""
    app = create_app(Config(database_url=own_site.url, secret_key=SECRET, sandbox=True, rate_limits="off"))
    yield app
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


def status_at(app: Flask, token: str) -> int:
    with app.test_client() as client:
        answer = client.get("/customers/115", headers={"Authorization": f"Bearer {token}"})
    return int(answer.status_code)


def access_token(site: Site) -> str:
    answer = by_sandbox(site, "refresh_token", refresh_token=site.refresh_token)
    return str(json.loads(answer.data)["access_token"])


def test_a_revoked_token_is_refused_at_once_by_every_server(own_site: Site, second_app: Flask) -> None:
    token, another = access_token(own_site), access_token(own_site)
    assert [status_at(app, token) for app in (own_site.app, second_app)] == [200, 200]

    answer = by_sandbox(own_site, path="/revoke", token=token)

    assert (answer.status_code, answer.data) == (200, b"{}")
    assert [status_at(app, token) for app in (second_app, own_site.app)] == [401, 401]
    assert [status_at(app, another) for app in (second_app, own_site.app)] == [200, 200]


def test_a_refresh_token_takes_its_grant_with_it(own_site: Site, second_app: Flask) -> None:
    tokens = [access_token(own_site) for _ in range(3)]
    answer = by_sandbox(
        own_site, path="/revoke", token=own_site.refresh_token, token_type_hint="access_token"
    )

    assert answer.status_code == 200
    assert {status_at(app, each) for app in (own_site.app, second_app) for each in tokens} == {401}
    refused = by_sandbox(own_site, "refresh_token", refresh_token=own_site.refresh_token)
    assert declined(refused) == (400, "invalid_grant", "Invalid refresh token")
    assert status_at(own_site.app, own_site.token) == 200, "another grant is not concerned"


def test_an_expired_token_is_refused_at_once_by_every_server(own_site: Site, second_app: Flask) -> None:
    token = access_token(own_site)
    assert [status_at(app, token) for app in (own_site.app, second_app)] == [200, 200]
    with own_site.engine.begin() as connection:
        connection.execute(update(Token).where(Token.hash == token_hash(token)).values(expires_at=1))

    for app in (second_app, own_site.app):
        with app.test_client() as client:
            answer = client.get("/customers/115", headers={"Authorization": f"Bearer {token}"})
        document = json.loads(answer.data)
        assert answer.status_code == 401
        assert document["error"] == "invalid_token"
        assert document["error_description"] == "The access token provided has expired"


def test_a_clients_tokens_end_with_the_client(own_site: Site, second_app: Flask) -> None:
    client, _ = add_client(own_site)
    token = grant_to(own_site, client).access_token
    assert status_at(second_app, token) == 200
    with own_site.engine.begin() as connection:
        connection.execute(delete(Client).where(Client.id == client.id))

    assert status_at(second_app, token) == 401


@pytest.mark.parametrize("token", ["unknown", "x" * 10_000, "é"])
def test_an_unknown_token_is_revoked_already(shared_site: Site, token: str) -> None:
    answer = by_sandbox(shared_site, path="/revoke", token=token)

    assert (answer.status_code, answer.data) == (200, b"{}")


def test_a_client_revokes_no_token_but_its_own(shared_site: Site) -> None:
    owner, _ = add_client(shared_site)
    issued = grant_to(shared_site, owner)
    for token in (issued.access_token, issued.refresh_token or "", shared_site.token):
        assert by_sandbox(shared_site, path="/revoke", token=token).status_code == 200
    assert status_at(shared_site.app, issued.access_token) == 200
    assert status_at(shared_site.app, shared_site.token) == 200


def test_a_public_client_revokes_by_its_name(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)
    issued = grant_to(shared_site, client)
    answer = ask_token(shared_site, "/revoke", token=issued.refresh_token or "", client_id=client.client_id)

    assert answer.status_code == 200
    assert status_at(shared_site.app, issued.access_token) == 401


def test_a_second_revocation_changes_nothing(shared_site: Site) -> None:
    token = access_token(shared_site)
    for _ in range(2):
        assert by_sandbox(shared_site, path="/revoke", token=token).status_code == 200
