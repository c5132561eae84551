"""Addresses as they are written: their names, their uses, and the default ones that stand blank at first."""

from typing import Any

import pytest

from tests.site import BASE, FORMATS, Site
from tests.wire.documents import read, refusals
from tests.wire.encodings import FORM, MERGE, MULTIPART, PATCH
from tests.wire.valid import REGISTRY, new, valid

CUSTOMER, ADDRESS = REGISTRY.types["customer"], REGISTRY.types["customer_address"]
DEFAULTS = {"default_billing_address": "for_billing", "default_shipping_address": "for_shipping"}
HOME = {"address_name": "Home", "address1": "1 High Street"}

each_default = pytest.mark.parametrize(("rel", "use"), DEFAULTS.items())


@pytest.fixture
def customer(shared_site: Site) -> str:
    """The path of a customer who has no addresses."""
    return new(shared_site, CUSTOMER)


def addresses(site: Site, customer: str) -> list[dict[str, Any]]:
    embedded: list[dict[str, Any]] = site.hal(f"{customer}/addresses")["_embedded"]["fx:customer_addresses"]
    return embedded


WORDS = [
    (
        {"address_name": ""},
        "address_name can't be blank, address_name is too short (minimum is 1 characters)",
    ),
    ({"address_name": "x" * 101}, "address_name is too long (maximum is 100 characters)"),
    ({"address1": None}, "address1 can't be blank, address1 is too short (minimum is 1 characters)"),
    ({"city": "x" * 51}, "city is too long (maximum is 50 characters)"),
    ({"country": "XX"}, "Country is invalid or disallowed by store configuration"),
    ({"country": "de"}, "Country is invalid or disallowed by store configuration"),
    ({"for_shipping": False}, "for_shipping must be true where for_billing is not"),
    ({"is_locked": "no"}, "is_locked is not true or false"),
    ({"phone": "4111-1111-1111-1111"}, "phone looks like a card number, which is kept nowhere: leave it out"),
]


@pytest.mark.parametrize(("faulty", "said"), WORDS, ids=[str(faulty)[:40] for faulty, _ in WORDS])
def test_a_fault_is_told_in_hapis_words(
    shared_site: Site, customer: str, faulty: dict[str, Any], said: str
) -> None:
    (name,) = faulty
    assert refusals(shared_site.send("POST", f"{customer}/addresses", HOME | faulty)) == {name: said}
    address = new(shared_site, ADDRESS)
    assert refusals(shared_site.send("PATCH", address, faulty)) == {name: said}


@pytest.mark.parametrize(
    ("country", "region", "status"),
    [
        *(("US", "OR", 201), ("US", "AE", 201), ("US", "Oregon", 201), ("IT", "RM", 201), ("DE", "75", 201)),
        *(("US", "ZZ", 400), ("CA", "TX", 400), (None, "ZZ", 201), ("FR", "IL", 400), ("NO", "03", 201)),
    ],
)
def test_a_region_that_looks_like_a_code_is_one_of_its_country(
    shared_site: Site, customer: str, country: str | None, region: str, status: int
) -> None:
    body = HOME | {"country": country, "region": region}
    answer = shared_site.send("POST", f"{customer}/addresses", body)

    assert answer.status_code == status, answer.text
    if status == 400:
        assert refusals(answer) == {"region": "region is not included in the list"}


def test_an_address_name_is_unique_among_the_customers_own(shared_site: Site, customer: str) -> None:
    own, others = f"{customer}/addresses", f"{new(shared_site, CUSTOMER)}/addresses"
    said = {"address_name": "this address name already exists for this customer"}
    home = shared_site.send("POST", own, HOME).headers["Location"]

    assert refusals(shared_site.send("POST", own, HOME), 409) == said
    assert shared_site.send("POST", others, HOME).status_code == 201
    work = shared_site.send("POST", own, HOME | {"address_name": "Work"}).headers["Location"]
    assert refusals(shared_site.send("PATCH", work, {"address_name": "Home"}), 409) == said
    assert shared_site.send("PATCH", home, {"address_name": "Home", "city": "Bath"}).status_code == 200
    blank = f"{customer}/default_billing_address"
    assert refusals(shared_site.send("PATCH", blank, HOME), 409) == said
    assert read(shared_site, blank).properties["address1"] is None


