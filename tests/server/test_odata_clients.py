"""Public OData clients, unmodified, against a running sandbox: each from what it reflects to what it deletes.

odata2ts generates a client from $metadata, @odata/client sends batches, python-odata reflects at run time.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from odata import ODataService  # type: ignore[import-untyped]
from odata.exceptions import NoResultsFound, ODataError  # type: ignore[import-untyped]

from tests.server.node import node, npm_installed, seen_by
from tests.server.processes import sandboxed

CLIENTS = Path(__file__).parents[1] / "clients"


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder of the scripts, with the packages that their lock file names."""
    return npm_installed(CLIENTS)


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Those of a sandbox that runs meanwhile."""
    with sandboxed(tmp_path_factory.mktemp("sandbox")) as (_, shown):
        yield shown


def ids(listed: Any) -> list[int]:
    return [each["Id"] for each in listed]


def test_a_client_that_odata2ts_generates_from_the_metadata_works(
    installed: Path, credentials: Mapping[str, Any], tmp_path: Path
) -> None:
    generator = "node_modules/@odata2ts/odata2ts/lib/run-cli.js"
    source = ["-u", f"{credentials['base']}/odata/v1", "-s", str(tmp_path / "metadata.xml")]
    node(installed, generator, *source, "-o", str(tmp_path), "-m", "service", "-e", "js")
    seen = seen_by("generated.cjs", installed, credentials, str(tmp_path))

    assert (seen["stranger"][0], seen["gone"][0]) == (401, 404)
    assert ids(seen["listed"]["value"]) == [115, 142, 116]
    first = seen["listed"]["value"][0]
    assert first.keys() - {"@odata.etag"} == {"Id", "Name", "Email", "Account", "BillingAddresses"}
    assert first["Account"]["Code"] == credentials["account_code"]
    assert seen["listed"]["@odata.count"] == 3
    assert seen["skipped"] == sorted(set(seen["skipped"]))
    pages = [page for _, page in seen["pages"]]
    assert [each for page in pages for each in page] == seen["skipped"]
    assert [len(page) for page in pages[:-1]] == [15] * (len(pages) - 1)
    assert {count for count, _ in seen["pages"]} == {len(seen["skipped"])}
    (billing,) = seen["nested"]["BillingAddresses"]
    assert (billing.keys() - {"@odata.etag"}, billing["Address"]["City"]) == (
        {"Id", "Address"},
        "Murfreesboro",
    )

    status, made = seen["made"]
    assert (status, made["Name"], "Password" in made) == (201, "Ida Noddack", False)
    assert [each["DisplayLabel"] for each in made["BillingAddresses"]] == ["Lab"]
    assert (seen["twice"][0], seen["invalid"][0]) == (409, 400)
    assert seen["invalid"][1].endswith("Email is not a valid email address.")
    assert (seen["patched"]["CustomerId"], seen["patched"]["Name"]) == ("DE 75", "Ida Noddack")
    assert (seen["put"]["CustomerId"], seen["put"]["Name"]) == (None, "Ida Eva Noddack")
    assert (seen["home"]["IsDefault"], seen["home"]["CustomerId"]) == (False, made["Id"])
    assert (seen["moved"]["Address"]["City"], seen["moved"]["Address"]["Address1"]) == (
        "Berlin",
        "2 Periodic Row",
    )
    assert ids(seen["shipping"]["value"]) == [seen["home"]["Id"]]
    assert seen["account"]["Id"] == credentials["store_id"]
    assert (seen["home_deleted"], seen["deleted"]) == (204, 204)


def test_a_client_that_sends_batches_works(installed: Path, credentials: Mapping[str, Any]) -> None:
    seen = seen_by("batching.cjs", installed, credentials)

    assert sorted(ids(seen["listed"])) == [115, 116]
    assert seen["counted"] == 2
    assert [each["Address"]["City"] for each in seen["one"]["ShippingAddresses"]] == ["Portland"]
    assert seen["invalid"].startswith("This email address is already in use")
    assert seen["updated"]["CustomerId"] == "Pa 91"

    assert [status for status, _ in seen["multipart"]] == [200, 201, 200, 200]
    read, made, renamed, listed = (json.loads(text) for _, text in seen["multipart"])
    assert (read["Id"], made["Name"], renamed["Name"]) == (seen["made"]["Id"], "Otto Hahn", "L. Meitner")
    assert ids(listed["value"]) == [115]

    assert [status for status, _ in seen["json"]] == [424, 409, 200]
    assert seen["strassmann"] == 0
    assert seen["gone"].startswith("there is no Customer(")


def test_a_client_that_reflects_the_service_works(credentials: Mapping[str, Any]) -> None:
    service = ODataService(
        f"{credentials['base']}/odata/v1/",
        reflect_entities=True,
        auth=(credentials["account_code"], credentials["api_key"]),
        extra_headers={"Prefer": "odata.maxpagesize=10"},
        quiet_progress=True,
    )
    customer = service.entities["Customer"]
    everybody = [each.Id for each in service.query(customer)]
    assert len(everybody) == len(set(everybody)) == service.query(customer).count() > 30

    named = service.query(customer).filter(customer.Name.startswith("A"))
    found = named.filter(customer.IsGuest == False).order_by(customer.Name.desc()).all()  # noqa: E712
    assert [each.Name for each in found] == ["Amara Nwosu", "Ada Okafor"]
    expanded = service.query(customer).expand(customer.BillingAddresses).get(115)
    assert expanded.BillingAddresses[0].Address["City"] == "Murfreesboro"

    made = customer()
    made.Email, made.Name = "marie@curie.example", "Marie Curie"
    service.save(made)
    assert (made.IsActive, made.EnableBudgets) == (True, True)
    made.CustomerId = "Po 84"
    service.save(made)
    assert service.query(customer).get(made.Id).CustomerId == "Po 84"

    invalid = customer()
    invalid.Email = "no address"
    with pytest.raises(ODataError) as refused:
        service.save(invalid)
    assert (refused.value.code, refused.value.message) == (
        "not_an_email",
        "Email is not a valid email address.",
    )
    service.delete(made)
    with pytest.raises(NoResultsFound):
        service.query(customer).get(made.Id)
