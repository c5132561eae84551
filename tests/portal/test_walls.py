"""No customer reaches what is another's, whichever way: every address of the portal, every kind of caller."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.db.sessions import store_session
from app.portal.portals import OWN_PATH
from app.resources.item import Item
from app.resources.transaction import Transaction
from app.resources.transaction_template import TransactionTemplate
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.portal.customers import Customer, age_sessions, new_customer, sign_in
from tests.site import HAL, Site, counted_statements, hash_cheaply, open_site, writing
from tests.wire.addresses import subscription

OTHER_PORTAL = f"/stores/{OTHER_STORE_ID}/s/customer"
BOTH = ("/s/customer", "/stores/<store_id>/s/customer")

OF_CUSTOMERS = {
    "": "",
    "/": "",
    "/attributes": "",
    "/attributes/<owner_id>": "attributes",
    "/addresses": "",
    "/addresses/<owner_id>": "addresses",
    "/default_payment_method": "",
    "/default_billing_address": "",
    "/default_shipping_address": "",
    "/transactions": "",
    "/transactions/<owner_id>": "transactions",
    "/transactions/<owner_id>/items": "transactions",
    "/subscriptions": "",
    "/subscriptions/<owner_id>": "subscriptions",
    "/transaction_templates/<owner_id>": "templates",
    "/transaction_templates/<owner_id>/items": "templates",
    "/items/<owner_id>": "items",
}
"""Every address that needs a session, and of which kind the row is that its id names."""

OPEN = {"/authenticate", "/forgot_password", "/sign_up", "/customer_portal_settings"}
"""Those that need none, or, to sign out, say so themselves."""

WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Owner:
    """A customer who has a row of every kind."""

    customer: Customer
    ids: dict[str, int]

    def path(self, rule: str, prefix: str = "/stores/66/s/customer") -> str:
        kind = OF_CUSTOMERS[rule]
        return prefix + (rule.replace("<owner_id>", str(self.ids[kind])) if kind else rule)


def owner(site: Site, first_id: int) -> Owner:
    customer = new_customer(site, first_name=f"Owner{first_id}")
    with store_session(site.engine, STORE_ID) as session:
        session.add(TransactionTemplate(id=first_id))
        session.add(Transaction(id=first_id, customer_id=customer.id))
        session.flush()
        session.add(subscription(first_id, customer.id))
        session.add(Item(id=first_id, transaction_id=first_id, name=f"Secret{first_id}"))
        session.add(Item(id=first_id + 1, transaction_template_id=first_id, name=f"Secret{first_id}"))
    api = customer.api
    public = {"name": "Shoe size", "value": f"Secret{first_id}", "visibility": "public"}
    attribute = site.send("POST", f"{api}/attributes", public)
    address = {"address_name": "Home", "address1": f"Secret{first_id}"}
    made = site.send("POST", f"{api}/addresses", address)
    for use in ("billing", "shipping"):
        default = {"address_name": f"Default {use}", "address1": f"Secret{first_id}"}
        assert site.send("PATCH", f"{api}/default_{use}_address", default).status_code == 200
    rows = dict.fromkeys(("transactions", "subscriptions", "templates", "items"), first_id)
    ids = {"attributes": _id(attribute), "addresses": _id(made), **rows}
    return Owner(customer, ids)


def _id(answer) -> int:
    assert answer.status_code == 201, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in which both stores have a portal."""
    with open_site(engine_name, tmp_path_factory.mktemp("walls")) as opened:
        hash_cheaply(opened)
        path, settings = f"/stores/{OTHER_STORE_ID}/customer_portal_settings", {"sso": True}
        answer = opened.send("PATCH", path, settings, token=opened.other_store_token)
        assert answer.status_code == 200
        yield opened


@pytest.fixture(scope="module")
def ada(site: Site) -> Owner:
    return owner(site, 7001)


@pytest.fixture(scope="module")
def grace(site: Site) -> Owner:
    return owner(site, 8001)


def test_every_address_has_a_line_in_these_tables(site: Site) -> None:
    served = {rule.rule for rule in site.app.url_map.iter_rules() if OWN_PATH in rule.rule}

    assert served == {prefix + rule for prefix in BOTH for rule in {*OF_CUSTOMERS, *OPEN}}


@pytest.mark.parametrize("rule", OF_CUSTOMERS)
def test_customers_reach_what_is_their_own(site: Site, ada: Owner, rule: str) -> None:
    answer = site.ask(ada.path(rule), token=ada.customer.session())

    assert answer.status_code == 200
    for shown in re.findall(r"Secret\d+|Owner\d+", answer.text):
        assert shown.endswith("7001")


