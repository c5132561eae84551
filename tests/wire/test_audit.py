"""The audit trail: one line for each change of a secret, once it is committed, that says nothing of it."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog

from app.audit import EVENTS, audit
from app.auth.administration import revoke
from app.portal.types import OWN_TYPES
from app.resources import TYPES
from app.schema import declared, secrets
from tests.logs import Lines, captured_logs
from tests.racing import CUSTOMERS, before_each, new_customer
from tests.site import Site
from tests.wire.oauth import add_client, ask_token, grant_to

CLIENT = dict.fromkeys(("project_name", "company_name", "contact_name", "contact_phone"), "A")
CLIENT["contact_email"] = "ada@app.example"
PASSWORD = "Canary-secret-1"
HASH = "5f4dcc3b5aa765d61d8327deb882cf99"


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture
def lines(site: Site) -> Iterator[Lines]:
    with captured_logs() as captured:
        yield captured


def changed(lines: Lines) -> list[dict[str, object]]:
    for line in lines.all:
        assert PASSWORD not in repr(line)
        assert "@" not in repr(line)
    return lines.of("audit", what="secret_changed")


def test_a_new_password_is_told_of_with_who_where_and_whose(site: Site, lines: Lines) -> None:
    address = new_customer(site)
    assert changed(lines) == []
    assert site.send("PATCH", address, {"password": PASSWORD, "first_name": "Ada"}).status_code == 200

    (line,) = changed(lines)
    told = {name: line[name] for name in ("store_id", "resource", "resource_id", "properties", "address")}
    assert told == {
        "store_id": 66,
        "resource": "customer",
        "resource_id": int(address.rpartition("/")[2]),
        "properties": "password",
        "address": "127.0.0.1",
    }
    assert line["client"]
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("sent", "properties"),
    [
        ({"password_hash": HASH, "password_hash_type": "md5"}, {"password_hash", "password_hash_type"}),
        ({"forgot_password": PASSWORD}, {"forgot_password"}),
        ({"first_name": "Grace"}, set()),
    ],
)
def test_each_secret_is_named_and_nothing_else_is(
    site: Site, lines: Lines, sent: dict[str, str], properties: set[str]
) -> None:
    assert site.send("PATCH", new_customer(site), sent).status_code == 200

    named = {name for line in changed(lines) for name in str(line["properties"]).split(",")}
    assert properties <= named <= properties | {"password_salt", "password_hash_config"}


def test_a_customer_who_is_created_with_a_password_is_told_of(site: Site, lines: Lines) -> None:
    address = new_customer(site, password=PASSWORD)

    (line,) = changed(lines)
    assert (line["resource_id"], line["properties"]) == (int(address.rpartition("/")[2]), "password")


def test_what_is_sent_back_unchanged_is_no_change(site: Site, lines: Lines) -> None:
    address = new_customer(site)
    shown = site.hal(address)
    assert site.send("PUT", address, shown).status_code == 200
    assert changed(lines) == []


def test_what_is_refused_or_fails_changes_nothing_and_is_not_told_of(site: Site, lines: Lines) -> None:
    address = new_customer(site)
    assert site.send("PATCH", address, {"password": PASSWORD, "email": "nonsense"}).status_code == 400

    def break_off() -> None:
        raise RuntimeError

    with before_each("UPDATE customer", break_off):
        assert site.send("PATCH", address, {"password": PASSWORD}).status_code == 500
    assert changed(lines) == []


def test_a_write_that_is_repeated_after_a_lost_race_is_told_of_once(site: Site, lines: Lines) -> None:
    address, raced = new_customer(site), []

    def race() -> None:
        if not raced:
            raced.append(site.send("PATCH", address, {"last_name": "Quick"}))

    with before_each("BEGIN IMMEDIATE" if "sqlite" in site.url else "SELECT customer", race):
        assert site.send("PATCH", address, {"password": PASSWORD}).status_code == 200
    assert len(changed(lines)) == 1


def test_members_of_a_list_are_told_of_like_single_ones(site: Site, lines: Lines) -> None:
    """Attributes have no secrets: a list of them is no event."""
    attributes = [{"name": uuid4().hex, "value": "1"}]
    assert site.send("PATCH", f"{new_customer(site)}/attributes", attributes).status_code == 200
    assert changed(lines) == []


def test_events_and_facts_are_closed_sets(lines: Lines) -> None:
    for event in sorted(EVENTS):
        audit(event, store_id=66, customer_id=115, user_id=None, scope="store_full_access")
    with pytest.raises(ValueError, match="guessed"):
        audit("guessed", store_id=66)
    with pytest.raises(ValueError, match="email"):
        audit("signed_in", email="ada@example.com")

    assert [line["what"] for line in lines.of("audit", customer_id=115)] == sorted(EVENTS)
    assert "user_id" not in lines.text
    assert CUSTOMERS not in lines.text


def test_grants_clients_and_pseudonyms_are_told_as_they_are(lines: Lines) -> None:
    grant, client = uuid4().hex, f"client_{uuid4().hex}_{uuid4().hex}"
    audit("token_granted", grant=grant, client=client, account=grant)

    (line,) = lines.of("audit")
    assert (line["grant"], line["client"], line["account"]) == (grant, client, grant)


@pytest.mark.parametrize(
    "secret", [f"Bearer {'x1' * 22}", "x1" * 22, "4ef2c8d467a24c5badfc9d40ad4a5095" * 2, f"password={HASH}"]
)
def test_what_is_no_id_is_masked_wherever_it_stands(lines: Lines, secret: str) -> None:
    audit("token_granted", grant=secret, account=secret, reason=secret, scope=HASH, path=secret)
    structlog.get_logger().info("another", grant=HASH, client=HASH, account=HASH)

    assert secret not in lines.text
    assert HASH not in lines.text


def test_all_that_is_never_shown_is_a_secret_unless_it_changes_nothing() -> None:
    """A store's choice of how passwords are hashed is no secret, nor is how a purchase is to be made."""
    schemas = {each.schema for each in (*TYPES, *OWN_TYPES)}
    unmarked = {
        name
        for schema in schemas
        for name, field in declared(schema).items()
        if name not in secrets(schema)
        and not field.metadata.get("once")
        and (field.load_only or re.match("password|forgot_password$", name))
    }
    assert unmarked == {"password_old"}


