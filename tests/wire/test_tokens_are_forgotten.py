"""Tokens and codes that ended long ago are deleted, little by little, and never what tells of misuse."""

import time

import pytest
from sqlalchemy import func, insert, select

from app.auth import grants
from app.auth.tokens import ACCESS, REFRESH, AuthorizationCode, Token
from app.resources.client import Client
from app.sandbox import STORE_ID
from app.sandbox.owner import USER_ID
from tests.site import Site
from tests.wire.oauth import add_client, grant_to

DAY = 24 * 60 * 60


def add_tokens(site: Site, client: Client, kind: str, ago: int, number: int) -> None:
    """Tokens that expired so long ago."""
    row = {"kind": kind, "scope": "store_full_access", "client": client.client_id, "client_row": client.id}
    expired = {**row, "store_id": STORE_ID, "is_sandbox": True, "expires_at": int(time.time()) - ago}
    hashes = [{"hash": f"{client.id} {kind} {ago} {each}"} for each in range(number)]
    with site.engine.begin() as connection:
        connection.execute(insert(Token), [expired | each for each in hashes])


def counted(site: Site, client: Client, kind: str) -> int:
    mine = (Token.client_row == client.id, Token.kind == kind)
    with site.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(Token).where(*mine)).scalar_one())


def test_access_tokens_that_ended_a_day_ago_are_deleted_as_others_are_issued(
    shared_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "FORGOTTEN", 3)
    client, another = (add_client(shared_site)[0] for _ in range(2))
    for each in (client, another):
        add_tokens(shared_site, each, ACCESS, DAY + 60, 5)
    add_tokens(shared_site, client, ACCESS, DAY - 60, 1)
    add_tokens(shared_site, client, REFRESH, DAY + 60, 2)

    left = []
    for _ in range(3):
        grant_to(shared_site, client, with_refresh=False)
        left.append(counted(shared_site, client, ACCESS))
    assert left == [6 + 1 - 3, 4 + 1 - 2, 4]
    assert counted(shared_site, client, REFRESH) == 2
    assert counted(shared_site, another, ACCESS) == 5


def test_codes_that_nobody_used_are_deleted_and_used_ones_are_kept(shared_site: Site) -> None:
    client, _ = add_client(shared_site)
    row = {"scope": "store_full_access", "client_row": client.id, "user_id": USER_ID, "store_id": STORE_ID}
    old = {**row, "redirect_uri": "https://a.example", "expires_at": int(time.time()) - DAY - 60}
    with shared_site.engine.begin() as connection:
        for used_at in (None, 1):
            code = {**old, "hash": f"{client.id} {used_at}", "used_at": used_at}
            connection.execute(insert(AuthorizationCode).values(**code))
    grant_to(shared_site, client)

    with shared_site.engine.connect() as connection:
        mine = select(AuthorizationCode.used_at).where(AuthorizationCode.client_row == client.id)
        assert connection.execute(mine).scalars().all() == [1]
