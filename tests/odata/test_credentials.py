"""Who may ask in OData, and for what: API keys with the account's code, and bearer tokens."""

import base64

import pytest
from sqlalchemy.orm import Session

from app.auth.api_keys import ApiKeys
from app.auth.grants import issue
from app.auth.key_administration import create_key, revoke_key
from app.sandbox import OTHER_STORE_ID, STORE_ID
from app.sandbox.owner import USER_ID
from tests.odata.requests import basic, error_of, new_basic, new_customer, odata
from tests.site import Site

ADDRESS = {"Address": {"Address1": "1 Way"}}


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def read_only(site: Site) -> str:
    with Session(site.engine) as session, session.begin():
        issued = issue(
            session,
            scope="store_read_access",
            client="sandbox",
            client_row=1,
            user_id=None,
            store_id=STORE_ID,
            is_sandbox=True,
            with_refresh=False,
        )
    return f"Bearer {issued.access_token}"


def test_a_key_with_its_accounts_code_reaches_that_account_alone(site: Site) -> None:
    key = new_basic(site, store_id=OTHER_STORE_ID)
    assert odata(site, "GET", "Customer(201)", authorization=key).json["AccountId"] == OTHER_STORE_ID
    assert odata(site, "GET", "Customer(120)", authorization=key).status_code == 404
    assert odata(site, "PATCH", "Customer(120)", {"Name": "X"}, authorization=key).status_code == 404
    assert odata(site, "DELETE", "Customer(120)", authorization=key).status_code == 404


def test_whoever_does_not_sign_in_is_told_of_both_ways(site: Site) -> None:
    good = base64.b64decode(new_basic(site).removeprefix("Basic ")).decode()
    code, _, key = good.partition(":")
    wrong = (
        *("", " ", "Basic", "Basic !", "Basic =", "Digest x", "Bearer", "Bearer nonsense", "x" * 5000),
        basic("nordlys.example", key),
        basic(code, ""),
        basic("", key),
        basic(code, key.upper()),
        basic(f"{code}\0", key),
        basic(code, site.token),
        f"Basic {base64.b64encode(bytes((255, 254, 58, 255))).decode()}",
        f"Bearer {key}",
    )
    for header in wrong:
        answer = site.ask("/odata/v1/Customer(115)", None, token=None, headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert error_of(answer)["code"] in {"missing_credentials", "invalid_credentials", "invalid_token"}
        assert "Basic" in answer.headers["WWW-Authenticate"]
        assert "Bearer" in answer.headers["WWW-Authenticate"]
        assert key not in answer.text
    assert odata(site, "GET", "Customer(115)", authorization=basic(code, key)).status_code == 200


def test_a_key_that_is_revoked_counts_no_more_at_once(site: Site) -> None:
    header = new_basic(site)
    key = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[2]
    assert odata(site, "GET", "Customer(115)", authorization=header).status_code == 200
    assert revoke_key(site.engine, key)
    assert not revoke_key(site.engine, key)
    assert odata(site, "GET", "Customer(115)", authorization=header).status_code == 401


def test_a_server_that_is_no_sandbox_takes_no_sandbox_key(site: Site) -> None:
    header = new_basic(site)
    key = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[2]
    reader = site.app.extensions["patron"].reader
    assert ApiKeys(reader, sandbox=False).holder("foxglove.example", key) is None
    again = base64.b64decode(new_basic(site).removeprefix("Basic ")).decode().partition(":")[2]
    assert ApiKeys(reader, sandbox=True).holder("foxglove.example", again)


WRITES = {
    "add": ("POST", "Customer({id})/BillingAddresses", ADDRESS),
    "edit": ("PATCH", "Customer({id})", {"TaxExempt": True}),
    "delete": ("DELETE", "Customer({id})", None),
}


@pytest.mark.parametrize("given", ["view", "add", "edit", "delete"])
def test_each_permission_lets_do_what_it_says_and_no_more(site: Site, given: str) -> None:
    key = new_basic(site, ["view", given])
    for needed, (method, path, body) in WRITES.items():
        made = new_customer(site)["Id"]
        answer = odata(site, method, path.format(id=made), body, authorization=key)
        if needed == given:
            assert answer.status_code in {200, 201, 204}, answer.text
        else:
            assert answer.status_code == 403
            assert error_of(answer)["code"] == "permission_missing"
            assert f"permission to {needed} customers" in error_of(answer)["message"]


def test_a_property_is_emptied_by_whoever_may_edit(site: Site) -> None:
    made = new_customer(site, Name="A B")["Id"]
    for may, status in (("delete", 403), ("edit", 204)):
        key = new_basic(site, ["view", may])
        assert odata(site, "DELETE", f"Customer({made})/Name", authorization=key).status_code == status


def test_whoever_may_not_view_may_not_write(site: Site) -> None:
    made = new_customer(site)["Id"]
    key = new_basic(site, ["edit"])
    answer = odata(site, "PATCH", f"Customer({made})", {"Name": "X"}, authorization=key)
    assert answer.status_code == 403
    assert "view" in error_of(answer)["message"]


def test_a_token_that_only_reads_may_only_view(site: Site) -> None:
    made, header = new_customer(site)["Id"], read_only(site)
    assert odata(site, "GET", f"Customer({made})", authorization=header).status_code == 200
    assert odata(site, "DELETE", f"Customer({made})", authorization=header).status_code == 403
    assert (
        odata(site, "GET", f"Customer({made})", authorization=f"Bearer {site.user_token}").status_code == 403
    )


def test_a_number_names_a_store_by_its_id_whatever_another_store_calls_itself(site: Site) -> None:
    given = {"store_name": "Numbers", "store_domain": str(STORE_ID), "store_email": "shop@numbers.example"}
    made = site.send("POST", f"/users/{USER_ID}/stores", given)
    assert made.status_code == 201, made.text

    assert create_key(site.engine, str(STORE_ID), "The ERP", ["view"])["store_id"] == STORE_ID
