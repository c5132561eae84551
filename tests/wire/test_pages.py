"""Collections come in pages whose links carry the query on, and end."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.site import BASE, XML, Site

CUSTOMERS = "/stores/66/customers"


def walk(site: Site, path: str, rel: str = "next") -> list[dict]:
    """The pages that a client sees who follows a link until it is missing."""
    pages = [site.hal(path)]
    while link := pages[-1]["_links"].get(rel):
        pages.append(site.hal(link["href"]))
        assert len(pages) < 200, "walking does not end"
    return pages


def ids(pages: list[dict]) -> list[int]:
    return [each["id"] for page in pages for each in page["_embedded"]["fx:customers"]]


def test_a_page_says_how_many_there_are_and_which_it_shows(site: Site) -> None:
    page = site.hal(f"{CUSTOMERS}?limit=5&offset=10")

    counters = {name: page[name] for name in ("total_items", "returned_items", "limit", "offset")}
    assert counters == {"total_items": 31, "returned_items": 5, "limit": 5, "offset": 10}
    assert list(page) == ["_links", "_embedded", "total_items", "returned_items", "limit", "offset"]


def test_the_links_of_a_page_have_hapis_titles_and_order(site: Site) -> None:
    links = site.hal(f"{CUSTOMERS}?limit=5&offset=10")["_links"]

    assert {name: link["title"] for name, link in links.items() if name != "curies"} == {
        "self": "This Collection",
        "first": "First Page of this Collection",
        "prev": "Previous Page of this Collection",
        "next": "Next Page of this Collection",
        "last": "Last Page of this Collection",
    }
    assert list(links) == ["curies", "self", "first", "prev", "next", "last"]


def test_the_default_page_has_twenty_and_the_largest_three_hundred(site: Site) -> None:
    assert site.hal(CUSTOMERS)["limit"] == 20
    assert site.hal(CUSTOMERS)["returned_items"] == 20
    assert site.hal(f"{CUSTOMERS}?limit=301")["limit"] == 300
    assert site.hal(f"{CUSTOMERS}?limit=2147483647")["limit"] == 300


@pytest.mark.parametrize("limit", [1, 2, 7, 20, 31, 300])
def test_following_next_shows_every_row_once_and_ends(site: Site, limit: int) -> None:
    pages = walk(site, f"{CUSTOMERS}?limit={limit}")

    assert ids(pages) == list(range(115, 146))
    assert {page["total_items"] for page in pages} == {31}


def test_walking_by_offset_shows_the_same_as_by_next(site: Site) -> None:
    by_offset = [site.hal(f"{CUSTOMERS}?limit=7&offset={offset}") for offset in range(0, 35, 7)]

    assert ids(by_offset) == ids(walk(site, f"{CUSTOMERS}?limit=7"))


def test_a_full_last_page_is_followed_by_an_empty_one_without_next(site: Site) -> None:
    last = walk(site, f"{CUSTOMERS}?limit=31")[-1]

    assert (last["returned_items"], last["offset"], last["total_items"]) == (0, 31, 31)
    assert last["_embedded"] == {"fx:customers": []}
    assert "next" not in last["_links"]


def test_following_prev_from_the_end_leads_to_the_first_page(site: Site) -> None:
    pages = walk(site, f"{CUSTOMERS}?limit=10&offset=30", rel="prev")

    assert [page["offset"] for page in pages] == [30, 20, 10, 0]
    assert "prev" not in pages[-1]["_links"]


def test_the_first_page_has_no_prev_and_a_page_that_is_not_full_no_next(site: Site) -> None:
    links = site.hal(f"{CUSTOMERS}?limit=300")["_links"]

    assert list(links) == ["curies", "self", "first", "last"]


def test_last_leads_to_the_last_rows(site: Site) -> None:
    page = site.hal(site.hal(f"{CUSTOMERS}?limit=10")["_links"]["last"]["href"])

    assert (page["offset"], page["returned_items"]) == (30, 1)


def test_a_limit_of_zero_answers_the_counters_alone(site: Site) -> None:
    page = site.hal(f"{CUSTOMERS}?limit=0")

    assert (page["total_items"], page["returned_items"], page["limit"]) == (31, 0, 0)
    assert "next" not in page["_links"]
    assert "prev" not in site.hal(f"{CUSTOMERS}?limit=0&offset=9")["_links"]


def test_page_links_carry_the_query_on(site: Site) -> None:
    links = site.hal(f"{CUSTOMERS}?zoom=customer_addresses&fields=email,id&is_anonymous=false&limit=3")[
        "_links"
    ]

    for name in ("first", "next", "last"):
        query = dict(parse_qsl(urlsplit(links[name]["href"]).query))
        assert query["zoom"] == "customer_addresses"
        assert query["fields"] == "email,id"
        assert query["is_anonymous"] == "false"
        assert query["limit"] == "3"


def test_self_is_what_was_asked_for(site: Site) -> None:
    assert site.hal(CUSTOMERS)["_links"]["self"]["href"] == f"{BASE}{CUSTOMERS}"
    asked = f"{CUSTOMERS}?limit=3&zoom=attributes,customer_addresses"
    assert site.hal(asked)["_links"]["self"]["href"] == f"{BASE}{asked}"


def test_an_offset_beyond_the_end_is_an_empty_page_with_the_right_total(site: Site) -> None:
    page = site.hal(f"{CUSTOMERS}?offset=2147483647")

    assert (page["total_items"], page["returned_items"]) == (31, 0)


def test_guests_are_left_out_unless_they_are_asked_for(site: Site) -> None:
    guests = site.hal(f"{CUSTOMERS}?is_anonymous=true")
    registered = site.hal(f"{CUSTOMERS}?is_anonymous=false")

    assert guests["total_items"] == 10
    assert all(each["is_anonymous"] for each in guests["_embedded"]["fx:customers"])
    assert registered["total_items"] == site.hal(CUSTOMERS)["total_items"] == 31
    emails = [each["email"] for each in guests["_embedded"]["fx:customers"]]
    assert len(set(emails)) < len(emails), "guests may share an email"


def test_a_customer_with_25_attributes_shows_all_embedded_and_pages_of_them(site: Site) -> None:
    assert len(site.hal("/customers/145")["_embedded"]["fx:attributes"]) == 25
    page = site.hal("/customers/145/attributes")
    assert (page["total_items"], page["returned_items"]) == (25, 20)
    rest = site.hal(page["_links"]["next"]["href"])
    assert (rest["total_items"], rest["returned_items"]) == (25, 5)


def test_fields_choose_the_properties_of_the_items_and_keep_links(site: Site) -> None:
    page = site.hal(f"{CUSTOMERS}?fields=email,id&limit=2")

    for item in page["_embedded"]["fx:customers"]:
        assert list(item) == ["_links", "_embedded", "id", "email"]
        assert "fx:store" in item["_links"]
    assert page["total_items"] == 31
    assert list(site.hal("/customers/115?fields=last_name")) == ["_links", "_embedded", "last_name"]
    xml = site.xml("/customers/115?fields=last_name")
    assert [each.tag for each in xml if each.tag not in {"link", "resource"}] == ["last_name"]


def test_fields_work_with_zoom_and_on_blank_resources(site: Site) -> None:
    customer = site.hal("/customers/115?fields=id&zoom=customer_addresses")

    assert len(customer["_embedded"]["fx:customer_addresses"]) == 3
    blank = site.hal("/customers/146/default_billing_address?fields=address_name")
    assert list(blank) == ["_links", "address_name"]
    stored = site.hal("/customers/115/default_billing_address")
    assert site.hal("/customers/115/default_billing_address?fields=") == stored


def test_collections_in_xml_carry_no_rel_and_items_their_single_one(site: Site) -> None:
    root = site.xml(f"{CUSTOMERS}?limit=2")

    assert root.get("rel") is None
    assert root.get("href") == f"{BASE}{CUSTOMERS}?limit=2"
    assert [each.get("rel") for each in root.findall("resource")] == [f"{BASE}/rels/customer"] * 2
    assert [each.tag for each in root][-4:] == ["total_items", "returned_items", "limit", "offset"]
    assert site.ask(f"{CUSTOMERS}?limit=2&zoom=attributes", XML).status_code == 200


def test_collections_in_siren_offer_paging_as_an_action(site: Site) -> None:
    page = site.siren(f"{CUSTOMERS}?limit=2")

    action, _ = page["actions"]
    assert (action["method"], action["href"]) == ("GET", f"{BASE}{CUSTOMERS}")
    fields = {each["name"]: each["type"] for each in action["fields"]}
    assert {"limit", "offset", "zoom", "fields", "order", "email", "date_created"} <= fields.keys()
    assert (fields["is_anonymous"], fields["id"], fields["last_name"]) == ("checkbox", "number", "text")
    assert not [name for name in fields if name.startswith("password") or name == "forgot_password"]


def test_transactions_and_subscriptions_answer_filtered_by_customer(site: Site) -> None:
    for name in ("transactions", "subscriptions"):
        href = site.hal("/customers/115")["_links"][f"fx:{name}"]["href"]
        page = site.hal(href)
        found = page["_embedded"][f"fx:{name}"]
        assert page["total_items"] == len(found)
        assert {each["_links"]["fx:customer"]["href"] for each in found} <= {f"{BASE}/customers/115"}
        assert page["_links"]["self"]["href"] == href
        assert site.hal(href.replace("=115", "=999"))["total_items"] == 0
