"""Conditions as clients may write them, well formed and well typed, from small to a few lines long."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TEXTS = ("Name", "Email", "CurrencyCode", "CustomerId", "Account/Name")
FLAGS = ("IsActive", "TaxExempt", "IsGuest")
WHOLE = ("Id", "AccountId", "Account/Id")
MOMENTS = ("CreateDate", "LastModifiedDate", "LastLoginDate")
NAVIGATIONS = ("BillingAddresses", "ShippingAddresses")


def _joined(*parts: SearchStrategy[str], between: str = " ") -> SearchStrategy[str]:
    return st.tuples(*parts).map(between.join)


def _called(names: tuple[str, ...], *arguments: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.tuples(st.sampled_from(names), *arguments).map(lambda got: f"{got[0]}({','.join(got[1:])})")


def _literal_text() -> SearchStrategy[str]:
    alphabet = st.sampled_from("aZ 0_%\\;,()/:&=+é€😀")
    return st.one_of(
        st.sampled_from(("''", "'O''Neil'", "'%'", "'a;b'", "'(''x'')'", "'null'")),
        st.text(alphabet, max_size=6).map(lambda text: f"'{text}'"),
    )


def _texts(members: tuple[str, ...]) -> SearchStrategy[str]:
    base = st.one_of(st.sampled_from(members), _literal_text())
    return st.recursive(
        base,
        lambda below: st.one_of(
            _called(("tolower", "toupper", "trim"), below), _called(("concat",), below, below)
        ),
        max_leaves=3,
    )


def _numbers(members: tuple[str, ...], texts: SearchStrategy[str]) -> SearchStrategy[str]:
    base = st.one_of(
        st.sampled_from(members),
        st.integers(0, 2**31).map(str),
        st.sampled_from(("1.5", "0", "-3")),
        _called(("length",), texts),
        _called(("indexof",), texts, texts),
        _called(("year", "month", "day", "hour", "minute", "second"), st.sampled_from(MOMENTS)),
    )
    return st.recursive(
        base,
        lambda below: st.one_of(
            _joined(below, st.sampled_from(("add", "sub", "mul", "div", "mod")), below),
            _joined(below, st.sampled_from(("add", "sub", "mul")), below).map(lambda text: f"({text})"),
        ),
        max_leaves=4,
    )


_ORDERED = st.sampled_from(("eq", "ne", "gt", "ge", "lt", "le"))
_EQUAL = st.sampled_from(("eq", "ne"))
_MOMENT = st.sampled_from(("2019-09-30T07:59:59Z", "2019-09-30T07:59:59-07:00", "2020-02-29T23:59:59.5Z"))


def _plain() -> SearchStrategy[str]:
    texts = _texts(TEXTS)
    return st.one_of(
        _joined(texts, _ORDERED, texts),
        _joined(st.sampled_from(TEXTS), _EQUAL, st.just("null")),
        _joined(_numbers(WHOLE, texts), _ORDERED, _numbers(WHOLE, texts)),
        _joined(st.sampled_from(MOMENTS), _ORDERED, _MOMENT),
        _joined(st.sampled_from(FLAGS), _EQUAL, st.sampled_from(("true", "false"))),
        _called(("contains", "startswith", "endswith"), texts, texts),
        st.lists(st.integers(0, 99).map(str), min_size=2, max_size=4).map(
            lambda of: f"Id in ({','.join(of)})"
        ),
        st.sampled_from(NAVIGATIONS).map(lambda name: f"{name}/any(a:a/IsDefault eq true and a/Id gt Id)"),
        st.sampled_from(NAVIGATIONS).map(lambda name: f"{name}/all(x:contains(x/Address/City,'a'))"),
    )


def conditions() -> SearchStrategy[str]:
    """Conditions of the Customer set, in the subset that other parsers of OData know too."""
    return st.recursive(
        _plain(),
        lambda below: st.one_of(
            _joined(below, st.sampled_from(("and", "or")), below),
            below.map(lambda text: f"({text})"),
            below.map(lambda text: f"not ({text})"),
        ),
        max_leaves=5,
    )
