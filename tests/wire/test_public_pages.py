"""Home, property helpers and the documentation of link relations, for everybody."""

import json

import pytest

from app.resources import TYPES
from app.resources.property_helper import PROPERTY_HELPERS
from tests.site import BASE, FORMATS, SIREN, Site, open_site
from tests.wire.valid import REGISTRY

ON_ONE_ENGINE = True


def test_the_home_of_strangers_has_hapis_titles_and_message(site: Site) -> None:
    home = site.hal("/", token=None)

    assert home["message"] == "Welcome to the FoxyCart API!"
    assert {name: link["title"] for name, link in home["_links"].items() if name != "curies"} == {
        "self": "Your API starting point.",
        "fx:property_helpers": "Various helpers used for determing valid property values.",
        f"{BASE}/rels": "Custom Link Relationships supported by this API.",
        "fx:token": "The OAuth endpoint for obtaining a new access_token using an existing refresh_token."
        " Post www-form-url-encoded data as follows: grant_type=refresh_token&refresh_token={refresh_token}"
        "&client_id={client_id}&client_secret={client_secret}",
        "fx:create_client": "Create a client via POST.",
    }


def test_the_home_of_a_caller_leads_to_the_store(site: Site) -> None:
    link = site.hal("/")["_links"]["fx:store"]

    assert link == {
        "href": f"{BASE}/stores/66",
        "title": "The current store for your authentication token",
    }


def test_the_store_leads_to_its_collections_with_hapis_titles(site: Site) -> None:
    links = site.hal("/stores/66")["_links"]

    assert {name: link["title"] for name, link in links.items() if name != "curies"} == {
        "self": "This Store",
        "fx:attributes": "Attributes for This Store",
        "fx:customers": "Customers for This Store",
        "fx:transactions": "Transactions for This Store",
        "fx:subscriptions": "Subscriptions for This Store",
        "fx:customer_portal_settings": "Customer Portal Settings for This Store",
        "fx:webhooks": "Webhooks for This Store",
    }


def test_addresses_attributes_and_cards_have_hapis_titles(site: Site) -> None:
    assert site.hal("/customer_addresses/3")["_links"]["self"]["title"] == "Aunt Zoë"
    assert site.hal("/customer_attributes/1")["_links"]["self"]["title"] == "This customer attribute"
    card = site.hal("/customers/115/default_payment_method")
    assert card["_links"]["self"]["title"] == "Default Payment Method"
    for document in (card, site.hal("/customer_addresses/3"), site.hal("/customer_attributes/1")):
        assert document["_links"]["fx:store"]["title"] == "This Store"
        assert document["_links"]["fx:customer"]["title"] == "This Customer"


def test_hash_types_are_described_with_their_config(site: Site) -> None:
    helper = site.hal("/property_helpers/customer_password_hash_types", token=None)

    assert helper["_links"]["self"]["title"].startswith("List of valid customer password hash type values")
    assert helper["message"].endswith("in the format value => description.")
    assert set(helper["values"]["phpass"]) == {"description", "config"}
    said = helper["values"]["phpass"]["description"]
    assert said.startswith("phpass, portable mode (Wordpress, osCommerce 2.3+, etc.)")
    configs = {name: each["config"] for name, each in helper["values"].items()}
    assert (configs["phpass"], configs["pbkdf2"], configs["md5"]) == ("8", "1000, 32, sha256", None)
    assert all("hash = " in each["description"] for each in helper["values"].values())
    used = {
        each["password_hash_type"] for each in site.hal("/stores/66/customers")["_embedded"]["fx:customers"]
    }
    assert used <= set(helper["values"])


def test_countries_are_keyed_by_their_code(site: Site) -> None:
    values = site.hal("/property_helpers/countries")["values"]

    assert len(values) == 249
    assert values["CA"]["default"] == "Canada"
    assert (values["CA"]["cc2"], values["CA"]["cc3"]) == ("CA", "CAN")
    assert (values["CA"]["has_regions"], values["CA"]["regions_required"], values["CA"]["active"]) == (
        True,
        True,
        True,
    )
    assert "regions" not in values["CA"]


def test_countries_show_their_regions_on_demand(site: Site) -> None:
    values = site.hal("/property_helpers/countries?include_regions=true&active=false")["values"]

    quebec = next(each for each in values["CA"]["regions"] if each["c"] == "QC")
    assert set(quebec) == {"n", "c", "alt", "boost", "active"}
    assert "has_regions" not in values["CA"]


