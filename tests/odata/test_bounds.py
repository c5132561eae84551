"""Literals at the ends of their types are compared and calculated with as any other, on each engine."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import Refusal
from tests.odata.known import Asked
from tests.odata.wire import found
from tests.site import Site

LEAST, LARGEST = -(2**63), 2**63 - 1
LAW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

_WHOLE = [end + beyond for end in (0, 2**31, -(2**31), 2**53, LARGEST, LEAST) for beyond in (-1, 0, 1)]
_LITERALS = {
    "Id": [*map(str, _WHOLE), "1e27", "-1e27", "1e-9", "9" * 28 + ".0", "9223372036854775808.0", "-0.0"],
    "CreateDate": [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2019-09-30T07:59:59.000001Z",
    ],
    "date(CreateDate)": ["0001-01-01", "9999-12-31", "2019-09-30"],
    "time(CreateDate)": ["00:00", "23:59:59.999999", "07:59:59"],
    "Name": ["''", "'a'", "'\uffff'", "'\U0010ffff'", "'\u0001'", "'" + "x" * 300 + "'", "'%'", "'\\'"],
    "IsActive": ["true", "false"],
}
_SAME_TYPE = {
    "Id": ("Id", "length(Name)", "year(CreateDate)", "BillingAddresses/$count", "Id add 1", "-Id"),
    "Name": ("Name", "Email", "Account/Name", "concat(Name,'')", "tolower(Name)"),
    "CreateDate": ("CreateDate", "LastLoginDate"),
}
_AROUND = ("{}", "not ({})", "{} or Id eq 1", "{} and Id gt 0", "BillingAddresses/any(a:a/Id gt 0 and {})")


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """A value compared with a literal of its type, from either side or among others."""
    kind = draw(st.sampled_from(sorted(_LITERALS)))
    value = draw(st.sampled_from(_SAME_TYPE.get(kind, (kind,))))
    literals = st.sampled_from([*_LITERALS[kind], "null"])
    operator = draw(st.sampled_from(("eq", "ne", "gt", "ge", "lt", "le", "in")))
    if operator == "in":
        said = f"{value} in ({','.join(draw(st.lists(literals, min_size=1, max_size=3)))})"
    elif draw(st.booleans()):
        said = f"{value} {operator} {draw(literals)}"
    else:
        said = f"{draw(literals)} {operator} {value}"
    return draw(st.sampled_from(_AROUND)).format(said)


@LAW
@given(condition=comparisons())
def test_a_literal_at_the_end_of_its_type_is_compared_like_any_other(asked: Asked, condition: str) -> None:
    asked.holds("Customer", condition)


_TERMS = (
    "Id add {0}", "Id sub {0}", "Id mul {0}", "Id div {0}", "Id mod {0}", "Id divby {0}", "{0} sub Id",
    "{0} div Id", "{0} mod Id", "substring(Name,{0})", "substring(Name,{0},{0})", "Id gt {0}",
    "-(Id add {0})",
    "Id in ({0},1)", "(Id add {0}) mul {0}",
)  # fmt: skip


@LAW
@given(term=st.sampled_from(_TERMS), literal=st.sampled_from([*_LITERALS["Id"], "1e-27"]))
def test_what_is_calculated_with_one_is_computed_or_refused(asked: Asked, term: str, literal: str) -> None:
    finder, said = asked.finder, term.format(literal)
    for options in ({"orderby": f"{said} desc"}, {"filter": f"({said}) ne null", "count": "true"}):
        token = dict[str, str]()
        for _ in range(3):
            try:
                page = finder.page(most=5, **options, **token)
            except Refusal as refusal:
                assert refusal.status in {400, 501}  # noqa: PT017
                break
            if page.token is None:
                break
            token = {"skiptoken": page.token}


@pytest.mark.parametrize("operator", ["gt", "ge", "lt", "le", "eq", "ne"])
def test_the_least_number_is_a_number_over_the_wire(site: Site, operator: str) -> None:
    everybody = found(site, "Customer?$count=true&$top=0")["@odata.count"]
    expected = everybody if operator in {"gt", "ge", "ne"} else 0
    for condition in (f"Id {operator} {LEAST}", f"(Id {operator} {LEAST}) and Id gt 0"):
        assert found(site, f"Customer?$count=true&$filter={quote(condition)}")["@odata.count"] == expected
