"""Of a card's number only its type and last four digits are kept, and a wrong one is noticed."""

import time
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards import Card, InvalidCard, expired, looks_like_card, reduce

WELL_KNOWN = {
    "4111111111111111": "visa",
    "4012888888881881": "visa",
    "4222222222222": "visa",
    "4000000000000000006": "visa",
    "5555555555554444": "mastercard",
    "5105105105105100": "mastercard",
    "2223003122003222": "mastercard",
    "2221000000000009": "mastercard",
    "2720990000000007": "mastercard",
    "378282246310005": "amex",
    "343434343434343": "amex",
    "6011111111111117": "discover",
    "6445644564456445": "discover",
    "6500000000000002": "discover",
    "3530111333300000": "jcb",
    "3528000000000007": "jcb",
    "3589000000000003": "jcb",
    "30569309025904": "diners",
    "38520000023237": "diners",
    "36227206271667": "diners",
    "6200000000000005": "unionpay",
    "6205500000000000004": "unionpay",
    "8171999900000026": "unionpay",
    "6759649826438453": "maestro",
    "5018000000000009": "maestro",
    "6304000000000000": "maestro",
    "676770000005": "maestro",
}
numbers = st.sampled_from(sorted(WELL_KNOWN))


def with_check_digit(digits: str) -> str:
    """These digits and the one that makes them pass; not as the module reckons it, but by trying all."""
    for last in "0123456789":
        whole = [int(digit) for digit in digits + last]
        for place in range(len(whole) - 2, -1, -2):
            whole[place] = sum(divmod(whole[place] * 2, 10))
        if sum(whole) % 10 == 0:
            return digits + last
    raise AssertionError


def fault(number: str) -> str:
    with pytest.raises(InvalidCard) as raised:
        reduce(number)
    return str(raised.value)


@pytest.mark.parametrize(("number", "brand"), WELL_KNOWN.items())
def test_a_well_known_number_is_of_its_brand_and_all_but_its_end_is_masked(number: str, brand: str) -> None:
    assert with_check_digit(number[:-1]) == number
    assert reduce(number) == Card(brand, "x" * (len(number) - 4) + number[-4:])


def test_a_masked_number_is_as_hapi_shows_it() -> None:
    assert reduce("4111111111111111").masked == "xxxxxxxxxxxx1111"


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111 - 1111 - 1111 - 1111", "411111111111111 1"]
)
def test_spaces_and_dashes_may_stand_between_digits(number: str) -> None:
    assert reduce(number) == Card("visa", "xxxxxxxxxxxx1111")


@pytest.mark.parametrize(
    "number",
    [
        *("", " ", "-", "four", "4111x1111x1111x1111", "4111_1111_1111_1111", "4111.1111.1111.1111"),
        *(" 4111111111111111", "4111111111111111 ", "-4111111111111111", "4111111111111111\n", "4e15"),
        *("٤١١١١١١١١١١١١١١١", "４１１１１１１１１１１１１１１１", "411111111111111¹"),
        "4111\u00a01111\u00a01111\u00a01111",
    ],
)
def test_what_is_not_made_of_ascii_digits_is_no_number(number: str) -> None:
    assert fault(number).startswith("is not a card number: ")


@pytest.mark.parametrize(
    "number", ["4111111111111112", "5555555555554445", "378282246310006", "0000000000000001"]
)
def test_a_wrong_check_digit_is_noticed(number: str) -> None:
    assert fault(number) == "is not a valid card number"


@given(numbers, st.data())
def test_one_changed_digit_is_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != number[place]))

    fault(number[:place] + other + number[place + 1 :])


@given(numbers, st.data())
def test_two_digits_changed_about_are_noticed_unless_they_are_0_and_9(
    number: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(number) - 2))
    pair = number[place : place + 2]

    if len(set(pair)) == 2 and set(pair) != {"0", "9"}:
        fault(number[:place] + pair[::-1] + number[place + 2 :])


@pytest.mark.parametrize(
    ("start", "length"),
    [
        *(("4", 14), ("4", 15), ("4", 17), ("51", 15), ("55", 17), ("2221", 19), ("34", 16), ("37", 14)),
        *(("6011", 15), ("3528", 15), ("36", 13), ("62", 15), ("67", 11), ("5018", 20), ("4", 20), ("4", 99)),
    ],
)
def test_a_brands_numbers_have_its_lengths(start: str, length: int) -> None:
    assert fault(with_check_digit(start.ljust(length - 1, "0"))) == "is not a valid card number"


