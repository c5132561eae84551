"""Another store's resource does not exist, and without a good token nothing does."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from app.auth.tokens import Token, token_hash
from app.odata.exchange import ROOT
from app.portal.portals import OWN_PATH
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.site import FORMATS, HAL, XML, Site, counted_statements, open_site, writing
from tests.wire.addresses import ADDRESSES, Address, add_trade

OF_THE_STORE = {
    "/stores/<owner_id>": 66,
    "/stores/<owner_id>/attributes": 66,
    "/stores/<owner_id>/customers": 66,
    "/stores/<owner_id>/transactions": 66,
    "/stores/<owner_id>/subscriptions": 66,
    "/stores/<owner_id>/customer_portal_settings": 66,
    "/store_attributes/<owner_id>": 9001,
    "/customers/<owner_id>": 120,
    "/customers/<owner_id>/attributes": 120,
    "/customers/<owner_id>/addresses": 120,
    "/customers/<owner_id>/default_billing_address": 120,
    "/customers/<owner_id>/default_shipping_address": 120,
    "/customers/<owner_id>/default_payment_method": 120,
    "/customers/<owner_id>/send_webhooks": 120,
    "/customer_attributes/<owner_id>": 20,
    "/customer_addresses/<owner_id>": 40,
    "/transaction_attributes/<owner_id>": 9002,
    "/subscription_attributes/<owner_id>": 9003,
    "/transactions/<owner_id>": 9001,
    "/transactions/<owner_id>/attributes": 9001,
    "/transactions/<owner_id>/items": 9001,
    "/subscriptions/<owner_id>": 9001,
    "/subscriptions/<owner_id>/attributes": 9001,
    "/subscriptions/<owner_id>/cancel": 9001,
    "/subscriptions/<owner_id>/reschedule": 9001,
    "/transaction_templates/<owner_id>": 9001,
    "/transaction_templates/<owner_id>/items": 9001,
    "/items/<owner_id>": 9001,
    "/transactions/<owner_id>/send_webhooks": 9001,
    "/subscriptions/<owner_id>/send_webhooks": 9001,
    "/stores/<owner_id>/webhooks": 66,
    "/webhooks/<owner_id>": 9001,
    "/webhooks/<owner_id>/statuses": 9001,
    "/webhooks/<owner_id>/logs": 9001,
    "/webhook_statuses/<owner_id>": 9001,
    "/webhook_logs/<owner_id>": 9001,
}
"""Every route of a store, with the id of a row that store 66 has and store 67 has not."""

OF_OTHERS = {each.rule for each in ADDRESSES if each.owner.reach != "store"}
"""The routes of clients and users: `test_walls_of_tokens` has a line for each."""

OAUTH = {"/token", "/revoke", "/authorize", "/.well-known/oauth-authorization-server"}
"""Where tokens come from, and end: tests of their own hold them to OAuth's laws."""

EXPLORER = {"/explorer/session", "/explorer/<name>"}
"""What pages of the explorer ask for, besides what they show; its tests are of their own."""

ODATA = {ROOT.removesuffix("/"), ROOT, f"{ROOT}<anything:path>"}
"""What stands below the root of the OData face, which has a table of its own."""

TAKEN = {each.rule for each in ADDRESSES if "GET" not in each.methods}
"""Where affordances are taken, and nothing is read."""

DESCRIPTIONS = {"/schemas/<name>", "/openapi.json"}
"""What is public too, and no resource; its tests are of its own."""

PUBLIC = {"/", "/property_helpers", "/property_helpers/<name>", "/rels", "/rels/<name>"}


def method_of(rule: str) -> str:
    """How the address is looked at."""
    return "OPTIONS" if rule in TAKEN else "GET"


