"""What is written in OData while others write, and what webhooks and the audit trail are told of it."""

import json
from functools import partial
from uuid import uuid4

import pytest

from tests.logs import captured_logs
from tests.odata.requests import new_customer, new_entity, odata
from tests.racing import FEW, assert_counted, statuses, together
from tests.site import Site, counted_statements, hash_cheaply, writing
from tests.wire.events import add_webhook, forget, names, recorded

STREET = {"Address": {"Address1": "1 Way"}}


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def test_of_many_who_become_the_default_at_once_one_is_it(site: Site) -> None:
    owner = new_customer(site)["Id"]
    sent = {**STREET, "IsDefault": True, "DisplayLabel": "Home"}
    add = partial(odata, site, "POST", f"Customer({owner})/BillingAddresses", sent)
    answers = together(site, [add] * FEW)
    assert statuses(answers) == {201: FEW}, [each.text for each in answers]

    shown = site.hal(f"/customers/{owner}/addresses")["_embedded"]["fx:customer_addresses"]
    assert [each["is_default_billing"] for each in shown].count(True) == 1
    assert len({each["address_name"] for each in shown}) == FEW

    made = [json.loads(each.data)["Id"] for each in answers]
    moves = [
        partial(odata, site, "PATCH", f"CustomerBillingAddress({each})", {"IsDefault": True}) for each in made
    ]
    assert statuses(together(site, moves)) == {200: FEW}
    shown = site.hal(f"/customers/{owner}/addresses")["_embedded"]["fx:customer_addresses"]
    assert [each["is_default_billing"] for each in shown].count(True) == 1


def test_of_many_customers_with_addresses_and_one_email_one_is_created(site: Site) -> None:
    email = f"{uuid4().hex}@example.com"
    sent = {
        "Email": email,
        "Password": "the same",
        "BillingAddresses": [STREET],
        "ShippingAddresses": [STREET],
    }
    answers = together(site, [partial(odata, site, "POST", "Customer", sent)] * FEW)
    assert statuses(answers) == {201: 1, 409: FEW - 1}, [each.text for each in answers]
    (made,) = [json.loads(each.data)["Id"] for each in answers if each.status_code == 201]
    assert site.hal(f"/customers/{made}/addresses")["total_items"] == 2
    assert_counted(site)


def test_changes_of_several_properties_at_once_are_all_kept(site: Site) -> None:
    made = new_customer(site)["Id"]
    sent = {"Name": "Ada L", "TaxExempt": True, "CustomerId": "E", "OpenAccount": True, "IsActive": False}
    patches = [
        partial(odata, site, "PATCH", f"Customer({made})", {name: value}) for name, value in sent.items()
    ]
    assert statuses(together(site, patches)) == {200: len(sent)}
    found = odata(site, "GET", f"Customer({made})").json
    assert {name: found[name] for name in sent} == sent


def test_of_those_who_saw_the_same_one_wins(site: Site) -> None:
    made = new_customer(site)
    patch = partial(odata, site, "PATCH", f"Customer({made['Id']})", If_Match=made["@odata.etag"])
    answers = together(site, [partial(patch, {"Name": f"N{each}"}) for each in range(FEW)])
    assert statuses(answers) == {200: 1, 412: FEW - 1}


def test_webhooks_are_told_in_the_apis_words(own_site: Site) -> None:
    hash_cheaply(own_site)
    add_webhook(own_site)
    made = new_customer(own_site, BillingAddresses=[STREET])
    number = made["Id"]
    assert names(own_site) == [("customer/created", number)]
    for method, path, body in (
        ("PATCH", f"Customer({number})", {"Name": "Ada L"}),
        ("PUT", f"Customer({number})/Name", {"value": "Ada M"}),
        ("POST", f"Customer({number})/ShippingAddresses", STREET),
        ("PATCH", f"CustomerBillingAddress({made['BillingAddresses'][0]['Id']})", {"IsDefault": True}),
        ("DELETE", f"CustomerBillingAddress({made['BillingAddresses'][0]['Id']})", None),
    ):
        forget(own_site)
        assert odata(own_site, method, path, body).status_code < 300
        assert names(own_site) == [("customer/modified", number)], (method, path)
    forget(own_site)
    assert odata(own_site, "PATCH", f"Customer({number})", {"Name": "Ada M"}).status_code == 200
    assert odata(own_site, "PATCH", f"Customer({number})", {"Email": "x"}).status_code == 400
    assert names(own_site) == [], "nothing was changed"
    assert odata(own_site, "DELETE", f"Customer({number})").status_code == 204
    (gone,) = recorded(own_site)
    assert gone.name == "customer/deleted"
    payload = json.loads(gone.payload or "")
    assert (payload["id"], payload["first_name"], payload["last_name"]) == (number, "Ada", "M")
    assert payload["_links"]["self"]["href"] == f"http://localhost/customers/{number}"


def test_a_new_password_stands_in_the_audit_trail_and_nowhere_is_what_it_is(site: Site) -> None:
    made = new_customer(site)["Id"]
    with captured_logs() as lines:
        assert odata(site, "PATCH", f"Customer({made})", {"Password": "Canary-secret-2"}).status_code == 200
        odata(site, "PATCH", f"Customer({made})", {"Password": "Canary-secret-2" * 9})
    (line,) = lines.of("audit", what="secret_changed")
    assert (line["resource"], line["resource_id"], line["properties"]) == ("customer", made, "password")
    assert line["address"] == "127.0.0.1"
    assert "Canary-secret-2" not in repr(lines.all)


def test_a_change_takes_no_more_statements_than_it_must(site: Site) -> None:
    owner = new_customer(site)["Id"]
    address = new_entity(site, f"Customer({owner})/BillingAddresses", **STREET)["Id"]
    with counted_statements() as statements:
        odata(site, "PATCH", f"CustomerBillingAddress({address})", {"DisplayLabel": "A"})
    assert len(writing(statements)) <= 2, statements
