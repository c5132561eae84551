"""Customers as they are written: what is refused and in which words, what is kept, ignored and reset."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.db.sessions import store_session
from app.hypermedia import ResourceType
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.payment_method import PaymentMethod
from app.resources.subscription import Subscription
from app.sandbox import STORE_ID
from tests.site import HAL, SIREN, XML, Site, counted_statements, writing
from tests.wire.addresses import TRADE, add_trade
from tests.wire.documents import document, read, refusals
from tests.wire.valid import REGISTRY, new, valid

CUSTOMERS = "/stores/66/customers"
CUSTOMER: ResourceType = REGISTRY.types["customer"]

BLANK = "can't be blank"
SHORT = "is too short (minimum is 1 characters)"

WORDS = [
    ({"email": ""}, {"email": f"email {BLANK}, email {SHORT}"}),
    ({"email": "  "}, {"email": f"email {BLANK}, email {SHORT}"}),
    ({"email": None}, {"email": f"email {BLANK}, email {SHORT}"}),
    ({"email": "nobody"}, {"email": "email is not a valid email address."}),
    ({"email": "a b@example.com"}, {"email": "email is not a valid email address."}),
    (
        {"email": "x" * 101},
        {"email": "email is too long (maximum is 100 characters), email is not a valid email address."},
    ),
    ({"email": 5}, {"email": "email is not a string"}),
    ({"first_name": "x" * 51}, {"first_name": "first_name is too long (maximum is 50 characters)"}),
    ({"last_name": ["x"]}, {"last_name": "last_name is not a string"}),
    ({"tax_id": "x" * 51}, {"tax_id": "tax_id is too long (maximum is 50 characters)"}),
    ({"tax_exempt": "true"}, {"tax_exempt": "tax_exempt is not true or false"}),
    ({"tax_exempt": 1}, {"tax_exempt": "tax_exempt is not true or false"}),
    ({"is_active": None}, {"is_active": f"is_active {BLANK}"}),
    ({"currency_code": "eur"}, {"currency_code": "currency_code is not included in the list"}),
    ({"currency_code": "XXQ"}, {"currency_code": "currency_code is not included in the list"}),
    (
        {"currency_code": "EURO"},
        {
            "currency_code": "currency_code is too long (maximum is 3 characters),"
            " currency_code is not included in the list"
        },
    ),
    (
        {"last_name": "4111 1111 1111 1111"},
        {"last_name": "last_name looks like a card number, which is kept nowhere: leave it out"},
    ),
]


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_a_fault_is_told_in_hapis_words(shared_site: Site, method: str) -> None:
    path = CUSTOMERS if method == "POST" else new(shared_site, CUSTOMER)
    for faulty, said in WORDS:
        body = {"email": "fine@example.com", **faulty} if method != "PATCH" else faulty
        assert refusals(shared_site.send(method, path, body)) == said


def test_all_faults_are_told_at_once_one_entry_for_each_property(shared_site: Site) -> None:
    body = {
        "first_name": "x" * 51,
        "email": "x" * 101,
        "tax_exempt": "yes",
        "password": "é" * 40,
        "password_hash_type": "md5",
        "currency_code": "EURO",
        "shoe_size": 44,
        "hat_size": 58,
    }

    said = refusals(shared_site.send("POST", CUSTOMERS, body))
    assert set(said) == set(body)
    assert said["password"] == "password is too long (maximum is 72 bytes in UTF-8)"
    assert said["password_hash_type"] == "password_hash_type must be sent together with password_hash"


def test_a_refused_write_has_changed_nothing(shared_site: Site) -> None:
    path = new(shared_site, CUSTOMER)
    before = shared_site.ask(path).data
    with counted_statements() as statements:
        refusals(shared_site.send("PATCH", path, {"first_name": "Ada", "tax_exempt": "yes"}))

    assert writing(statements) == []
    assert shared_site.ask(path).data == before


def test_what_is_read_only_is_ignored(shared_site: Site) -> None:
    sent = {
        "id": 7,
        "last_login_date": "x",
        "date_created": 5,
        "forgot_password_timestamp": [],
        "date_modified": {},
    }
    path = new(shared_site, CUSTOMER, **sent)
    before = shared_site.hal(path)

    assert (before["last_login_date"], before["forgot_password_timestamp"]) == (None, None)
    assert not path.endswith("/7")
    assert shared_site.send("PATCH", path, sent).json == before
    assert shared_site.send("PUT", path, {**before, **sent}).json == before


def test_what_documents_hold_beside_properties_is_ignored(shared_site: Site) -> None:
    path = new(shared_site, CUSTOMER)
    beside = {"_links": {"self": "x"}, "_embedded": {}, "_templates": [], "message": "hello"}

    assert shared_site.send("PATCH", path, {"first_name": "Ada", **beside}).json["first_name"] == "Ada"


@pytest.mark.parametrize(("method", "status"), [("POST", 201), ("PUT", 200), ("PATCH", 200)])
def test_an_unknown_property_is_refused_naming_those_that_can_be_written(
    shared_site: Site, method: str, status: int
) -> None:
    path = CUSTOMERS if method == "POST" else new(shared_site, CUSTOMER)
    body = {"email": valid(CUSTOMER)["email"], "frist_name": "Ada"}

    said = refusals(shared_site.send(method, path, body))
    assert said["frist_name"].startswith(
        "frist_name is no property of customer, these can be written: first_name"
    )
    assert "last_login_date" not in said["frist_name"]
    answer = shared_site.send(method, path, body, Prefer="handling=lenient")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (status, "handling=lenient")
    assert "frist_name" not in answer.json


def test_a_guest_remains_one_and_others_do_not_become_guests(shared_site: Site) -> None:
    for guest in (True, False):
        path = new(shared_site, CUSTOMER, is_anonymous=guest)
        assert shared_site.send("PATCH", path, {"is_anonymous": not guest}).json["is_anonymous"] is guest
        whole = shared_site.hal(path) | {"is_anonymous": not guest}
        assert shared_site.send("PUT", path, whole).json["is_anonymous"] is guest
    assert shared_site.hal(new(shared_site, CUSTOMER))["is_anonymous"] is False


def test_a_put_resets_what_it_leaves_out_of_hapi_and_nothing_else(shared_site: Site) -> None:
    filled = valid(CUSTOMER)
    path = shared_site.send("POST", CUSTOMERS, filled).headers["Location"]
    before = read(shared_site, path).properties
    after = shared_site.send("PUT", path, {"email": filled["email"]}).json

    expected = before | {"first_name": None, "last_name": None, "tax_id": None}
    expected["date_modified"] = after["date_modified"]
    assert {name: after[name] for name in before} == expected
    kept = {name for name in filled if "password" in name or name not in expected} | {"forgot_password"}
    assert all(after.get(name) == before.get(name) for name in kept)
    assert after["currency_code"] == "EUR"
    assert after["tax_exempt"] is True


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("ada-{}@example.com", "ADA-{}@Example.COM"),
        ("ada-{}@bücher.example", "ada-{}@xn--bcher-kva.example"),
        ("straße-{}@example.com", "STRASSE-{}@example.com"),
    ],
)
def test_an_email_is_one_however_it_is_spelt(shared_site: Site, known: str, other: str) -> None:
    unique = new(shared_site, CUSTOMER).rpartition("/")[2]
    known, other = known.format(unique), other.format(unique)
    path = new(shared_site, CUSTOMER, email=known)
    taken = "This email address is already in use by an existing customer of this store."

    assert shared_site.hal(path)["email"] == known
    assert refusals(shared_site.send("POST", CUSTOMERS, {"email": other}), 409) == {"email": taken}
    another = new(shared_site, CUSTOMER)
    assert refusals(shared_site.send("PATCH", another, {"email": other}), 409) == {"email": taken}
    assert shared_site.send("PATCH", path, {"email": other}).json["email"] == other, "it is its own"
    for _ in range(2):
        new(shared_site, CUSTOMER, email=other, is_anonymous=True)
    elsewhere = CUSTOMERS.replace("66", "67")
    answer = shared_site.send("POST", elsewhere, {"email": known}, token=shared_site.other_store_token)
    assert answer.status_code == 201, "another store has customers of its own"


def test_a_write_is_noted_and_one_that_changes_nothing_is_not(shared_site: Site) -> None:
    path = new(shared_site, CUSTOMER)
    long_ago = {
        "date_created": datetime(2013, 8, 16, tzinfo=UTC),
        "date_modified": datetime(2014, 8, 16, tzinfo=UTC),
    }
    with store_session(shared_site.engine, STORE_ID) as session:
        number = int(path.rpartition("/")[2])
        session.execute(update(Customer).where(Customer.id == number).values(long_ago))
    before = shared_site.ask(path)

    for nothing in (
        {},
        {"first_name": None},
        {"first_name": None, "password": ""},
        {"forgot_password": None},
    ):
        answer = shared_site.send("PATCH", path, nothing)
        assert (answer.data, answer.headers["ETag"]) == (before.data, before.headers["ETag"])
    answer = shared_site.send("PATCH", path, {"first_name": "Ada"})
    assert answer.headers["ETag"].startswith('"2-')
    assert answer.json["date_modified"] > before.json["date_modified"]
    assert answer.json["date_created"] == before.json["date_created"]


@pytest.mark.parametrize("media_type", [HAL, XML, SIREN])
def test_a_post_answers_with_what_its_query_asks_for(shared_site: Site, media_type: str) -> None:
    query = "?zoom=default_billing_address,customer_addresses&fields=email&limit=5&is_anonymous=false"
    body = {"email": valid(CUSTOMER)["email"]}
    answer = shared_site.send("POST", CUSTOMERS + query, body, media_type, media_type)

    assert answer.status_code == 201
    assert "Default Billing Address" in answer.text
    assert "customer_addresses" in answer.text
    assert set(document(media_type, answer.data).properties) == {"email", "message"}
    refusals(shared_site.send("POST", f"{CUSTOMERS}?nonsense=1", body))


def test_customers_are_created_one_at_a_time(shared_site: Site) -> None:
    for several in (
        [],
        [{"email": "a@example.com"}],
        [{"email": "a@example.com"}, {"email": "b@example.com"}],
    ):
        said = refusals(shared_site.send("POST", CUSTOMERS, several))
        assert said[None] == "a POST here takes one customer, not a list: send one request for each"


def test_a_deleted_customers_transactions_stay_and_subscriptions_keep_it(own_site: Site) -> None:
    add_trade(own_site, 120)
    children = [f"/customers/120/{each}" for each in ("attributes", "addresses", "default_payment_method")]
    for path, body in zip(children, _children(), strict=True):
        assert own_site.send("PATCH" if "payment" in path else "POST", path, body).status_code in (200, 201)
    said = refusals(own_site.send("DELETE", "/customers/120"), 409)
    assert said == {None: "customer 120 has active subscriptions: they come first"}
    assert own_site.ask("/customers/120").status_code == 200

    with store_session(own_site.engine, STORE_ID) as session:
        session.delete(session.get(Subscription, (STORE_ID, TRADE)))
    assert own_site.send("DELETE", "/customers/120").status_code == 200
    transaction = own_site.ask(f"/transactions/{TRADE}")
    assert "fx:customer" not in transaction.json["_links"]
    assert transaction.headers["ETag"].startswith('"2-')
    for path in ("/customers/120", *children):
        assert own_site.ask(path).status_code == 404
    for row in (Attribute, CustomerAddress, PaymentMethod):
        with store_session(own_site.engine, STORE_ID) as session:
            assert session.scalar(select(func.count()).select_from(row).where(row.customer_id == 120)) == 0


def _children() -> list[dict[str, Any]]:
    return [
        valid(REGISTRY.types[name]) for name in ("customer_attribute", "customer_address", "payment_method")
    ]
