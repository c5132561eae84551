"""Conditional requests, HEAD, OPTIONS and the headers that every answer carries (RFC 9110)."""

import json

import pytest
from sqlalchemy import update

from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from tests.site import BASE, FORMATS, HAL, SIREN, XML, Site

PATHS = (
    "/",
    "/stores/66",
    "/customers/115",
    "/customers/115?zoom=customer_addresses",
    "/stores/66/customers",
    "/customers/115/default_billing_address",
    "/property_helpers",
    "/rels/customer",
)


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_has_the_representation_gets_304_without_a_body(
    site: Site, path: str, media_type: str
) -> None:
    first = site.ask(path, media_type)
    again = site.ask(path, media_type, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Content-Location"):
        assert again.headers.get(name) == first.headers.get(name)


@pytest.mark.parametrize("header", ["*", "W/{tag}", '"x", {tag}', '"x",W/{tag} , "y"'])
def test_if_none_match_compares_weakly_and_takes_lists(site: Site, header: str) -> None:
    tag = site.ask("/customers/115").headers["ETag"]

    answer = site.ask("/customers/115", headers={"If-None-Match": header.format(tag=tag)})
    assert answer.status_code == 304


@pytest.mark.parametrize("header", ['"x"', "", "nonsense", '"', 'W/"1-"', "\x80"])
def test_other_tags_get_the_representation(site: Site, header: str) -> None:
    assert site.ask("/customers/115", headers={"If-None-Match": header}).status_code == 200


def test_tags_differ_by_format_zoom_and_fields(site: Site) -> None:
    asked = [(path, each) for path in (*PATHS[2:4], "/customers/115?fields=id") for each in FORMATS]

    tags = [site.ask(path, media_type).headers["ETag"] for path, media_type in asked]
    assert len(set(tags)) == len(asked)


def test_tags_begin_with_the_version_of_the_row(own_site: Site) -> None:
    assert own_site.ask("/customers/115").headers["ETag"].startswith('"1-')
    with own_site.engine.begin() as connection:
        row = update(Customer).where(Customer.store_id == STORE_ID, Customer.id == 115)
        connection.execute(row.values(version=7))

    assert own_site.ask("/customers/115", XML).headers["ETag"].startswith('"7-')


def test_a_change_of_what_is_embedded_changes_the_tag(own_site: Site) -> None:
    before = own_site.ask("/customers/115").headers["ETag"]
    with own_site.engine.begin() as connection:
        row = update(Attribute).where(Attribute.store_id == STORE_ID, Attribute.id == 1)
        connection.execute(row.values(value="ochre"))

    answer = own_site.ask("/customers/115", headers={"If-None-Match": before})
    assert answer.status_code == 200


def test_if_modified_since_is_ignored(site: Site) -> None:
    answer = site.ask("/customers/115", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})

    assert answer.status_code == 200


def test_last_modified_is_in_gmt(site: Site) -> None:
    assert site.ask("/customers/115").headers["Last-Modified"] == "Fri, 16 Aug 2013 21:13:54 GMT"
    assert "Last-Modified" not in site.ask("/").headers


@pytest.mark.parametrize("path", [*PATHS, "/nowhere", "/customers/1"])
def test_every_answer_says_what_it_varies_by_and_that_it_is_private(site: Site, path: str) -> None:
    headers = site.ask(path).headers

    assert headers["Vary"] == "Accept, Authorization"
    assert headers["Cache-Control"] in {"private, must-revalidate", "no-store"}
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
def test_head_is_get_without_the_body(site: Site, path: str, media_type: str) -> None:
    got, head = site.ask(path, media_type), site.ask(path, media_type, method="HEAD")

    assert (head.status_code, head.data) == (got.status_code, b"")
    different = {name for name, value in got.headers.items() if head.headers.get(name) != value}
    assert different - {"X-Request-ID"} <= ({"Content-Length"} if path == "/nowhere" else set())


