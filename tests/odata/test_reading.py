"""What is read in OData: documents, sets and their pages, entities, properties, numbers; and in what form."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from tests.odata.seed import SHOWN
from tests.odata.wire import SERVICE, ask, found, refused, values
from tests.site import Site

LUKE = "Customer(115)"


def test_the_service_document_names_the_sets(site: Site) -> None:
    document = found(site, "")

    assert document["@odata.context"] == f"{SERVICE}$metadata"
    names = [each["name"] for each in document["value"]]
    assert names == ["Customer", "CustomerBillingAddress", "CustomerShippingAddress", "Account"]
    assert all(
        each == {"name": each["name"], "kind": "EntitySet", "url": each["name"]} for each in document["value"]
    )


OWN_ID = "X-Request-ID"
"""Another one in each answer."""


@pytest.mark.parametrize("path", ["", "$metadata"])
def test_anybody_may_know_what_the_service_offers_but_a_wrong_key_is_told(site: Site, path: str) -> None:
    with site.app.test_client() as client:
        assert client.get(f"/odata/v1/{path}").status_code == 200
    assert ask(site, path, Authorization="Bearer nonsense").status_code == 401


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/xml"),
        ("*/*", "application/xml"),
        ("application/xml", "application/xml"),
        ("application/xml, application/json;q=0.8", "application/xml"),
        ("application/json", "application/json"),
        ("application/json;odata.metadata=full, */*;q=0.1", "application/json"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9", "application/xml"),
    ],
)
def test_metadata_is_xml_unless_json_is_preferred(site: Site, accept: str | None, kind: str) -> None:
    answer = ask(site, "$metadata", accept=accept)

    assert (answer.status_code, answer.content_type, answer.headers["OData-Version"]) == (200, kind, "4.0")
    assert json.loads(answer.data) if kind.endswith("json") else etree.fromstring(answer.data) is not None
    assert ask(site, "$metadata?$format=json").content_type == "application/json"
    assert ask(site, "$metadata?$format=xml", accept="application/json").content_type == "application/xml"


EXCEL = (
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,"
    "application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7"
)


@pytest.mark.parametrize(
    ("accept", "highest", "kind"),
    [(EXCEL, "4.0", "application/xml"), (EXCEL, "4.01", "application/json"),
     ("application/json", "4.0", "application/json")],
)  # fmt: skip
def test_a_client_that_reads_no_more_than_4_0_gets_metadata_in_xml_where_it_takes_that(
    site: Site, accept: str, highest: str, kind: str
) -> None:
    assert ask(site, "$metadata", accept=accept, OData_MaxVersion=highest).content_type == kind


def test_a_customer_shows_what_the_seed_has_and_never_a_password(site: Site) -> None:
    luke = found(site, LUKE)

    assert luke.pop("@odata.context") == f"{SERVICE}$metadata#Customer/$entity"
    assert luke.pop("@odata.etag") == ask(site, LUKE).headers["ETag"]
    assert list(luke) == list(SHOWN)
    assert all(isinstance(value, SHOWN[name]) for name, value in luke.items())


def test_what_is_expanded_stands_in_the_customer(site: Site) -> None:
    luke = found(site, f"{LUKE}?$expand=Account,BillingAddresses,ShippingAddresses")

    assert luke["Account"]["Id"] == luke["AccountId"] == 66
    for name in ("BillingAddresses", "ShippingAddresses"):
        listed = found(site, f"{LUKE}/{name}")
        assert listed["@odata.context"] == f"{SERVICE}$metadata#Customer{name[:-9]}Address"
        assert luke[name] == listed["value"]
        assert all(each["CustomerId"] == 115 for each in listed["value"])
    assert luke["BillingAddresses"][0]["Address"]["City"]


WAYS = {
    "Customer(115)": "Customer(115)",
    "Customer(Id=115)": "Customer(115)",
    "Customer/115": "Customer(115)",
    "Customers(115)": "Customer(115)",
    "Customer%28115%29": "Customer(115)",
    "Customer(115)/Account": "Account(66)",
    "CustomerBillingAddress(1)/Customer": "Customer(115)",
    "Customer(115)/BillingAddresses(1)": "CustomerBillingAddress(1)",
    "Customer(115)/BillingAddresses(1)/Customer/Account": "Account(66)",
}


@pytest.mark.parametrize(("way", "place"), WAYS.items())
def test_there_are_several_ways_to_an_entity(site: Site, way: str, place: str) -> None:
    assert found(site, way) == found(site, place)


@pytest.mark.parametrize(
    "path",
    [
        "Customer(99999)", "Customer(201)", "Customer(99999)/BillingAddresses", "Customer(99999)/$value",
        "Customer(116)/BillingAddresses(1)", "Account(67)", "Nothing", "Customer(115)/Nothing",
        "Customer(115)/Password", "Customer(115)/Password/$value", "Customer(0)", "Customer(2147483648)",
        "Customer(201)/Name", "Customer(201)/BillingAddresses/$count",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found_in_odatas_words(site: Site, path: str) -> None:
    status, error = refused(site, path)

    assert status == 404
    assert all([error["code"], error["message"], error["innererror"]["logref"]])


def test_a_property_is_read_alone_raw_and_as_nothing(site: Site) -> None:
    assert found(site, f"{LUKE}/Name") == {
        "@odata.context": f"{SERVICE}$metadata#Customer(115)/Name", "value": "Test User",
    }  # fmt: skip
    raw = ask(site, f"{LUKE}/IsActive/$value")
    assert (raw.text, raw.content_type) == ("true", "text/plain; charset=utf-8")
    assert ask(site, f"{LUKE}/Id/$value").text == "115"
    assert ask(site, f"{LUKE}/LastModifiedDate/$value").text == "2013-08-16T21:13:54Z"
    empty = ask(site, f"{LUKE}/CurrencyCode")
    assert (empty.status_code, empty.data) == (204, b"")
    address = found(site, "CustomerBillingAddress(1)/Address")
    assert address.pop("@odata.context") == f"{SERVICE}$metadata#CustomerBillingAddress(1)/Address"
    assert address == found(site, "CustomerBillingAddress(1)")["Address"]
    assert found(site, "CustomerBillingAddress(1)/Address/City")["value"] == address["City"]


def test_numbers_are_text_whatever_is_accepted(site: Site) -> None:
    number = ask(site, "Customer/$count")

    assert (number.status_code, number.text) == (200, str(len(every(site, "Customer"))))
    assert ask(site, "Customer/$count?$filter=IsGuest eq true&$top=1").text == str(
        len(values(site, "Customer?$filter=IsGuest eq true"))
    )
    assert ask(site, f"{LUKE}/BillingAddresses/$count").text == "1"


def every(site: Site, path: str, **headers: str) -> list[dict[str, Any]]:
    """All entities, by following `@odata.nextLink` to its end."""
    entities: list[dict[str, Any]] = []
    while path:
        page = found(site, path, **headers)
        entities += page["value"]
        path = page.get("@odata.nextLink", "")
    return entities


def test_guests_are_listed_too_by_ascending_id(site: Site) -> None:
    listed = every(site, "Customer")

    assert [each["Id"] for each in listed] == sorted(each["Id"] for each in listed)
    assert {each["IsGuest"] for each in listed} == {True, False}


ORDERS = (
    "", "$orderby=Name", "$orderby=LastLoginDate desc", "$orderby=CurrencyCode,Name desc",
    "$orderby=length(Email) desc", "$orderby=IsGuest,LastLoginDate", "$filter=Id gt 116&$orderby=Email",
)  # fmt: skip


@pytest.mark.parametrize("query", ORDERS)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size_are_parts_of_one_list(site: Site, query: str, size: int) -> None:
    whole = found(site, f"Customer?{query}&$select=Id")["value"]

    paged = every(site, f"Customer?{query}&$select=Id", Prefer=f"odata.maxpagesize={size}")
    assert paged == whole


@pytest.mark.parametrize(("top", "skip"), [(0, 0), (5, 0), (12, 3), (500, 0), (500, 38), (3, 1000)])
def test_top_and_skip_hold_for_all_pages_together(site: Site, top: int, skip: int) -> None:
    ids = values(site, "Customer?$orderby=Email desc&$select=Id")

    asked = f"Customer?$orderby=Email desc&$select=Id&$top={top}&$skip={skip}&$count=true"
    paged = every(site, asked, Prefer="maxpagesize=5")
    assert [each["Id"] for each in paged] == ids[skip : skip + top]
    assert found(site, asked)["@odata.count"] == len(ids)


def test_what_comes_next_is_asked_with_the_same_options(site: Site) -> None:
    query = f"$filter={quote('Id gt 116 and Name ne null')}&$select=Id,Name&$count=true"
    query += "&$expand=BillingAddresses($select=Id)"

    first = found(site, f"Customer?{query}", Prefer="odata.maxpagesize=3")
    second = found(site, first["@odata.nextLink"])
    assert second["@odata.count"] == first["@odata.count"]
    assert second["@odata.context"] == first["@odata.context"]
    assert (
        list(second["value"][0])
        == list(first["value"][0])
        == ["@odata.etag", "Id", "Name", "BillingAddresses"]
    )


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "%00", "W10", "eyJhIjoxfQ"])
def test_a_skiptoken_that_is_none_is_refused(site: Site, token: str) -> None:
    status, error = refused(site, f"Customer?$skiptoken={token}")

    assert (status, error["target"]) == (400, "$skiptoken")


def test_only_what_is_selected_is_shown_and_its_address_where_the_key_is_not(site: Site) -> None:
    whole = found(site, "CustomerBillingAddress(1)")

    assert list(found(site, f"{LUKE}?$select=Name,Id")) == ["@odata.context", "@odata.etag", "Id", "Name"]
    named = found(site, f"{LUKE}?$select=Name")
    assert named["@odata.id"] == f"{SERVICE}Customer(115)"
    assert named["@odata.context"] == f"{SERVICE}$metadata#Customer(Name)/$entity"
    both = found(site, f"{LUKE}?$select=Id,Account")
    assert both["@odata.context"] == f"{SERVICE}$metadata#Customer(Id,Account)/$entity"
    city = found(site, "CustomerBillingAddress(1)?$select=Id,Address/City")
    assert city["Address"] == {"City": whole["Address"]["City"]}
    assert found(site, f"{LUKE}?$select=*").keys() == found(site, LUKE).keys()


def test_metadata_is_as_much_as_is_asked_for(site: Site) -> None:
    none = found(site, f"{LUKE}?$expand=Account", accept="application/json;odata.metadata=none")
    full = found(site, f"{LUKE}?$expand=Account", accept="application/json;odata.metadata=full")

    assert [name for name in none if "@" in name] == [] == [name for name in none["Account"] if "@" in name]
    assert (full["@odata.type"], full["@odata.id"]) == ("#Patron.Customer", f"{SERVICE}Customer(115)")
    assert full["Id@odata.type"] == "#Int32"
    assert full["LastLoginDate@odata.type"] == "#DateTimeOffset"
    assert found(site, full["BillingAddresses@odata.navigationLink"])["value"]
    assert found(site, full["@odata.editLink"]) == found(site, LUKE)
    assert found(site, full["Account"]["@odata.readLink"])["Id"] == 66  # which nobody edits
    plain = {name: value for name, value in full.items() if "@" not in name and name != "Account"}
    assert plain == {name: value for name, value in none.items() if name != "Account"}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "application/json;odata.metadata=minimal"),
        ("*/*", "application/json;odata.metadata=minimal"),
        ("text/html, */*;q=0.1", "application/json;odata.metadata=minimal"),
        ("application/json;odata=verbose, application/json", "application/json;odata.metadata=minimal"),
        ("application/json;metadata=none", "application/json;odata.metadata=none"),
        ("application/json;odata.metadata=full;q=0.5", "application/json;odata.metadata=full"),
        (
            "application/json;q=0.2, application/json;odata.metadata=none",
            "application/json;odata.metadata=none",
        ),
        (
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=true",
            "application/json;odata.metadata=minimal;IEEE754Compatible=true",
        ),
    ],
)
def test_json_is_as_accept_wants_it(site: Site, accept: str | None, content_type: str) -> None:
    assert ask(site, LUKE, accept=accept).headers["Content-Type"] == content_type


def test_large_numbers_are_texts_where_they_must_be_exact(site: Site) -> None:
    counted = found(site, "Customer?$count=true&$top=0", accept="application/json;IEEE754Compatible=true")

    assert isinstance(counted["@odata.count"], str)


@pytest.mark.parametrize(
    ("path", "headers", "status", "target"),
    [
        (LUKE, {"accept": "application/xml"}, 406, "Accept"),
        (LUKE, {"accept": "application/json;odata.metadata=some"}, 406, "Accept"),
        (f"{LUKE}?$format=atom", {}, 406, "$format"),
        (f"{LUKE}?$format=json;odata.metadata=some", {}, 406, "$format"),
        ("$metadata", {"accept": "text/html"}, 406, "Accept"),
        ("$metadata?$format=yaml", {}, 406, "$format"),
        ("?$filter=Id eq 1", {}, 400, "$filter"),
        ("$metadata?$top=1", {}, 400, "$top"),
        ("$metadata/Customer", {}, 404, None),
        (LUKE, {"OData_Version": "3.0"}, 400, "OData-Version"),
        (LUKE, {"OData_MaxVersion": "3.0"}, 400, "OData-MaxVersion"),
        (LUKE, {"OData_MaxVersion": "x"}, 400, "OData-MaxVersion"),
        (f"{LUKE}?$filter=Id eq 115", {}, 400, "$filter"),
        ("Customer?$top=-1", {}, 400, "$top"),
        ("Customer?$nonsense=1", {}, 400, "$nonsense"),
        ("Customer?$top=1&$top=2", {}, 400, "$top"),
        ("Customer?$search=Luke", {}, 501, "$search"),
        ("Customer?$apply=aggregate($count as N)", {}, 501, "$apply"),
        ("Customer?$filter=Password eq 'x'", {}, 400, "$filter"),
        ("Customer?$filter=password_hash eq 'x'", {}, 400, "$filter"),
        ("Customer?$orderby=Password", {}, 400, "$orderby"),
        ("Customer?$select=Password", {}, 400, "$select"),
        ("Customer?$expand=Password", {}, 400, "$expand"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_target(
    site: Site, path: str, headers: dict[str, Any], status: int, target: str | None
) -> None:
    answer = ask(site, path, **headers)
    error = json.loads(answer.data)["error"]

    assert (answer.status_code, error.get("target")) == (status, target)
    assert (answer.headers["OData-Version"], answer.headers["Content-Language"]) == ("4.0", "en")
    assert answer.headers["Content-Type"] == "application/json;odata.metadata=minimal"


@pytest.mark.parametrize(
    "condition", ["null", "contains(Name,null)", "contains(null,'a')", "Name eq @q and null"]
)
def test_a_condition_that_is_null_is_true_of_nobody(site: Site, condition: str) -> None:
    assert values(site, f"Customer?$filter={condition}") == []


@pytest.mark.parametrize("version", ["4.0", "4.01"])
def test_both_versions_of_odata_4_are_understood_and_the_first_is_answered(site: Site, version: str) -> None:
    answer = ask(site, LUKE, OData_Version=version, OData_MaxVersion=version)

    assert (answer.status_code, answer.headers["OData-Version"]) == (200, "4.0")


def test_the_dollar_may_be_left_out_and_names_of_options_have_no_case(site: Site) -> None:
    assert values(site, "Customer?filter=Id gt 116&TOP=2") == values(
        site, "Customer?$filter=Id gt 116&$top=2"
    )


def test_a_client_that_has_the_entity_is_told_so_unless_more_is_expanded(site: Site) -> None:
    tag = ask(site, LUKE).headers["ETag"]

    same = ask(site, LUKE, If_None_Match=tag)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert ask(site, LUKE, If_None_Match=f'"other", {tag}').status_code == 304
    assert ask(site, LUKE, If_None_Match='W/"99"').status_code == 200
    assert ask(site, f"{LUKE}?$expand=BillingAddresses", If_None_Match=tag).status_code == 200
    assert ask(site, LUKE, If_Match='W/"99"').status_code == 412
    assert ask(site, LUKE, If_Match=tag).status_code == 200


@pytest.mark.parametrize("path", ["", "$metadata", "Customer", LUKE, f"{LUKE}/Name", "Customer/$count"])
def test_head_is_get_without_a_body_and_options_tell_what_may_be_done(site: Site, path: str) -> None:
    got, head = ask(site, path, accept=None), ask(site, path, accept=None, method="HEAD")

    assert (head.status_code, head.data) == (200, b"")
    assert {**head.headers, OWN_ID: ""} == {**got.headers, OWN_ID: ""}
    options = ask(site, path, method="OPTIONS")
    refusal = ask(site, path, method="BREW")
    assert (options.status_code, refusal.status_code) == (204, 405)
    assert options.headers["Allow"] == refusal.headers["Allow"]
    assert json.loads(refusal.data)["error"]["code"] == "method_not_allowed"
