"""What OData clients usually ask finds its rows by the indexes that serve the other face."""

import re

import pytest

from tests.db.test_plans import plans
from tests.odata.finding import Finder
from tests.site import Site, counted_statements

IN_ORDER = (
    {},
    {"count": "true"},
    {"orderby": "Id desc"},
    {"filter": "Id gt 120"},
    {"filter": "IsGuest eq true"},
    {"orderby": "LastLoginDate desc"},
    {"orderby": "Name"},
    {"orderby": "CreateDate desc", "filter": "IsGuest eq false"},
    {"orderby": "Email", "filter": "startswith(Email,'a')"},
    {"filter": "Email eq 'a@example.com'", "count": "true"},
    {"filter": "Name eq 'Ada Okafor'"},
    {"filter": "Id in (115,116)"},
    {"filter": "LastModifiedDate ge 2020-01-01T00:00:00Z", "orderby": "LastModifiedDate"},
    {"expand": "BillingAddresses,ShippingAddresses,Account"},
    {"expand": "BillingAddresses($expand=Customer;$orderby=Address/City;$top=2;$count=true)"},
    {"filter": "contains(Name,'a')", "top": "5"},
)
"""Questions whose rows come in their order by an index: nothing is sorted but the places of a page of guests
and one of others, and what is expanded."""

SORTED = (
    {"filter": "date(CreateDate) eq 2020-02-01"},
    {"filter": "CreateDate ge 2020-02-01T00:00:00Z and CreateDate lt 2020-02-02T00:00:00Z"},
    {"filter": "BillingAddresses/any(a:a/Address/City eq 'Portland')"},
    {"filter": "Name eq 'a' or Name eq 'b'"},
)
"""Questions of which an index finds few rows, which are sorted then."""

ADDRESSES = (
    {},
    {"filter": "CustomerId eq 115"},
    {"filter": "Customer/Email eq 'a@example.com'"},
    {"filter": "Address/City eq 'Portland'"},
    {"expand": "Customer($expand=Account)"},
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("entity", "asked"), [
    *(("Customer", asked) for asked in (*IN_ORDER, *SORTED)),
    *(("CustomerBillingAddress", asked) for asked in ADDRESSES),
], ids=str)  # fmt: skip
def test_every_statement_finds_its_rows_by_an_index(site: Site, entity: str, asked: dict[str, str]) -> None:
    with counted_statements() as statements:
        Finder.of(site).page(entity, **asked)

    assert statements
    for statement, plan in plans(str(site.engine.url.database), statements):
        for step in plan:
            is_own = "subquery" in step or "anon" in step or "merged" in step
            assert not step.startswith("SCAN") or is_own, (statement, step)
            if asked in IN_ORDER and not re.search("row_number|UNION ALL", statement):
                assert "TEMP B-TREE FOR ORDER BY" not in step, (statement, step)