def test_link_headers_mirror_the_links(site: Site) -> None:
    links = site.hal("/customers/115")["_links"]
    header = site.ask("/customers/115", method="HEAD").headers["Link"]

    for name, link in links.items():
        if name != "curies":
            rel = name.replace("fx:", f"{BASE}/rels/")
            assert f'<{link["href"]}>;rel="{rel}";title="{link["title"]}"' in header


ALLOWED = {
    "/": "GET, HEAD, OPTIONS",
    "/rels/customer": "GET, HEAD, OPTIONS",
    "/property_helpers/countries": "GET, HEAD, OPTIONS",
    "/stores/66": "GET, HEAD, PUT, PATCH, OPTIONS",
    "/stores/66/customers?limit=1": "GET, HEAD, POST, OPTIONS",
    "/stores/66/attributes": "GET, HEAD, POST, PUT, PATCH, OPTIONS",
    "/customers/115?zoom=customer_addresses": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    "/customers/115/addresses": "GET, HEAD, POST, OPTIONS",
    "/customers/115/default_billing_address": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    "/customers/115/default_payment_method": "GET, HEAD, PUT, PATCH, OPTIONS",
    "/customer_addresses/1": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    "/customer_attributes/1": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    "/stores/66/transactions": "GET, HEAD, POST, OPTIONS",
}


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("path", ALLOWED)
def test_options_says_which_methods_are_supported(site: Site, path: str, media_type: str) -> None:
    answer = site.ask(path, media_type, method="OPTIONS")

    assert (answer.status_code, answer.headers["Allow"]) == (200, ALLOWED[path])
    assert answer.headers["Content-Type"] == media_type
    assert f"Supported here: {ALLOWED[path]}." in answer.text
    if media_type == HAL:
        assert json.loads(answer.data)["_links"]["curies"]


def test_a_link_without_get_says_so(site: Site) -> None:
    assert site.ask("/customers/115/send_webhooks", method="OPTIONS").headers["Allow"] == "POST, OPTIONS"
    answer = site.ask("/customers/115/send_webhooks")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    assert site.ask("/customers/999/send_webhooks", method="OPTIONS").status_code == 404


def test_a_stored_default_address_has_the_same_self_wherever_it_appears(site: Site) -> None:
    for media_type in (HAL, XML, SIREN):
        answer = site.ask("/customers/115/default_billing_address", media_type)
        assert answer.headers["Content-Location"] == f"{BASE}/customer_addresses/1"
        assert answer.data == site.ask("/customer_addresses/1", media_type).data
    assert "Content-Location" not in site.ask("/customer_addresses/1").headers
    assert "Content-Location" not in site.ask("/customers/146/default_billing_address").headers
    partial = site.ask("/customers/115/default_billing_address?fields=city")
    assert "Content-Location" not in partial.headers, "it is not what stands there"


def test_the_content_type_carries_no_charset(site: Site) -> None:
    assert [site.ask("/customers/115", each).headers["Content-Type"] for each in FORMATS] == list(FORMATS)


@pytest.mark.parametrize("name", ["FOXY-API-VERSION", "FOXYCART-API-VERSION"])
def test_the_version_header_is_optional_and_1(site: Site, name: str) -> None:
    assert site.ask("/customers/115", headers={name: "1"}).status_code == 200
    status, errors = site.refused("/customers/115", headers={name: "2"})
    assert (status, errors[0]["property"]) == (400, name)


def test_a_content_type_without_a_body_is_no_error(site: Site) -> None:
    assert site.ask("/customers/115", headers={"Content-Type": "application/json"}).status_code == 200


@pytest.mark.parametrize("path", ["/customers/115", "/stores/66/customers", "/"])
def test_a_read_goes_ahead_only_while_if_match_holds(site: Site, path: str) -> None:
    tag = site.ask(path).headers["ETag"]

    assert site.ask(path, headers={"If-Match": tag}).status_code == 200
    assert site.ask(path, headers={"If-Match": "*"}).status_code == 200
    refused, errors = site.refused(path, headers={"If-Match": '"99-stale"'})
    assert (refused, errors[0]["property"]) == (412, "If-Match")