def test_an_address_has_a_use_and_a_plain_one_is_for_shipping(shared_site: Site, customer: str) -> None:
    own = f"{customer}/addresses"
    uses = [{}, {"for_billing": True}, {"for_billing": True, "for_shipping": False}]
    shown = []
    for number, use in enumerate(uses):
        body = HOME | {"address_name": f"No. {number}"} | use
        shown.append(shared_site.send("POST", own, body).json)

    assert [(each["for_billing"], each["for_shipping"]) for each in shown] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert not any(each["is_default_billing"] or each["is_default_shipping"] for each in shown)


def test_a_put_resets_what_it_leaves_out_of_hapi_and_nothing_else(shared_site: Site) -> None:
    path = new(shared_site, ADDRESS)
    filled = shared_site.send("PATCH", path, valid(ADDRESS)).json
    after = shared_site.send("PUT", path, HOME).json

    kept = ("for_billing", "for_shipping", "is_locked", "display_label", "date_created")
    reset = (
        "first_name",
        "last_name",
        "company",
        "address2",
        "city",
        "region",
        "postal_code",
        "country",
        "phone",
    )
    assert {name: after[name] for name in kept} == {name: filled[name] for name in kept}
    assert [after[name] for name in reset] == [None] * len(reset)
    assert after["ignore_address_restrictions"] is False
    assert {name: after[name] for name in HOME} == HOME


@each_default
def test_a_default_address_answers_before_it_is_written(
    shared_site: Site, customer: str, rel: str, use: str
) -> None:
    path = f"{customer}/{rel}"
    blank = shared_site.ask(path)

    assert (blank.status_code, blank.headers["ETag"][:3]) == (200, '"0-')
    assert blank.json["_links"]["self"]["href"] == BASE + path
    assert (blank.json[f"is_{rel.removesuffix('_address')}"], blank.json[use]) == (True, True)
    assert addresses(shared_site, customer) == []
    for nothing in ({}, {"city": None}, {"address_name": blank.json["address_name"]}, {"nonsense": 1}):
        assert shared_site.send("PATCH", path, nothing, Prefer="handling=lenient").data == blank.data
    assert addresses(shared_site, customer) == []


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain", *FORMATS, FORM, MULTIPART, MERGE, PATCH]
)
@each_default
def test_the_first_patch_of_a_default_address_needs_no_name(
    shared_site: Site, customer: str, rel: str, use: str, media_type: str
) -> None:
    path = f"{customer}/{rel}"
    answer = shared_site.send("PATCH", path, {"address1": "1 High Street", "city": "Bath"}, media_type)

    assert answer.status_code == 200, answer.text
    (stored,) = addresses(shared_site, customer)
    assert answer.headers["Content-Location"] == stored["_links"]["self"]["href"]
    assert answer.json == stored
    assert stored["address_name"] == rel.replace("_", " ").title()
    other = ({*DEFAULTS.values()} - {use}).pop()
    assert (stored[use], stored[other]) == (True, False)
    assert shared_site.ask(path).headers["ETag"] == answer.headers["ETag"]


@each_default
def test_a_put_of_a_default_address_is_the_same_whenever_it_comes(
    shared_site: Site, customer: str, rel: str, use: str
) -> None:
    path = f"{customer}/{rel}"
    for incomplete in ({}, {"address1": "1 High Street"}, {"address_name": "Home"}):
        assert refusals(shared_site.send("PUT", path, incomplete)).keys() == HOME.keys() - incomplete.keys()
    first = shared_site.send("PUT", path, HOME)
    again = shared_site.send("PUT", path, HOME)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert len(addresses(shared_site, customer)) == 1


@each_default
def test_all_faults_of_a_first_write_are_told_at_once(
    shared_site: Site, customer: str, rel: str, use: str
) -> None:
    body = {"city": "x" * 51, use: False, "country": "XX", "nonsense": 1}

    assert refusals(shared_site.send("PATCH", f"{customer}/{rel}", body)).keys() == {*body, "address1"}