def test_a_users_new_password_and_email_are_told_of(site: Site, lines: Lines) -> None:
    given = {"first_name": "A", "last_name": "B", "email": f"{uuid4().hex}@example.com"}
    user = site.send("POST", "/users", given).headers["Location"]
    before = len(lines.of("audit"))
    sent = {"password": PASSWORD, "email": f"{uuid4().hex}@example.com", "first_name": "C"}
    assert site.send("PATCH", user, sent).status_code == 200

    told = [(line["what"], line["resource"], line["properties"]) for line in lines.of("audit")[before:]]
    assert told == [("secret_changed", "user", "password"), ("account_changed", "user", "email")]
    assert "@" not in lines.text


def test_where_a_client_sends_browsers_is_told_of_when_it_changes(site: Site, lines: Lines) -> None:
    given = {**CLIENT, "redirect_uri": "https://a.example/"}
    client = site.send("POST", "/clients", given, token=None)
    assert client.status_code == 201, client.text
    path = client.headers["Location"]
    for redirect_uri in ("https://b.example/", "https://b.example/"):
        assert site.send("PATCH", path, {"redirect_uri": redirect_uri}).status_code == 200

    (line,) = lines.of("audit", what="account_changed")
    assert (line["resource"], line["properties"]) == ("client", "redirect_uri")
    assert line["client"] == client.json["client_id"]
    (made,) = lines.of("audit", what="client_created")
    assert (made["client"], made["address"]) == ("stranger", "127.0.0.1")


def test_a_grant_that_ends_is_told_of_with_who_ended_it(site: Site, lines: Lines) -> None:
    client, _ = add_client(site, is_public=True)
    issued = grant_to(site, client)
    for _ in range(2):
        asked = {"grant_type": "refresh_token", "refresh_token": issued.refresh_token or ""}
        ask_token(site, client_id=client.client_id, **asked)
    another = grant_to(site, client)
    with captured_logs() as operators:
        assert revoke(site.engine, another.grant_id) == 2
        assert revoke(site.engine, another.access_token) == 0

    (line,) = lines.of("audit", what="token_revoked")
    assert (line["reason"], line["address"], line["grant"]) == ("used_again", "127.0.0.1", issued.grant_id)
    (line,) = operators.of("audit", what="token_revoked")
    told = (line["reason"], line["grant"], line["client"])
    assert told == ("operator", another.grant_id, client.client_id)
