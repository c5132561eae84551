"""`zoom` embeds related resources, in a number of statements that does not grow with the page."""

import json
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.db.tables import now
from app.resources.attribute import Attribute
from app.resources.customer_address import CustomerAddress
from app.sandbox import STORE_ID
from tests.site import SIREN, XML, Site, counted_statements

ALL = "attributes,default_billing_address,default_shipping_address,default_payment_method,customer_addresses"


def test_attributes_are_embedded_unasked_and_empty_where_there_are_none(site: Site) -> None:
    assert [each["name"] for each in site.hal("/customers/115")["_embedded"]["fx:attributes"]] == [
        "Favourite colour",
        "Loyalty tier",
        "ERP reference",
    ]
    assert site.hal("/customers/117")["_embedded"] == {"fx:attributes": []}
    assert site.hal("/stores/67", token=site.other_store_token)["_embedded"] == {"fx:attributes": []}
    (hours,) = site.hal("/stores/66")["_embedded"]["fx:attributes"]
    assert (hours["name"], hours["_links"]["self"]["title"]) == ("Opening hours", "This store attribute")


def test_to_many_relations_embed_arrays_and_to_one_relations_objects(site: Site) -> None:
    embedded = site.hal(f"/customers/115?zoom={ALL}")["_embedded"]

    assert {name: type(value) for name, value in embedded.items()} == {
        "fx:attributes": list,
        "fx:default_billing_address": dict,
        "fx:default_shipping_address": dict,
        "fx:default_payment_method": dict,
        "fx:customer_addresses": list,
    }


def test_what_is_embedded_is_what_its_link_leads_to(site: Site) -> None:
    customer = site.hal(f"/customers/115?zoom={ALL}")

    for name, embedded in customer["_embedded"].items():
        linked = site.hal(customer["_links"][name]["href"])
        if isinstance(embedded, list):
            assert embedded == linked["_embedded"][name]
        else:
            assert embedded == linked


def test_blank_relations_are_embedded_blank(site: Site) -> None:
    customer = site.hal(f"/customers/146?zoom={ALL}")
    embedded = customer["_embedded"]

    assert embedded["fx:customer_addresses"] == []
    billing = embedded["fx:default_billing_address"]
    assert billing["_links"]["self"]["href"] == customer["_links"]["fx:default_billing_address"]["href"]
    assert (billing["address_name"], billing["is_default_billing"]) == ("Default Billing Address", True)
    assert (billing["address1"], billing["is_default_shipping"]) == (None, False)
    assert embedded["fx:default_payment_method"]["cc_number_masked"] is None
    assert embedded["fx:default_payment_method"]["save_cc"] is False


def test_zoom_works_on_every_item_of_a_collection(site: Site) -> None:
    page = site.hal(f"/stores/66/customers?zoom={ALL}&limit=300")

    for item in page["_embedded"]["fx:customers"]:
        alone = site.hal(f"{item['_links']['self']['href']}?zoom={ALL}")
        assert item == alone


def test_xml_and_siren_name_embedded_resources_one_by_one(site: Site) -> None:
    xml = site.ask("/customers/115?zoom=customer_addresses", XML).text
    siren = json.loads(site.ask("/customers/115?zoom=customer_addresses", SIREN).data)

    assert xml.count('rel="http://localhost/rels/customer_address"') == 3
    rels = [entity["rel"] for entity in siren["entities"]]
    assert rels.count(["http://localhost/rels/customer_address"]) == 3


@pytest.mark.parametrize(
    "zoom", ["fx:customer_addresses", "customer_addresses,customer_addresses", "customer_addresses,"]
)
def test_prefixes_repetitions_and_empty_names_do_no_harm(site: Site, zoom: str) -> None:
    expected = site.hal("/customers/115?zoom=customer_addresses")

    assert site.hal(f"/customers/115?zoom={zoom}") == expected
    assert site.hal(f"/customers/115?zoom=attributes&zoom={zoom}") == expected


def test_the_names_that_clients_send_for_transactions_and_subscriptions_are_known(site: Site) -> None:
    for path in (
        "/stores/66/transactions?zoom=items,customer:default_billing_address",
        "/stores/66/subscriptions?zoom=transaction_template:items,customer",
        "/stores/66/transactions?customer_id=115&zoom=items",
    ):
        page = site.hal(path)
        (rows,) = page["_embedded"].values()
        assert len(rows) == page["total_items"] > 0
        names = {each.partition(":")[0] for each in path.partition("zoom=")[2].split(",")}
        assert all(f"fx:{name}" in row["_embedded"] for row in rows for name in names)


def test_a_transaction_embeds_its_customer_and_its_items_in_their_order(site: Site) -> None:
    (first, second) = site.hal("/stores/66/transactions?customer_id=115&zoom=items,customer")["_embedded"][
        "fx:transactions"
    ]

    assert [each["code"] for each in first["_embedded"]["fx:items"]] == ["BK-0817", "PC-0007"]
    assert first["_embedded"]["fx:customer"] == second["_embedded"]["fx:customer"]
    assert first["_embedded"]["fx:customer"] == site.hal("/customers/115")
    assert first["_embedded"]["fx:items"] == site.hal("/transactions/1/items")["_embedded"]["fx:items"]
    assert (first["total_item_price"], first["total_order"]) == (31.7, 40.19)


