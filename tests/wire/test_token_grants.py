"""The grants of POST /token: what each gives, to whom, and for how long."""

import json
import time
from typing import Any

import pytest
from sqlalchemy import select, update

from app.auth.tokens import AuthorizationCode, Token, token_hash
from app.resources.user import UserStore
from app.sandbox import CLIENT
from app.sandbox.owner import USER_ID
from tests.site import Site
from tests.wire.oauth import (
    CHALLENGE,
    REDIRECT,
    VERIFIER,
    Browser,
    add_client,
    ask_token,
    by_sandbox,
    declined,
    grant_to,
)

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
NO_CODE = (400, "invalid_grant", "Authorization code doesn't exist or is invalid for the client")
NO_REFRESH = (400, "invalid_grant", "Invalid refresh token")


def row_of(site: Site, token: str) -> Any:
    with site.engine.connect() as connection:
        return connection.execute(select(Token.__table__).where(Token.hash == token_hash(token))).one()


def works(site: Site, token: str) -> bool:
    return site.ask("/customers/115", token=token).status_code == 200


def test_a_refresh_token_becomes_an_access_token_and_comes_back_unchanged(shared_site: Site) -> None:
    answer = by_sandbox(shared_site, "refresh_token", refresh_token=shared_site.refresh_token)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    document = json.loads(answer.data)
    access = document.pop("access_token")
    assert document == {
        "expires_in": 7200,
        "token_type": "Bearer",
        "scope": "store_full_access",
        "refresh_token": shared_site.refresh_token,
    }
    assert len(access) >= 40
    assert works(shared_site, access)


def test_tokens_live_as_long_as_hapis(shared_site: Site) -> None:
    client, _ = add_client(shared_site)
    issued = grant_to(shared_site, client)

    for token, seconds in ((issued.access_token, 7200), (issued.refresh_token, 315_360_000)):
        assert abs(row_of(shared_site, token).expires_at - time.time() - seconds) < 60


@pytest.mark.parametrize("how", ["basic", "body", "both"])
def test_a_client_proves_who_it_is_by_header_by_body_or_by_both(shared_site: Site, how: str) -> None:
    secret = shared_site.client_secret
    header = f"{CLIENT}:{secret}" if how != "body" else None
    fields = {"client_id": CLIENT, "client_secret": secret} if how != "basic" else {}
    answer = ask_token(
        shared_site,
        basic=header,
        grant_type="refresh_token",
        refresh_token=shared_site.refresh_token,
        **fields,
    )

    assert answer.status_code == 200


def test_a_client_gets_a_token_for_what_is_its_own(shared_site: Site) -> None:
    for scope in ({}, {"scope": "client_full_access"}):
        document = json.loads(by_sandbox(shared_site, "client_credentials", **scope).data)
        row = row_of(shared_site, document.pop("access_token"))
        assert document == {"expires_in": 7200, "token_type": "Bearer", "scope": "client_full_access"}
        assert (row.client, row.client_row, row.user_id, row.store_id) == (CLIENT, 1, None, None)


@pytest.mark.parametrize("scope", ["store_full_access", "user_full_access", "client_full_access x", "é"])
def test_a_client_gets_no_other_scope_by_its_secret(shared_site: Site, scope: str) -> None:
    answer = by_sandbox(shared_site, "client_credentials", scope=scope)

    assert declined(answer) == (400, "invalid_scope", "An unsupported scope was requested")


def test_a_public_client_has_nothing_of_its_own(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)
    answer = ask_token(shared_site, grant_type="client_credentials", client_id=client.client_id)

    said = "The grant type is unauthorized for this client_id"
    assert declined(answer) == (400, "unauthorized_client", said)


def test_a_refresh_gives_the_scope_that_was_granted_and_no_other(shared_site: Site) -> None:
    sent = {"refresh_token": shared_site.refresh_token}
    for scope in ("user_full_access", "client_full_access", "store_full_access user_full_access"):
        answer = by_sandbox(shared_site, "refresh_token", scope=scope, **sent)
        said = "The scope requested is invalid for this request"
        assert declined(answer) == (400, "invalid_scope", said)
    assert by_sandbox(shared_site, "refresh_token", scope="store_full_access", **sent).status_code == 200


