"""What customers see of themselves and may change: the listed properties, and no others."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.portal.types import OWN_CUSTOMER, OWN_TYPES
from app.schema import declared, shown
from tests.portal.customers import (
    PASSWORD,
    PORTAL,
    Customer,
    ask,
    mail_to,
    message,
    new_customer,
    send,
    sign_in,
)
from tests.site import BASE, FORMATS, HAL, SIREN, XML, Site, counted_statements, open_site, writing
from tests.wire.documents import refusals
from tests.wire.test_goldens import FORMATS as GOLDEN_FORMATS
from tests.wire.test_goldens import readable, require_golden
from tests.wire.valid import VALID

ON_ONE_ENGINE = True

SHOWN = [
    "id", "last_login_date", "first_name", "last_name", "email", "tax_id", "date_created", "date_modified",
]  # fmt: skip
LINKS = {
    "self": ("", "This Customer"),
    "fx:attributes": ("/attributes", "Attributes for this Customer"),
    "fx:transactions": ("/transactions", "Transactions for this Customer"),
    "fx:subscriptions": ("/subscriptions", "Subscriptions for this Customer"),
    "fx:customer_addresses": ("/addresses", "Addresses for this Customer"),
    "fx:default_payment_method": (
        "/default_payment_method",
        "Default Payment Method for this Customer",
    ),
    "fx:default_billing_address": (
        "/default_billing_address",
        "Default Billing Address for this Customer",
    ),
    "fx:default_shipping_address": (
        "/default_shipping_address",
        "Default Shipping Address for this Customer",
    ),
}
ZOOMS = ("default_billing_address", "default_shipping_address", "default_payment_method")
DOCUMENTS = {
    "own_customer": f"?zoom={','.join(ZOOMS)}",
    "own_addresses": "/addresses",
    "own_blank_address": "/default_shipping_address",
}
WRITABLE = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada-{}@example.com", "tax_id": "T-1"}


@pytest.fixture
def customer(site: Site) -> Customer:
    return new_customer(site, first_name="First", last_name="Last", tax_id="1")


@pytest.fixture
def token(customer: Customer) -> str:
    return customer.session()


def document(site: Site, token: str, path: str = "") -> dict[str, Any]:
    return site.hal(f"{PORTAL}{path}", token=token)


def test_the_properties_are_those_of_foxys_portal_in_its_order(site: Site, token: str) -> None:
    found = document(site, token)

    assert [name for name in found if not name.startswith("_")] == SHOWN


def test_so_are_the_links_with_their_titles(site: Site, token: str) -> None:
    links = document(site, token)["_links"]
    del links["curies"]

    assert {name: (each["href"], each["title"]) for name, each in links.items()} == {
        name: (f"{BASE}{PORTAL}{path}", title) for name, (path, title) in LINKS.items()
    }
    assert list(links) == list(LINKS)


def test_every_link_leads_somewhere_and_every_relation_has_its_page(site: Site, token: str) -> None:
    seen, left = set(), [PORTAL, f"{PORTAL}?zoom={','.join(ZOOMS)}", f"{PORTAL}/customer_portal_settings"]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        found = site.hal(path, token=token)
        for name, each in links_in(found):
            if name.startswith("fx:"):
                assert site.ask(f"/rels/{name[3:]}", token=None).status_code == 200, name
            assert PORTAL in each["href"]
            left.append(each["href"].removeprefix(BASE))
    assert len(seen) > len(LINKS)


def links_in(value: Any) -> list[tuple[str, dict[str, Any]]]:
    found = []
    if isinstance(value, dict):
        found += [(name, each) for name, each in value.get("_links", {}).items() if name != "curies"]
        found += [link for each in value.get("_embedded", {}).values() for link in links_in(each)]
    if isinstance(value, list):
        found += [link for each in value for link in links_in(each)]
    return found


def test_with_a_slash_at_the_end_or_without_it_is_the_same(site: Site, token: str) -> None:
    without, with_slash = ask(site, token), ask(site, token, "/")

    assert without.status_code == with_slash.status_code == 200
    assert without.data == with_slash.data
    assert without.headers["ETag"] == with_slash.headers["ETag"]


def test_attributes_are_embedded_always_the_defaults_where_they_are_zoomed_into(
    site: Site, token: str
) -> None:
    assert document(site, token)["_embedded"] == {"fx:attributes": []}
    zoomed = document(site, token, f"?zoom={','.join(ZOOMS)}")["_embedded"]

    assert set(zoomed) == {"fx:attributes", *(f"fx:{each}" for each in ZOOMS)}
    assert zoomed["fx:default_payment_method"]["save_cc"] is False


@pytest.mark.parametrize("zoom", ["customer_addresses", "store", "transactions", "subscriptions", "customer"])
def test_nothing_else_can_be_zoomed_into(site: Site, token: str, zoom: str) -> None:
    assert ask(site, token, f"?zoom={zoom}").status_code == 400


def test_dates_have_a_colon_in_their_offset(site: Site, token: str, customer: Customer) -> None:
    here, there = document(site, token), customer.shown()
    for name in ("date_created", "date_modified", "last_login_date"):
        assert here[name] == f"{there[name][:-2]}:{there[name][-2:]}"
        assert here[name][-6:] in ("-07:00", "-08:00")


def test_only_public_attributes_show_without_saying_so(site: Site, customer: Customer, token: str) -> None:
    for visibility in ("public", "private", "restricted"):
        body = {"name": f"{visibility} one", "value": "x", "visibility": visibility}
        made = site.send("POST", f"{customer.api}/attributes", body)
        path = f"/attributes/{made.headers['Location'].rpartition('/')[2]}"
        assert ask(site, token, path).status_code == (200 if visibility == "public" else 404)

    embedded = document(site, token)["_embedded"]["fx:attributes"]
    listed = document(site, token, "/attributes")["_embedded"]["fx:attributes"]
    assert embedded == listed
    (attribute,) = listed
    assert [name for name in attribute if name != "_links"] == [
        "name", "value", "date_created", "date_modified",
    ]  # fmt: skip
    assert attribute["_links"]["fx:customer"]["href"] == f"{BASE}{PORTAL}"
    assert "fx:store" not in attribute["_links"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_attributes_are_for_reading(site: Site, token: str, method: str) -> None:
    for path in ("/attributes", "/attributes/1"):
        assert send(site, token, method, path, {"name": "x", "value": "y"}).status_code == 405


def test_no_resource_of_the_portal_leads_to_the_store() -> None:
    for each in OWN_TYPES:
        assert "store" not in [relation.name for relation in each.relations]
        assert each.path.startswith("/{face}")


@pytest.mark.parametrize("media_type", FORMATS)
def test_it_comes_in_every_format(site: Site, token: str, media_type: str) -> None:
    for path in ("", "/addresses", "/default_billing_address", "/customer_portal_settings"):
        answer = site.ask(f"{PORTAL}{path}", media_type, token=token)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
        assert answer.headers["ETag"]
        again = site.ask(
            f"{PORTAL}{path}", media_type, token=token, headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304


@pytest.mark.parametrize("media_type", GOLDEN_FORMATS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_as_it_was(own_ada: tuple[Site, str], name: str, media_type: str) -> None:
    site, token = own_ada
    found = readable(site.ask(f"{PORTAL}{DOCUMENTS[name]}", media_type, token=token).data, media_type)
    signed_in = re.compile(r'(last_login_date[">: ]+)[0-9T:+-]+')
    require_golden(f"{name}.{GOLDEN_FORMATS[media_type]}", signed_in.sub(r"\1when", found))


@pytest.fixture(scope="module")
def own_ada(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A site as the sandbox has it, and a session of the customer who may be tried out."""
    with open_site(engine_name, tmp_path_factory.mktemp("ada")) as site:
        answer = sign_in(site, "benja.nunez@example.com", "correct horse battery staple")
        yield site, answer.json["session_token"]