@each_default
def test_the_name_of_a_new_default_address_is_numbered_where_it_is_taken(
    shared_site: Site, customer: str, rel: str, use: str
) -> None:
    name = rel.replace("_", " ").title()
    for taken in (name, f"{name} (2)"):
        shared_site.send("POST", f"{customer}/addresses", HOME | {"address_name": taken})
    blank = shared_site.hal(f"{customer}/{rel}")
    answer = shared_site.send("PUT", f"{customer}/{rel}", blank | {"address1": "1 High Street"})

    assert answer.json["address_name"] == f"{name} (3)"


@each_default
def test_a_default_address_keeps_its_use(shared_site: Site, customer: str, rel: str, use: str) -> None:
    path = f"{customer}/{rel}"
    said = {use: f"{use} must be true while is_{rel.removesuffix('_address')} is"}

    assert refusals(shared_site.send("PATCH", path, {"address1": "1 High Street", use: False})) == said
    assert shared_site.send("PATCH", path, {"address1": "1 High Street"}).status_code == 200
    both = dict.fromkeys(DEFAULTS.values(), True)
    assert shared_site.send("PATCH", path, both).json.items() >= both.items()
    assert refusals(shared_site.send("PATCH", path, {use: False})) == said


@each_default
def test_deleting_a_default_address_clears_the_use_and_the_row_goes_with_its_last(
    shared_site: Site, customer: str, rel: str, use: str
) -> None:
    path = f"{customer}/{rel}"
    flag = f"is_{rel.removesuffix('_address')}"
    shared_site.send("PATCH", path, {"address1": "1 High Street", **dict.fromkeys(DEFAULTS.values(), True)})

    assert shared_site.send("DELETE", path).status_code == 200
    (left,) = addresses(shared_site, customer)
    assert (left[flag], left[use]) == (False, False)
    assert read(shared_site, path).properties["address1"] is None
    assert shared_site.send("DELETE", path).status_code == 200, "nothing to do"
    assert len(addresses(shared_site, customer)) == 1

    shared_site.send("PATCH", path, {"address1": "2 High Street"})
    assert shared_site.send("DELETE", path).status_code == 200
    assert addresses(shared_site, customer) == [left]


def test_one_row_may_be_both_defaults_and_an_address_is_deleted_as_a_whole(own_site: Site) -> None:
    both = own_site.hal("/customers/116/default_billing_address")
    path = both["_links"]["self"]["href"]
    assert own_site.hal("/customers/116/default_shipping_address") == both
    changed = own_site.send("PATCH", "/customers/116/default_shipping_address", {"city": "Bath"}).json
    assert own_site.hal("/customers/116/default_billing_address") == own_site.hal(path) == changed

    assert own_site.send("DELETE", "/customers/116/default_billing_address").status_code == 200
    left = own_site.hal("/customers/116/default_shipping_address")
    assert (left["_links"]["self"]["href"], left["is_default_billing"], left["for_billing"]) == (
        path,
        False,
        False,
    )
    assert own_site.send("DELETE", path).status_code == 200
    assert own_site.ask(path).status_code == 404
    assert own_site.hal("/customers/116/default_shipping_address")["city"] is None


def test_a_written_default_address_is_embedded_where_it_is_asked_for(
    shared_site: Site, customer: str
) -> None:
    answer = shared_site.send(
        "PATCH", f"{customer}/default_billing_address?zoom=customer", {"address1": "1 High Street"}
    )
    assert refusals(answer).keys() == {"zoom"}, "an address embeds nothing"
    shared_site.send("PATCH", f"{customer}/default_billing_address", {"address1": "1 High Street"})
    zoomed = shared_site.send("PATCH", f"{customer}?zoom=default_billing_address,customer_addresses", {}).json

    (stored,) = zoomed["_embedded"]["fx:customer_addresses"]
    assert zoomed["_embedded"]["fx:default_billing_address"] == stored
