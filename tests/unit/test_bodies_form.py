"""Forms as they may be sent to us, and all that is refused of them."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations import Body, form
from tests.unit.bodies import refused
from tests.unit.strategies import BOUNDED


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        (b"first_name=Ann&last_name=", {"first_name": "Ann", "last_name": ""}),
        (b"a=1+2%2B3%20%26%3D", {"a": "1 2+3 &="}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a", {"a": ""}),
        (b"&a=1&&b=2&", {"a": "1", "b": "2"}),
        (b"a=%C3%A9%f0%9f%91%a9&%E5%90%8D=x", {"a": "é\U0001f469", "名": "x"}),
        ("a=é".encode(), {"a": "é"}),
        (b"a=%0D%0A%09", {"a": "\r\n\t"}),
        (b"a%5Bb%5D=1&c[]=2&x0[d]=3", {"a[b]": "1", "c[]": "2", "x0[d]": "3"}),
        (b"message=done&a=1", {"a": "1"}),
        (b"", {}),
    ],
)
def test_fields_are_properties(body: bytes, properties: dict[str, str]) -> None:
    assert form.parse(body) == Body(properties, items=None, textual=True)


def test_numbered_fields_are_items_in_the_order_of_their_numbers() -> None:
    body = form.parse(b"10[name]=c&0[name]=a&0%5Bvalue%5D=1&2[name]=b")

    assert body == Body({}, ({"name": "a", "value": "1"}, {"name": "b"}, {"name": "c"}), textual=True)


def test_a_message_beside_items_is_dropped() -> None:
    assert form.parse(b"0[name]=a&message=done").items == ({"name": "a"},)


def test_fields_that_were_decoded_elsewhere_are_read_alike() -> None:
    assert form.body_of([("a", "b+c%20d"), ("e", "")]) == Body({"a": "b+c%20d", "e": ""}, textual=True)
    assert form.body_of(iter([("0[a]", "b")])) == Body({}, ({"a": "b"},), textual=True)


@pytest.mark.parametrize(
    ("body", "message", "about"),
    [
        (b"a=1&b=2&a=1", "a stands twice: send it once", "a"),
        (b"a=1&%61=1", "a stands twice: send it once", "a"),
        (b"0[a]=1&0[a]=2", "0[a] stands twice: send it once", "a"),
        (b"0[a]=1&00[a]=2", "00[a] stands twice: send it once", "a"),
        (b"c[]=1&c[]=2", "c[] stands twice: send it once", "c[]"),
        (b"=1", "a field of the form has no name", None),
        (b"=", "a field of the form has no name", None),
        (b"0[]=1", "a field of the form has no name", None),
        (b"a=1&0[a]=2", "some fields are of numbered items, as 0[name] is, and some are not", None),
        (b"0[a]=2&0[a][b]=1", "some fields are of numbered items, as 0[name] is, and some are not", None),
        (b"a=100%", "the form is not percent-encoded: write % itself as %25", None),
        (b"a=%4", "the form is not percent-encoded: write % itself as %25", None),
        (b"%zz=1", "the form is not percent-encoded: write % itself as %25", None),
        (b"a=%C3", "a field of the form is not UTF-8", None),
        (b"a=%ED%A0%80", "a field of the form is not UTF-8", None),
        (b"a=%C0%80", "a field of the form is not UTF-8", None),
        (b"a=\xff", "a field of the form is not UTF-8", None),
        (
            b"a%01=1",
            "the name of a property holds the control character U+0001, which XML cannot carry: leave it out",
            None,
        ),
        (
            b"1[a]=x&2[b]=%00",
            "item 1: b holds the control character U+0000, which XML cannot carry: leave it out",
            "b",
        ),
    ],
)
def test_what_is_not_such_a_form_is_refused(body: bytes, message: str, about: str | None) -> None:
    error = refused(form.parse, body)

    assert (error.message, error.property) == (message, about)


def test_a_thousand_fields_are_read_and_one_more_is_not() -> None:
    fields = [(f"a{n}", "") for n in range(1_001)]
    body = "&".join(f"{name}=" for name, _ in fields).encode()

    assert len(form.parse(body.rpartition(b"&")[0]).properties) == 1_000
    assert refused(form.parse, body).message == "the form has more than 1000 fields"
    assert refused(lambda _: form.body_of(fields), b"").message == "the form has more than 1000 fields"


@pytest.mark.parametrize(
    "body",
    [
        b"&" * 1_000_000,
        b"%" * 1_000_000,
        b"a=" + b"%41" * 300_000 + b"%",
        b"0[" * 500_000 + b"=&=",
        b"9" * 1_000_000 + b"[a]=&=",
    ],
    ids=lambda body: f"{body[:6]!r}",
)
def test_hostile_forms_are_refused_at_a_bounded_price(body: bytes) -> None:
    refused(form.parse, body)


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@BOUNDED
@given(st.dictionaries(texts.map("x{}".format), texts, max_size=5))
def test_what_browsers_encode_is_decoded(fields: dict[str, str]) -> None:
    assert form.parse(urlencode(fields).encode()).properties == fields
