"""Codes are known if a standard lists them, and no text is too odd to be asked about."""

import subprocess
import sys
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.codes import _timezones, is_country, is_currency, is_email, is_locale, is_timezone

QUESTIONS = [is_country, is_currency, is_timezone, is_locale, is_email]
ODD = ["", " ", "\0", "\ud800", "_", "__", "@", "/", "..", "-", "\n", "é", "\u202e", "\U0001f4a9"]


@pytest.mark.parametrize("code", ["US", "GB", "DE", "JP", "ZW", "AQ", "AX"])
def test_a_country_is_known_by_its_two_letters(code: str) -> None:
    assert is_country(code)


@pytest.mark.parametrize(
    "code", ["us", "Us", "USA", "840", "UK", "EU", "XX", "ZZ", " US", "US ", "US\n", "ＵＳ"]
)
def test_no_other_code_is_a_countrys(code: str) -> None:
    assert not is_country(code)


@pytest.mark.parametrize("code", ["USD", "EUR", "JPY", "CHF", "KWD"])
def test_a_currency_is_known_by_its_three_letters(code: str) -> None:
    assert is_currency(code)


@pytest.mark.parametrize("code", ["usd", "US", "$", "840", "BTC", "DEM", "USD ", "USDT"])
def test_no_other_code_is_a_currencys(code: str) -> None:
    assert not is_currency(code)


@pytest.mark.parametrize(
    "name",
    ["UTC", "America/Los_Angeles", "America/Argentina/Ushuaia", "Asia/Calcutta", "US/Pacific", "Etc/GMT+5"],
)
def test_a_timezone_is_known_by_its_name_or_by_an_older_one(name: str) -> None:
    assert is_timezone(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "America",
            "Europe/",
            "/Europe/Oslo",
            "Europe/../UTC",
            "../zoneinfo/UTC",
            "./UTC",
            "/etc/localtime",
        ),
        *("europe/oslo", "Nowhere/Atall", "UTC\0", "UTC ", "+02:00", "localtime", "Factory", "posixrules"),
        *("posix/UTC", "right/UTC", "zone.tab", "tzdata.zi"),
    ],
)
def test_a_path_is_no_timezone_and_neither_is_a_machines_own(name: str) -> None:
    assert not is_timezone(name)


def test_every_known_timezone_can_be_used() -> None:
    for name in _timezones():
        assert ZoneInfo(name).key == name


@pytest.mark.parametrize("code", ["en_US", "de_CH", "pt_BR", "zh_TW", "fil_PH", "gsw_CH"])
def test_a_locale_is_a_language_and_a_country(code: str) -> None:
    assert is_locale(code)


@pytest.mark.parametrize(
    "code",
    [
        *("en", "en_", "_US", "US_en", "EN_US", "en_us", "en-US", "en_US_", "en__US", "en_US.UTF-8"),
        *("en_USA", "english_US", "xx_US", "en_XX"),
    ],
)
def test_no_other_form_is_a_locale(code: str) -> None:
    assert not is_locale(code)


@pytest.mark.parametrize(
    "text",
    [
        *("a@b.co", "luke.stokes+apitest998@example.com", "O'Hara@example.org", "someone@shop.test"),
        *("jürgen@example.com", "info@例え.jp", "a@xn--r8jz45g.jp", "a" * 64 + "@example.com"),
    ],
)
def test_an_email_address_has_a_name_and_a_domain(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "a", "a@", "@b.co", "a@b", "a@localhost", "a b@b.co", "a@b..co", ".a@b.co", "a@-b.co"),
        *(" a@b.co", "a@b.co ", "a@b.co\n", "a@b.co,c@d.co", "A <a@b.co>", '"a"@b.co', "a@[127.0.0.1]"),
        *("a\0@b.co", "a@b\0.co", "\ud800@b.co", "a@\udfff.co", "a\u202e@b.co", "a@xn--a.co", "a@b@c.co"),
        *("a@" + "b." * 126 + "co", "a" * 250 + "@b.co", "a@" + "é" * 240 + ".co"),
    ],
)
def test_what_has_no_such_form_is_no_email_address(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize("ask", QUESTIONS)
@given(text=st.text() | st.text("aA_/@.-\0\ud800é名1+\u202e", max_size=300))
def test_any_text_may_be_asked_about(ask: Callable[[str], bool], text: str) -> None:
    assert ask(text) in {True, False}


@given(st.emails())
def test_an_address_of_an_unusual_domain_never_fails_either(address: str) -> None:
    assert is_email(address) in {True, False}


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize("unit", [*ODD, "a", "a.", "en_US", "a@b.co"])
def test_a_huge_text_is_answered_quickly(ask: Callable[[str], bool], unit: str) -> None:
    ask("")  # what is loaded for the first question does not count
    huge = unit * (3_000_000 // max(len(unit), 1))
    before = time.process_time()

    assert not ask(huge)
    assert time.process_time() - before < 0.2


@pytest.mark.parametrize(
    "unit", ["a", "é", "1.", "é.", "\u0660.", "ß", "xn--", "\U0001f4a9", "\u0300", "a\u0301"]
)
def test_the_longest_address_that_is_looked_at_is_answered_quickly(unit: str) -> None:
    is_email("a@b.co")
    before = time.process_time()
    is_email(("a@" + unit * 254)[:254])
    is_email((unit * 254)[:247] + "@b.co")

    assert time.process_time() - before < 0.2


@pytest.mark.parametrize(
    ("question", "loaded"),
    [
        ("pass", []),
        ("is_timezone('UTC')", []),
        ("is_country('US')", ["pycountry"]),
        ("is_email('a@b.co')", ["email_validator"]),
    ],
)
def test_a_library_is_loaded_only_for_the_question_that_it_answers(question: str, loaded: list[str]) -> None:
    program = f"import sys; from app.codes import *; {question}; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert {"pycountry", "email_validator"} & set(printed.stdout.split()) == set(loaded)