@pytest.mark.parametrize("rule", [rule for rule, kind in OF_CUSTOMERS.items() if kind])
def test_what_is_another_customers_does_not_exist(site: Site, ada: Owner, grace: Owner, rule: str) -> None:
    token, theirs = grace.customer.session(), ada.path(rule)
    nobodys = re.sub(r"/\d+(?=/items|$)", "/123456789", theirs)
    for method in ("GET", "HEAD", "OPTIONS", *WRITES):
        with counted_statements() as statements:
            body = {"address_name": "x", "address1": "x"} if method in WRITES else None
            answers = [site.send(method, path, body, token=token) for path in (theirs, nobodys)]
        refused, absent = answers
        assert writing(statements) == []
        assert refused.status_code == absent.status_code
        assert refused.status_code in (404, 405)
        assert "7001" not in said(refused.text, theirs)
        if refused.status_code == 404:
            assert said(refused.text, theirs) == said(absent.text, nobodys)
    assert site.ask(theirs, token=ada.customer.session()).status_code == 200


def said(body: str, path: str) -> str:
    """The body without what is another in every answer: the logref, and the id that was asked for."""
    number = re.findall(r"/(\d+)", path)[-1]
    return re.sub(r"id-[0-9a-f-]+", "", body).replace(number, "N")


@pytest.mark.parametrize("rule", OF_CUSTOMERS)
def test_a_page_shows_nothing_of_another(site: Site, ada: Owner, grace: Owner, rule: str) -> None:
    if OF_CUSTOMERS[rule]:
        return
    answer = site.ask(f"/stores/66/s/customer{rule}", token=grace.customer.session())

    assert answer.status_code == 200
    assert not re.search(r"(Secret|Owner)7001", answer.text)


FILTERS = (
    "/transactions?zoom=items&items:name=Secret7001",
    "/addresses?address1=Secret7001",
    "/attributes?value=Secret7001",
    "/attributes?value=Secret*",
    "/addresses?limit=300&offset=0&order=address1",
    "/subscriptions?zoom=transaction_template:items&transaction_template:items:name=Secret7001",
)


@pytest.mark.parametrize("path", FILTERS)
def test_filters_zooms_and_counters_see_ones_own_rows_alone(
    site: Site, ada: Owner, grace: Owner, path: str
) -> None:
    mine, theirs = (
        site.hal(f"/stores/66/s/customer{path}", token=each.customer.session()) for each in (ada, grace)
    )

    assert mine["total_items"] > 0
    assert "7001" not in str(theirs["_embedded"])
    if "Secret7001" in path:
        assert theirs["total_items"] == 0