def test_regions_default_to_the_united_states(site: Site) -> None:
    states = site.hal("/property_helpers/regions")
    assert states["values"]["TN"]["default"] == "Tennessee"
    assert states["_links"]["fx:countries"]["href"] == f"{BASE}/property_helpers/countries"

    provinces = site.hal("/property_helpers/regions?country_code=ca")
    assert provinces["values"]["QC"]["code"] == "QC"
    assert provinces["_links"]["self"]["href"] == f"{BASE}/property_helpers/regions?country_code=ca"


@pytest.mark.parametrize("media_type", FORMATS)
def test_keyed_values_can_be_said_in_every_format(site: Site, media_type: str) -> None:
    text = site.ask("/property_helpers/regions?country_code=CA", media_type).text

    assert "Saskatchewan" in text
    if "xml" in media_type:
        assert '<value key="SK"><value key="default">Saskatchewan</value>' in text


def test_every_property_of_a_customer_is_documented_with_its_constraints(site: Site) -> None:
    page = site.hal("/rels/customer", token=None)
    customer = site.hal("/customers/115")

    shown = {name for name in customer if not name.startswith("_")}
    assert set(page["properties"]) == shown | {"password"}
    assert page["properties"]["email"]["type"] == "Email"
    assert page["properties"]["email"]["constraints"] == "Required. 100 characters or less."
    assert page["properties"]["first_name"]["constraints"] == "Optional. 50 characters or less."
    assert page["properties"]["id"]["constraints"] == "Read only."
    assert page["properties"]["is_anonymous"]["constraints"] == "Optional. Read only after creation."
    assert "Write only." in page["properties"]["password"]["constraints"]
    assert list(page["methods"]) == ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
    zoomed = site.hal(f"/customers/115?zoom={','.join(page['zoom'])}")
    assert [f"fx:{name}" for name in page["zoom"]] == list(zoomed["_embedded"])


def test_a_property_is_documented_with_what_odata_calls_it(site: Site) -> None:
    told = {
        noun: {name: each.get("odata") for name, each in site.hal(f"/rels/{noun}")["properties"].items()}
        for noun in ("customer", "customer_address", "store")
    }

    assert told["customer"]["external_id"] == "CustomerId"
    assert told["customer"]["password"] == "Password"
    assert told["customer"]["first_name"] is None
    assert told["customer_address"]["city"] == "Address/City"
    assert told["store"]["store_name"] == "Name"


def test_every_documented_relation_has_a_meaning(site: Site) -> None:
    pages = site.hal("/rels", token=None)["_embedded"]["fx:rels"]

    names = [each["rel"] for each in pages]
    declared = {each.rel for each in TYPES} | {each.name for kind in TYPES for each in kind.relations}
    declared |= {founding.name for _, founding in REGISTRY.founded()}
    declared |= {helper.name for helper in PROPERTY_HELPERS}
    others = {"home", "property_helpers", "rels", "rel", "example", "token", "checkout", "errors", "error"}
    assert names == sorted(declared | others)
    assert all(each["title"] and len(each["description"]) > 10 for each in pages)


def test_curies_lead_to_the_documentation(site: Site) -> None:
    (curie,) = site.hal("/customers/115")["_links"]["curies"]

    assert curie == {"name": "fx", "href": f"{BASE}/rels/{{rel}}", "templated": True}
    assert site.hal(curie["href"].replace("{rel}", "customer_addresses"))["rel"] == "customer_addresses"


def test_a_shop_that_moves_in_may_keep_its_base_and_its_rels(tmp_path) -> None:
    settings = {"base_url": "https://shop.example/api", "rels_url": "https://api.foxycart.com/rels/"}
    with open_site("sqlite", tmp_path, **settings) as site:
        customer = site.hal("/customers/115")
        assert customer["_links"]["self"]["href"] == "https://shop.example/api/customers/115"
        assert customer["_links"]["curies"][0]["href"] == "https://api.foxycart.com/rels/{rel}"
        assert site.xml("/customers/115").get("rel") == "https://api.foxycart.com/rels/customer"
        assert site.ask("/rels/customer").status_code == 200
        assert "https://api.foxycart.com/rels" in site.hal("/")["_links"]
        page = json.loads(site.ask("/stores/66/customers?limit=2", SIREN).data)
        assert all(link["href"].startswith("https://shop.example/api/") for link in page["links"])
