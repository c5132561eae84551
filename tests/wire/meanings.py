"""What filters mean, said a second time in plain Python over the rows of the crowd."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.resources.customer import fold_email
from tests.wire.crowd import CITIES, LAST_NAMES, NAMES, VALUES, Row, addresses, attributes, cards, customers

Test = Callable[[Row], bool]
Clause = list["Said"]

ZONE = ZoneInfo("America/Los_Angeles")
PEOPLE = customers()
ADDRESSES = addresses()
FLAGS = {"default_billing_address": "is_default_billing", "default_shipping_address": "is_default_shipping"}
RELATED = {
    "customer_addresses": ADDRESSES,
    "attributes": [each for each in attributes() if each["visibility"] != "restricted"],
    "default_payment_method": cards(),
    **{name: [each for each in ADDRESSES if each[flag]] for name, flag in FLAGS.items()},
}


@dataclass(frozen=True)
class Said:
    """A condition as it is written, and as it is meant: of the customer or of a related row."""

    text: str
    test: Test
    negated: bool = False
    relation: str = ""
    named: str | None = None

    def of(self, relation: str) -> "Said":
        """The same of a related row."""
        return Said(f"{relation}:{self.text}", self.test, self.negated, relation)


def expected(clauses: Iterable[Clause]) -> list[int]:
    """The ids of the customers that pass; guests only where the clauses name them."""
    clauses = list(clauses)
    named = any(said.text.startswith("is_anonymous") for clause in clauses for said in clause)
    people = [each for each in PEOPLE if named or not each["is_anonymous"]]
    return [each["id"] for each in people if passes(each, clauses)]


def passes(person: Row, clauses: Iterable[Clause]) -> bool:
    """Whether all clauses hold; those of one relation alone hold for the same related row."""
    together: dict[str, list[Clause]] = {}
    for clause in clauses:
        relations = {each.relation for each in clause}
        alone = len(relations) == 1 and relations != {""}
        if alone and all(each.named is None and not each.negated for each in clause):
            together.setdefault(relations.pop(), []).append(clause)
        elif not any(holds(person, each) for each in clause):
            return False
    return all(
        any(all(any(said.test(row) for said in clause) for clause in asked) for row in of(person, relation))
        for relation, asked in together.items()
    )


def holds(person: Row, said: Said) -> bool:
    """Whether a condition holds that stands for itself."""
    if not said.relation:
        return said.test(person) != said.negated
    rows = of(person, said.relation)
    return any(said.test(each) for each in rows if said.named in {None, each.get("name")}) != said.negated


def of(person: Row, relation: str) -> list[Row]:
    return [each for each in RELATED[relation] if each["customer_id"] == person["id"]]


def texts(name: str, values: tuple[str | None, ...]) -> Iterator[Said]:
    """All that can be asked of a text property."""
    for each in values:
        if each is None:
            continue
        if "*" not in each:
            yield Said(f"{name}={each}", lambda row, v=each: row[name] == v)
            yield Said(f"{name}:not={each}", lambda row, v=each: row[name] == v, negated=True)
        if "," not in each:
            yield Said(f"{name}:in=Smith,{each}", lambda row, v=each: row[name] in {v, "Smith"})
        if each:
            yield Said(f"{name}={each[:1]}*", lambda row, v=each[:1]: (row[name] or "").startswith(v))
            yield (
                Said(f"{name}=*{each[-1:]}", lambda row, v=each[-1:]: (row[name] or "").endswith(v))
                if (not each.endswith("*"))
                else Said(f"{name}=*", lambda row: row[name] is not None)
            )
            yield Said(
                f"{name}:not=*{each[:1]}*", lambda row, v=each[:1]: v in (row[name] or ""), negated=True
            )
    yield from defined(name)
    for operator, compare in COMPARISONS.items():
        for each in ("", "a", "Smith", "\U0001f600"):
            yield Said(
                f"{name}:{operator}={each}",
                lambda row, v=each, c=compare: row[name] is not None and c(row[name], v),
            )


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lessthan": lambda one, two: one < two,
    "lessthanorequal": lambda one, two: one <= two,
    "greaterthan": lambda one, two: one > two,
    "greaterthanorequal": lambda one, two: one >= two,
}


def defined(name: str) -> Iterator[Said]:
    for text, negated in (
        ("=*", False),
        (":isdefined=true", False),
        (":not=*", True),
        (":isdefined=false", True),
    ):
        yield Said(f"{name}{text}", lambda row: row[name] is not None, negated)


def flags(name: str) -> Iterator[Said]:
    """All that can be asked of a property that is true or false."""
    for value in (True, False):
        word = str(value).lower()
        yield Said(f"{name}={word}", lambda row, v=value: row[name] is v)
        yield Said(f"{name}:not={word}", lambda row, v=value: row[name] is v, negated=True)
        yield Said(f"{name}:in={word}", lambda row, v=value: row[name] is v)
    yield Said(f"{name}:in=true,false", lambda row: True)
    yield from defined(name)


def numbers(name: str) -> Iterator[Said]:
    """All that can be asked of a number."""
    yield Said(f"{name}=30", lambda row: row[name] == 30)
    yield Said(f"{name}:not= 30", lambda row: row[name] == 30, negated=True)
    yield Said(f"{name}:in=3,6,-9,9000000000000000000", lambda row: row[name] in {3, 6})
    yield Said(f"{name}=30..60", lambda row: 30 <= row[name] <= 60)
    yield Said(f"{name}:not=30..60", lambda row: 30 <= row[name] <= 60, negated=True)
    yield Said(f"{name}=60..30", lambda row: False)
    yield Said(f"{name}=100..x", lambda row: row[name] >= 100)
    yield Said(f"{name}=..-1", lambda row: False)
    for operator, compare in COMPARISONS.items():
        yield Said(f"{name}:{operator}=33", lambda row, c=compare: c(row[name], 33))
    yield from defined(name)


WRITTEN = {
    "2013-08-16": (datetime(2013, 8, 16, tzinfo=ZONE), datetime(2013, 8, 16, 23, 59, 59, tzinfo=ZONE)),
    "2013-08-16T07:00:00Z": (datetime.fromisoformat("2013-08-16T07:00:00Z"),) * 2,
    "2013-08-16 00:00:00": (datetime(2013, 8, 16, tzinfo=ZONE),) * 2,
    "2013-08-16T09:00:00 0200": (datetime.fromisoformat("2013-08-16T09:00:00+02:00"),) * 2,
    "2013-08-17T06:59:59.999+00:00": (datetime.fromisoformat("2013-08-17T06:59:59Z"),) * 2,
    "2013-08-16Z": (
        datetime.fromisoformat("2013-08-16T00:00:00Z"),
        datetime.fromisoformat("2013-08-16T23:59:59Z"),
    ),
    "2020-02-29 04:30": (datetime.fromisoformat("2020-02-29T12:30:00Z"),) * 2,
}


def dates(name: str) -> Iterator[Said]:
    """All that can be asked of a moment, whichever way a date is written."""

    def within(row: Row, first: datetime, last: datetime) -> bool:
        return row[name] is not None and first <= row[name] <= last

    for text, (first, last) in WRITTEN.items():
        yield Said(f"{name}={text}", lambda row, a=first, b=last: within(row, a, b))
        yield Said(f"{name}:not={text}", lambda row, a=first, b=last: within(row, a, b), negated=True)
        yield Said(
            f"{name}:in={text},1999-12-31",
            lambda row, a=first, b=last: (
                within(row, a, b) or within(row, NINETIES, NINETIES.replace(hour=23))
            ),
        )
        yield Said(f"{name}={text}..x", lambda row, a=first: row[name] is not None and row[name] >= a)
        yield Said(f"{name}=..{text}", lambda row, b=last: row[name] is not None and row[name] <= b)
        yield Said(f"{name}=1999-12-01..{text}", lambda row, b=last: within(row, DECEMBER, b))
        yield Said(
            f"{name}:not={text}..", lambda row, a=first: row[name] is not None and row[name] >= a, True
        )
        for operator, compare in COMPARISONS.items():
            bound = first if operator in {"lessthan", "greaterthanorequal"} else last
            yield Said(
                f"{name}:{operator}={text}",
                lambda row, v=bound, c=compare: row[name] is not None and c(row[name], v),
            )
    yield from defined(name)


NINETIES = datetime(1999, 12, 31, tzinfo=ZONE)
DECEMBER = datetime(1999, 12, 1, tzinfo=ZONE)


def emails() -> Iterator[Said]:
    """All that can be asked of an email, whose case does not count."""

    def key(row: Row) -> str:
        return fold_email(row["email"])

    for email, folded in [(person["email"], key(person)) for person in PEOPLE[:12]]:
        for spelled in (email, email.upper(), email.replace("+", " ")):
            yield Said(f"email={spelled}", lambda row, v=folded: key(row) == v)
            yield Said(f"email:not={spelled}", lambda row, v=folded: key(row) == v, negated=True)
            yield Said(f"email:in=nobody@a.example,{spelled}", lambda row, v=folded: key(row) == v)
    yield Said("email=a,ann1@example.com", lambda row: False)
    yield Said("email=ANN*", lambda row: key(row).startswith("ann"))
    yield Said("email=*@bücher.example", lambda row: row["email"].endswith("bücher.example"))
    yield Said("email=x_*@*", lambda row: key(row).startswith("x_"))
    yield Said("email:not=*@EXAMPLE.*", lambda row: "@example." in key(row), negated=True)
    yield Said("email:greaterthan=b", lambda row: row["email"] > "b")
    yield from defined("email")


def named(name: str) -> Iterator[Said]:
    """All that can be asked of the attribute of a name."""
    for each in texts("value", VALUES):
        text = each.text.replace("value", f"attributes:name[{name}]", 1)
        yield Said(text, each.test, each.negated, "attributes", name)


OWN = (
    *texts("last_name", LAST_NAMES),
    *texts("first_name", ("Ann", "Bo")),
    *emails(),
    *flags("is_anonymous"),
    *flags("is_active"),
    *numbers("id"),
    *dates("date_created"),
    *dates("last_login_date"),
)
THEIRS = (
    *(each.of("customer_addresses") for each in (*texts("city", CITIES), *texts("country", ("DE", "US")))),
    *(
        each.of("default_billing_address")
        for each in (*texts("city", CITIES), *texts("country", ("DE", "US")))
    ),
    *(each.of("default_shipping_address") for each in flags("is_default_billing")),
    *(each.of("default_payment_method") for each in texts("cc_type", ("visa",))),
    *(each.of("attributes") for each in (*texts("name", NAMES), *texts("value", VALUES))),
    *(each for name in NAMES for each in named(name)),
    Said("customer_addresses:isdefined=true", lambda row: True, False, "customer_addresses"),
    Said("default_payment_method:isdefined=false", lambda row: True, True, "default_payment_method"),
)
