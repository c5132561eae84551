"""One customer, two faces: what the one writes the other reads, and nothing is lost on the way."""

import json
from typing import Any

import pytest

from tests.odata.requests import odata
from tests.odata.seed import SEED
from tests.odata.wire import ask, found
from tests.site import SIREN, Site
from tests.wire.events import add_webhook, recorded

OF_HAL = {
    "Email": "email",
    "CurrencyCode": "currency_code",
    "CustomerId": "external_id",
    "IsActive": "is_active",
    "IsGuest": "is_anonymous",
    "TaxExempt": "tax_exempt",
    "OpenAccount": "open_account",
    "EnableCreditCards": "enable_credit_cards",
    "EnableBudgets": "enable_budgets",
    "EnableDiscounts": "enable_discounts",
    "ForcePasswordReset": "force_password_reset",
    "AllowBillingAddressManagement": "allow_billing_address_management",
    "AllowShippingAddressManagement": "allow_shipping_address_management",
}
"""The properties that both faces show as they are."""

UNUSUAL = {
    "CurrencyCode": "CHF",
    "CustomerId": "ERP 7/1",
    "IsActive": False,
    "TaxExempt": True,
    "OpenAccount": True,
    "EnableCreditCards": False,
    "EnableBudgets": False,
    "EnableDiscounts": False,
    "ForcePasswordReset": True,
    "AllowBillingAddressManagement": False,
    "AllowShippingAddressManagement": False,
}
"""For each property that can be changed, a value that is not its default."""

ADDRESS = {
    "Name": "Grace Brewster Hopper", "Company": "Navy", "Address1": "1 Pier", "Address2": "Dock 2",
    "City": "Arlington", "State": "VA", "PostalCode": "22202", "CountryCode": "US", "Phone": "+1 555 0100",
}  # fmt: skip
OF_HAL_ADDRESS = {
    "Company": "company", "Address1": "address1", "Address2": "address2", "City": "city", "State": "region",
    "PostalCode": "postal_code", "CountryCode": "country", "Phone": "phone",
}  # fmt: skip


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def made(site: Site, **given: Any) -> tuple[str, str, dict[str, Any]]:
    """A new customer's path on each face, and what OData says of them."""
    answer = odata(site, "POST", "Customer", given)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = json.loads(answer.data)
    return f"/customers/{document['Id']}", f"Customer({document['Id']})", document


def test_every_property_of_the_seed_goes_through_both_faces_and_back(site: Site) -> None:
    addresses = {
        name: [{"DisplayLabel": f"{name} 1", "IsDefault": True, "IsLocked": True, "Address": ADDRESS}]
        for name in ("BillingAddresses", "ShippingAddresses")
    }
    sent = {"Email": "seed@both.example", "Name": "Grace Brewster Hopper", **UNUSUAL, **addresses}
    hal, entity, _ = made(site, Password="correct horse", **sent)
    everything = f"{entity}?$expand=Account,BillingAddresses,ShippingAddresses"
    first = found(site, everything)
    assert set(SEED) - {"Password"} == {name for name in first if "@" not in name}

    shown = site.hal(f"{hal}?zoom=customer_addresses,default_billing_address,default_shipping_address")
    assert {name: shown[OF_HAL[name]] for name in OF_HAL} == {name: first[name] for name in OF_HAL}
    assert (shown["first_name"], shown["last_name"]) == ("Grace Brewster", "Hopper")
    assert shown["_links"]["fx:store"]["href"].endswith(f"/stores/{first['AccountId']}")
    for name, rel in (("BillingAddresses", "billing"), ("ShippingAddresses", "shipping")):
        (address,) = first[name]
        default = shown["_embedded"][f"fx:default_{rel}_address"]
        assert address["Address"] == ADDRESS
        assert {each: default[OF_HAL_ADDRESS[each]] for each in OF_HAL_ADDRESS} == {
            each: ADDRESS[each] for each in OF_HAL_ADDRESS
        }
        assert (default["display_label"], default["is_locked"], default[f"is_default_{rel}"]) == (
            f"{name} 1", True, True,
        )  # fmt: skip

    back = site.send("PUT", hal, {name: value for name, value in shown.items() if name != "_embedded"})
    assert back.status_code == 200, back.text
    own = {name: value for name, value in first.items() if "@" not in name and name not in EXPANDED}
    returned = odata(site, "PUT", entity, own)
    assert returned.status_code == 200, returned.text
    assert comparable(found(site, everything)) == comparable(first)
    assert comparable(site.hal(hal)) == comparable(shown)


