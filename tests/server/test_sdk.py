"""Foxy's own SDK, unmodified, against a running sandbox: the back end's API and the customer portal's."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.server.node import npm_installed, seen_by
from tests.server.processes import sandboxed

SDK = Path(__file__).parents[1] / "sdk"


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder of the scripts, with the packages that their lock file names."""
    return npm_installed(SDK)


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Those of a sandbox that runs meanwhile."""
    with sandboxed(tmp_path_factory.mktemp("sandbox")) as (_, shown):
        yield shown


def first_error(document: Mapping[str, Any]) -> str:
    """The first message of an error document."""
    message: str = document["_embedded"]["fx:errors"][0]["message"]
    return message


def test_the_backend_api_works_from_token_to_customer(
    installed: Path, credentials: Mapping[str, Any]
) -> None:
    seen = seen_by("backend.mjs", installed, credentials)

    token = seen["token"]
    assert (token["expires_in"], token["token_type"], token["scope"]) == (7200, "Bearer", "store_full_access")
    assert token["refresh_token"] == credentials["refresh_token"]
    assert seen["wrong_secret"] is None
    assert seen["why"]["error"] == "invalid_grant"
    assert seen["store"]["store_name"] == "The Foxglove Bookshop"

    assert [each["last_name"] for each in seen["page"]["_embedded"]["fx:customers"]] == ["User", "Okafor"]
    embedded = seen["page"]["_embedded"]["fx:customers"][0]["_embedded"]
    assert {"fx:attributes", "fx:default_payment_method", "fx:default_billing_address"} <= embedded.keys()
    assert [set(each) - {"_links", "_embedded"} for each in seen["short"]["_embedded"]["fx:customers"]] == [
        {"id", "email"}
    ] * 2

    assert "created successfully" in seen["created"]["message"]
    assert first_error(seen["twice"]).startswith("This email address is already in use")
    assert first_error(seen["invalid"]) == "email is not a valid email address."
    assert (seen["patched"]["tax_id"], seen["patched"]["first_name"]) == ("DE 75", "Ida")
    assert (seen["put"]["first_name"], seen["put"]["last_name"]) == ("Ida Eva", "Noddack")
    assert "created successfully" in seen["attribute"]["message"]
    assert [each["value"] for each in seen["attributes"]["_embedded"]["fx:attributes"]] == ["Re"]
    assert "created successfully" in seen["address"]["message"]
    assert seen["billing"]["address_name"] == "Default Billing Address"
    assert seen["card"]["cc_number_masked"] == "xxxxxxxxxxxx1111"
    assert (seen["cleared"]["save_cc"], seen["cleared"]["cc_number_masked"]) == (False, None)

    assert seen["after_stale"] == seen["store"]
    assert seen["renewed"] is True
    assert "deleted successfully" in seen["deleted"]["message"]
    assert seen["gone"] == 404


def test_the_customer_api_works_from_sign_in_to_a_new_password(
    installed: Path, credentials: Mapping[str, Any]
) -> None:
    seen = seen_by("customer.mjs", installed, credentials)

    assert (seen["wrong"], seen["unknown"], seen["right"]) == ("UNAUTHORIZED", "UNAUTHORIZED", "OK")
    assert seen["temporary"] is False
    assert {"session_token", "expires_in", "jwt"} <= seen["session"].keys()

    customer = seen["customer"]
    assert customer["email"] == credentials["customer_email"]
    assert not [name for name in customer if name.startswith(("password", "forgot", "is_anonymous"))]
    assert "fx:store" not in customer["_links"]
    assert {"fx:attributes", "fx:default_billing_address", "fx:default_payment_method"} <= customer[
        "_embedded"
    ].keys()
    assert customer["date_created"] is None or customer["date_created"][-3] == ":"
    assert {"session_lifespan_in_minutes", "allowed_origins", "sign_up"} <= seen["settings"].keys()
    assert seen["patched"]["first_name"] == "Renamed"
    assert first_error(seen["wrong_old"]).startswith("Provided password is incorrect")
    assert seen["new_password"]["email"] == seen["still_in"] == credentials["customer_email"]

    assert "created successfully" in seen["address"]["message"]
    assert "Cabin" in [
        each["address_name"] for each in seen["addresses"]["_embedded"]["fx:customer_addresses"]
    ]
    for name in ("attributes", "transactions", "subscriptions"):
        assert seen[name]["total_items"] >= 0
    assert "cc_number_masked" in seen["card"]

    assert (seen["out"], seen["nothing_left"], seen["signed_out"]) == ("OK", None, 401)
    assert (seen["old_password"], seen["again"]) == ("UNAUTHORIZED", "OK")
    assert (seen["reset"], seen["reset_unknown"]) == ("OK", "OK")
    assert (seen["sign_up"], seen["taken"], seen["signed_up"]) == ("OK", "UNAVAILABLE", "OK")
    assert seen["own_email"] == "new@customer.example"