FOREIGN = {
    "customer_id": 115,
    "id": 115,
    "store_id": 67,
    "is_default_billing": True,
    "_links": {"fx:customer": {"href": "http://localhost/customers/115"}},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_no_body_moves_an_address_to_another_customer(site: Site, grace: Owner, name: str) -> None:
    token = grace.customer.session()
    before = site.hal("/customers/115/addresses")["total_items"]
    body = {"address_name": f"moved by {name}", "address1": "x", name: FOREIGN[name]}
    answer = site.send("POST", "/stores/66/s/customer/addresses", body, token=token)

    assert answer.status_code in (201, 400)
    assert site.hal("/customers/115/addresses")["total_items"] == before


def strangers(site: Site, ada: Owner) -> dict[str, str | None]:
    """Whoever has no session in store 66."""
    elsewhere = sign_in(site, "astrid.haugen@example.no", "correct horse battery staple", OTHER_PORTAL)
    assert elsewhere.status_code == 200, elsewhere.text
    ended = ada.customer.session()
    age_sessions(site, ada.customer, 10**6)
    return {
        "nobody": None,
        "ended": ended,
        "of another store": elsewhere.json["session_token"],
        "token of the API": site.token,
        "token of another store": site.other_store_token,
        "nonsense": "nonsense",
    }


def test_strangers_read_and_write_nothing(site: Site, ada: Owner) -> None:
    for who, token in strangers(site, ada).items():
        for rule in OF_CUSTOMERS:
            for method in ("GET", "HEAD", "OPTIONS", *WRITES):
                with counted_statements() as statements:
                    body = {"first_name": "x"} if method in WRITES else None
                    answer = site.send(method, ada.path(rule), body, token=token)
                assert answer.status_code in (401, 405), (who, rule, method)
                assert writing(statements) == []
                assert not re.search(r"(Secret|Owner)7001", answer.text)


def test_the_same_id_in_another_store_is_another_customer(site: Site) -> None:
    token = sign_in(site, "astrid.haugen@example.no", "correct horse battery staple", OTHER_PORTAL).json[
        "session_token"
    ]
    theirs = site.hal(OTHER_PORTAL, token=token)

    assert (theirs["id"], theirs["first_name"]) == (201, "Astrid")
    assert theirs["date_created"][-6:] in ("+01:00", "+02:00"), "in the timezone of its own store"
    assert site.ask("/stores/66/s/customer", token=token).status_code == 401
    assert sign_in(site, "astrid.haugen@example.no", "correct horse battery staple").status_code == 401


def switched_off(site: Site, path: str) -> None:
    answer = site.ask(path, HAL, token=None)
    assert answer.status_code == 404
    assert "No route found" in answer.text


def test_a_store_without_settings_has_no_portal(own_site: Site) -> None:
    for rule in ("", "/", "/addresses", "/authenticate", "/customer_portal_settings", "/sign_up"):
        for method in ("GET", "POST", "OPTIONS"):
            for path in (
                OTHER_PORTAL,
                "/stores/999/s/customer",
                "/stores/0/s/customer",
                "/stores/x/s/customer",
            ):
                answer = own_site.ask(path + rule, token=None, method=method)
                assert answer.status_code in (404, 405), (path + rule, method)


def test_a_portal_is_there_from_when_its_settings_are_until_they_are_deleted(own_site: Site) -> None:
    settings = f"/stores/{OTHER_STORE_ID}/customer_portal_settings"
    public, token = f"{OTHER_PORTAL}/customer_portal_settings", own_site.other_store_token
    switched_off(own_site, public)
    assert own_site.send("PATCH", settings, {"sso": True}, token=token).status_code == 200
    assert own_site.ask(public, token=None).status_code == 200
    assert own_site.ask(settings, token=token, method="DELETE").status_code == 200
    switched_off(own_site, public)


def test_a_store_that_is_not_active_has_no_portal(own_site: Site) -> None:
    from sqlalchemy import update

    from app.resources.store import Store

    assert own_site.ask("/stores/66/s/customer/customer_portal_settings", token=None).status_code == 200
    with own_site.engine.begin() as connection:
        connection.execute(update(Store).where(Store.id == STORE_ID).values(is_active=False))
    switched_off(own_site, "/stores/66/s/customer/customer_portal_settings")


DOMAIN = {"Host": "foxglove.example"}


@pytest.mark.parametrize("host", ["foxglove.example", "foxglove.example:8443", "FOXGLOVE.example"])
def test_at_the_stores_own_domain_the_portal_needs_no_store_in_its_path(
    site: Site, ada: Owner, host: str
) -> None:
    token = ada.customer.session()
    answer = site.ask("/s/customer/", token=token, headers={"Host": host})

    assert answer.status_code == 200
    assert answer.json["_links"]["self"]["href"] == f"http://{host}/s/customer"
    assert answer.json["_links"]["fx:attributes"]["href"] == f"http://{host}/s/customer/attributes"
    assert answer.json["_links"]["curies"][0]["href"] == f"http://{host}/rels/{{rel}}"


@pytest.mark.parametrize("host", ["localhost", "nobody.example", "foxglove.example.evil.example", ""])
def test_elsewhere_there_is_none(site: Site, ada: Owner, host: str) -> None:
    answer = site.ask("/s/customer/", token=ada.customer.session(), headers={"Host": host})

    assert answer.status_code == 404


def test_a_configured_address_holds_but_for_the_stores_own_domain(engine_name: str, tmp_path) -> None:
    with open_site(engine_name, tmp_path, base_url="https://api.example") as site:
        email, password = "ada.okafor@example.com", "correct horse battery staple"
        token = sign_in(site, email, password).json["session_token"]
        by_path = site.ask("/stores/66/s/customer", token=token, headers={"Host": "evil.example"})
        own = site.ask("/s/customer", token=token, headers=DOMAIN)

        assert by_path.json["_links"]["self"]["href"] == "https://api.example/stores/66/s/customer"
        assert own.json["_links"]["self"]["href"] == "http://foxglove.example/s/customer"
        forged = site.ask("/customers/115", headers=DOMAIN)
        assert forged.json["_links"]["self"]["href"] == "https://api.example/customers/115"
