"""No request of the portal scans a table: every statement finds its rows by an index."""

from typing import Any

import pytest

from tests.db.test_plans import plans
from tests.portal.customers import PASSWORD, PORTAL, ask, new_customer, send, sign_in
from tests.site import Site, counted_statements

ZOOM = "zoom=default_billing_address,default_shipping_address,default_payment_method"
READS = (
    "",
    f"?{ZOOM}",
    "/addresses",
    "/addresses?limit=1&offset=1",
    "/attributes",
    "/default_billing_address",
    "/default_payment_method",
    "/transactions?zoom=items",
    "/subscriptions?zoom=transaction_template:items",
    "/customer_portal_settings",
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", READS)
def test_what_is_read_is_found_by_an_index(site: Site, path: str) -> None:
    token = new_customer(site).session()
    with counted_statements() as statements:
        assert ask(site, token, path).status_code == 200

    require_indexed(site, statements)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_so_is_who_signs_in_forgets_and_changes(site: Site) -> None:
    customer = new_customer(site)
    with counted_statements() as statements:
        token = sign_in(site, customer.email).json["session_token"]
        sign_in(site, customer.email, "wrong")
        send(site, token, "POST", "/addresses", {"address_name": "Home", "address1": "x"})
        send(site, token, "PATCH", "/", {"password": "another pass phrase", "password_old": PASSWORD})
        site.send("POST", f"{PORTAL}/forgot_password", {"email": customer.email}, token=None)
        assert site.app.extensions["patron"].behind.finish(10)
        ask(site, token, "/authenticate", "DELETE")
        site.ask("/s/customer", token=token, headers={"Host": "foxglove.example"})

    require_indexed(site, [each for each in statements if not each.startswith(("BEGIN", "PRAGMA", "INSERT"))])


def require_indexed(site: Site, statements: list[str]) -> Any:
    assert statements
    for statement, plan in plans(str(site.engine.url.database), statements):
        for step in plan:
            assert not (step.startswith("SCAN") and "subquery" not in step), (statement, step)
            assert not (step.endswith("(store_id=?)") and "settings" not in step), (statement, step)