EXPANDED = ("Account", "BillingAddresses", "ShippingAddresses")


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what every write changes."""
    moving = ("LastModifiedDate", "date_modified", "@entity.context", "@entity.etag", "_links", "_embedded")
    return {name: value for name, value in document.items() if name not in moving}


def test_what_changes_on_one_face_has_a_new_tag_on_the_other(site: Site) -> None:
    hal, entity, _ = made(site, Email="tags@both.example", Name="Old Name")
    seen, tag = site.ask(hal).headers["ETag"], ask(site, entity).headers["ETag"]

    assert odata(site, "PATCH", entity, {"Name": "New Name"}, If_Match=tag).status_code == 200
    assert site.ask(hal).headers["ETag"] != seen
    assert site.send("PATCH", hal, {"first_name": "Late"}, If_Match=seen).status_code == 412
    assert site.send("PATCH", hal, {"first_name": "Newer"}).status_code == 200
    assert odata(site, "PATCH", entity, {"Name": "Late"}, If_Match=tag).status_code == 412
    assert found(site, entity)["Name"] == "Newer Name"


def test_a_name_that_is_read_and_written_back_is_not_taken_apart(site: Site) -> None:
    hal, entity, _ = made(site, Email="names@both.example")
    site.send("PATCH", hal, {"first_name": "Mary", "last_name": "Ann Smith"})

    name = found(site, entity)["Name"]
    assert name == "Mary Ann Smith"
    odata(site, "PATCH", entity, {"Name": name})
    shown = site.hal(hal)
    assert (shown["first_name"], shown["last_name"]) == ("Mary", "Ann Smith")


def test_a_face_writes_only_what_it_shows(site: Site) -> None:
    flags = {"CustomerId": "kept", "OpenAccount": True}
    hal, entity, _ = made(site, Email="only@both.example", Name="Ada Okafor", **flags)
    site.send("PATCH", hal, {"tax_id": "GB 1", "password": "correct horse"})
    kept = site.hal(hal)

    assert odata(site, "PUT", entity, {"Email": "only@both.example"}).status_code == 200
    after = site.hal(hal)
    assert (after["tax_id"], after["password_hash"]) == ("GB 1", kept["password_hash"])
    assert (after["external_id"], after["open_account"], after["first_name"]) == (None, False, None)

    odata(site, "PATCH", entity, flags)
    site.send("PUT", hal, {"email": "only@both.example"})
    assert {name: found(site, entity)[name] for name in flags} == flags


def test_customers_lead_from_hal_and_siren_to_odata(site: Site) -> None:
    hal, entity, _ = made(site, Email="bridge@both.example")

    link = site.hal(hal)["_links"]["alternate"]
    assert link["href"] == f"http://localhost/odata/v1/{entity}"
    assert found(site, link["href"])["Email"] == "bridge@both.example"
    (siren,) = (each for each in site.siren(hal)["links"] if each["rel"] == ["alternate"])
    assert (siren["href"], siren["type"]) == (link["href"], "application/json")


def test_one_address_of_both_sets_is_one_row_and_goes_with_its_last_use(site: Site) -> None:
    hal, entity, _ = made(site, Email="rows@both.example")
    address = {"address_name": "Both", "address1": "1 Way", "for_billing": True, "for_shipping": True}
    assert site.send("POST", f"{hal}/addresses", address).status_code == 201

    (billing,) = found(site, f"{entity}/BillingAddresses")["value"]
    (shipping,) = found(site, f"{entity}/ShippingAddresses")["value"]
    assert billing["Id"] == shipping["Id"]
    place = f"CustomerBillingAddress({billing['Id']})"
    assert odata(site, "PATCH", place, {"Address": {"City": "Oslo"}}).status_code == 200
    (row,) = site.hal(f"{hal}/addresses")["_embedded"]["fx:customer_addresses"]
    assert (row["city"], row["address1"]) == ("Oslo", "1 Way")
    assert ask(site, place, method="DELETE").status_code == 204
    (row,) = site.hal(f"{hal}/addresses")["_embedded"]["fx:customer_addresses"]
    assert (row["for_billing"], row["for_shipping"]) == (False, True)
    assert ask(site, f"CustomerShippingAddress({billing['Id']})", method="DELETE").status_code == 204
    assert site.hal(f"{hal}/addresses")["total_items"] == 0


def test_events_tell_of_what_is_written_in_odata(own_site: Site) -> None:
    add_webhook(own_site)
    _, entity, created = made(own_site, Email="events@both.example", Name="Old")
    odata(own_site, "PATCH", entity, {"Name": "New"})
    odata(own_site, "PATCH", entity, {"Name": "New"})  # which changes nothing
    odata(own_site, "POST", f"{entity}/BillingAddresses", {"Address": {"Address1": "1 Way"}})
    odata(own_site, "DELETE", entity, {})

    assert [each.name for each in recorded(own_site) if each.resource_id == created["Id"]] == [
        "customer/created", "customer/modified", "customer/modified", "customer/deleted",
    ]  # fmt: skip


def test_siren_shows_what_odata_wrote(site: Site) -> None:
    hal, entity, _ = made(site, Email="siren@both.example", CustomerId="S-1")

    properties = json.loads(site.ask(hal, SIREN).data)["properties"]
    assert (properties["external_id"], properties["email"]) == ("S-1", found(site, entity)["Email"])
