"""Compiled checks take what the validation of requests takes, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import codes
from app.cards import looks_like_card
from app.db.tables import Author
from app.errors import Refusal
from app.fields import Boolean, Date
from app.hypermedia import ResourceType
from app.moving.candidates import Candidates
from app.moving.checks import Checks
from app.moving.forms import named
from app.moving.lines import Line, Manner
from app.moving.making import Row
from app.passwords import hash_password
from app.resources.attribute import CUSTOMER_ATTRIBUTE
from app.resources.customer import CUSTOMER
from app.resources.customer_address import CUSTOMER_ADDRESS
from app.resources.payment_method import PAYMENT_METHOD
from app.schema import declared
from app.zones import zone
from tests.moving.people import customer
from tests.wire.hostile import values

CLOCKS = zone("America/Los_Angeles")
AUTHOR = Author(
    client="",
    chosen=lambda: ("bcrypt", "12"),
    allow_weak_hashes=False,
    hash=hash_password,
    encrypt=str,
    owner={},
    moment=CLOCKS.moment,
    query_fault=lambda _resource, _query: None,
    url_fault=lambda _url: None,
    moved=True,
)
TYPES = (CUSTOMER, CUSTOMER_ADDRESS, CUSTOMER_ATTRIBUTE, PAYMENT_METHOD)
PLAUSIBLE = (
    *(
        "Kim",
        "US",
        "OR",
        "XX",
        "NO",
        "kim@example.com",
        "public",
        "restricted",
        "4111111111111111",
        "12",
        "2039",
    ),
    *("2019-03-01T10:00:00-0800", "2019-02-30T10:00:00-0800", "2019-03-01T23:59:59+14:00", "2019-03-01"),
    *("0000-00-00 00:00:00", "9999-01-01T00:00:00Z", "0999-12-31T00:00:00Z", "2019-03-01T24:00:00Z"),
    *("xxxxxxxxxxxx1111", "bcrypt", "phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "EUR", 7, 2**31, 0, -1),
)
some = values | st.sampled_from(PLAUSIBLE) | st.none() | st.booleans()


def documents(resource_type: ResourceType) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from([*declared(resource_type.schema), "_links", "id", "unknown", "CVV"])
    return st.dictionaries(names, some, max_size=8)


def right(resource_type: ResourceType) -> st.SearchStrategy[dict[str, Any]]:
    """Documents that may be written; customers among them bring a hash: others get one that is drawn."""
    known = declared(resource_type.schema)
    values = {name: _right(name, each) for name, each in known.items() if name != "password"}
    needed = {name for name, each in known.items() if each.required} | ({"password_hash"} & values.keys())
    required = {name: values.pop(name) for name in sorted(needed)}
    return st.fixed_dictionaries(required, optional=values | {"_links": st.just({})}).flatmap(
        lambda made: st.permutations(list(made)).map(lambda names: {name: made[name] for name in names})
    )


LISTED = {
    "country": ("US", "NO"),
    "currency_code": ("EUR",),
    "visibility": ("public", "private", "restricted"),
    "password_hash": ("$2a$05$x",),
    "password_hash_type": ("bcrypt",),
    "email": ("Kim@Example.com",),
    "id": (1, 9),
}


def _right(name: str, field: Any) -> st.SearchStrategy[Any]:
    if name in LISTED:
        return st.sampled_from(LISTED[name])
    if isinstance(field, Boolean):
        return st.booleans()
    texts = ["2019-03-01T10:00:00-0800"] if isinstance(field, Date) else ["Kim", "O'Hara", "Lake Road 12"]
    made: st.SearchStrategy[Any] = st.sampled_from(texts)
    return made | st.none() if field.allow_none else made


OFTEN_MANY = (CUSTOMER, CUSTOMER_ADDRESS, CUSTOMER_ATTRIBUTE)


@pytest.mark.parametrize("resource_type", TYPES, ids=lambda each: each.name)
@settings(max_examples=400)
@given(data=st.data(), lenient=st.booleans(), often=st.sampled_from([1, 2]))
def test_what_compiled_checks_take_is_what_requests_may_say(
    resource_type: ResourceType, data: st.DataObject, lenient: bool, often: int
) -> None:
    document = data.draw(documents(resource_type))
    checks = Checks(resource_type, CLOCKS, trusted=False, lenient=lenient, often=often)
    quick = checks.quick(document, AUTHOR)

    try:
        thorough = checks.thorough(document, AUTHOR)
    except Refusal:
        assert quick is None
    else:
        assert quick is None or named(quick) == named(thorough)


def test_what_is_right_is_taken_without_a_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(Checks, "thorough", lambda *_: looked.append(1))
    candidates = Candidates(AUTHOR, CLOCKS, Manner())

    made = [candidates.of(Line(number, customer(number))) for number in range(1, 50)]

    assert not looked
    assert {len(each.addresses) for each in made} == {2}


@pytest.mark.parametrize("resource_type", TYPES, ids=lambda each: each.name)
@settings(max_examples=200)
@given(data=st.data())
def test_trust_takes_no_less_than_a_look(resource_type: ResourceType, data: st.DataObject) -> None:
    document = data.draw(documents(resource_type))
    taken = Checks(resource_type, CLOCKS, trusted=False, lenient=False, often=1).quick(document, AUTHOR)
    trusted = Checks(resource_type, CLOCKS, trusted=True, lenient=False, often=1).quick(document, AUTHOR)

    assert taken is None or (trusted is not None and named(trusted) == named(taken))


@pytest.mark.parametrize("resource_type", OFTEN_MANY, ids=lambda each: each.name)
@settings(max_examples=400)
@given(data=st.data())
def test_rows_of_a_form_that_comes_often_are_those_of_one_that_is_rare(
    resource_type: ResourceType, data: st.DataObject
) -> None:
    document = data.draw(right(resource_type))

    def row(often: int) -> Row:
        part = Checks(resource_type, CLOCKS, trusted=True, lenient=False, often=often).quick(document, AUTHOR)
        assert part is not None
        form, values, apart = part
        return form.row(values, resource_type.row.columns(apart, None, AUTHOR), 1, 2, 3, "now")

    assert row(often=1) == row(often=2)


plain = st.text(st.sampled_from("aZ0._+-@'\" é¼️İ"), max_size=70)
domains = st.sampled_from(
    ["example.com", "x", "bücher.example", "xn--bcher-kva.example", "a_b.com", "localhost"]
)


@settings(max_examples=400)
@given(local=plain, domain=domains | plain)
def test_an_email_is_one_whether_its_domain_is_known_or_not(local: str, domain: str) -> None:
    from email_validator import validate_email

    def is_valid(text: str) -> bool:
        try:
            validate_email(text, check_deliverability=False, test_environment=True)
        except ValueError:
            return False
        return len(text) <= codes.LONGEST_EMAIL

    text = f"{local}@{domain}"
    assert codes.is_email(text) == codes.is_email(text) == is_valid(text)


digits = st.text(st.sampled_from("0123456789 -./xé⑳４²"), max_size=25)


@given(digits | st.sampled_from(["4111111111111111", "４111 1111 1111 1111", "a4111111111111111"]))
def test_a_short_look_at_a_text_finds_the_same_cards(text: str) -> None:
    import unicodedata

    from app import cards

    plain = unicodedata.normalize("NFKC", text)
    found = "".join(each for each in plain if each in "0123456789")
    letters = any(each.isalpha() for each in plain)

    def is_card() -> bool:
        try:
            return not letters and 14 <= len(found) <= 19 and bool(cards.reduce(found))
        except cards.InvalidCard:
            return False

    assert looks_like_card(text) == is_card()


def _checked(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except Refusal as refusal:
        return refusal


def test_a_card_that_has_expired_elsewhere_is_taken_and_a_new_one_is_not() -> None:
    card = {
        "save_cc": True,
        "cc_number_masked": "xxxxxxxxxxxx1111",
        "cc_exp_month": "01",
        "cc_exp_year": "2020",
    }
    checks = Checks(PAYMENT_METHOD, CLOCKS, trusted=False, lenient=False)

    assert named(checks.thorough(card, AUTHOR))["cc_exp_year"] == "2020"
    assert isinstance(_checked(lambda: checks.thorough(card, replace(AUTHOR, moved=False))), Refusal)
