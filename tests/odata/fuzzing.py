"""Requests as they come to mind: right in most, wrong in some place, or nothing that anybody would send."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.odata.edm import MODEL
from tests.odata.sentences import conditions

WRITING = ("POST", "PATCH", "PUT")
METHODS = ("GET", "GET", "GET", *WRITING, "DELETE", "HEAD", "OPTIONS", "TRACE")
KEYS = (
    "115",
    "116",
    "120",
    "142",
    "1",
    "4",
    "0",
    "-1",
    "2147483647",
    "99999999999999999999",
    "'x'",
    "null",
    "",
)
NAVIGATIONS = ("BillingAddresses", "ShippingAddresses", "Account", "Customer")
PROPERTIES = sorted(
    {name for each in MODEL.values() for name in each.members}
    | {"City", "Address/City", "Nonsense", "PASSWORD"}
)
ODD = (
    "$value",
    "$count",
    "$ref",
    "$links",
    "$batch",
    "$metadata",
    "$all",
    "Patron.Customer",
    "%00",
    "..",
    "(",
    "é",
)
TEXTS = (
    "",
    "x",
    "Ada",
    "a@b.example",
    "x" * 300,
    "\u0000",
    "\ud800",
    "😀",
    "'; --",
    "USD",
    "US",
    "2020-01-01T00:00:00Z",
)
JSON = "application/json"


@dataclass(frozen=True)
class Asked:
    """A request to the OData face."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


def _segments() -> SearchStrategy[str]:
    keyed = st.builds(
        "{}({})".format, st.sampled_from((*MODEL, *NAVIGATIONS, "Customers")), st.sampled_from(KEYS)
    )
    named = st.sampled_from((*MODEL, *NAVIGATIONS, *PROPERTIES, *ODD, *KEYS))
    return st.one_of(keyed, keyed, named, st.text(max_size=4).map(lambda text: quote(text, errors="replace")))


def _paths() -> SearchStrategy[str]:
    usual = st.sampled_from(
        (
            *MODEL,
            *(f"{name}({key})" for name in MODEL for key in ("115", "116", "1", "66")),
            *(
                f"Customer(115)/{name}"
                for name in (*NAVIGATIONS, "Name", "Name/$value", "BillingAddresses/$count")
            ),
            "CustomerBillingAddress(1)/Address/City",
            "Customer/$count",
            "$metadata",
            "",
        )
    )
    return st.one_of(usual, usual, st.lists(_segments(), max_size=4).map("/".join))


def _names() -> SearchStrategy[str]:
    return st.sampled_from((*PROPERTIES, "*", "Address/*", "BillingAddresses/$count"))


def _options() -> SearchStrategy[str]:
    numbers = st.sampled_from(("0", "1", "2", "100", "1000000", "-1", "x", "99999999999999999999", "1.5", ""))
    lists = st.lists(_names(), min_size=1, max_size=3).map(",".join)
    orders = st.lists(st.builds("{} {}".format, _names(), st.sampled_from(("asc", "desc", ""))), max_size=3)
    expands = st.builds(
        "{}({})".format,
        st.sampled_from(NAVIGATIONS),
        st.sampled_from(
            (
                "$top=1",
                "$filter=IsDefault eq true;$select=Id",
                "$expand=*",
                "$orderby=Address/City desc;$skip=1",
                "",
            )
        ),
    )
    values = st.one_of(
        conditions().map(lambda text: ("$filter", text)),
        st.text("()'/:,eqandort 019.-$@*Idé%", max_size=20).map(lambda text: ("$filter", text)),
        lists.map(lambda text: ("$select", text)),
        orders.map(lambda terms: ("$orderby", ",".join(terms))),
        conditions().map(lambda text: ("$orderby", text)),
        st.one_of(lists, expands).map(lambda text: ("$expand", text)),
        st.tuples(st.sampled_from(("$top", "$skip", "$count", "$skiptoken", "$format")), numbers),
        st.tuples(st.just("$count"), st.sampled_from(("true", "false", "TRUE"))),
        st.tuples(
            st.just("$format"),
            st.sampled_from(("json", "xml", "atom", "application/json;odata.metadata=full")),
        ),
        st.tuples(st.text(max_size=5), st.text(max_size=5)),
        st.tuples(
            st.sampled_from(("$search", "$apply", "@a", "filter", "$levels", "$deltatoken")), st.just("x")
        ),
    )
    pairs = values.map(lambda pair: "=".join(quote(each, safe="", errors="replace") for each in pair))
    return st.lists(pairs, max_size=3).map("&".join)