@pytest.mark.parametrize(
    "path", ["/customers/115", "/stores/66/customers?limit=20", "/stores/66/customers?limit=300"]
)
def test_all_zooms_cost_at_most_six_statements(site: Site, engine_name: str, path: str) -> None:
    zoomed = f"{path}{'&' if '?' in path else '?'}zoom={ALL}"
    site.hal(zoomed)
    with counted_statements() as statements:
        site.hal(zoomed)

    about_tokens = [each for each in statements if "token" in each]
    assert len(about_tokens) == (0 if engine_name == "sqlite" else 1)
    assert len(statements) - len(about_tokens) <= 6
    assert len(set(statements)) == len(statements), "no statement runs twice"


def test_a_page_of_300_costs_as_many_statements_as_one_of_20(site: Site) -> None:
    site.hal("/")
    counts = []
    for limit in (1, 20, 300):
        with counted_statements() as statements:
            site.hal(f"/stores/66/customers?limit={limit}&zoom={ALL}")
        counts.append(len(statements))

    assert len(set(counts)) == 1


@pytest.mark.parametrize(
    ("zoom", "named"),
    [
        ("nonsense", "nonsense"),
        ("customer_addresses,bad", "bad"),
        ("store", "store"),
        ("attributes:customer", "customer"),
        ("customer_addresses:customer:customer_addresses", "customer"),
        (",".join(f"name{number}" for number in range(40)), "name0"),
        ("attributes:" * 30, "attributes"),
        ("<script>", "<script>"),
    ],
)
def test_an_unknown_zoom_is_named_together_with_what_is_offered(site: Site, zoom: str, named: str) -> None:
    status, errors = site.refused(f"/customers/115?zoom={zoom}")

    assert status == 400
    assert errors[0]["property"] == "zoom"
    assert named in errors[0]["message"]


def test_a_zoom_of_a_thousand_names_is_refused(site: Site) -> None:
    status, errors = site.refused("/customers/115?zoom=" + ",".join(["items"] * 1000))

    assert (status, errors[0]["code"]) == (400, "zoom_too_wide")


def test_a_to_many_zoom_shows_300_and_never_hides_a_default(own_site: Site) -> None:
    address_rows(own_site, 116, range(1000, 1400), is_default_shipping=1399)

    embedded = own_site.hal(f"/customers/116?zoom={ALL}")["_embedded"]
    assert len(embedded["fx:customer_addresses"]) == 300
    assert embedded["fx:default_shipping_address"]["address_name"] == "Address 1399"
    for limit in (20, 300):
        page = own_site.hal(f"/stores/66/customers?limit={limit}&zoom={ALL}")
        item = page["_embedded"]["fx:customers"][1]
        assert item["_embedded"] == embedded


def address_rows(site: Site, customer_id: int, ids: range, *, is_default_shipping: int) -> None:
    """Many addresses; the last becomes the default for shipping."""
    values: list[dict[str, Any]] = [
        {
            "store_id": STORE_ID,
            "id": number,
            "customer_id": customer_id,
            "address_name": f"Address {number}",
            "is_default_shipping": number == is_default_shipping,
        }
        for number in ids
    ]
    with site.engine.begin() as connection:
        old = update(CustomerAddress).where(
            CustomerAddress.store_id == STORE_ID, CustomerAddress.customer_id == customer_id
        )
        connection.execute(old.values(is_default_shipping=False))
        connection.execute(insert(CustomerAddress), values)


def test_a_few_owners_with_very_many_are_capped_each(own_site: Site) -> None:
    attribute_rows(own_site, {116: 9_000, 117: 2_000, 118: 5})

    page = own_site.hal("/stores/66/customers?limit=20")
    counts = {
        each["id"]: len(each["_embedded"]["fx:attributes"]) for each in page["_embedded"]["fx:customers"]
    }
    assert (counts[116], counts[117], counts[118]) == (300, 300, 5)


def test_more_than_ten_thousand_embedded_resources_are_refused(own_site: Site) -> None:
    attribute_rows(own_site, dict.fromkeys(range(115, 146), 400))
    for number in range(116, 119):
        address_rows(own_site, number, range(number * 1000, number * 1000 + 300), is_default_shipping=0)

    assert own_site.ask("/stores/66/customers?limit=300").status_code == 200
    assert own_site.ask("/stores/66/customers?limit=20&zoom=customer_addresses").status_code == 200
    status, errors = own_site.refused("/stores/66/customers?limit=300&zoom=customer_addresses")
    assert (status, errors[0]["code"]) == (400, "zoom_too_large")
    assert "smaller limit" in errors[0]["message"]


def attribute_rows(site: Site, counts: dict[int, int]) -> None:
    values = [
        {
            "store_id": STORE_ID,
            "id": 100_000 * customer + number,
            "customer_id": customer,
            "name": f"Many {number}",
            "value": "x",
            "date_created": now(),
        }
        for customer, count in counts.items()
        for number in range(count)
    ]
    with site.engine.begin() as connection:
        connection.execute(insert(Attribute), values)
