"""Who reaches what: every route with every kind of token, and what nobody learns of others' resources."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app import create_app
from app.auth.tokens import Token, new_token, token_hash
from app.bootstrap import create
from app.config import Config
from app.db.engine import unguarded_engine
from app.hypermedia import ResourceType
from app.portal.portals import OWN_PATH
from tests.site import BASE, FORMATS, SECRET, Site, counted_statements, open_site, writing
from tests.wire.addresses import ADDRESSES, Address, add_trade
from tests.wire.test_store_walls import DESCRIPTIONS, EXPLORER, OAUTH, ODATA, OF_THE_STORE, PUBLIC, TAKEN
from tests.wire.valid import REGISTRY, least, new

ON_ONE_ENGINE = True

CLIENT, USER = REGISTRY.types["client"], REGISTRY.types["user"]

BAD = dict.fromkeys(("nonsense", "expired", "revoked", "refresh"), 401)
NOBODY = {"none": 401, **BAD}
"""Who stands for nobody. A refresh token is none that reaches anything."""

ANYBODY = dict.fromkeys(
    ("store", "other_store", "reader", "client", "other_client", "user", "other_user"), 200
)
TOO_SMALL = dict.fromkeys(ANYBODY, 403)

PUBLIC_ROW = {"none": 200, **BAD, **ANYBODY}
STORE_ROW = {**NOBODY, **TOO_SMALL, "store": 200, "other_store": 404, "reader": 200}
CLIENT_ROW = {**NOBODY, **TOO_SMALL, "client": 200, "other_client": 404}
USER_ROW = {**NOBODY, **TOO_SMALL, "user": 200, "other_user": 404}
FOUNDING_ROW = {**BAD, **TOO_SMALL, "none": 201, "client": 201, "other_client": 201}
"""What each kind of token is answered; of a founding in a sandbox, where strangers may, on POST."""

ROUTES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "/": ("/", PUBLIC_ROW),
    "/property_helpers": ("/property_helpers", PUBLIC_ROW),
    "/property_helpers/<name>": ("/property_helpers/regions", PUBLIC_ROW),
    "/rels": ("/rels", PUBLIC_ROW),
    "/rels/<name>": ("/rels/customer", PUBLIC_ROW),
    "/clients": ("/clients", FOUNDING_ROW),
    "/users": ("/users", FOUNDING_ROW),
    "/clients/<owner_id>": ("{client}", CLIENT_ROW),
    "/users/<owner_id>": ("{user}", USER_ROW),
    "/users/<owner_id>/stores": ("{user}/stores", USER_ROW),
    **{rule: (rule.replace("<owner_id>", str(row_id)), STORE_ROW) for rule, row_id in OF_THE_STORE.items()},
}
"""Every route, with a path that leads somewhere, and who reaches it."""

LINES = [(rule, kind) for rule, (_, row) in ROUTES.items() for kind in row]


@dataclass(frozen=True)
class Walled:
    """A site with two of everything, and a token of every kind."""

    site: Site
    paths: Mapping[str, str]
    tokens: dict[str, str | None] = field(default_factory=dict)

    def token(self, kind: str, path: str) -> str | None:
        """A token of a kind; a bad one is as much like the one that reaches the path as can be."""
        if kind in ("expired", "revoked", "refresh"):
            return self.tokens[f"{kind} of {self.site.reaching(path)}"]
        return self.tokens[kind]


@pytest.fixture(scope="module")
def walled(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    with open_site(engine_name, tmp_path_factory.mktemp("tokens")) as site:
        add_trade(site, 120)
        paths = {
            "client": new(site, CLIENT),
            "other_client": new(site, CLIENT),
            "user": new(site, USER),
            "other_user": new(site, USER),
        }
        tokens = {kind: site.tokens[path] for kind, path in paths.items()}
        tokens |= {"store": site.token, "other_store": site.other_store_token, "none": None}
        walled = Walled(site, paths, tokens | {"nonsense": "nonsense"})
        walled.tokens["reader"] = copied(site, site.token, scope="store_read_access")
        for good in (site.token, site.tokens["/clients"], tokens["client"], tokens["user"]):
            walled.tokens[f"expired of {good}"] = copied(site, good, expires_at=1)
            walled.tokens[f"revoked of {good}"] = copied(site, good, revoked_at=1)
            walled.tokens[f"refresh of {good}"] = copied(site, good, kind="refresh")
        yield walled


def copied(site: Site, token: str, **changes: object) -> str:
    """A new token that is as another but for this."""
    engine, fresh = unguarded_engine(site.url), new_token()
    with engine.begin() as connection:
        found = select(Token.__table__).where(Token.hash == token_hash(token))
        row = dict(connection.execute(found).mappings().one())
        connection.execute(insert(Token).values(row | {"hash": token_hash(fresh)} | changes))
    engine.dispose()
    return fresh


def test_every_route_has_a_line_in_this_table_and_every_line_every_kind(walled: Walled) -> None:
    kinds = {"none", *BAD, *ANYBODY}

    rules = {rule.rule for rule in walled.site.app.url_map.iter_rules() if OWN_PATH not in rule.rule}
    assert rules - ODATA - EXPLORER - DESCRIPTIONS == set(ROUTES) | OAUTH, (
        "the portal and OData have tables of their own"
    )
    assert set(ROUTES) == PUBLIC | {each.rule for each in ADDRESSES}
    assert all(set(row) == kinds for _, row in ROUTES.values())


@pytest.mark.parametrize(("rule", "kind"), LINES, ids=[f"{kind} {rule}" for rule, kind in LINES])
def test_a_token_reaches_what_its_line_says(walled: Walled, rule: str, kind: str) -> None:
    path, row = ROUTES[rule]
    path = path.format(**walled.paths)
    token = walled.token(kind, path)
    if row is FOUNDING_ROW:
        target = CLIENT if rule == "/clients" else USER
        answer = walled.site.send("POST", path, least(target), token=token)
    else:
        method = "OPTIONS" if rule in TAKEN else "GET"
        answer = walled.site.ask(path, token=token, method=method)

    assert answer.status_code == row[kind], answer.text
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert {"error", "error_description"} <= answer.json.keys()


WRITES = [(each, method) for each in ADDRESSES for method in each.writing]


@pytest.mark.parametrize(("address", "method"), WRITES, ids=[f"{how} {each.rule}" for each, how in WRITES])
def test_who_does_not_reach_it_writes_nothing_there(walled: Walled, address: Address, method: str) -> None:
    path, row = ROUTES[address.rule]
    path = path.format(**walled.paths)
    for kind in (kind for kind, status in row.items() if status >= 400 or kind == "reader"):
        with counted_statements() as statements:
            answers = [
                walled.site.send(method, path, body, token=walled.token(kind, path))
                for body in (address.body(), {}, b"<nonsense")
            ]

        assert writing(statements) == [], kind
        expected = 403 if kind == "reader" else row[kind]
        assert [each.status_code for each in answers[:2]] == [expected] * 2, kind
        assert answers[2].status_code in {expected, 400}, f"{kind}: that it cannot be read may come first"


OTHERS = {"{client}": "other_client", "{user}": "other_user", "{user}/stores": "other_user"}


@pytest.mark.parametrize(("path", "kind"), OTHERS.items())
@pytest.mark.parametrize("media_type", [*FORMATS, "text/html"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PATCH", "PUT", "POST"])
def test_what_is_anothers_is_answered_as_what_is_not_there(
    walled: Walled, path: str, kind: str, media_type: str, method: str
) -> None:
    theirs = path.format(**walled.paths)
    nobodys = re.sub("[0-9]+", "123456789", theirs)
    seen = [
        walled.site.ask(each, media_type, method=method, token=walled.tokens[kind], headers=conditions)
        for conditions in ({}, {"If-None-Match": "*"}, {"If-Match": "*"})
        for each in (theirs, nobodys)
    ]

    for found, absent in zip(seen[::2], seen[1::2], strict=True):
        assert found.status_code == absent.status_code
        assert found.status_code in (404, 405, 415)
        assert said(found.text, theirs) == said(absent.text, nobodys)
        assert lines(found.headers) == lines(absent.headers)
        assert "ETag" not in found.headers


def said(body: str, path: str) -> str:
    """The body without what is another in every answer: the logref, and the id that was asked for."""
    about = rf"((?:client|user) |(?:client|user)s/){path.split('/')[2]}\b"
    return re.sub(about, r"\1", re.sub(r"id-[0-9a-f-]+", "", body))


OWN = {"Content-Length", "X-Request-ID"}
"""The headers that are another for each answer."""


def lines(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in OWN}


# In production nobody makes a client who has none.


@pytest.fixture(scope="module")
def production(
    walled: Walled, engine_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, str]]:
    """The same database served in production, and the token of a client that its operator has made."""
    config = Config(database_url=walled.site.url, secret_key=SECRET, base_url=BASE)
    made = create(config, "client", least(CLIENT))
    app = create_app(config)
    yield Site(app, walled.site.engine, walled.site.url, *[""] * 6), made["token"]["access_token"]
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


@pytest.mark.parametrize("target", [CLIENT, USER], ids=lambda it: it.name)
def test_in_production_only_a_client_makes_clients_and_users(
    walled: Walled, production: tuple[Site, str], target: ResourceType
) -> None:
    site, token = production
    place, body = f"/{target.name}s", least(target)
    for each in (None, "nonsense", *(walled.tokens[kind] for kind in ("client", "user", "store"))):
        for method in ("POST", "OPTIONS"):
            assert site.send(method, place, body, token=each).status_code == 401
    answer = site.send("POST", place, body, token=token)

    assert answer.status_code == 201
    assert site.ask(answer.headers["Location"], token=answer.json["token"]["access_token"]).status_code == 200
    assert "fx:create_client" not in site.hal("/", token=None)["_links"]
    assert "fx:create_user" in site.hal("/", token=token)["_links"]


def test_what_a_sandbox_issues_is_worth_nothing_in_production(
    walled: Walled, production: tuple[Site, str], tmp_path: Path
) -> None:
    site, _ = production
    for kind, path in walled.paths.items():
        assert site.ask(path, token=walled.tokens[kind]).status_code == 401