def _scalars() -> SearchStrategy[Any]:
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.sampled_from(TEXTS),
        st.text(max_size=5),
    )


_ADDRESS = st.fixed_dictionaries(
    {"Address1": st.sampled_from(("1 Way", "x", "2 Row"))},
    optional={
        **{
            name: st.sampled_from(("Ada Lovelace", "x", None))
            for name in ("Name", "City", "Phone", "Company")
        },
        "CountryCode": st.sampled_from(("US", "DE", None)),
    },
)
_OF_AN_ADDRESS = {
    "Address": _ADDRESS,
    "DisplayLabel": st.sampled_from(("Home", "Lab", None)),
    "IsDefault": st.booleans(),
    "IsLocked": st.booleans(),
}
_OF_A_CUSTOMER = {
    "Email": st.integers(0, 10**9).map("fuzz{}@example.com".format),
    "Name": st.sampled_from(("Ada Lovelace", "x", "Mary Ann  Smith", "Ж", None)),
    "Password": st.sampled_from((None, "a password", "x")),
    "CustomerId": st.sampled_from(("E-1", "", None)),
    "CurrencyCode": st.sampled_from(("USD", "EUR", None)),
    "IsActive": st.booleans(),
    "Account@odata.bind": st.just("Account(66)"),
    "@odata.type": st.just("#Patron.Customer"),
}
_BELOW = {
    name: st.lists(st.fixed_dictionaries({"Address": _ADDRESS}), max_size=2)
    for name in ("BillingAddresses", "ShippingAddresses")
}


def _of(optional: dict[str, SearchStrategy[Any]], **required: SearchStrategy[Any]) -> SearchStrategy[Any]:
    others = {name: each for name, each in optional.items() if name not in required}
    return st.fixed_dictionaries(required, optional=others)


def _right() -> SearchStrategy[tuple[str, str, Any]]:
    """Writes that may well be done: how, where, and of what."""
    customer, address = st.sampled_from(("115", "116", "120", "142")), st.integers(1, 60).map(str)
    sets = ("CustomerBillingAddress", "CustomerShippingAddress")
    changes = _of(_OF_A_CUSTOMER)
    moves = _of(_OF_AN_ADDRESS)
    made = _of(_OF_A_CUSTOMER | _BELOW, Email=_OF_A_CUSTOMER["Email"])
    added = _of(_OF_AN_ADDRESS, Address=_ADDRESS)
    anothers = _of(_OF_AN_ADDRESS, Address=_ADDRESS, CustomerId=st.just(120))
    below = st.builds("Customer({})/{}".format, customer, st.sampled_from(NAVIGATIONS[:2]))
    update = st.sampled_from(("PATCH", "PATCH", "PUT"))
    return st.one_of(
        st.tuples(st.just("POST"), st.just("Customer"), made),
        st.tuples(st.just("POST"), below, added),
        st.tuples(st.just("POST"), st.sampled_from(sets), anothers),
        st.tuples(update, customer.map("Customer({})".format), changes),
        st.tuples(update, st.builds("{}({})".format, st.sampled_from(sets), address), moves),
        st.tuples(update, customer.map("Customer({})/Name".format), st.just({"value": "Set"})),
        st.tuples(st.just("DELETE"), st.builds("{}({})".format, st.sampled_from(sets), address), st.none()),
        st.tuples(st.just("DELETE"), customer.map("Customer({})/CustomerId".format), st.none()),
    )


