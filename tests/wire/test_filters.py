"""Filters find the resources that their conditions describe: these and no others, on each engine."""

from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.site import Site, counted_statements
from tests.wire.crowd import CUSTOMERS, NAMES, attributes, crowd
from tests.wire.meanings import OWN, PEOPLE, RELATED, THEIRS, Clause, Said, expected

assert crowd  # a fixture

LAW = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def query(*filters: str) -> str:
    """Filters, each `name=value`, as a query string."""
    pairs = (each.partition("=") for each in filters)
    return "&".join(f"{quote(name)}={quote(value)}" for name, _, value in pairs)


def found(site: Site, *filters: str) -> list[int]:
    """The ids of all customers that pass the filters."""
    page = site.hal(f"{CUSTOMERS}?{query(*filters)}&limit=300&fields=id")
    ids: list[int] = [each["id"] for each in page["_embedded"]["fx:customers"]]
    assert page["total_items"] == page["returned_items"] == len(ids) == len(set(ids))
    return ids


def written(clause: Clause) -> str:
    return "|".join(said.text for said in clause)


@pytest.mark.parametrize("group", range(10))
def test_each_condition_finds_what_it_means(crowd: Site, group: int) -> None:
    for said in (*OWN, *THEIRS)[group::10]:
        assert sorted(found(crowd, said.text)) == expected([[said]]), said.text


conditions = st.one_of(st.sampled_from(OWN), st.sampled_from(THEIRS))
clauses = st.lists(st.lists(conditions, min_size=1, max_size=3), min_size=1, max_size=4)


@LAW
@given(asked=clauses)
def test_conditions_are_joined_by_or_within_a_value_and_by_and_between_parameters(
    crowd: Site, asked: list[list[Said]]
) -> None:
    assert sorted(found(crowd, *(written(clause) for clause in asked))) == expected(asked)


def test_several_conditions_on_one_relation_hold_for_the_same_related_row(crowd: Site) -> None:
    apart = found(crowd, "customer_addresses:city=Berlin", "is_anonymous=*")
    both = found(crowd, "customer_addresses:city=Berlin", "customer_addresses:country=DE", "is_anonymous=*")

    rows = RELATED["customer_addresses"]
    berlin = {each["customer_id"] for each in rows if each["city"] == "Berlin"}
    germany = {each["customer_id"] for each in rows if each["city"] == "Berlin" and each["country"] == "DE"}
    assert (set(apart), set(both)) == (berlin, germany)
    assert germany < berlin


def test_a_named_attribute_is_one_of_its_own_each_time(crowd: Site) -> None:
    ids = found(crowd, "attributes:name[color]=*", "attributes:name[size]=*", "is_anonymous=*")

    def named(name: str) -> set[int]:
        return {each["customer_id"] for each in RELATED["attributes"] if each["name"] == name}

    assert set(ids) == named("color") & named("size") != set()


def test_a_restricted_attribute_is_found_only_by_the_client_that_made_it(crowd: Site) -> None:
    hidden = {each["customer_id"] for each in attributes() if each["visibility"] == "restricted"}

    assert hidden
    assert found(crowd, "attributes:visibility=restricted", "is_anonymous=*") == []
    assert len(found(crowd, "attributes:visibility:not=restricted", "is_anonymous=*")) == len(PEOPLE)


def test_filtering_by_a_related_row_needs_no_zoom_and_embeds_nothing(crowd: Site) -> None:
    path = f"{CUSTOMERS}?customer_addresses:city=Berlin&limit=1"

    (customer,) = crowd.hal(path)["_embedded"]["fx:customers"]
    assert list(customer["_embedded"]) == ["fx:attributes"]
    (customer,) = crowd.hal(f"{path}&zoom=customer_addresses&fields=email")["_embedded"]["fx:customers"]
    assert list(customer["_embedded"]) == ["fx:attributes", "fx:customer_addresses"]
    assert "Berlin" in {each["city"] for each in customer["_embedded"]["fx:customer_addresses"]}


def test_guests_are_hidden_until_is_anonymous_is_named_anywhere(crowd: Site) -> None:
    guests = {each["id"] for each in PEOPLE if each["is_anonymous"]}

    assert not guests & set(found(crowd, "last_name=*"))
    assert guests == set(found(crowd, "is_anonymous=true"))
    assert guests < set(found(crowd, "is_anonymous=false|is_anonymous=true"))
    assert guests < set(found(crowd, "is_anonymous=*"))
    assert guests & set(found(crowd, "id=1..90|is_anonymous=true"))
    assert found(crowd, "is_anonymous=true", "is_anonymous=false") == []


def test_a_last_alternative_that_a_client_cut_off_is_ignored(crowd: Site) -> None:
    assert found(crowd, "is_anonymous=false|is_anonymous") == found(crowd)
    assert found(crowd, "last_name=Smith|email:in") == found(crowd, "last_name=Smith")


