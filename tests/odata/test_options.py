"""The query options of a request: how a query is read, what may stand where, $select, $expand and numbers."""

import pytest

from app.errors import Refusal
from app.odata.bound import Options
from app.odata.options import format_alone
from app.odata.paths import ResourcePath, parse_path
from tests.odata.asking import options, status

EVERYTHING = (
    "$filter=true", "$orderby=Id", "$select=Id", "$expand=*", "$top=1", "$skip=1", "$count=true",
    "$format=json", "$skiptoken=x",
)  # fmt: skip


@pytest.mark.parametrize(
    ("where", "allowed"),
    [
        ("set", EVERYTHING),
        ("entity", ("$select=Id", "$expand=*", "$format=json")),
        ("count", ("$filter=true", "$orderby=Id", "$expand=*", "$top=1", "$skip=1")),
        ("property", ("$format=json",)),
    ],
)
def test_an_option_has_its_place(where: str, allowed: tuple[str, ...]) -> None:
    for raw in EVERYTHING:
        assert status(raw, where=where) == (200 if raw in allowed else 400), raw  # type: ignore[arg-type]


def test_a_query_is_split_before_it_is_decoded_and_a_plus_is_a_blank() -> None:
    plain = options("$filter=Name eq 'a&b=c;d'".replace("&", "%26"))
    assert plain == options("%24filter=Name+eq+%27a%26b%3Dc%3Bd%27")
    assert status("$filter=CreateDate gt 2019-01-01T00:00:00+01:00") == 200
    assert status("$filter=contains(Name,'50%')") == 200
    assert status("$filter=Name eq '%FF'") == 400
    assert status("&&$top=1&") == 200
    assert status("$filter=Name eq 'ä€😀'") == 200


def test_custom_options_are_ignored_and_system_options_never() -> None:
    assert options("x=1&x=2&sap-client=100&!y") == Options()
    for raw in ("$x=1", "$Filters=true", "$=1", "$top", "$select", "$expand", "$orderby", "$skip="):
        assert status(raw) == 400, raw


@pytest.mark.parametrize(
    "raw", ["$top=1&$top=1", "$top=1&top=2", "$Filter=true&filter=true", "$format=json&$format=json"]
)
def test_an_option_stands_there_once(raw: str) -> None:
    assert status(raw) == 400


@pytest.mark.parametrize(
    "value", ["-1", "+1", "x", "1.0", "1e3", "", "1 2", "null", "99999999999999999999", "'1'"]
)
def test_top_and_skip_are_whole_numbers(value: str) -> None:
    assert status(f"$top={value.replace('+', '%2B')}") == 400
    assert status(f"$skip={value.replace('+', '%2B')}") == 400


def test_numbers_beyond_what_a_store_holds_mean_all_of_it() -> None:
    found = options("$top=9223372036854775807&$skip=3000000000")

    assert found.top == found.skip == 2**31 - 1
    assert options("$top=0").top == 0


def test_count_is_true_or_false() -> None:
    assert options("$count=TRUE").count
    assert not options("$count=false").count
    for value in ("1", "yes", "'true'", "true false"):
        assert status(f"$count={value}") == 400


def test_selected_properties_come_in_the_order_of_the_model() -> None:
    assert options("$select=Name,Email,Id,Name").select == (("Id",), ("Email",), ("Name",))
    assert options("$select=*,Id").select is None
    assert options("").select is None
    address = options("$select=Address/State,Id,Address/City", "CustomerBillingAddress").select
    assert address == (("Id",), ("Address", "City"), ("Address", "State"))
    assert options("$select=Address($select=City)", "CustomerBillingAddress").select == (("Address", "City"),)
    assert options("$select=Address/*", "CustomerBillingAddress").select == (("Address",),)
    assert options("$select=Account,Name").select == (("Name",), ("Account",))
    assert options("$select=Account").select == (("Account",),)


@pytest.mark.parametrize(
    "text",
    [
        "Nothing", "Password", "*,Nothing", "Id/Name", "Account/Code", "id", "Id,", "", "Id Name", "'Id'",
        "1",
        "*($select=Id)", "Id;Name", "Address",
    ],
)  # fmt: skip
def test_what_cannot_be_selected_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        options(f"$select={text}")
    assert (caught.value.status, caught.value.faults[0].property) == (400, "$select")


@pytest.mark.parametrize(
    "text", ["Address/Nothing", "Address/City/x", "Address($select=Nothing)", "Address/$count"]
)
def test_what_a_complex_property_has_not_cannot_be_selected(text: str) -> None:
    assert status(f"$select={text}", "CustomerBillingAddress") in {400, 501}


