"""Conditions of customers and of addresses with all that this face offers: what SQL is asked at random."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TEXTS = (
    "null", "''", "'a'", "'A'", "'ab'", "'a%b'", "'%'", "'_'", "'É'", "'é'", "'ß'", "'SS'", "' a '", "'😀'",
    "'O''Neil'", "'Mary Ann'", "'\\'", "'Berlin'", "'USD'", "'Σ'", "'x'",
)  # fmt: skip
NUMBERS = ("0", "1", "2", "-1", "3", "900001", "900003", "1.5", "-0.25", "9223372036854775807", "null")
MOMENTS = (
    "2019-09-30T07:59:59Z", "2019-09-30T07:59:59.5Z", "2019-12-31T23:59:59Z", "2020-01-01T00:00:00%2B01:00",
    "2020-02-29T12:00Z", "2020-02-29", "null",
)  # fmt: skip
DAYS = ("2019-09-30", "2020-02-29", "null")
CLOCKS = ("07:59:59", "12:00", "00:00", "07:59:59.5")
ORDERED = st.sampled_from(("eq", "ne", "gt", "ge", "lt", "le"))
EQUAL = st.sampled_from(("eq", "ne"))


def _called(names: tuple[str, ...], *arguments: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.tuples(st.sampled_from(names), *arguments).map(lambda got: f"{got[0]}({','.join(got[1:])})")


def _apart(*parts: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


def _bracketed(*parts: SearchStrategy[str]) -> SearchStrategy[str]:
    return _apart(*parts).map(lambda text: f"({text})")


class Words:
    """What can be said of a row whose members are named so."""

    def __init__(
        self,
        texts: tuple[str, ...],
        numbers: tuple[str, ...],
        moments: tuple[str, ...],
        flags: tuple[str, ...],
    ) -> None:
        member = st.sampled_from(texts)
        self.texts = st.recursive(
            st.one_of(member, member, st.sampled_from(TEXTS)),
            lambda below: st.one_of(
                _called(("tolower", "toupper", "trim"), below),
                _called(("concat",), below, below),
                _called(("substring",), below, st.sampled_from(("0", "1", "-2", "9", "null", "3"))),
                _called(("substring",), below, st.just("1"), st.sampled_from(("0", "1", "99", "-1"))),
            ),
            max_leaves=3,
        )  # fmt: skip
        self.numbers = st.recursive(
            st.one_of(
                st.sampled_from(numbers),
                st.sampled_from(NUMBERS),
                _called(("length",), self.texts),
                _called(("indexof",), self.texts, self.texts),
                _called(("year", "month", "day", "hour", "minute", "second"), st.sampled_from(moments)),
            ),
            lambda below: (
                _bracketed(below, st.sampled_from(("add", "sub", "mul", "div", "mod", "divby")), below)
                | below.map(lambda text: f"-({text})")
            ),
            max_leaves=3,
        )
        moment = st.sampled_from(moments)
        self.plain = st.one_of(
            _apart(self.texts, ORDERED, self.texts),
            _apart(member, ORDERED, st.sampled_from(TEXTS)),
            _apart(st.sampled_from(TEXTS), ORDERED, member),
            _apart(self.numbers, ORDERED, self.numbers),
            _apart(st.sampled_from(numbers), ORDERED, st.sampled_from(NUMBERS)),
            _apart(moment, st.sampled_from(("gt", "ge", "lt", "le")), st.sampled_from(MOMENTS)),
            _apart(moment, EQUAL, st.sampled_from(("null", MOMENTS[0], MOMENTS[1]))),
            _apart(moment, ORDERED, moment),
            _apart(_called(("date",), moment), ORDERED, st.sampled_from(DAYS)),
            _apart(_called(("time",), moment), ORDERED, st.sampled_from(CLOCKS)),
            st.sampled_from(flags),
            _apart(st.sampled_from(flags), EQUAL, st.sampled_from(("true", "false", "null", *flags))),
            _called(("contains", "startswith", "endswith"), self.texts, self.texts),
            _called(("contains", "startswith", "endswith"), member, st.sampled_from(TEXTS)),
            st.tuples(member, st.lists(st.sampled_from(TEXTS), max_size=4)).map(
                lambda of: f"{of[0]} in ({','.join(of[1])})"
            ),
            st.tuples(st.sampled_from(numbers), st.lists(st.sampled_from(NUMBERS), max_size=4)).map(
                lambda of: f"{of[0]} in ({','.join(of[1])})"
            ),
        )  # fmt: skip

    def conditions(self, plain: SearchStrategy[str], leaves: int) -> SearchStrategy[str]:
        """Those that `plain` ones make together."""
        return st.recursive(
            plain,
            lambda below: st.one_of(
                _bracketed(below, st.sampled_from(("and", "or")), below),
                _apart(below, st.just("and"), below).map(lambda text: f"({text})"),
                below.map(lambda text: f"not ({text})"),
                _bracketed(_bracketed(below), EQUAL, st.sampled_from(("true", "false", "null"))),
            ),
            max_leaves=leaves,
        )


CUSTOMER = Words(
    ("Name", "Email", "CurrencyCode", "CustomerId", "Account/Name"),
    ("Id", "AccountId", "Account/Id", "BillingAddresses/$count", "ShippingAddresses/$count"),
    ("CreateDate", "LastLoginDate"),
    ("IsActive", "IsGuest", "TaxExempt"),
)
ADDRESS = Words(
    ("Address/Name", "Address/City", "DisplayLabel", "Customer/Name", "Customer/Account/Code"),
    ("Id", "CustomerId", "Customer/Id", "Customer/BillingAddresses/$count"),
    ("Customer/LastLoginDate",),
    ("IsDefault", "IsLocked", "Customer/IsActive"),
)
INNER = Words(
    ("a/Address/Name", "a/Address/City", "a/DisplayLabel", "Name", "a/Customer/Name"),
    ("a/Id", "a/CustomerId", "Id", "a/Customer/ShippingAddresses/$count"),
    ("LastLoginDate", "a/Customer/CreateDate"),
    ("a/IsDefault", "a/IsLocked", "IsActive"),
)


def _quantified() -> SearchStrategy[str]:
    alone = Words(INNER_TEXTS, ("a/Id", "a/CustomerId"), ("LastLoginDate",), ("a/IsDefault", "a/IsLocked"))
    navigation = st.sampled_from(("BillingAddresses", "ShippingAddresses"))
    nested = st.tuples(navigation, st.sampled_from(("any", "all"))).map(
        lambda got: f"a/Customer/{got[0]}/{got[1]}(b:b/Address/City eq a/Address/City and b/Id ne a/Id)"
    )
    body = st.one_of(
        INNER.conditions(INNER.plain, 2), alone.conditions(alone.plain, 2), nested, st.just("true")
    )
    return st.one_of(
        navigation.map(lambda name: f"{name}/any()"),
        st.tuples(navigation, st.sampled_from(("any", "all")), body).map(
            lambda got: f"{got[0]}/{got[1]}(a:{got[2]})"
        ),
    )


INNER_TEXTS = ("a/Address/Name", "a/Address/City", "a/DisplayLabel")


def of_customers() -> SearchStrategy[str]:
    """Conditions of customers."""
    return CUSTOMER.conditions(st.one_of(CUSTOMER.plain, CUSTOMER.plain, _quantified()), 4)


def of_addresses() -> SearchStrategy[str]:
    """Conditions of billing addresses."""
    return ADDRESS.conditions(ADDRESS.plain, 3)
