"""What OData clients write: the same rows as the API's, by the same checks, in OData's words."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.odata.edm import MODEL
from app.resources.customer import Customer
from tests.odata.requests import error_of, new_customer, new_entity, odata, told
from tests.odata.wire import found, values
from tests.site import Site

STREET = {"Address": {"Address1": "1 Way"}}


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def entity(site: Site, path: str) -> dict[str, Any]:
    answer = odata(site, "GET", path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_what_is_created_is_where_the_answer_says_as_it_says(site: Site) -> None:
    sent = {
        "Email": "whole@example.com",
        "Name": "Mary Ann Smith",
        "IsActive": False,
        "CurrencyCode": "EUR",
        "CustomerId": "ERP-9",
        "TaxExempt": True,
        "OpenAccount": True,
        "EnableCreditCards": False,
        "EnableBudgets": False,
        "EnableDiscounts": False,
        "ForcePasswordReset": True,
        "AllowBillingAddressManagement": False,
        "AllowShippingAddressManagement": False,
    }
    answer = odata(site, "POST", "Customer", {**sent, "Password": "correct horse"})

    assert answer.status_code == 201, answer.text
    made = json.loads(answer.data)
    assert {name: made[name] for name in sent} == sent
    assert answer.headers["Location"] == f"http://localhost/odata/v1/Customer({made['Id']})"
    assert answer.headers["ETag"] == made["@odata.etag"] == 'W/"1"'
    assert "correct horse" not in answer.text
    assert told(entity(site, f"Customer({made['Id']})")) == told(made)
    shown = site.hal(f"/customers/{made['Id']}")
    assert (shown["first_name"], shown["last_name"], shown["external_id"]) == ("Mary Ann", "Smith", "ERP-9")
    assert shown["password_hash_type"] == "bcrypt"


def test_null_stands_for_the_default_of_a_new_flag_and_of_no_other(site: Site) -> None:
    flags = dict.fromkeys(("IsActive", "TaxExempt", "EnableBudgets", "IsGuest"))
    made = new_customer(site, Password=None, Name=None, **flags)
    assert [made[each] for each in flags] == [True, False, True, False]

    answer = odata(site, "PATCH", f"Customer({made['Id']})", {"IsActive": None})
    assert (answer.status_code, error_of(answer)["target"]) == (400, "IsActive")
    assert error_of(odata(site, "POST", "Customer", {"Email": None}))["target"] == "Email"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"Nickname": "x"}, "Nickname"),
    ({"email": "a@example.com"}, "email"),
    ({"password_hash": "x"}, "password_hash"),
    ({"store_id": 67}, "store_id"),
    ({"Email": "nonsense"}, "Email"),
    ({"Email": 5}, "Email"),
    ({"Name": "x" * 256}, "Name"),
    ({"CurrencyCode": "ZZZ"}, "CurrencyCode"),
    ({"IsActive": "true"}, "IsActive"),
    ({"Password": "x" * 51}, "Password"),
    ({"Account@odata.bind": "Account(67)"}, "Account"),
    ({"Account@odata.bind": "http://localhost/odata/v1/Customer(66)"}, "Account"),
    ({"Account": {"Id": 66}}, "Account"),
    ({"BillingAddresses@odata.bind": ["CustomerBillingAddress(1)"]}, "BillingAddresses"),
    ({"BillingAddresses": {}}, "BillingAddresses"),
    ({"BillingAddresses": [1]}, "BillingAddresses"),
    ({"BillingAddresses": [{"Address": 1}]}, "BillingAddresses/0/Address"),
    ({"BillingAddresses": [{"Address": {"Street": "x"}}]}, "BillingAddresses/0/Address/Street"),
    ({"BillingAddresses": [{**STREET, "Customer": {}}]}, "BillingAddresses/0/Customer"),
    ({"BillingAddresses": [{**STREET, "CustomerId": 115}]}, "BillingAddresses/0/CustomerId"),
    ({"ShippingAddresses": [STREET, {}]}, "ShippingAddresses/1/Address/Address1"),
    ({"BillingAddresses": [{**STREET, "IsDefault": True}] * 2}, "BillingAddresses/IsDefault"),
    ({"BillingAddresses": [STREET] * 51}, "BillingAddresses"),
]


@pytest.mark.parametrize(("sent", "target"), WRONG, ids=[f"{at}-{each[1]}" for at, each in enumerate(WRONG)])
def test_what_makes_no_sense_is_refused_by_its_name_and_nothing_is_written(
    site: Site, sent: dict[str, Any], target: str
) -> None:
    def customers() -> int:
        with site.engine.begin() as connection:
            counted = select(func.count()).select_from(Customer).where(Customer.store_id == 66)
            return connection.scalar(counted)

    before = customers()
    answer = odata(site, "POST", "Customer", {"Email": "wrong@example.com", **sent})

    assert (answer.status_code, error_of(answer)["target"]) == (400, target), answer.text
    assert customers() == before


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"Name":"a","Name":"b"}', {}, 400),
        (b'{"Name":"\\u0000"}', {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {"Content_Type": "text/plain"}, 415),
        (b"{}", {"Content_Type": "application/xml"}, 415),
        (b"{}", {"Content_Type": "application/json;charset=latin-1"}, 415),
        (b"{}", {"Content_Encoding": "gzip"}, 415),
        (b"{}", {"Accept": "application/xml"}, 406),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    site: Site, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert odata(site, "PATCH", "Customer(116)", body, **headers).status_code == status


def test_what_is_read_only_and_what_is_said_besides_is_passed_over(site: Site) -> None:
    made = new_customer(site, Name="A B")
    sent = {**made, "Id": 1, "AccountId": 67, "CreateDate": "x", "@odata.type": "Patron.Customer", "x@y.z": 1}
    answer = odata(site, "PUT", f"Customer({made['Id']})", sent | {"Account@odata.bind": "Account(66)"})
    assert answer.status_code == 200, answer.text
    assert answer.json == made, "what is sent back as it was is no change"


def test_a_registered_email_is_taken_on_both_faces(site: Site) -> None:
    email = new_customer(site)["Email"]
    for answer in (
        odata(site, "POST", "Customer", {"Email": email.upper()}),
        odata(site, "PATCH", f"Customer({new_customer(site)['Id']})", {"Email": email}),
    ):
        assert (answer.status_code, error_of(answer)["code"]) == (409, "taken")
        assert error_of(answer)["target"] == "Email"
    assert new_customer(site, Email=email, IsGuest=True)["IsGuest"]


def test_whether_somebody_is_a_guest_is_settled_once(site: Site) -> None:
    path = f"Customer({new_customer(site)['Id']})"
    assert odata(site, "PATCH", path, {"IsGuest": False}).status_code == 200
    for value in (True, "x", 0):
        answer = odata(site, "PATCH", path, {"IsGuest": value})
        assert (answer.status_code, error_of(answer)["target"]) == (400, "IsGuest")


def test_a_patch_changes_what_it_says_and_a_put_all_that_this_face_shows(site: Site) -> None:
    made = new_customer(site, Name="Ada L", TaxExempt=True, CustomerId="E", Password="kept as it is")
    path, hal = f"Customer({made['Id']})", f"/customers/{made['Id']}"
    site.send("PATCH", hal, {"tax_id": "T-1"})
    hashed = site.hal(hal)["password_hash"]
    patched = odata(site, "PATCH", path, {"EnableBudgets": False}).json
    changed = {"EnableBudgets": False, "LastModifiedDate": patched["LastModifiedDate"]}
    assert told(patched) == told(made) | changed

    put = odata(site, "PUT", path, {"Email": made["Email"]}).json
    assert (put["Name"], put["TaxExempt"], put["CustomerId"], put["EnableBudgets"]) == (
        None,
        False,
        None,
        True,
    )
    shown = site.hal(hal)
    assert (shown["tax_id"], shown["password_hash"], shown["first_name"]) == ("T-1", hashed, None)
    assert error_of(odata(site, "PUT", path, {"Name": "X"}))["target"] == "Email"


def test_a_put_in_the_api_leaves_alone_what_it_does_not_show(site: Site) -> None:
    made = new_customer(site, Name="Mary Ann Smith", TaxExempt=True)
    shown = site.hal(f"/customers/{made['Id']}")
    put = {"email": shown["email"], "first_name": shown["first_name"], "last_name": shown["last_name"]}
    assert site.send("PUT", f"/customers/{made['Id']}", put).status_code == 200
    after = entity(site, f"Customer({made['Id']})")
    assert (after["Name"], after["TaxExempt"]) == ("Mary Ann Smith", True)


NAMES = [
    ("Cher", "Cher", None),
    (" Mary  Ann  Smith ", "Mary  Ann", "Smith"),
    ("x" * 60 + " " + "y" * 60, "x" * 50, "y" * 50),
    ("", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(("name", "first", "last"), NAMES, ids=range(len(NAMES)))
def test_a_name_is_kept_as_written_and_parted_for_the_api(
    site: Site, name: str | None, first: str | None, last: str | None
) -> None:
    made = new_customer(site, Name=name)
    assert made["Name"] == name
    shown = site.hal(f"/customers/{made['Id']}")
    assert (shown["first_name"], shown["last_name"]) == (first, last)


def test_names_that_are_written_back_as_they_are_stay_parted_as_they_are(site: Site) -> None:
    made = new_customer(site)
    path, hal = f"Customer({made['Id']})", f"/customers/{made['Id']}"
    site.send("PATCH", hal, {"first_name": "Mary", "last_name": "Ann Smith"})
    assert entity(site, path)["Name"] == "Mary Ann Smith"
    assert odata(site, "PATCH", path, {"Name": "Mary Ann Smith", "TaxExempt": True}).status_code == 200
    assert site.hal(hal)["last_name"] == "Ann Smith"
    site.send("PATCH", hal, {"last_name": None})
    assert entity(site, path)["Name"] == "Mary"


def test_a_tag_holds_on_both_faces(site: Site) -> None:
    made = new_customer(site)
    path, hal = f"Customer({made['Id']})", f"/customers/{made['Id']}"
    assert site.send("PATCH", hal, {"first_name": "A"}, If_Match=made["@odata.etag"]).status_code == 200
    for method, body in (("PATCH", {"Name": "B"}), ("PUT", {"Email": made["Email"]}), ("DELETE", None)):
        answer = odata(site, method, path, body, If_Match=made["@odata.etag"])
        assert (answer.status_code, error_of(answer)["target"]) == (412, "If-Match")
    assert odata(site, "PATCH", path, {"Name": "B"}, If_None_Match="*").status_code == 412
    tag = odata(site, "PATCH", path, {"Name": "B"}, If_Match='W/"2"').headers["ETag"]
    assert odata(site, "DELETE", path, If_Match=f'"7", {tag}').status_code == 204
    assert odata(site, "DELETE", path, If_Match="*").status_code == 404
    assert odata(site, "POST", "Customer", {"Email": "t@example.com"}, If_Match="*").status_code == 412


def test_an_answer_is_as_brief_as_is_preferred(site: Site) -> None:
    made = odata(site, "POST", "Customer", {"Email": "brief@example.com"}, Prefer="return=minimal")
    assert (made.status_code, made.data) == (204, b"")
    assert made.headers["Preference-Applied"] == "return=minimal"
    assert made.headers["OData-EntityId"] == made.headers["Location"]
    path = made.headers["Location"].partition("/odata/v1/")[2]
    assert made.headers["ETag"] == entity(site, path)["@odata.etag"]
    for prefer, status in (("return=minimal", 204), ("return=representation", 200), ("", 200), ("x", 200)):
        patched = odata(site, "PATCH", path, {"Name": prefer}, Prefer=prefer)
        assert (patched.status_code, bool(patched.data)) == (status, status == 200)
        applied = prefer if prefer.startswith("return") else None
        assert patched.headers.get("Preference-Applied") == applied


def test_a_write_answers_with_what_is_selected_and_expanded(site: Site) -> None:
    sent = {"Email": "selected@example.com", "BillingAddresses": [STREET]}
    made = odata(site, "POST", "Customer?$select=Name,Id", sent).json
    assert set(told(made)) == {"Id", "Name", "BillingAddresses"}
    patched = odata(site, "PATCH", f"Customer({made['Id']})?$expand=Account&$select=Id", {"Name": "A"}).json
    assert patched["Account"]["Code"] == "foxglove.example"
    assert odata(site, "PATCH", f"Customer({made['Id']})?$filter=Id eq 1", {}).status_code == 400


def test_a_customer_comes_with_addresses_or_not_at_all(site: Site) -> None:
    first = {"DisplayLabel": "Home", "IsDefault": True, "Address": {"Address1": "1 Way", "Name": "Ada L"}}
    made = new_customer(
        site, BillingAddresses=[first, {**STREET, "DisplayLabel": "Home"}], ShippingAddresses=[STREET]
    )
    assert [each["IsDefault"] for each in made["BillingAddresses"]] == [True, False]
    assert [each["CustomerId"] for each in made["ShippingAddresses"]] == [made["Id"]]
    shown = site.hal(f"/customers/{made['Id']}/addresses")["_embedded"]["fx:customer_addresses"]
    assert [each["address_name"] for each in shown] == ["Home", "Home (2)", "Shipping Address"]
    assert [(each["for_billing"], each["for_shipping"]) for each in shown] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert (shown[0]["first_name"], shown[0]["last_name"]) == ("Ada", "L")

    wrong = {"Email": "none@example.com", "BillingAddresses": [STREET, {"Address": {}}]}
    assert odata(site, "POST", "Customer", wrong).status_code == 400
    assert odata(site, "POST", "Customer", wrong | {"BillingAddresses": []}).status_code == 201, (
        "it was not taken"
    )


def test_an_address_is_added_to_the_customer_who_is_named_in_one_way_or_another(site: Site) -> None:
    owner, other = new_customer(site)["Id"], new_customer(site)["Id"]
    places: list[tuple[str, dict[str, Any]]] = [
        (f"Customer({owner})/BillingAddresses", {}),
        (f"Customer({owner})/BillingAddresses", {"CustomerId": owner}),
        ("CustomerBillingAddress", {"CustomerId": owner}),
        ("CustomerBillingAddress", {"Customer@odata.bind": f"Customer({owner})"}),
        ("CustomerBillingAddress", {"Customer": {"@id": f"http://localhost/odata/v1/Customer({owner})"}}),
    ]
    for path, named in places:
        assert new_entity(site, path, **STREET, **named)["CustomerId"] == owner
    for path, named in (
        ("CustomerBillingAddress", {}),
        ("CustomerBillingAddress", {"CustomerId": 99_999}),
        ("CustomerBillingAddress", {"CustomerId": 2**40}),
        ("CustomerBillingAddress", {"CustomerId": "1"}),
        (f"Customer({owner})/BillingAddresses", {"CustomerId": other}),
    ):
        answer = odata(site, "POST", path, {**STREET, **named})
        assert (answer.status_code, error_of(answer)["target"]) == (400, "CustomerId"), answer.text
    answer = odata(site, "POST", "Customer(99999)/ShippingAddresses", STREET)
    assert answer.status_code == 404
    assert error_of(answer)["message"] == "there is no Customer(99999)"
    answer = odata(
        site, "POST", "CustomerBillingAddress", {**STREET, "Customer@odata.bind": "Customer(99999)"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["Billing", "Shipping"])
def test_one_address_of_each_kind_is_the_default_and_another_takes_its_place(site: Site, kind: str) -> None:
    owner, names = new_customer(site)["Id"], f"Customer{kind}Address"
    first, second = (
        new_entity(site, f"Customer({owner})/{kind}Addresses", IsDefault=True, **STREET)["Id"]
        for _ in range(2)
    )
    defaults = [entity(site, f"{names}({each})")["IsDefault"] for each in (first, second)]
    assert defaults == [False, True]
    patched = odata(site, "PATCH", f"{names}({first})", {"IsDefault": True}).json
    assert (patched["IsDefault"], entity(site, f"{names}({second})")["IsDefault"]) == (True, False)
    assert entity(site, f"{names}({second})")["@odata.etag"] == 'W/"2"', "its own version tells"
    hal = site.hal(f"/customers/{owner}/default_{kind.lower()}_address")
    assert hal["_links"]["self"]["href"].endswith(f"/{first}")
    assert not odata(site, "PATCH", f"{names}({first})", {"IsDefault": False}).json["IsDefault"]


def test_a_part_of_an_address_is_changed_and_the_rest_stays(site: Site) -> None:
    owner = new_customer(site)["Id"]
    whole = {"Name": "Ada L", "Address1": "1 Way", "City": "Rome", "CountryCode": "IT", "State": "RM"}
    made = new_entity(site, f"Customer({owner})/BillingAddresses", Address=whole, IsLocked=True)
    path = f"CustomerBillingAddress({made['Id']})"
    patched = odata(site, "PATCH", path, {"Address": {"City": "Ostia"}}).json
    assert patched["Address"] == made["Address"] | {"City": "Ostia"}
    assert patched["IsLocked"]
    put = odata(site, "PUT", path, {"Address": {"Address1": "2 Way"}}).json
    assert put["Address"] == dict.fromkeys(made["Address"]) | {"Address1": "2 Way"}
    assert not put["IsLocked"]
    for sent, target in (
        ({"Address": {"CountryCode": "ZZ"}}, "Address/CountryCode"),
        ({"Address": {"CountryCode": "US", "State": "QQ"}}, "Address/State"),
        ({"Address": {"Address1": ""}}, "Address/Address1"),
        ({"Address": None}, "Address"),
        ({"CustomerId": 116}, "CustomerId"),
        ({"Customer@odata.bind": "Customer(116)"}, "CustomerId"),
        ({"ForBilling": False}, "ForBilling"),
        ({"Customer": {"Name": "x"}}, "Customer"),
    ):
        answer = odata(site, "PATCH", path, sent)
        assert (answer.status_code, error_of(answer)["target"]) == (400, target), answer.text


def test_an_address_of_two_uses_loses_one_by_its_set_and_goes_with_the_last(site: Site) -> None:
    owner = new_customer(site)["Id"]
    made = site.send(
        "POST", f"/customers/{owner}/addresses",
        {"address_name": "Both", "address1": "1 Way", "for_billing": True, "for_shipping": True},
    )  # fmt: skip
    number = made.headers["Location"].rpartition("/")[2]
    odata(site, "PATCH", f"CustomerBillingAddress({number})", {"IsDefault": True})
    assert odata(site, "DELETE", f"CustomerBillingAddress({number})").status_code == 204
    assert odata(site, "DELETE", f"CustomerBillingAddress({number})").status_code == 404
    left = site.hal(f"/customer_addresses/{number}")
    assert (left["for_billing"], left["is_default_billing"], left["for_shipping"]) == (False, False, True)
    stale = odata(site, "DELETE", f"CustomerShippingAddress({number})", If_Match='W/"1"')
    assert stale.status_code == 412
    assert odata(site, "DELETE", f"CustomerShippingAddress({number})").status_code == 204
    assert site.ask(f"/customer_addresses/{number}").status_code == 404


def test_what_navigations_lead_to_is_written_where_it_is_reached(site: Site) -> None:
    owner, other = new_customer(site)["Id"], new_customer(site)["Id"]
    number = new_entity(site, f"Customer({owner})/ShippingAddresses", **STREET)["Id"]
    through = f"Customer({owner})/ShippingAddresses({number})"
    assert odata(site, "PATCH", through, {"DisplayLabel": "A"}).json["DisplayLabel"] == "A"
    assert odata(site, "PATCH", f"Customer({other})/ShippingAddresses({number})", {}).status_code == 404
    back = odata(site, "PATCH", f"CustomerShippingAddress({number})/Customer", {"Name": "Back"})
    assert (back.json["Id"], back.json["Name"]) == (owner, "Back")
    assert odata(site, "PATCH", f"Customer({owner})/Account", {"Name": "X"}).status_code == 405
    assert odata(site, "DELETE", through).status_code == 204


def test_a_property_alone_is_set_and_emptied(site: Site) -> None:
    path = f"Customer({new_customer(site)['Id']})"
    for method, name, body, headers in (
        ("PUT", "Name", {"value": "Ada L"}, {}),
        ("PATCH", "TaxExempt", {"@odata.context": "x", "value": True}, {}),
        ("PUT", "CustomerId/$value", "ERP é".encode(), {"Content_Type": "text/plain"}),
        ("PUT", "EnableBudgets/$value", b"false", {"Content_Type": "text/plain;charset=utf-8"}),
    ):
        answer = odata(site, method, f"{path}/{name}", body, **headers)
        assert (answer.status_code, answer.data) == (204, b""), answer.text
    found = entity(site, path)
    assert [found[each] for each in ("Name", "TaxExempt", "CustomerId", "EnableBudgets")] == [
        "Ada L",
        True,
        "ERP é",
        False,
    ]
    answer = odata(site, "PUT", f"{path}/Name", {"value": "B"}, Prefer="return=representation")
    assert (answer.status_code, answer.json["value"], answer.headers["ETag"]) == (200, "B", 'W/"6"')
    emptied = odata(site, "DELETE", f"{path}/Name", Prefer="return=representation")
    assert (emptied.status_code, emptied.data) == (204, b""), "null has no representation"
    assert entity(site, path)["Name"] is None

    for method, name, body, status in (
        ("PUT", "Name", {"Name": "x"}, 400),
        ("PUT", "Name", {"value": "x", "other": 1}, 400),
        ("PUT", "TaxExempt", {"value": "x"}, 400),
        ("PUT", "Email", {"value": None}, 400),
        ("PUT", "Name/$value", b"x", 415),
        ("DELETE", "Email", None, 405),
        ("DELETE", "TaxExempt", None, 405),
        ("PUT", "Id", {"value": 1}, 405),
        ("PUT", "IsGuest", {"value": True}, 405),
        ("PUT", "Password", {"value": "x"}, 404),
    ):
        assert odata(site, method, f"{path}/{name}", body).status_code == status, name


def test_an_address_alone_is_merged_or_replaced(site: Site) -> None:
    owner = new_customer(site)["Id"]
    made = new_entity(site, f"Customer({owner})/BillingAddresses", Address={"Address1": "1", "City": "Rome"})
    path = f"CustomerBillingAddress({made['Id']})"
    assert odata(site, "PATCH", f"{path}/Address", {"Phone": "5"}).status_code == 204
    assert entity(site, path)["Address"] == made["Address"] | {"Phone": "5"}
    assert odata(site, "PUT", f"{path}/Address", {"Address1": "2"}).status_code == 204
    assert entity(site, path)["Address"] == dict.fromkeys(made["Address"]) | {"Address1": "2"}
    assert error_of(odata(site, "PUT", f"{path}/Address", {"City": "X"}))["target"] == "Address/Address1"
    assert odata(site, "PUT", f"{path}/Address/City", {"value": "Y"}).status_code == 204
    assert odata(site, "DELETE", f"{path}/Address/City").status_code == 204
    assert odata(site, "DELETE", f"{path}/Address").status_code == 405


def test_a_customer_with_active_subscriptions_stays(site: Site) -> None:
    email = new_customer(site)["Email"]
    sent = {"customer_email": email, "frequency": "1m", "items": [{"name": "A", "price": 1, "quantity": 1}]}
    assert site.send("POST", "/stores/66/subscriptions", sent).status_code == 201
    number = site.hal(f"/stores/66/customers?email={email}")["_embedded"]["fx:customers"][0]["id"]
    answer = odata(site, "DELETE", f"Customer({number})")
    assert (answer.status_code, error_of(answer)["code"]) == (409, "has_dependents")


def test_a_password_signs_in_and_a_guest_has_none(site: Site) -> None:
    made = new_customer(site)
    before = site.hal(f"/customers/{made['Id']}")["password_hash"]
    assert odata(site, "PATCH", f"Customer({made['Id']})", {"Password": "another one"}).status_code == 200
    after = site.hal(f"/customers/{made['Id']}")["password_hash"]
    assert before != after
    odata(site, "PUT", f"Customer({made['Id']})", {"Email": made["Email"]})
    assert site.hal(f"/customers/{made['Id']}")["password_hash"] == after
    guest = new_customer(site, IsGuest=True)["Id"]
    assert error_of(odata(site, "PATCH", f"Customer({guest})", {"Password": "x"}))["target"] == "Password"


ENTITIES = ("Customer", "CustomerBillingAddress", "CustomerShippingAddress")


@pytest.mark.parametrize("name", ENTITIES)
def test_a_body_sets_nothing_that_this_face_does_not_show(site: Site, name: str) -> None:
    entity, owner = MODEL[name], new_customer(site)
    if name == "Customer":
        made = owner
    else:
        kind = name.removeprefix("Customer").removesuffix("Address")
        place = f"Customer({owner['Id']})/{kind}Addresses"
        made = new_entity(site, place, Address={"Address1": "1 Way"})
    path, hidden = f"{name}({made['Id']})", [*map(str, entity.resource.table.c.keys()), "version", "ETag"]
    for column in hidden:
        answer = odata(site, "PATCH", path, {column: 1})
        assert (answer.status_code, error_of(answer)["code"]) == (400, "unknown_property"), column
    computed = {way[0]: 7 for way, each in entity.primitives.items() if each.computed}
    assert set(computed) <= {"Id", "AccountId", "CreateDate", "LastModifiedDate", "LastLoginDate"}
    for method in ("PATCH", "PUT"):
        answer = odata(site, method, path, {**made, **computed})
        assert (answer.status_code, json.loads(answer.data)) == (200, made)


def test_a_flag_alone_moves_the_default(site: Site) -> None:
    owner = new_customer(site)["Id"]
    place, street = f"Customer({owner})/ShippingAddresses", {"Address": {"Address1": "1 Way"}}
    first = new_entity(site, place, IsDefault=True, **street)["Id"]
    second = new_entity(site, place, **street)["Id"]
    assert odata(site, "PUT", f"{place}({second})/IsDefault", {"value": True}).status_code == 204
    found = [odata(site, "GET", f"{place}({each})").json["IsDefault"] for each in (first, second)]
    assert found == [False, True]


def test_lists_within_an_answer_are_pages_of_the_size_that_is_preferred_also_after_a_write(
    site: Site,
) -> None:
    body = {"Email": f"{uuid4().hex}@example.com", "BillingAddresses": [STREET] * 3}
    created = odata(site, "POST", "Customer", body, Prefer="return=representation,maxpagesize=1")
    made = json.loads(created.data)
    place = f"Customer({made['Id']})"
    whole = values(site, f"{place}/BillingAddresses")
    assert len(whole) == 3

    expand = "$expand=BillingAddresses"
    changed = odata(site, "PATCH", f"{place}?{expand}", {"Name": "Ada"}, Prefer="maxpagesize=1")
    read = found(site, f"{place}?{expand}", Prefer="maxpagesize=1")
    same = quote(f"Id eq {made['Id']}")
    listed = found(site, f"Customer?{expand}&$filter={same}", Prefer="maxpagesize=1")
    for customer in (made, json.loads(changed.data), read, *listed["value"]):
        assert [each["Id"] for each in customer["BillingAddresses"]] == whole[:1]
        assert values(site, customer["BillingAddresses@odata.nextLink"]) == whole[1:]


def test_what_is_wrong_with_a_body_is_said_all_at_once(site: Site) -> None:
    answer = odata(
        site, "POST", "Customer", {"Email": "nonsense", "Name": 5, "Foo": 1, "CurrencyCode": "XXXX"}
    )

    assert answer.status_code == 400
    told = {each["target"] for each in error_of(answer)["details"]}
    assert told == {"Email", "Name", "Foo", "CurrencyCode"}


@pytest.mark.parametrize(
    "place", ["Account(66)", "/odata/v1/Account(66)", "http://localhost/odata/v1/Account(66)"]
)
def test_ones_own_account_may_be_named_in_any_form(site: Site, place: str) -> None:
    made = new_customer(site, **{"Account@odata.bind": place})

    assert made["AccountId"] == 66