@pytest.mark.parametrize("name", WRITABLE)
def test_customers_change_their_own_properties(site: Site, customer: Customer, token: str, name: str) -> None:
    before = document(site, token)
    value = WRITABLE[name].format(customer.id)
    answer = send(site, token, "PATCH", "/", {name: value})

    assert answer.status_code == 200, answer.text
    assert (
        answer.json
        == document(site, token)
        == before | {name: value, "date_modified": answer.json["date_modified"]}
    )
    assert customer.shown()[name] == value


@pytest.mark.parametrize("media_type", [HAL, XML, SIREN, "text/plain", "application/json-patch+json"])
def test_in_any_format(site: Site, token: str, media_type: str) -> None:
    answer = site.send("PATCH", PORTAL, {"first_name": "Grace"}, media_type, token=token)

    assert (answer.status_code, answer.json["first_name"]) == (200, "Grace")


NOT_THEIRS = sorted(
    {name for schema in VALID for name in declared(schema)} | {"store_id", "version", "email_key", "x"}
)


@pytest.mark.parametrize("name", [name for name in NOT_THEIRS if name not in (*WRITABLE, "password")])
def test_and_no_others(site: Site, customer: Customer, token: str, name: str) -> None:
    before, rows = customer.shown(), [each.get(name) for each in VALID.values() if name in each]
    for value in (*rows, True, False, 5, "2030-01-01T00:00:00Z"):
        with counted_statements() as statements:
            answer = send(site, token, "PATCH", "/", {name: value})
        assert answer.status_code == (200 if name in shown(OWN_CUSTOMER.schema) else 400)
        assert writing(statements) == []
    assert customer.shown() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_customers_neither_replace_nor_delete_themselves(site: Site, token: str, method: str) -> None:
    answer = send(site, token, method, "/", {"email": "x@example.com"})

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, PATCH, OPTIONS"