@pytest.mark.parametrize(
    "start",
    [
        *("0", "1", "2220", "2721", "306", "3094", "31", "3527", "3590", "50", "5017", "5021", "59"),
        *("6010", "6012", "6303", "643", "66", "68", "7", "8099", "8172", "9"),
    ],
)
def test_a_number_just_outside_the_known_ranges_is_of_no_known_type(start: str) -> None:
    assert fault(with_check_digit(start.ljust(15, "0"))) == "is not of a card type that is known"


@pytest.mark.parametrize(
    "number", ["4111111111111112", "9999999999999995", "42", "4111x1111", "41111111111111111"]
)
def test_no_message_holds_anything_of_the_number(number: str) -> None:
    with pytest.raises(InvalidCard) as raised:
        reduce(number)

    error = raised.value
    assert not any(character.isdigit() for character in f"{error} {error!r} {error.args}")
    assert error.__cause__ is None
    assert error.__context__ is None


def test_what_is_kept_shows_no_more_than_four_digits_however_it_is_printed() -> None:
    assert repr(reduce("4012 8888 8888 1881")) == "Card(type='visa', masked='xxxxxxxxxxxx1881')"


@given(st.text() | st.text("0123456789 -", max_size=40) | numbers)
def test_any_text_is_reduced_or_refused(text: str) -> None:
    try:
        card = reduce(text)
    except InvalidCard:
        return
    assert card.masked.endswith(text[-1])
    assert card.masked.rstrip("0123456789") == "x" * (len(card.masked) - 4)


@pytest.mark.parametrize("number", [number for number in WELL_KNOWN if len(number) > 13])
@pytest.mark.parametrize("shown", ["{}", " {}\n", "--{}--"])
def test_a_number_looks_like_one_in_a_text_of_its_own(number: str, shown: str) -> None:
    assert looks_like_card(shown.format(number))


@pytest.mark.parametrize(
    "separator",
    [" ", "-", ".", "_", "/", " / ", ",", "\u00a0", "\u2009", "\u2011", "\u2013", "\u2212", "\t", "  "],
)
def test_separators_do_not_disguise_a_number(separator: str) -> None:
    assert looks_like_card(separator.join(["4111", "1111", "1111", "1111"]))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "hello", "xxxxxxxxxxxx1111", "1111", "4111111111111112", "0000000000000000"),
        *("411111111111111", "41111111111111111111", "9999999999999995", "+1 415 555 2671", "2026-10-18"),
        *("4222222222222", "676770000005", "4012888888881", "a 4111111111111111", "x4111111111111111"),
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_what_is_no_number_of_a_card_does_not_look_like_one(text: str) -> None:
    assert not looks_like_card(text)


@given(st.text() | st.text("0123456789 -\u2013x", max_size=40))
def test_looking_at_a_text_never_fails_and_agrees_with_reducing_it(text: str) -> None:
    if looks_like_card(text):
        plain = unicodedata.normalize("NFKC", text)
        reduce("".join(character for character in plain if character in "0123456789"))


@pytest.mark.parametrize("unit", ["4", " ", "-", "4 ", "4-", " -", "4111111111111111 ", "x", "\ud800", "\0"])
def test_a_huge_text_is_looked_at_quickly(unit: str) -> None:
    huge = unit * (1_000_000 // len(unit))
    before = time.process_time()

    assert not looks_like_card(huge)
    fault(huge)
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("month", "year", "today", "is_expired"),
    [
        ("02", "2028", date(2028, 2, 29), False),
        ("02", "2028", date(2028, 3, 1), True),
        ("12", "2026", date(2026, 12, 31), False),
        ("12", "2026", date(2027, 1, 1), True),
        ("01", "2027", date(2026, 12, 31), False),
        ("11", "2026", date(2026, 12, 1), True),
        ("12", "0001", date(2026, 1, 1), True),
        ("01", "9999", date(2026, 12, 31), False),
    ],
)
def test_a_card_is_good_to_the_last_day_of_its_month(
    month: str, year: str, today: date, is_expired: bool
) -> None:
    assert expired(month, year, today) is is_expired


@pytest.mark.parametrize(
    ("month", "year"),
    [
        *(("", ""), ("00", "2026"), ("13", "2026"), ("1", "2026"), ("01\n", "2026"), ("-1", "2026")),
        *(("01", "26"), ("01", "02026"), ("01", "-026"), ("٠١", "2026"), ("01", "２０２６"), ("xx", "yyyy")),
    ],
)
def test_an_expiry_is_written_as_two_and_four_digits(month: str, year: str) -> None:
    with pytest.raises(ValueError, match="MM"):
        expired(month, year, date(2026, 1, 1))