def test_a_bar_before_anything_but_a_known_filter_is_text(crowd: Site) -> None:
    people = [each for each in PEOPLE if not each["is_anonymous"]]

    assert (
        found(crowd, "last_name=a|b") == [each["id"] for each in people if each["last_name"] == "a|b"] != []
    )
    assert found(crowd, "last_name=Smith|unknown=x") == []
    assert found(crowd, "last_name=Smith|password_hash=x") == []


def test_a_date_that_a_customer_shows_finds_that_customer(crowd: Site) -> None:
    for each in crowd.hal(f"{CUSTOMERS}?limit=30&date_created=*")["_embedded"]["fx:customers"]:
        shown = each["date_created"]
        for spelled in (shown, shown[:19], shown[:19].replace("T", " "), shown[:10], f"{shown}..{shown}"):
            assert each["id"] in found(crowd, f"date_created={spelled}"), spelled


def test_an_email_that_a_customer_shows_finds_that_customer(crowd: Site) -> None:
    for each in crowd.hal(f"{CUSTOMERS}?limit=30")["_embedded"]["fx:customers"]:
        path = f"{CUSTOMERS}?email={quote(each['email'].upper(), safe='+@')}"  # a raw +, as clients send it
        assert [one["id"] for one in crowd.hal(path)["_embedded"]["fx:customers"]] == [each["id"]]


def test_filters_of_other_collections_know_their_owner(crowd: Site) -> None:
    page = crowd.hal("/customers/9/addresses?city=*&order=city desc")
    ours = [each for each in RELATED["customer_addresses"] if each["customer_id"] == 9]

    assert page["total_items"] == len([each for each in ours if each["city"] is not None])
    attributes = crowd.hal("/customers/12/attributes?name:not=color")
    assert {each["name"] for each in attributes["_embedded"]["fx:attributes"]} <= set(NAMES) - {"color"}
    assert crowd.hal("/stores/66/transactions?customer:email=x@example.com")["total_items"] == 0
    assert crowd.hal("/stores/66/subscriptions?customer:attributes:name%5Ba%5D=b")["total_items"] == 0


def test_another_stores_rows_are_never_found(crowd: Site) -> None:
    theirs = crowd.hal("/stores/67/customers?zoom=customer_addresses", token=crowd.other_store_token)

    for each in theirs["_embedded"]["fx:customers"]:
        assert found(crowd, f"email={each['email']}", "is_anonymous=*") == []
        for address in each["_embedded"]["fx:customer_addresses"]:
            assert found(crowd, f"customer_addresses:address1={address['address1']}") == []


def test_page_links_carry_filters_and_order_percent_encoded(crowd: Site) -> None:
    asked = query(
        "last_name:not=a|b|email=*é&x*", "attributes:name[a[b]c]:not=re*d|id=1..x", "order=email desc"
    )
    page = crowd.hal(f"{CUSTOMERS}?{asked}&is_anonymous=*&limit=2&offset=2")

    assert {"first", "prev", "next", "last", "self"} <= page["_links"].keys()
    for name in ("first", "prev", "next", "last", "self"):
        href = page["_links"][name]["href"]
        assert href.isascii()
        assert set(parse_qsl(asked)) <= set(parse_qsl(urlsplit(href).query))
        assert crowd.ask(href).status_code == 200


def test_a_filtered_page_costs_no_statement_more_than_its_rows_and_their_count(crowd: Site) -> None:
    path = f"{CUSTOMERS}?last_name=S*&customer_addresses:city:not=Rome&order=email"
    crowd.hal(path)

    with counted_statements() as statements:
        crowd.hal(path)
    assert len([each for each in statements if "FROM customer" in each]) == 1
    with counted_statements() as statements:
        crowd.hal(f"{path}&limit=1")
    assert len([each for each in statements if "FROM customer" in each]) == 2


def test_the_documentation_tells_what_can_be_filtered_and_how(crowd: Site) -> None:
    page = crowd.hal("/rels/customers")
    filters = page["filters"]

    assert {"limit", "offset", "cursor", "order", "zoom", "fields"} == set(page["parameters"])
    assert {"id", "email", "is_anonymous", "date_created", "attributes:…", "customer_addresses:…"} <= set(
        filters
    )
    assert not {"password", "password_hash", "password_hash_type", "forgot_password"} & set(filters)
    for name, forms in filters.items():
        value = "1" if name == "id" else "2013-08-16" if ":lessthan=" in forms else "true"
        special = {
            "=a..b": f"={value}..{value}",
            "=*text*": "=*x*",
            "=*": "=*",
            ":isdefined=": ":isdefined=true",
        }
        for form in forms.split(", ") if not name.endswith(":…") else ():
            sent = f"{name}{special.get(form, form + value)}"
            assert crowd.ask(f"{CUSTOMERS}?{sent}").status_code == 200, sent
