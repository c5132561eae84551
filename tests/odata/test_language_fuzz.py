"""Whatever a client sends, it is understood, or refused as wrong or as not offered: nothing else happens."""

from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import Refusal
from app.odata.edm import MODEL
from app.odata.options import parse_options
from app.odata.paths import parse_path
from tests.odata.asking import status
from tests.odata.sentences import conditions

WORDS = (
    "Id", "Name", "IsActive", "CreateDate", "Account", "BillingAddresses", "Address", "City", "Password",
    "a", "$it",
    "$count", "$root", "$this", "$value", "$ref", "*", "eq", "ne", "gt", "and", "or", "not", "in", "has",
    "add", "div",
    "-", "(", ")", ",", "/", ":", ";", "=", "'", "''", "'x'", "@p", "@", "null", "true", "1", "1.5", "1e9",
    "INF", "0",
    "2019-01-01", "2019-01-01T00:00:00Z", "07:59", "contains(", "tolower(", "year(", "now()", "any(",
    "all(", "any()",
    "$filter=", "$select=", "$expand=", "$orderby=", "$top=", "$levels=", "top=", "desc", "asc", "[", "]",
    "{", "}",
    "duration'P1D'", "Patron.Customer", "01234567-89ab-cdef-0123-456789abcdef", "\0", "\t", "\n", "é", "😀",
    "\u2028",
    "٣", "²", "ǆ", "%", "%41", "&", "+", "#", "$", ".", "..", "\\", '"', "--", "/*", "9" * 30,
)  # fmt: skip
SOUP = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(("", " ", "  "))), max_size=14).map(
    lambda parts: "".join(word + blank for word, blank in parts)
)
OPTION = st.sampled_from(
    (
        "$filter",
        "$orderby",
        "$select",
        "$expand",
        "$top",
        "$skip",
        "$count",
        "$skiptoken",
        "$format",
        "@p",
        "x",
    )
)
ENTITY = st.sampled_from(tuple(MODEL))
WHERE = st.sampled_from(("set", "entity", "count", "property"))


@settings(max_examples=300, deadline=None)
@given(OPTION, SOUP, ENTITY, WHERE)
@example("$filter", "٣ eq Id", "Customer", "set")
@example("$top", "٣", "Customer", "set")
@example("$filter", "CreateDate gt ٢٠١٩-01-01T00:00:00Z", "Customer", "set")
def test_soup_is_understood_or_refused(option: str, soup: str, entity: str, where: str) -> None:
    encoded = f"{option}={quote(soup, safe='')}&@p={quote(soup, safe='')}"
    assert status(encoded, entity, where) in {200, 400, 501}  # type: ignore[arg-type]
    assert status(f"{option}={soup}", entity, where) in {200, 400, 501}  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.binary(max_size=20))
def test_noise_is_understood_or_refused(text: str, octets: bytes) -> None:
    for raw in (text, f"$filter={text}", f"$expand=Account({text})", f"$filter=Name eq '{quote(octets)}'"):
        try:
            parse_options(raw, MODEL["Customer"], "set")
        except Refusal as refusal:
            assert refusal.status in {400, 501}  # noqa: PT017
            refusal.faults[0].message.encode()


@settings(max_examples=150, deadline=None)
@given(conditions(), st.data())
def test_a_condition_that_lost_something_is_understood_or_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    to = data.draw(st.integers(at, min(at + 5, len(text))))
    broken = text[:at] + data.draw(st.sampled_from(WORDS)) + text[to:]
    assert status(f"$filter={quote(broken, safe='')}") in {200, 400, 501}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ("Customer", "Customer(1)", "(1)", "1", "BillingAddresses", "Account", "Name", "$value",
                 "$count",
                 "$ref", "$metadata", "", "Address", "Customer(Id=1)", "Customer('x')", "Patron.X", "..",
                 "Customer()")
            ),
            st.text(max_size=12),
        ),
        max_size=8,
    ).map("/".join)
)  # fmt: skip
def test_a_path_leads_somewhere_or_is_refused(path: str) -> None:
    try:
        parse_path(path)
    except Refusal as refusal:
        assert refusal.status in {400, 404, 501}  # noqa: PT017
        refusal.faults[0].message.encode()