def test_a_taken_email_is_no_401(site: Site, token: str) -> None:
    taken = new_customer(site).email
    answer = send(site, token, "PATCH", "/", {"email": taken})

    assert answer.status_code == 409
    assert message(answer).startswith("This email address is already in use")


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"first_name": "x" * 51}, "first_name", "is too long (maximum is 50 characters)"),
        ({"email": ""}, "email", "can't be blank"),
        ({"email": "nonsense"}, "email", "is not a valid email address."),
        ({"password": "x" * 51, "password_old": PASSWORD}, "password", "is too long"),
    ],
)
def test_what_is_wrong_is_said_as_in_the_api(
    site: Site, token: str, given: dict[str, str], name: str, said: str
) -> None:
    assert said in refusals(send(site, token, "PATCH", "/", given))[name]


def test_an_if_match_that_is_stale_is_412(site: Site, token: str) -> None:
    tag = ask(site, token).headers["ETag"]
    assert send(site, token, "PATCH", "/", {"first_name": "One"}, If_Match=tag).status_code == 200
    assert send(site, token, "PATCH", "/", {"first_name": "Two"}, If_Match=tag).status_code == 412


# Passwords.

ANOTHER = "quite another pass phrase"


@pytest.mark.parametrize("so_far", [None, "", "wrong", ANOTHER, PASSWORD.upper(), PASSWORD + " "])
def test_who_sets_a_password_must_know_it(
    site: Site, customer: Customer, token: str, so_far: str | None
) -> None:
    given = {"password": ANOTHER} | ({} if so_far is None else {"password_old": so_far})
    with counted_statements() as statements:
        answer = send(site, token, "PATCH", "/", given)

    assert answer.status_code == 400
    assert message(answer).startswith("Provided password is incorrect")
    assert not [each for each in writing(statements) if "sign_in_failure" not in each]
    assert ask(site, token).status_code == 200
    assert customer.sign_in().status_code == 200


