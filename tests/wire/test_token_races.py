"""Races for codes and refresh tokens: one wins, and who comes second is a thief."""

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from app.auth.tokens import ACCESS, AuthorizationCode, Token, token_hash
from tests.racing import statuses, together
from tests.site import Site
from tests.wire.oauth import Browser, add_client, ask_token, by_sandbox, grant_to

CROWD = 20


def living(site: Site, grant_id: str) -> int:
    """How many tokens of a grant have not ended."""
    found = select(func.count()).where(Token.grant_id == grant_id, Token.revoked_at.is_(None))
    with site.engine.connect() as connection:
        return int(connection.scalar(found) or 0)


def errors(answers: list[Any]) -> Counter[str]:
    return Counter(json.loads(each.data).get("error", "") for each in answers)


def test_of_twenty_who_race_for_one_code_one_wins(shared_site: Site) -> None:
    client, secret = add_client(shared_site)
    code = Browser(shared_site, client).code()
    asked = {"grant_type": "authorization_code", "code": code}
    basic = f"{client.client_id}:{secret}"
    answers = together(shared_site, [lambda: ask_token(shared_site, basic=basic, **asked)] * CROWD)

    assert statuses(answers) == {200: 1, 400: CROWD - 1}
    assert errors(answers) == {"": 1, "invalid_grant": CROWD - 1}
    used = select(AuthorizationCode.grant_id).where(AuthorizationCode.hash == token_hash(code))
    with shared_site.engine.connect() as connection:
        grant_id = str(connection.scalar(used))
    assert living(shared_site, grant_id) == 0, "the code came again"


def test_of_twenty_who_race_with_one_refresh_token_of_a_public_client_one_wins(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)
    issued = grant_to(shared_site, client)
    asked = {"grant_type": "refresh_token", "refresh_token": issued.refresh_token or ""}
    answers = together(
        shared_site, [lambda: ask_token(shared_site, client_id=client.client_id, **asked)] * CROWD
    )

    assert statuses(answers) == {200: 1, 400: CROWD - 1}
    assert living(shared_site, issued.grant_id) == 0, "the token came again"


def test_twenty_who_refresh_with_a_secret_all_win(shared_site: Site) -> None:
    answers = together(
        shared_site,
        [lambda: by_sandbox(shared_site, "refresh_token", refresh_token=shared_site.refresh_token)] * CROWD,
    )

    assert statuses(answers) == {200: CROWD}
    assert len({json.loads(each.data)["access_token"] for each in answers}) == CROWD


@pytest.mark.parametrize("is_public", [False, True])
def test_no_token_outlives_a_revocation_that_races_with_refreshes(shared_site: Site, is_public: bool) -> None:
    client, secret = add_client(shared_site, is_public=is_public)
    named = {"client_id": client.client_id, **({"client_secret": secret} if secret else {})}
    for _ in range(5):
        issued = grant_to(shared_site, client)
        token = issued.refresh_token or ""
        refresh = {"grant_type": "refresh_token", "refresh_token": token}
        refreshes = [lambda sent=refresh: ask_token(shared_site, **named, **sent)] * 6
        revoke = [lambda sent=token: ask_token(shared_site, "/revoke", token=sent, **named)]
        answers = together(shared_site, [*refreshes[:3], *revoke, *refreshes[3:]])

        assert set(statuses(answers)) <= {200, 400}
        assert living(shared_site, issued.grant_id) == 0
    with shared_site.engine.connect() as connection:
        of_client = (Token.client_row == client.id, Token.kind == ACCESS)
        assert connection.scalar(select(func.count()).where(*of_client, Token.revoked_at.is_(None))) == 0