def test_every_route_has_a_line_in_this_table(site: Site) -> None:
    rules = {rule.rule for rule in site.app.url_map.iter_rules() if OWN_PATH not in rule.rule}
    assert rules - ODATA - EXPLORER - DESCRIPTIONS == set(OF_THE_STORE) | OF_OTHERS | PUBLIC | OAUTH


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in which every route of store 66 leads to a row."""
    with open_site(engine_name, tmp_path_factory.mktemp("walls")) as opened:
        add_trade(opened, 120)
        yield opened


@pytest.mark.parametrize(("rule", "row_id"), OF_THE_STORE.items())
def test_another_stores_resource_does_not_exist(site: Site, rule: str, row_id: int) -> None:
    theirs = rule.replace("<owner_id>", str(row_id))
    nobodys = rule.replace("<owner_id>", "123456789")
    assert site.ask(theirs, method=method_of(rule)).status_code == 200

    refused = site.ask(theirs, token=site.other_store_token, method=method_of(rule))
    absent = site.ask(nobodys, token=site.other_store_token, method=method_of(rule))
    assert refused.status_code == absent.status_code == 404
    assert said(refused.text, row_id) == said(absent.text, 123456789)


WRITES = [(each, method) for each in ADDRESSES if each.rule in OF_THE_STORE for method in each.writing]


@pytest.mark.parametrize(("address", "method"), WRITES, ids=[f"{how} {each.rule}" for each, how in WRITES])
def test_another_stores_resource_cannot_be_written(site: Site, address: Address, method: str) -> None:
    row_id, body = OF_THE_STORE[address.rule], address.body()
    theirs = address.href.replace("{id}", str(row_id))
    before = site.ask(theirs, method=method_of(address.rule))
    with counted_statements() as statements:
        answers = [
            site.send(method, path, document, token=site.other_store_token)
            for path in (theirs, address.href.replace("{id}", "123456789"))
            for document in (body, [body], {}, {"nonsense": 1})
        ]

    assert writing(statements) == []
    assert site.ask(theirs, method=method_of(address.rule)).data == before.data
    known = [(each.status_code, said(each.text, row_id)) for each in answers[:4]]
    assert known == [(each.status_code, said(each.text, 123456789)) for each in answers[4:]]
    assert known[0][0] == 404


def test_every_relation_that_has_rows_embeds_them(site: Site) -> None:
    page = site.hal("/stores/66/transactions?id=9001..&zoom=items,customer:default_billing_address")
    linked, unlinked = page["_embedded"]["fx:transactions"]
    assert page["total_items"] == 2
    assert [each["name"] for each in linked["_embedded"]["fx:items"]] == ["A book"]
    customer = linked["_embedded"]["fx:customer"]
    assert customer == site.hal("/customers/120?zoom=default_billing_address")
    assert [each["name"] for each in linked["_embedded"]["fx:attributes"]] == ["Gift"]
    assert unlinked["_embedded"] == {"fx:attributes": [], "fx:items": []}

    page = site.hal("/stores/66/subscriptions?customer_id=120&zoom=transaction_template:items")
    (subscription,) = page["_embedded"]["fx:subscriptions"]
    template = subscription["_embedded"]["fx:transaction_template"]
    assert [each["name"] for each in template["_embedded"]["fx:items"]] == ["A paper"]
    assert site.hal("/stores/66")["_embedded"]["fx:attributes"][1]["name"] == "Closed on"


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_row_has_no_link_that_leads_nowhere(site: Site, media_type: str) -> None:
    assert "/customers/120" in site.ask("/transactions/9001", media_type).text
    assert "/customers/" not in site.ask("/transactions/9002", media_type).text
    assert "/customers/" not in site.ask("/transactions/9002?fields=id", media_type).text


def said(body: str, row_id: int) -> str:
    """The body without what is another in every answer: the logref, and the id that was asked for."""
    return re.sub(r"id-[0-9a-f-]+", "", body).replace(f" {row_id} ", " ")


def test_one_id_is_one_row_in_each_store(site: Site) -> None:
    ours, theirs = site.hal("/customers/115"), site.hal("/customers/115", token=site.other_store_token)

    assert ours["_links"]["fx:store"]["href"].endswith("/stores/66")
    assert theirs["_links"]["fx:store"]["href"].endswith("/stores/67")
    assert ours["password_hash"] != theirs["password_hash"]
    assert theirs["date_modified"].endswith(("+0100", "+0200")), "in the timezone of its own store"


def test_a_restricted_attribute_shows_only_to_the_client_that_made_it(own_site: Site) -> None:
    assert own_site.ask("/customer_attributes/3").status_code == 200
    with own_site.engine.begin() as connection:
        connection.execute(update(Token).values(client="another"))

    assert own_site.ask("/customer_attributes/3").status_code == 404
    names = [each["name"] for each in own_site.hal("/customers/115")["_embedded"]["fx:attributes"]]
    assert names == ["Favourite colour", "Loyalty tier"]
    assert own_site.hal("/customers/115/attributes")["total_items"] == 2


@pytest.mark.parametrize("rule", OF_THE_STORE)
def test_no_token_is_401_before_anything_else(site: Site, rule: str) -> None:
    for row_id in ("115", "999", "abc"):
        answer = site.ask(rule.replace("<owner_id>", row_id), token=None, method=method_of(rule))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="patron"'


@pytest.mark.parametrize(("address", "method"), WRITES, ids=[f"{how} {each.rule}" for each, how in WRITES])
def test_nothing_is_written_without_a_good_token(site: Site, address: Address, method: str) -> None:
    path = address.href.replace("{id}", str(OF_THE_STORE[address.rule]))
    with counted_statements() as statements:
        for token in (None, "nonsense"):
            for body in (address.body(), b"<nonsense"):
                assert site.send(method, path, body, token=token).status_code == 401
    assert writing(statements) == []


@pytest.mark.parametrize("rule", sorted(PUBLIC))
def test_the_public_pages_need_no_token_but_refuse_a_bad_one(site: Site, rule: str) -> None:
    path = rule.replace("property_helpers/<name>", "property_helpers/regions").replace("<name>", "customer")

    assert site.ask(path, token=None).status_code == 200
    assert site.ask(path, token="nonsense").status_code == 401


@pytest.mark.parametrize("rule", sorted(OAUTH))
def test_where_tokens_come_from_a_token_changes_nothing(site: Site, rule: str) -> None:
    method = "GET" if site.ask(rule, token=None, method="GET").status_code != 405 else "POST"
    answers = [site.ask(rule, token=token, method=method) for token in (None, "nonsense", site.token)]

    statuses = {each.status_code for each in answers}
    assert len(statuses) == 1
    assert statuses <= {200, 400}
    assert len({re.sub(r"id-[0-9a-f-]+", "", each.text) for each in answers}) == 1


def test_a_401_is_json_with_oauths_members_where_no_accept_is_sent(site: Site) -> None:
    answer = site.ask("/customers/115", None, token="nonsense")

    document = json.loads(answer.data)
    assert answer.headers["Content-Type"] == HAL
    assert (document["error"], document["error_description"]) == (
        "invalid_token",
        "The access token provided is invalid",
    )
    assert document["_embedded"]["fx:errors"][0]["code"] == "invalid_token"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_401_comes_in_the_clients_own_format(site: Site, media_type: str) -> None:
    answer = site.ask("/customers/115", media_type, token="nonsense")

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, media_type)
    assert "invalid_token" in answer.text


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer " + "x" * 5000, "Bearer \x80", "é", "bearer: x"],
)
def test_a_malformed_authorization_is_an_invalid_token(site: Site, header: str) -> None:
    answer = site.ask("/customers/115", token=None, headers={"Authorization": header})

    assert answer.status_code == 401
    assert json.loads(answer.data)["error"] == "invalid_token"


def test_the_scheme_is_case_insensitive(site: Site) -> None:
    headers = {"Authorization": f"bearer  {site.token}"}

    assert site.ask("/customers/115", token=None, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "description"),
    [
        ({"expires_at": 1}, 401, "The access token provided has expired"),
        ({"revoked_at": 1}, 401, "The access token provided is invalid"),
        ({"scope": "user_full_access"}, 403, "too small"),
    ],
)
def test_a_token_stops_working_at_once(
    own_site: Site, change: dict[str, object], status: int, description: str
) -> None:
    assert own_site.ask("/customers/115").status_code == 200
    with own_site.engine.begin() as connection:
        connection.execute(update(Token).where(Token.hash == token_hash(own_site.token)).values(change))

    answer = own_site.ask("/customers/115", XML)
    assert answer.status_code == status
    assert description in answer.text
    assert own_site.ask("/customers/115", token=own_site.other_store_token).status_code == 200


def test_a_token_works_until_it_expires(own_site: Site) -> None:
    later = int(time.time()) + 60
    with own_site.engine.begin() as connection:
        connection.execute(update(Token).values(expires_at=later))

    assert own_site.ask("/customers/115").status_code == 200


def test_a_token_that_is_deleted_is_invalid(own_site: Site) -> None:
    with own_site.engine.begin() as connection:
        connection.execute(delete(Token).where(Token.store_id == OTHER_STORE_ID))

    assert own_site.ask("/customers/115", token=own_site.other_store_token).status_code == 401


def test_tokens_and_temporary_passwords_are_stored_unreadable(site: Site) -> None:
    with site.engine.connect() as connection:
        for table in ("token", "store"):
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert site.token not in rows
    stored = stored_temporary_password(site)
    assert stored
    assert "blah" not in stored
    assert site.hal("/customers/115")["forgot_password"] == "blah"


def stored_temporary_password(site: Site) -> str:
    from sqlalchemy import select

    from app.resources.customer import Customer

    column = select(Customer.forgot_password).where(Customer.store_id == STORE_ID, Customer.id == 115)
    with site.engine.connect() as connection:
        return str(connection.scalar(column))