def test_navigations_are_expanded_in_the_order_of_the_model_with_options_of_their_own() -> None:
    found = options(
        "$expand=ShippingAddresses($top=2;$skip=1;$orderby=Id desc;$count=true;$select=Id),"
        "Account($select=Code)"
    )

    (account, below), (shipping, nested) = found.expand
    assert (account, shipping) == ("Account", "ShippingAddresses")
    assert below.select == (("Code",),)
    assert (nested.top, nested.skip, nested.count, nested.select) == (2, 1, True, (("Id",),))
    assert nested.order[0].descends
    assert [name for name, _ in options("$expand=*").expand] == [
        "Account",
        "BillingAddresses",
        "ShippingAddresses",
    ]
    starred = dict(options("$expand=*,BillingAddresses($top=1)").expand)
    assert (starred["BillingAddresses"].top, starred["ShippingAddresses"].top) == (1, None)


def test_a_text_within_brackets_may_hold_what_separates_them() -> None:
    found = options("$expand=BillingAddresses($filter=Address/City eq 'a;b),c''(';$top=1)")

    assert found.expand[0][1].top == 1
    assert found == options(
        "$expand=BillingAddresses%28%24filter%3DAddress/City eq 'a%3Bb%29%2Cc%27%27%28'%3B$top%3D1)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Nothing", "Name", "Address", "Account,Account", "Account($top=1)", "Account($filter=true)",
        "Account()",
        "Account($select=Nothing)", "Account($select=Id;$select=Id)", "Account($select=Id",
        "Account $select=Id",
        "BillingAddresses($foo=1)", "BillingAddresses(foo=1)", "BillingAddresses($skiptoken=x)",
        "BillingAddresses/Customer", "BillingAddresses($filter=Name eq 'x')", "BillingAddresses($top=-1)",
        "BillingAddresses($top=1;;$skip=1)", "", ",", "Account,",
        "BillingAddresses($expand=Customer($expand=BillingAddresses($expand=Customer)))",
        "BillingAddresses($select=Password)", "BillingAddresses($expand=Customer($select=Password))",
    ],
)  # fmt: skip
def test_what_cannot_be_expanded_is_refused(text: str) -> None:
    assert status(f"$expand={text}") == 400


def test_navigations_are_expanded_three_deep() -> None:
    assert status("$expand=BillingAddresses($expand=Customer($expand=BillingAddresses))") == 200


def test_what_a_page_link_carries_asks_for_the_same() -> None:
    raw = (
        "$filter=Name eq @p and contains(Email,'a%26b')"
        "&$expand=BillingAddresses($filter=Address/City eq @p;$top=3;$skip=1)"
        "&$skip=5&$top=7&@p='ä b'&custom=1&$format=json&$skiptoken=zz&orderby=Id desc"
    )
    asked = options(raw)
    again = options(asked.carried)

    assert (again.filter, again.expand[0][1].filter, again.order) == (
        asked.filter,
        asked.expand[0][1].filter,
        asked.order,
    )
    assert (again.top, again.skip, again.token) == (7, None, None)
    assert again.format == "json"
    assert "custom" not in asked.carried
    assert " " not in asked.carried
    below = options(asked.expand[0][1].carried, "CustomerBillingAddress")
    assert (below.filter is not None, below.top, below.skip) == (True, 3, None)


def test_what_a_token_says_is_for_the_page() -> None:
    assert options("$skiptoken=abc").token == "abc"
    assert status("$skiptoken=") == 400


def test_the_format_is_for_who_answers() -> None:
    full = "application/json;odata.metadata=full"
    assert options(f"$format={full}").format == full
    assert options("Format=json").format == "json"
    assert options("").format is None


def test_documents_take_no_other_option_than_their_format() -> None:
    assert format_alone("$format=xml&custom=1") == "xml"
    assert format_alone("") is None
    for raw in ("$top=1", "$format=json&$filter=true", "$search=x", "$nothing=1"):
        with pytest.raises(Refusal):
            format_alone(raw)


def test_a_path_tells_what_it_ends_in() -> None:
    path = parse_path("Customer(1)/BillingAddresses(7)/Address/City/$value")

    assert isinstance(path, ResourcePath)
    assert (path.set.name, path.key, path.entity.name) == ("Customer", 1, "CustomerBillingAddress")
    assert (path.names, path.suffix, path.many) == (("Address", "City"), "$value", False)
    assert path.member is not None
    assert path.member.name == "City"


@pytest.mark.parametrize(
    "path", ["Customer(5)", "Customer(Id=5)", "Customer/5", "Customers(5)", "Customer(5)/"]
)
def test_one_customer_has_many_spellings(path: str) -> None:
    found = parse_path(path)

    assert isinstance(found, ResourcePath)
    assert (found.set.name, found.key, found.many) == ("Customer", 5, False)