def test_with_the_password_so_far_it_is_set(site: Site, customer: Customer, token: str) -> None:
    given = {"password": ANOTHER, "password_old": PASSWORD, "first_name": "Ada"}
    answer = send(site, token, "PATCH", "/", given)

    assert (answer.status_code, answer.json["first_name"]) == (200, "Ada")
    assert "password" not in answer.text.replace("forgot_password", "")
    assert customer.sign_in().status_code == 401
    assert customer.sign_in(ANOTHER).status_code == 200


def test_the_same_again_is_no_new_password(site: Site, token: str) -> None:
    given = {"password": PASSWORD, "password_old": PASSWORD}

    assert refusals(send(site, token, "PATCH", "/", given)) == {
        "password": "password must be another than so far"
    }


def test_an_old_password_alone_changes_nothing(site: Site, customer: Customer, token: str) -> None:
    before = customer.shown()

    assert send(site, token, "PATCH", "/", {"password_old": "whatever"}).status_code == 200
    assert customer.shown() == before


def test_a_new_password_is_told_by_mail(site: Site, customer: Customer, token: str, outbox) -> None:
    send(site, token, "PATCH", "/", {"password": ANOTHER, "password_old": PASSWORD})

    (mail,) = mail_to(site, outbox, customer.email)
    assert mail["Subject"] == "Your password at The Foxglove Bookshop has been changed"
    assert ANOTHER not in mail.as_string()


def test_a_new_email_is_told_to_the_one_so_far(site: Site, customer: Customer, token: str, outbox) -> None:
    send(site, token, "PATCH", "/", {"email": f"new-{customer.email}"})

    (mail,) = mail_to(site, outbox, customer.email)
    assert mail["Subject"] == "Your email address at The Foxglove Bookshop has been changed"
    assert mail_to(site, outbox, f"new-{customer.email}") == []


# Who must set a new password first.


@pytest.fixture
def forced(site: Site) -> Customer:
    return new_customer(site, force_password_reset=True)


def test_who_must_reset_is_told_so(forced: Customer) -> None:
    assert forced.sign_in().json["force_password_reset"] is True


def test_until_then_there_is_only_oneself(site: Site, forced: Customer) -> None:
    token = forced.session()

    assert ask(site, token).status_code == ask(site, token, "/").status_code == 200
    assert ask(site, token, "/customer_portal_settings").status_code == 200
    for path in ("/addresses", "/attributes", "/transactions", "/default_payment_method"):
        answer = ask(site, token, path)
        assert (answer.status_code, message(answer)[:24]) == (403, "Set a new password first")
    answer = send(site, token, "PATCH", "/", {"first_name": "Ada"})
    assert answer.status_code == 403
    assert forced.shown()["first_name"] is None
    assert send(site, token, "POST", "/addresses", {"address1": "x"}).status_code == 403


def test_a_new_password_ends_that(site: Site, forced: Customer) -> None:
    token = forced.session()
    given = {"password": ANOTHER, "password_old": PASSWORD}
    assert send(site, token, "PATCH", "/", given).status_code == 200

    assert ask(site, token, "/addresses").status_code == 200
    assert send(site, token, "PATCH", "/", {"first_name": "Ada"}).status_code == 200
    assert forced.shown()["force_password_reset"] is False
    assert forced.sign_in(ANOTHER).json["force_password_reset"] is False


def test_signing_out_is_possible_too(site: Site, forced: Customer) -> None:
    token = forced.session()

    assert ask(site, token, "/authenticate", "DELETE").status_code == 200


def test_options_tell_what_may_be_done(site: Site, token: str) -> None:
    answer = ask(site, token, "", "OPTIONS")

    assert answer.headers["Allow"] == "GET, HEAD, PATCH, OPTIONS"
    (update,) = json.loads(answer.data)["actions"].values()
    assert set(update["fields"]) == {*WRITABLE, "password", "password_old"}
