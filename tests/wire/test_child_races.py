"""Requests that race below one customer: defaults that stand blank, attributes, the customer's own end."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.racing import CUSTOMERS, FEW, assert_counted, before_each, new_customer, statuses, together
from tests.site import Site

CARD = {"cc_number": "4111 1111 1111 1111", "cc_exp_month": "12"}


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture
def customer(site: Site) -> str:
    return new_customer(site)


def attributes(site: Site, customer: str) -> set[tuple[str, str]]:
    page = site.hal(f"{customer}/attributes?limit=300")
    found = [(each["name"], each["value"]) for each in page["_embedded"]["fx:attributes"]]
    assert page["total_items"] == len(found) == len(set(found))
    return set(found)


def addresses(site: Site, customer: str) -> list[dict[str, Any]]:
    page = site.hal(f"{customer}/addresses?limit=300")
    found: list[dict[str, Any]] = page["_embedded"]["fx:customer_addresses"]
    assert page["total_items"] == len(found)
    return found


def pairs(document: list[Mapping[str, str]]) -> set[tuple[str, str]]:
    return {(each["name"], each["value"]) for each in document}


@pytest.mark.parametrize("name", [{}, {"address_name": "Home"}], ids=["unnamed", "named"])
def test_first_patches_of_a_blank_default_address_make_one_row(
    site: Site, customer: str, name: dict[str, str]
) -> None:
    default = f"{customer}/default_billing_address"
    written = [{"address1": f"{at} Street", **name} for at in range(FEW)]
    answers = together(site, [partial(site.send, "PATCH", default, each) for each in written])

    assert statuses(answers) == {200: FEW}
    (row,) = addresses(site, customer)
    assert row["is_default_billing"]
    assert row["address1"] in {f"{at} Street" for at in range(FEW)}
    assert {answer.json["_links"]["self"]["href"] for answer in answers} == {row["_links"]["self"]["href"]}


def test_both_blank_defaults_may_be_written_at_once(site: Site, customer: str) -> None:
    kinds = ["default_billing_address", "default_shipping_address"] * 3
    answers = together(
        site, [partial(site.send, "PATCH", f"{customer}/{kind}", {"address1": kind}) for kind in kinds]
    )

    assert statuses(answers) == {200: FEW}
    assert sorted(each["address1"] for each in addresses(site, customer)) == kinds[:2]


def test_the_name_that_a_blank_default_gives_itself_may_be_taken_at_that_moment(
    site: Site, customer: str
) -> None:
    taken = {"address_name": "Default Billing Address", "address1": "1 Quick Street"}

    def take() -> None:
        if not addresses(site, customer):
            site.send("POST", f"{customer}/addresses", taken)

    written = "BEGIN IMMEDIATE" if "sqlite" in site.url else "INSERT INTO customer_address"
    with before_each(written, take):
        answer = site.send("PATCH", f"{customer}/default_billing_address", {"address1": "2 Slow Street"})
    assert (answer.status_code, answer.json["address_name"]) == (200, "Default Billing Address (2)")
    assert len(addresses(site, customer)) == 2


def test_a_name_that_the_client_chose_for_a_blank_default_is_refused_where_it_is_taken(
    site: Site, customer: str
) -> None:
    named = {"address_name": "Home", "address1": "1 Street"}
    assert site.send("POST", f"{customer}/addresses", named).status_code == 201

    assert site.send("PATCH", f"{customer}/default_billing_address", named).status_code == 409


def test_first_patches_of_a_blank_payment_method_make_one_row(site: Site, customer: str) -> None:
    method, years = f"{customer}/default_payment_method", [str(2040 + at) for at in range(FEW)]
    answers = together(site, [partial(site.send, "PATCH", method, {**CARD, "cc_exp_year": y}) for y in years])

    assert statuses(answers) == {200: FEW}
    shown = site.ask(method)
    assert shown.json["cc_exp_year"] in years
    assert shown.headers["ETag"].startswith(f'"{FEW}-')


def test_of_attributes_of_one_name_posted_at_once_one_is_made(site: Site, customer: str) -> None:
    posts = [
        partial(site.send, "POST", f"{customer}/attributes", {"name": "size", "value": str(at)})
        for at in range(10)
    ]
    answers = together(site, posts)

    assert statuses(answers) == {201: 1, 409: 9}
    (won,) = [answer.json["value"] for answer in answers if answer.status_code == 201]
    assert attributes(site, customer) == {("size", won)}


def test_replacing_all_attributes_at_once_ends_with_those_of_one_request(site: Site, customer: str) -> None:
    names = [("a", "b"), ("b", "c"), ("c", "d")] * 2
    documents = [[{"name": each, "value": f"{at}"} for each in names[at]] for at in range(FEW)]
    for _ in range(3):
        puts = [partial(site.send, "PUT", f"{customer}/attributes", document) for document in documents]
        answers = together(site, puts)
        assert statuses(answers) == {200: FEW}
        assert attributes(site, customer) in [pairs(document) for document in documents]
        for answer, document in zip(answers, documents, strict=True):
            assert pairs(answer.json["_embedded"]["fx:attributes"]) == pairs(document)


def test_merging_attributes_at_once_keeps_those_of_all(site: Site, customer: str) -> None:
    documents = [
        [{"name": f"own{at}", "value": "1"}, {"name": "shared", "value": str(at)}] for at in range(FEW)
    ]
    answers = together(
        site, [partial(site.send, "PATCH", f"{customer}/attributes", each) for each in documents]
    )

    assert statuses(answers) == {200: FEW}
    found = attributes(site, customer)
    assert {name for name, _ in found} == {*(f"own{at}" for at in range(FEW)), "shared"}


def test_an_attribute_that_is_posted_while_all_are_replaced_is_replaced_too(
    site: Site, customer: str
) -> None:
    """Whichever comes first, a replacement is never told that a name is taken."""
    url, made = f"{customer}/attributes", {"name": "n", "value": "posted"}
    for _ in range(5):
        put = partial(site.send, "PUT", url, [{"name": "n", "value": "put"}])
        replaced, *posted = together(site, [put, *[partial(site.send, "POST", url, made)] * 5])
        assert replaced.status_code == 200
        assert statuses(posted).keys() <= {201, 409}
        assert attributes(site, customer) == {("n", "put")}
        site.send("PUT", url, {"total_items": 0})


def test_a_name_that_is_taken_between_looking_and_replacing_is_looked_at_again(
    site: Site, customer: str
) -> None:
    url = f"{customer}/attributes"

    def post() -> None:
        if not attributes(site, customer):
            site.send("POST", url, {"name": "n", "value": "posted"})

    with before_each("SELECT store.customer_password_hash_type", post):
        answer = site.send("PUT", url, [{"name": "n", "value": "put"}])
    assert answer.status_code == 200
    assert attributes(site, customer) == {("n", "put")}


def test_what_is_added_while_its_customer_is_deleted_is_gone_with_the_customer(
    site: Site, customer: str
) -> None:
    writes = [
        partial(site.send, "POST", f"{customer}/attributes", {"name": "a", "value": "1"}),
        partial(site.send, "PUT", f"{customer}/attributes", [{"name": "b", "value": "1"}]),
        partial(site.send, "POST", f"{customer}/addresses", {"address_name": "x", "address1": "1"}),
        partial(site.send, "PATCH", f"{customer}/default_billing_address", {"address1": "2"}),
        partial(site.send, "PATCH", f"{customer}/default_payment_method", {**CARD, "cc_exp_year": "2040"}),
    ]
    deleted, *written = together(site, [partial(site.send, "DELETE", customer), *writes])

    assert deleted.status_code == 200
    assert statuses(written).keys() <= {200, 201, 404}
    for answer in written:
        if answer.status_code == 201:
            assert site.ask(answer.headers["Location"]).status_code == 404
    assert_counted(site)


def test_an_address_that_is_deleted_while_it_is_patched_is_gone(site: Site, customer: str) -> None:
    made = site.send("POST", f"{customer}/addresses", {"address_name": "x", "address1": "1"})
    address = made.headers["Location"]
    patches = [partial(site.send, "PATCH", address, {"city": f"C{at}"}) for at in range(FEW - 1)]
    deleted, *patched = together(site, [partial(site.send, "DELETE", address), *patches])

    assert deleted.status_code == 200
    assert statuses(patched).keys() <= {200, 404}
    assert addresses(site, customer) == []


def test_a_default_that_is_cleared_while_it_is_patched_stands_whole_or_blank(
    site: Site, customer: str
) -> None:
    default = f"{customer}/default_shipping_address"
    site.send("PATCH", default, {"address1": "1", "city": "A"})
    patches = [partial(site.send, "PATCH", default, {"address1": "2", "city": "B"})] * (FEW - 1)
    answers = together(site, [partial(site.send, "DELETE", default), *patches])

    assert statuses(answers).keys() == {200}
    shown = site.hal(default)
    assert (shown["address1"], shown["city"]) in {("2", "B"), (None, None), ("", "")}


def test_one_key_sent_several_times_at_once_is_done_once(site: Site) -> None:
    guest = {"email": "at-once@example.com", "is_anonymous": True}
    before = site.hal("/stores/66/customers?is_anonymous=true&limit=0")["total_items"]
    answers = together(site, [partial(site.send, "POST", CUSTOMERS, guest, Idempotency_Key="at-once")] * 10)

    assert statuses(answers).keys() <= {201, 409}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.data for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.headers["Retry-After"] == "1"
    assert site.hal("/stores/66/customers?is_anonymous=true&limit=0")["total_items"] == before + 1


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_with_the_tag_of_a_collection_one_write_of_it_wins_each_round(
    site: Site, customer: str, method: str
) -> None:
    url = f"{customer}/attributes"
    for number in range(4):
        tag = site.ask(url).headers["ETag"]
        bodies: list[Any] = [{"name": f"n{number}-{at}", "value": "1"} for at in range(FEW)]
        bodies = [[each] for each in bodies] if method == "PUT" else bodies
        answers = together(site, [partial(site.send, method, url, each, If_Match=tag) for each in bodies])
        won = {"PUT": 200, "POST": 201}[method]
        assert statuses(answers) == {won: 1, 412: FEW - 1}
        assert len(attributes(site, customer)) == (1 if method == "PUT" else number + 1)


def test_of_those_who_want_to_be_the_first_to_write_a_blank_one_is(site: Site, customer: str) -> None:
    default = f"{customer}/default_billing_address"
    send = partial(site.send, "PUT", default, If_None_Match="*")
    written = [{"address_name": "Home", "address1": f"{at} Street"} for at in range(FEW)]
    answers = together(site, [partial(send, each) for each in written])

    assert statuses(answers) == {200: 1, 412: FEW - 1}
    (won,) = [answer.json["address1"] for answer in answers if answer.status_code == 200]
    assert [each["address1"] for each in addresses(site, customer)] == [won]