def test_another_clients_refresh_token_is_none(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    answer = ask_token(
        shared_site,
        grant_type="refresh_token",
        refresh_token=shared_site.refresh_token,
        client_id=client.client_id,
        client_secret=secret,
    )

    assert declined(answer) == NO_REFRESH
    assert (
        by_sandbox(shared_site, "refresh_token", refresh_token=shared_site.refresh_token).status_code == 200
    )


def test_a_refresh_token_that_has_expired_is_said_to_have(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    issued = grant_to(shared_site, client, refresh_seconds=-1)
    answer = ask_token(
        shared_site,
        basic=f"{client.client_id}:{secret}",
        grant_type="refresh_token",
        refresh_token=issued.refresh_token or "",
    )

    assert declined(answer) == (400, "invalid_grant", "Refresh token has expired")


def test_a_refresh_token_ends_with_its_users_access_to_the_store(own_site: Site) -> None:
    with own_site.engine.begin() as connection:
        connection.execute(UserStore.__table__.delete().where(UserStore.user_id == USER_ID))

    answer = by_sandbox(own_site, "refresh_token", refresh_token=own_site.refresh_token)
    assert declined(answer) == (400, "invalid_grant", "The user no longer has access to the store")


def test_a_public_client_gets_a_new_refresh_token_each_time(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)
    token = grant_to(shared_site, client).refresh_token or ""
    asked = {"grant_type": "refresh_token", "client_id": client.client_id}
    for _ in range(3):
        document = json.loads(ask_token(shared_site, refresh_token=token, **asked).data)
        assert document["refresh_token"] != token
        assert row_of(shared_site, document["refresh_token"]).grant_id == row_of(shared_site, token).grant_id
        token = document["refresh_token"]
        assert works(shared_site, document["access_token"])
        assert row_of(shared_site, token).expires_at < time.time() + 31 * 24 * 3600


def test_a_rotated_refresh_token_that_comes_back_ends_the_whole_grant(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)
    first, other = grant_to(shared_site, client), grant_to(shared_site, client)
    asked = {"grant_type": "refresh_token", "client_id": client.client_id}
    second = json.loads(ask_token(shared_site, refresh_token=first.refresh_token or "", **asked).data)
    assert works(shared_site, first.access_token)

    stolen = ask_token(shared_site, refresh_token=first.refresh_token or "", **asked)

    assert declined(stolen) == NO_REFRESH
    assert not works(shared_site, first.access_token)
    assert not works(shared_site, second["access_token"])
    assert declined(ask_token(shared_site, refresh_token=second["refresh_token"], **asked)) == NO_REFRESH
    assert works(shared_site, other.access_token), "another grant is not concerned"


def exchange(site: Site, client: Any, secret: str, code: str, **fields: str) -> Any:
    named = {"client_id": client.client_id, **({"client_secret": secret} if secret else {})}
    return ask_token(site, grant_type="authorization_code", code=code, **named, **fields)


def test_a_code_becomes_tokens_for_the_store_that_was_chosen(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    answer = exchange(shared_site, client, secret, Browser(shared_site, client).code())

    document = json.loads(answer.data)
    assert answer.status_code == 200
    assert (document["scope"], document["expires_in"]) == ("store_full_access", 7200)
    row = row_of(shared_site, document["access_token"])
    assert (row.client, row.client_row, row.user_id, row.store_id) == (
        client.client_id,
        client.id,
        USER_ID,
        66,
    )
    assert works(shared_site, document["access_token"])
    asked = {"grant_type": "refresh_token", "refresh_token": document["refresh_token"]}
    again = ask_token(shared_site, basic=f"{client.client_id}:{secret}", **asked)
    assert json.loads(again.data)["refresh_token"] == document["refresh_token"]


@pytest.mark.parametrize(
    ("scope", "granted", "status"),
    [
        ("store_read_access", "store_read_access", 200),
        ("store", "store_full_access", 200),
        ("user", "user_full_access", 403),
        ("user_full_access", "user_full_access", 403),
    ],
)
def test_a_code_gives_the_scope_that_was_consented_to(
    shared_site: Site, scope: str, granted: str, status: int
) -> None:
    client, secret = add_client(shared_site)
    code = Browser(shared_site, client, scope=scope).code()
    document = json.loads(exchange(shared_site, client, secret, code, scope="store_full_access").data)

    assert document["scope"] == granted
    assert shared_site.ask("/customers/115", token=document["access_token"]).status_code == status


def test_a_code_that_comes_again_ends_what_was_made_of_it(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    code = Browser(shared_site, client).code()
    tokens = json.loads(exchange(shared_site, client, secret, code).data)
    assert works(shared_site, tokens["access_token"])

    assert declined(exchange(shared_site, client, secret, code)) == NO_CODE
    assert not works(shared_site, tokens["access_token"])
    asked = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert declined(ask_token(shared_site, basic=f"{client.client_id}:{secret}", **asked)) == NO_REFRESH


def test_a_code_is_its_clients_alone(shared_site: Site) -> None:
    (client, secret), (other, other_secret) = add_client(shared_site), add_client(shared_site)
    code = Browser(shared_site, client).code()

    assert declined(exchange(shared_site, other, other_secret, code)) == NO_CODE
    assert exchange(shared_site, client, secret, code).status_code == 200
    assert declined(exchange(shared_site, other, other_secret, code)) == NO_CODE


def test_a_code_lives_for_a_minute(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    code = Browser(shared_site, client).code()
    lives = select(AuthorizationCode.expires_at).where(AuthorizationCode.hash == token_hash(code))
    with shared_site.engine.begin() as connection:
        assert abs(connection.scalar(lives) - time.time() - 60) < 10
        connection.execute(
            update(AuthorizationCode).where(AuthorizationCode.hash == token_hash(code)).values(expires_at=1)
        )

    said = (400, "invalid_grant", "The authorization code has expired")
    assert declined(exchange(shared_site, client, secret, code)) == said


def test_a_redirect_uri_is_compared_where_it_is_sent(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    code = Browser(shared_site, client, redirect_uri=REDIRECT).code()

    wrong = exchange(shared_site, client, secret, code, redirect_uri=REDIRECT + "&")
    assert declined(wrong) == (400, "invalid_grant", "The redirect URI is missing or do not match")
    assert exchange(shared_site, client, secret, code, redirect_uri=REDIRECT).status_code == 200
    assert exchange(shared_site, client, secret, Browser(shared_site, client).code()).status_code == 200


@pytest.mark.parametrize("is_public", [False, True])
def test_a_code_that_came_with_a_challenge_needs_its_verifier(shared_site: Site, is_public: bool) -> None:
    client, secret = add_client(shared_site, is_public=is_public)
    code = Browser(shared_site, client, **PKCE).code()

    for wrong in ({}, {"code_verifier": "short"}, {"code_verifier": "x" * 43}, {"code_verifier": CHALLENGE}):
        assert declined(exchange(shared_site, client, secret, code, **wrong))[0] == 400
    answer = exchange(shared_site, client, secret, code, code_verifier=VERIFIER)
    assert answer.status_code == 200
    assert works(shared_site, json.loads(answer.data)["access_token"])


def test_a_verifier_without_a_challenge_is_refused(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    code = Browser(shared_site, client).code()

    refused = declined(exchange(shared_site, client, secret, code, code_verifier=VERIFIER))
    assert refused[:2] == (400, "invalid_request")


def test_no_version_is_needed_and_a_wrong_one_is_refused(shared_site: Site) -> None:
    asked = {"grant_type": "refresh_token", "refresh_token": shared_site.refresh_token}
    fields = {"client_id": CLIENT, "client_secret": shared_site.client_secret, **asked}
    with shared_site.app.test_client() as client:
        for version, status in (("1", 200), ("2", 400)):
            answer = client.post("/token", data=fields, headers={"FOXY-API-VERSION": version})
            assert answer.status_code == status
        assert declined(answer) == (400, "invalid_request", "FOXY-API-VERSION must be 1 where it is sent")
