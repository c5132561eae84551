"""Whatever a condition says: SQL finds the rows of which it is true, on both engines, and counts them."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.odata.known import Asked
from tests.odata.questions import of_addresses, of_customers

_SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_SETTINGS
@given(of_customers())
def test_a_condition_of_customers_means_the_same_in_sql(asked: Asked, condition: str) -> None:
    asked.holds("Customer", condition)


@_SETTINGS
@given(of_addresses())
def test_a_condition_of_addresses_means_the_same_in_sql(asked: Asked, condition: str) -> None:
    asked.holds("CustomerBillingAddress", condition)


@pytest.mark.parametrize(
    "condition",
    [
        "0 eq (Id divby indexof(Name,Name))", "1 eq -(indexof(Name,'nowhere'))",
        "(not (Name gt null)) eq null",
        "(not IsActive) eq null", "(not IsActive) eq IsGuest", "Name eq ''", "Name ne ''", "Name in ('')",
        "true", "false", "not true", "Name ne 'a'", "not (Name eq 'a')", "Name eq null", "Name ne null",
        "not (Name gt 'a')",
        "Name in ('a',null)", "not (Name in ('a',null))", "Name in ()", "contains(Name,null) eq null",
        "contains(Name,'%')", "contains(Name,'_')", "contains(Name,'\\')", "startswith(Name,'')",
        "contains(Name,'a') eq false", "not contains(Name,'a')", "tolower(Name) eq 'é'",
        "toupper(Name) eq 'STRASSE'",
        "length(Name) eq 2", "indexof(Name,'é') eq 1", "trim(Name) eq 'a'", "Id div 0 eq null",
        "Id mod 0 eq 1",
        "Id mul 9223372036854775807 gt 0", "9223372036854775807 add 1 gt Id",
        "CreateDate gt 2019-09-30T07:59:59.5Z",
        "CreateDate eq 2019-09-30T07:59:59.5Z", "CreateDate ge 2019-09-30T07:59:59.5Z",
        "year(LastLoginDate) eq 2020",
        "date(CreateDate) eq 2019-09-30", "time(CreateDate) eq 07:59:59", "time(CreateDate) lt 07:59:59.5",
        "Account/Id eq AccountId", "Account/Code ne null", "BillingAddresses/$count eq 0",
        "0 eq BillingAddresses/$count", "BillingAddresses/$count ge ShippingAddresses/$count",
        "BillingAddresses/any()", "not BillingAddresses/any()",
        "BillingAddresses/all(a:a/Address/City eq 'Berlin')",
        "BillingAddresses/all(a:a/Address/City gt 'A')", "BillingAddresses/any(a:a/Address/City eq null)",
        "BillingAddresses/any(a:a/Address/Name eq Name)",
        "BillingAddresses/any(a:not (a/Address/City eq 'Berlin'))",
        "BillingAddresses/any(a:ShippingAddresses/any(b:b/Id eq a/Id))", "BillingAddresses/any(a:false)",
        "BillingAddresses/any(a:a/Customer/BillingAddresses/$count gt 2)", "(Name eq 'a') eq (Id eq 900002)",
        "(Name gt null) eq false", "IsActive eq null", "null eq null", "null ne null",
        "Id in (900001,null,1.5)",
        "Id eq 900001.0", "-Id lt -900003", "Id divby 2 eq 450000.5", "1.5 add Id gt 900004",
        "substring(Name,-3) eq 'a'", "substring(Name,1,1) eq 'a'", "concat(Name,Email) eq null",
    ],
)  # fmt: skip
def test_a_condition_that_is_easily_misread_means_the_same_in_sql(asked: Asked, condition: str) -> None:
    assert asked.found("Customer", condition) == asked.meant("Customer", condition)


INTRICATE = (
    "Id" + " add 1" * 13 + " gt 0",
    "Id" + " mul 9223372036854775807" * 13 + " gt 0",
    "concat(" * 13 + "Name" + ",Name)" * 13 + " eq 'a'",
    "toupper(" * 13 + "Name" + ")" * 13 + " eq 'A'",
    "-" * 13 + "Id lt 0",
    "((" * 6 + "true" + " or IsActive) and TaxExempt)" * 6,
    "substring(Name,length(" * 6 + "Name" + "))" * 6 + " eq 'a'",
    "Id in (" + ",".join(map(str, range(900_000, 900_290))) + ")",
    " and ".join(f"BillingAddresses/any(a:a/Id gt {number})" for number in range(39)),
    "BillingAddresses/any(a:ShippingAddresses/any(b:a/Id" + " add b/Id" * 9 + " mod 7 gt 3))",
    "BillingAddresses/any(a:a/Customer/ShippingAddresses/any(b:b/Customer/BillingAddresses/all("
    "c:c/Id ge a/Id)))",
)


def test_what_is_as_intricate_as_it_may_be_means_the_same_in_sql(asked: Asked) -> None:
    for condition in INTRICATE:
        assert asked.found("Customer", condition) == asked.meant("Customer", condition), condition
