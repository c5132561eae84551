"""What looks like a secret leaves no trace in a log, and what does not is left alone."""

import logging
import time
from typing import Any

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app.scrubbing import MASK, scrub, scrub_text
from tests.logs import captured_logs

CANARY = "CaNaRy-77"
NAMES = [
    *("password", "password_old", "new_password", "password_hash", "password_salt", "forgot_password"),
    *("token", "access_token", "refresh_token", "fc_auth_token", "code", "code_verifier", "client_assertion"),
    *(
        "Authorization",
        "authorization",
        "Proxy-Authorization",
        "cookie",
        "Set-Cookie",
        "api_key",
        "X-Api-Key",
    ),
    *("secret", "client_secret", "secret_key", "webhook_secret", "cc_number", "cvv"),
]


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_under_a_secrets_name_is_masked_however_deep(name: str) -> None:
    for value in (CANARY, CANARY.encode(), [CANARY], {"a": CANARY}, 42):
        assert scrub({name: value}) == {name: MASK}
        assert scrub({"sent": [{"headers": {name: value}}]}) == {"sent": [{"headers": {name: MASK}}]}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "written",
    [
        "{}={}",
        "x=1&{}={}&y=2",
        '{{"{}": "{}"}}',
        "{{'{}': '{}'}}",
        "{}: {}",
        "<{0}>{1}</{0}>",
        "('{}', '{}')",
        "{}='{} or'",
    ],
)
def test_a_text_that_names_a_secret_is_masked(name: str, written: str) -> None:
    text = scrub_text(written.format(name, CANARY))

    assert CANARY not in text
    assert MASK in text
    assert name in text


TOKEN = "CaNaRy-77_x7vQmJ2kR9fLw3TzB5nHcYpGd8sEuA0i"


@pytest.mark.parametrize(
    "secret",
    [
        f"Bearer {CANARY}",
        f"bearer   {CANARY}.x~y+/=",
        f"Basic {CANARY}",
        TOKEN,
        f"/path/{TOKEN}",
        "$2b$04$CaNaRyCaNaRyCaNaRyCaNeuG8KL71qxHYnUppvZQmxBPs8lsbFaPS",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$CaNaRy-77aaaaaaaa",
        "$P$BCaNaRyCaNaRyCaNaRyCaNaRyCaNaRy",
        "pbkdf2_sha256$1000$CaNaRy$CaNaRy=",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.CaNaRyCaNaRy",
        f"postgresql://patron:{CANARY}@localhost/patron",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111111111111111",
    ],
)
def test_a_secret_is_known_by_its_looks(secret: str) -> None:
    kept = scrub_text(f"before {secret} after")

    assert kept.startswith("before ")
    assert kept.endswith(" after")
    assert "CaNaRy" not in kept
    assert secret.split()[-1] not in kept


@pytest.mark.parametrize(
    "text",
    [
        "GET /stores/66/customers/115",
        "id-1795530124-a1b2c3",
        "/home/patron/app/writing/collection.py:120 _align",
        "test_a_function_whose_name_is_a_whole_sentence_of_words",
        "2026-11-25T10:00:00Z",
        "0192d3a4-5b6c-7d8e-9f00-112233445566",
        "an order of 4111 items",
        "missing_token",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert scrub_text(text) == text
    assert scrub({"codes": [text], "status": 404, "took": 0.5, "none": None, "yes": True}) == {
        "codes": [text], "status": 404, "took": 0.5, "none": None, "yes": True,
    }  # fmt: skip


def test_a_number_that_may_be_a_cards_is_masked_too() -> None:
    assert scrub({"sent": 4111111111111111}) == {"sent": "x" * 16}


def test_an_exception_is_told_by_its_type_alone() -> None:
    assert scrub({"exc_info": ValueError(CANARY)}) == {"exc_info": "ValueError"}


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_whatever_is_logged_becomes_json(value: Any) -> None:
    assert orjson.dumps(scrub({"value": value}))


def test_libraries_lines_are_scrubbed_like_our_own() -> None:
    with captured_logs() as lines:
        library = logging.getLogger("some.library")
        library.warning("sent %s", {"Authorization": f"Bearer {CANARY}"})
        library.debug("password=%s", CANARY)
        library.error("it failed", exc_info=ValueError(CANARY))
        structlog.get_logger().info("ours", password=CANARY, said=f"token={CANARY}", error=ValueError(CANARY))

    assert [line["event"] for line in lines.all] == ["logged", "logged", "logged", "ours"]
    assert CANARY not in lines.text


@pytest.mark.parametrize(
    "repeated",
    [
        "a",
        "A",
        "1",
        "4 ",
        "ab-",
        "eyJ-",
        "eyJa.",
        "token",
        "token='",
        'token="',
        "token: ",
        "<token>",
        "pbkdf2-",
        "$a$",
        "://",
    ],
)
def test_no_text_takes_long_to_scrub(repeated: str) -> None:
    text = (repeated * 50_000)[:50_000]
    began = time.process_time()
    scrub({text: text})

    assert time.process_time() - began < 2