def _nearly(document: Any, name: str, value: Any, *, spoiled: bool) -> Any:
    return {**document, name: value} if spoiled and isinstance(document, dict) else document


def writes() -> SearchStrategy[Asked]:
    """Requests that write, most of them rightly; in some a value is anything."""
    queries = st.sampled_from(
        ("", "", "", "%24expand=BillingAddresses", "$select=Id", "$filter=x", "$format=json")
    )
    return st.builds(
        lambda right, query, headers, name, value, spoiled: Asked(
            right[0],
            right[1],
            query,
            headers | ({} if right[2] is None else {"Content-Type": JSON}),
            b""
            if right[2] is None
            else json.dumps(_nearly(right[2], name, value, spoiled=spoiled == 0)).encode(),
        ),
        _right(),
        queries,
        st.one_of(st.just({}), st.just({}), _headers()),
        st.sampled_from(PROPERTIES),
        _scalars(),
        st.integers(0, 3),
    )


def _documents() -> SearchStrategy[Any]:
    """Bodies of any kind."""
    anything = st.dictionaries(
        st.one_of(st.sampled_from(PROPERTIES), st.text(max_size=5)), _scalars(), max_size=4
    )
    return st.one_of(anything, anything, _scalars(), st.lists(anything, max_size=2))


def _bodies() -> SearchStrategy[bytes]:
    written = _documents().map(lambda document: json.dumps(document).encode())
    return st.one_of(written, written, written, st.binary(max_size=20), st.just(b""))


def _headers() -> SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {
            "Content-Type": st.sampled_from(
                (JSON, JSON, JSON, "application/json;charset=utf-8", "text/plain", "x")
            )
        },
        optional={
            "Accept": st.sampled_from(
                (JSON, "*/*", "application/xml", "text/html", "application/json;odata.metadata=full")
            ),
            "Prefer": st.sampled_from(
                ("return=minimal", "return=representation", "odata.maxpagesize=1", "x;=,")
            ),
            "If-Match": st.sampled_from(("*", 'W/"1"', 'W/"99"', "x", '"')),
            "If-None-Match": st.sampled_from(("*", 'W/"1"', "x")),
            "OData-Version": st.sampled_from(("4.0", "4.01", "3.0", "x")),
            "OData-MaxVersion": st.sampled_from(("4.0", "4.01", "2.0", "x")),
        },
    )


def requests() -> SearchStrategy[Asked]:
    """A request of any kind."""
    anything = st.builds(Asked, st.sampled_from(METHODS), _paths(), _options(), _headers(), _bodies())
    return st.one_of(anything, writes())


def batches() -> SearchStrategy[Asked]:
    """Batches in JSON, of requests of any kind, some of them in groups."""
    part = st.builds(
        lambda asked, group, needs: {
            "method": asked.method.lower(),
            "url": f"{asked.path}?{asked.query}",
            "headers": {name.lower(): value for name, value in asked.headers.items()},
            **({"atomicityGroup": group} if group else {}),
            **({"dependsOn": needs} if needs else {}),
            **({"body": _loaded(asked.body)} if asked.method in WRITING else {}),
        },
        requests(),
        st.sampled_from((None, None, "g", "h")),
        st.sampled_from((None, None, ["1"], ["g"])),
    )
    several = st.lists(part, min_size=1, max_size=4).map(_numbered)
    return several.map(
        lambda parts: Asked(
            "POST", "$batch", "", {"Content-Type": JSON}, json.dumps({"requests": parts}).encode()
        )
    )


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return "x"


def _numbered(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With ids; a later one may refer to what the first has made."""
    for at, part in enumerate(parts):
        part["id"] = str(at + 1)
        if at and part["url"].startswith("Customer(115)"):
            part["url"] = part["url"].replace("Customer(115)", "$1", 1)
    return sorted(parts, key=lambda each: each.get("atomicityGroup", ""))
