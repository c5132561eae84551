"""Whatever a client sends, and wherever it sends it, no secret of it stands in the log."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from werkzeug.routing import Rule

from app.encryption import Cipher
from app.sandbox.credentials import mint
from tests.logs import Lines, captured_logs
from tests.site import BASE, FORMATS, JSON, XML, Site, hash_cheaply, open_site

CANARY = "CaNaRy77"
CARD = "4111111111111111"
FORM = "application/x-www-form-urlencoded"
SECRETS = (
    "encryption_key",
    "password", "password_old", "password_hash", "password_salt", "forgot_password", "token", "access_token",
    "refresh_token", "client_secret", "code", "cc_number", "secret",
)  # fmt: skip
ALL_SECRETS = dict.fromkeys(SECRETS, CANARY)
PATCH = {"op": "test", "path": "/password", "value": CANARY}
HEADERS = (
    "Accept", "Accept-Encoding", "Authorization", "Content-Encoding", "Content-Type", "Cookie", "Forwarded",
    "FOXY-API-VERSION", "Host", "Idempotency-Key", "If-Match", "If-None-Match", "Origin", "Prefer",
    "Proxy-Authorization", "Referer", "User-Agent", "X-Api-Key", "X-Forwarded-For", "X-Forwarded-Host",
    "X-HTTP-Method-Override",
)  # fmt: skip
CUSTOMER = {"email": f"{CANARY}@example.com", "password": CANARY, "forgot_password": CANARY}
PAYMENT = {"cc_number": CARD, "cc_exp_month": "12", "cc_exp_year": "2040", "cc_cvv": CANARY}
BODIES = [
    *((JSON, json.dumps(sent).encode()) for sent in (CUSTOMER, PAYMENT, {CANARY: CARD, CARD: CANARY})),
    *((JSON, json.dumps(sent).encode()) for sent in (ALL_SECRETS, [ALL_SECRETS], {"password": [CANARY]})),
    (JSON, f'{{"password": "{CANARY}'.encode()),
    (FORM, urlencode(ALL_SECRETS).encode()),
    (XML, f"<customer>{''.join(f'<{each}>{CANARY}</{each}>' for each in SECRETS)}</customer>".encode()),
    (XML, f"<!DOCTYPE {CANARY} [<!ENTITY a '{CANARY}'>]><customer/>".encode()),
    (f"multipart/form-data; boundary={CANARY}", f"--{CANARY}\r\n{CANARY}: {CANARY}\r\n\r\n{CANARY}".encode()),
    ("application/merge-patch+json", json.dumps({"password": CANARY}).encode()),
    ("application/json-patch+json", json.dumps([PATCH]).encode()),
    (CANARY, CANARY.encode()),
]
QUERIES = (
    *(f"{name}={value}" for name in SECRETS for value in (CANARY, CARD)),
    *(f"{name}={CANARY}" for name in ("zoom", "fields", "order", "limit", "offset", "cursor", CANARY)),
    f"attributes:name[{CANARY}]={CANARY}",
    f"email={CANARY}|password={CANARY}",
)


pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""What is logged is the same on either engine."""


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One whose logs are not those of other tests: SQLAlchemy decides at the start what it will log."""
    with captured_logs(), open_site(engine_name, tmp_path_factory.mktemp("logs")) as opened:
        hash_cheaply(opened)
        yield opened


@pytest.fixture
def lines() -> Iterator[Lines]:
    with captured_logs() as captured:
        yield captured


def addresses(site: Site) -> list[str]:
    """Every address that is served, with ids that exist."""
    return sorted({filled(rule) for rule in site.app.url_map.iter_rules()})


def filled(rule: Rule) -> str:
    ids = {"stores": "66", "customers": "115"}
    kind = rule.rule.split("/")[1]
    path = rule.rule.replace("<owner_id>", ids.get(kind, "1"))
    return path.replace("<name>", "customer" if kind == "rels" else "types")


def assert_clean(lines: Lines, site: Site) -> None:
    for secret in (CANARY, CANARY.lower(), CARD, site.token, "$2b$", "gAAAA"):
        assert [line for line in lines.text.splitlines() if secret in line] == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "OPTIONS", "TRACE"])
def test_no_header_is_repeated(site: Site, lines: Lines, method: str) -> None:
    """But for X-Request-ID, which is there to be found again."""
    values = (CANARY, f"Bearer {CANARY}", f'"{CARD}"; b={CANARY}')
    for turn, path in enumerate(addresses(site)):
        for number, header in enumerate(HEADERS):
            site.ask(path, method=method, headers={header: values[(turn + number) % 3]})
    assert lines.of("refused")
    assert_clean(lines, site)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_body_is_repeated(site: Site, lines: Lines, method: str) -> None:
    for turn, path in enumerate(addresses(site)):
        for number, (media_type, body) in enumerate(BODIES):
            keyed = {"Idempotency-Key": f"{CANARY}-{media_type}"[:200]} if (turn + number) % 2 else {}
            site.ask(path, method=method, data=body, headers={"Content-Type": media_type, **keyed})
    assert lines.of("refused")
    assert_clean(lines, site)


def test_no_query_is_repeated(site: Site, lines: Lines) -> None:
    for turn, path in enumerate(addresses(site)):
        for number, query in enumerate(QUERIES):
            site.ask(f"{path}?{query}", method=("GET", "POST", "PATCH")[(turn + number) % 3])
        site.ask(f"{path}?{quote(QUERIES[turn % len(QUERIES)])}")
    assert lines.of("refused")
    assert_clean(lines, site)


@pytest.mark.parametrize("accept", FORMATS)
def test_no_secret_in_a_path_is_repeated(site: Site, lines: Lines, accept: str) -> None:
    for path in (
        f"/customers/{site.token}",
        f"/{CARD}",
        f"/token={CANARY}",
        f"/a/Bearer {CANARY}",
        f"/password:{CANARY}",
        f"/customers/{CANARY}@example.com",
        f"/stores/66/{CANARY}",
    ):
        assert site.ask(path, accept).status_code == 404
    paths = [line["path"] for line in lines.of("refused")]
    assert paths == ["/customers/…", f"/{'x' * 16}", "/…", "/…/…", "/…", "/customers/…", "/stores/66/…"]
    assert_clean(lines, site)


def test_a_failure_of_the_server_tells_nothing_of_what_it_worked_on(site: Site, lines: Lines) -> None:
    engine = site.app.extensions["patron"].engine
    with engine.connect() as connection:
        rename(connection, "customer", "astray")
    try:
        answers = [
            site.send("POST", "/stores/66/customers", CUSTOMER),
            site.ask(f"/stores/66/customers?email={CANARY}"),
        ]
    finally:
        with engine.connect() as connection:
            rename(connection, "astray", "customer")
    assert [answer.status_code >= 500 for answer in answers] == [True, True]
    assert len(lines.of("failed")) == 2
    assert_clean(lines, site)


def rename(connection, old: str, new: str) -> None:
    connection.connection.driver_connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
    connection.connection.driver_connection.commit()


def test_what_cannot_be_decrypted_is_not_shown_either(site: Site, lines: Lines) -> None:
    assert Cipher("another").decrypt(Cipher("one").encrypt(CANARY)) is None
    assert lines.of("secret_unreadable")
    assert_clean(lines, site)


def test_new_credentials_are_not_logged(site: Site, lines: Lines, tmp_path) -> None:
    made = mint(site.engine, tmp_path, BASE)
    assert made["token"] not in lines.text
