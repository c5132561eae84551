"""$metadata: both of its forms say the same of one model, which is the seed's."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.odata import csdl_json, csdl_xml
from app.odata.annotations import VOCABULARIES
from app.odata.edm import MODEL
from app.odata.functions import SIGNATURES
from tests.odata.csdl import in_json
from tests.odata.seed import SEED, TYPES

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
XML = etree.fromstring(csdl_xml.document())
SCHEMA = next(XML.iter(f"{EDM}Schema"))
DOCUMENT = json.loads(csdl_json.document())


def types(name: str) -> dict[str, str]:
    """The properties of a type, as the XML has them."""
    (found,) = (each for each in SCHEMA if each.get("Name") == name and each.tag != f"{EDM}EntityContainer")
    return {each.get("Name", ""): each.get("Type", "") for each in found if each.get("Type")}


def test_a_customer_has_the_properties_of_the_seed_and_no_others() -> None:
    assert types("Customer") == {name: TYPES[kind] for name, kind in SEED.items()}


def test_the_seeds_own_words_name_these_properties() -> None:
    seed = Path(__file__).parents[3] / "shared" / "seeds" / "000_b15604d83bf65133.txt"
    if not seed.is_file():
        pytest.skip("the seeds are not beside this checkout")
    words = [line.strip() for line in seed.read_text().splitlines() if line.strip()]

    said = {(name if kind[:1].islower() else f"{name} (via $expand)", kind) for name, kind in SEED.items()}
    assert said <= set(pairwise(words))


@pytest.mark.parametrize("name", MODEL)
def test_an_entity_set_is_called_as_its_type_is(name: str) -> None:
    (found,) = (each for each in SCHEMA.iter(f"{EDM}EntitySet") if each.get("Name") == name)

    assert found.get("EntityType") == f"Patron.{name}"
    bound = {each.get("Path"): each.get("Target") for each in found.iter(f"{EDM}NavigationPropertyBinding")}
    assert bound == {each.name: each.target for each in MODEL[name].navigations}


def test_partners_lead_to_one_another() -> None:
    there = {
        (kind.get("Name"), each.get("Name")): (each.get("Type", ""), each.get("Partner"))
        for kind in SCHEMA.iter(f"{EDM}EntityType")
        for each in kind.iter(f"{EDM}NavigationProperty")
    }

    for (kind, name), (target, partner) in there.items():
        if partner is not None:
            bare = target.removeprefix("Collection(").removesuffix(")").removeprefix("Patron.")
            back, its_partner = there[bare, partner]
            assert (back.removeprefix("Collection(").removesuffix(")"), its_partner) == (
                f"Patron.{kind}",
                name,
            )


def test_json_says_what_xml_says() -> None:
    schema = DOCUMENT["Patron"]
    members = [each for each in SCHEMA if each.get("Name") != "Container"]

    assert {each.get("Name") for each in SCHEMA} == set(schema)
    for each in members:
        assert in_json(each) == schema[each.get("Name")]
    assert in_json(next(SCHEMA.iter(f"{EDM}EntityContainer"))) == schema["Container"]


def test_the_vocabularies_are_referred_to_in_both() -> None:
    included = {each.get("Alias"): each.get("Namespace") for each in XML.iter("{*}Include")}

    assert included == VOCABULARIES
    told = [each["$Include"][0] for each in DOCUMENT["$Reference"].values()]
    assert {each["$Alias"]: each["$Namespace"] for each in told} == VOCABULARIES


def said_of(path: str) -> dict[str, Any]:
    """What is said of a property."""
    kind, name = path.split("/")
    return dict(DOCUMENT["Patron"][kind][name])


def test_clients_are_told_what_the_service_sets_what_is_set_once_and_what_is_never_shown() -> None:
    computed = {
        name
        for name, said in DOCUMENT["Patron"]["Customer"].items()
        if isinstance(said, dict) and said.get("@Core.Computed")
    }

    assert computed == {"AccountId", "CreateDate", "LastModifiedDate", "LastLoginDate"}
    assert said_of("Customer/IsGuest")["@Core.Immutable"] is True
    assert said_of("Customer/Password")["@Core.Permissions"] == "Write"
    assert "@Core.Computed" not in said_of("Customer/Id")  # clients would not create without it


def test_the_functions_that_are_told_of_are_those_that_are_understood() -> None:
    container = DOCUMENT["Patron"]["Container"]

    for name in container["@Capabilities.FilterFunctions"]:
        assert name in SIGNATURES
    assert len(container["@Capabilities.SupportedFormats"]) == 3
    assert not DOCUMENT["Patron"]["Container"]["Account"]["@Capabilities.UpdateRestrictions"]["Updatable"]


def test_flags_have_the_defaults_that_they_are_created_with() -> None:
    defaults = {
        name: said["$DefaultValue"]
        for name, said in DOCUMENT["Patron"]["Customer"].items()
        if isinstance(said, dict) and "$DefaultValue" in said
    }

    assert defaults == {
        "IsActive": True, "IsGuest": False, "TaxExempt": False, "OpenAccount": False,
        "EnableCreditCards": True, "EnableBudgets": True, "EnableDiscounts": True,
        "ForcePasswordReset": False, "AllowBillingAddressManagement": True,
        "AllowShippingAddressManagement": True,
    }  # fmt: skip
