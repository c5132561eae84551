"""A password is hashed as a store chose or refused with a reason; a hash made elsewhere, likewise."""

import base64
import hashlib
import os
import time
import traceback
from collections.abc import Iterator

import bcrypt
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from app import passwords
from app.passwords import (
    Unimportable,
    UnsupportedHashType,
    UnusableChoice,
    UnusablePassword,
    hash_password,
    require_choice,
    require_importable,
    unguessable,
)
from app.resources.property_helper import PASSWORD_HASH_TYPES

QUICK = "4"
BCRYPT = "$2b$04$Ie0M7xmWotE5slp9HNca.eNk/Hy55yLueIvICjmRvzVdxLtAQMgZS"
PHPASS = "$P$984478476IagS59wHZvyQMArzfx58u."
WORDPRESS = "$wp$2y$10$Q1xinFjrZeLWJBvxviIL6u834Fu.evIEFHAUVisQ5O.w9Dm0sMdES"
DRUPAL = "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"
ARGON2 = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
PBKDF2 = base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 1000, 32)).decode()
MD5, SHA1, SHA256 = "4443fe50df6b177ba84b78dd91f0958a", "a9" * 20, "0f" * 32

WEAK = "is weak: choose bcrypt or argon2id, or have the operator set PATRON_ALLOW_WEAK_HASHES=true"
TOO_MANY = "is too costly (maximum is 2000000 iterations, counted for each digest of the key)"

WELL_FORMED: list[tuple[str, str, str | None, str | None]] = [
    ("argon2id", ARGON2, None, None),
    ("bcrypt", BCRYPT, None, "12"),
    ("bcrypt", BCRYPT.replace("$2b$04", "$2a$15"), "", ""),
    ("bcrypt", BCRYPT.replace("$2b$04", "$2y$10"), None, None),
    ("concrete5", MD5, None, "the salt of the site"),
    ("craftcms", BCRYPT.replace("$2b$04", "$2y$13"), None, "13"),
    ("drupal", DRUPAL, None, "15"),
    ("md5", MD5, None, None),
    ("md5", MD5.upper(), None, None),
    ("md5_salted_prefix", MD5, "salt", "32"),
    ("md5_salted_suffix", MD5, "salt", None),
    ("pbkdf2", PBKDF2, "a" * 32, "1000, 32, sha256"),
    ("pbkdf2", PBKDF2, "a" * 32, "2000000,32,sha512"),
    ("phpass", PHPASS, None, "8"),
    ("phpass", PHPASS.replace("$P$", "$H$"), None, None),
    ("sha1", SHA1, None, None),
    ("sha1_salted_prefix", SHA1, "salt", "40"),
    ("sha1_salted_suffix", SHA1, "s" * 40, "40"),
    ("sha256", SHA256, None, None),
    ("sha256_salted_prefix", SHA256, "salt", None),
    ("sha256_salted_suffix", SHA256, "s" * 48, "48"),
    ("phpass", WORDPRESS, None, "8"),
    ("wordpress", WORDPRESS, None, "10"),
    ("wordpress", PHPASS, None, "8"),
    ("wordpress", PHPASS.replace("$P$", "$H$"), None, None),
    ("wordpress", BCRYPT.replace("$2b$04", "$2y$10"), None, None),
]

Counted = list[None]


@pytest.fixture
def hashed() -> Iterator[Counted]:
    """Grows by one with each password that is hashed."""
    counted: Counted = []

    def count(_hash_type: str, _purpose: str) -> None:
        counted.append(None)

    passwords.observers.append(count)
    yield counted
    passwords.observers.remove(count)


def refusal(
    hash_type: str | None, password_hash: str, salt: str | None = None, config: str | None = None
) -> tuple[str, str]:
    """The property that an import is refused for, and the reason."""
    with pytest.raises(Unimportable) as raised:
        require_importable(hash_type, password_hash, salt, config)
    return raised.value.property, raised.value.text


@pytest.mark.parametrize(
    "password", ["secret", " ", "p" * 72, "ä" * 36, "\U0001f4a9" * 18, "a\tb\n", "\u202e"]
)
def test_a_password_is_verified_by_its_hash_and_no_other_is(password: str) -> None:
    made = hash_password(password, "bcrypt", QUICK).hash.encode()

    assert bcrypt.checkpw(password.encode(), made)
    assert not bcrypt.checkpw(password.encode()[:-1] + b"?", made)


def test_each_hash_has_a_salt_of_its_own_and_the_cost_that_was_asked_for() -> None:
    one, other = (hash_password("secret", "bcrypt", "5").hash for _ in range(2))

    assert one != other
    assert one.startswith("$2b$05$")


def test_a_hash_costs_12_where_nothing_else_is_said() -> None:
    assert hash_password("secret", "bcrypt", None).hash.startswith("$2b$12$")


def test_whoever_observes_is_told_of_each_hash_that_is_made(hashed: Counted) -> None:
    hash_password("secret", "bcrypt", QUICK)
    hash_password("secret", "bcrypt", QUICK)

    assert len(hashed) == 2


@pytest.mark.parametrize(
    ("password", "text"),
    [
        ("", "can't be blank"),
        ("p" * 73, "is too long (maximum is 72 bytes in UTF-8)"),
        ("ä" * 37, "is too long (maximum is 72 bytes in UTF-8)"),
        ("\U0001f4a9" * 50, "is too long (maximum is 72 bytes in UTF-8)"),
        ("secret\0", "can't contain the character NUL"),
        ("secret\ud800", "is not valid Unicode"),
    ],
)
def test_a_password_that_bcrypt_cannot_tell_from_others_is_refused_unhashed(
    password: str, text: str, hashed: Counted
) -> None:
    with pytest.raises(UnusablePassword) as raised:
        hash_password(password, "bcrypt", QUICK)

    assert str(raised.value) == text
    assert hashed == []


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=50) | st.text("aä\U0001f4a9\0\ud800", min_size=1, max_size=80))
def test_any_password_is_hashed_or_refused_for_what_bcrypt_cannot_do(password: str) -> None:
    usable = bool(password) and "\0" not in password and not any("\ud800" <= c <= "\udfff" for c in password)
    try:
        made = hash_password(password, "bcrypt", QUICK).hash
    except UnusablePassword:
        assert not usable or len(password.encode()) > 72
    else:
        assert usable
        assert bcrypt.checkpw(password.encode(), made.encode())


@pytest.mark.parametrize("password", ["Tr0ub4dor\0", "Tr0ub4dor\ud800", "Tr0ub4dor" * 20])
def test_no_refusal_holds_the_password(password: str) -> None:
    with pytest.raises(UnusablePassword) as raised:
        hash_password(password, "bcrypt", QUICK)

    assert "Tr0ub4dor" not in "".join(traceback.format_exception_only(raised.value)) + repr(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize("hash_type", ["", "BCRYPT", "unheard of"])
def test_with_a_type_that_is_none_nothing_is_hashed(hash_type: str, hashed: Counted) -> None:
    for make in (lambda: hash_password("secret", hash_type, None), lambda: unguessable(hash_type, None)):
        with pytest.raises(UnsupportedHashType, match="customer_password_hash_type is unknown"):
            make()
    assert hashed == []


@pytest.mark.parametrize("config", ["3", "16", "31", "04", "-4", " 4", "4\n", "x", "1e1", "٤", "9" * 5000])
def test_a_cost_that_is_none_is_not_hashed_with(config: str) -> None:
    for make in (lambda: hash_password("secret", "bcrypt", config), lambda: unguessable("bcrypt", config)):
        with pytest.raises(UnsupportedHashType, match="hash_config is not a cost from 4 to 15"):
            make()


def test_an_unguessable_hash_is_drawn_and_costs_nothing(hashed: Counted) -> None:
    before = time.process_time()
    drawn = {unguessable("bcrypt", "15").hash for _ in range(500)}

    assert time.process_time() - before < 1
    assert len(drawn) == 500
    assert hashed == []


def test_an_unguessable_hash_verifies_like_any_other_and_is_nobodys() -> None:
    for _ in range(40):
        drawn = unguessable("bcrypt", QUICK).hash.encode()
        computed = bcrypt.hashpw(b"secret", drawn)

        assert len(drawn) == len(computed) == 60
        assert drawn[:29] == computed[:29]
        assert not bcrypt.checkpw(b"", drawn)


def test_an_unguessable_hash_looks_as_bcrypts_do() -> None:
    made = [hash_password("secret", "bcrypt", QUICK).hash for _ in range(200)]
    drawn = [unguessable("bcrypt", QUICK).hash for _ in range(1000)]

    assert {each[28] for each in drawn} == {each[28] for each in made}
    assert {each[59] for each in drawn} >= {each[59] for each in made}
    for each in drawn:
        require_importable("bcrypt", each, None, QUICK)
    assert unguessable("bcrypt", None).hash.startswith("$2b$12$")


@pytest.mark.parametrize("config", [None, "", "10", "11", "12", "13", "14", "15"])
def test_a_store_chooses_bcrypt_with_a_cost_that_is_safe_and_bearable(config: str | None) -> None:
    require_choice("bcrypt", config, allow_weak=False)


@pytest.mark.parametrize(
    ("hash_type", "config", "name", "text"),
    [
        ("unheard of", None, "type", "is not included in the list"),
        ("", None, "type", "is not included in the list"),
        ("md5", None, "type", WEAK),
        ("concrete5", "salt", "type", WEAK),
        ("sha256_salted_suffix", "48", "type", WEAK),
        ("phpass", "7", "config", "is not a number from 8 to 13"),
        ("phpass", "14", "config", "is not a number from 8 to 13"),
        ("drupal", "14", "config", "is not a number from 15 to 18"),
        ("craftcms", "9", "config", "is not a cost from 10 to 15"),
        ("wordpress", "16", "config", "is not a cost from 10 to 15"),
        ("pbkdf2", "999, 32, sha256", "config", "has too few iterations (minimum is 1000)"),
        ("pbkdf2", "2000001, 32, sha256", "config", TOO_MANY),
        ("bcrypt", "4", "config", "is not a cost from 10 to 15"),
        ("bcrypt", "16", "config", "is not a cost from 10 to 15"),
        ("bcrypt", "012", "config", "is not a cost from 10 to 15"),
        ("bcrypt", "twelve", "config", "is not a cost from 10 to 15"),
    ],
)
def test_a_store_cannot_choose_what_it_would_not_get(
    hash_type: str, config: str | None, name: str, text: str
) -> None:
    with pytest.raises(UnusableChoice) as raised:
        require_choice(hash_type, config, allow_weak=False)

    assert raised.value.property == f"customer_password_hash_{name}"
    assert raised.value.text == text
    assert str(raised.value) == f"customer_password_hash_{name} {text}"


@pytest.mark.parametrize(("hash_type", "password_hash", "salt", "config"), WELL_FORMED)
def test_a_well_formed_hash_is_imported(
    hash_type: str, password_hash: str, salt: str | None, config: str | None
) -> None:
    require_importable(hash_type, password_hash, salt, config)


def test_hashes_of_every_type_on_the_list_can_be_imported() -> None:
    assert {hash_type for hash_type, *_ in WELL_FORMED} == set(PASSWORD_HASH_TYPES)


def test_what_others_make_of_a_password_can_be_imported() -> None:
    argon2 = Argon2id(salt=os.urandom(16), length=32, iterations=1, lanes=2, memory_cost=64)
    key = base64.b64encode(hashlib.pbkdf2_hmac("sha1", b"secret", b"salt", 10, 20)).decode()

    require_importable("argon2id", argon2.derive_phc_encoded(b"secret"), None, None)
    require_importable("bcrypt", bcrypt.hashpw(b"secret", bcrypt.gensalt(4, b"2a")).decode(), None, "14")
    require_importable("pbkdf2", key, "salt", "10, 20, sha1")
    require_importable("md5", hashlib.md5(b"secret").hexdigest(), None, None)
    require_importable("sha1_salted_suffix", hashlib.sha1(b"secretsalt").hexdigest(), "salt", "4")
    require_importable("sha256_salted_prefix", hashlib.sha256(b"saltsecret").hexdigest(), "salt", "4")


@pytest.mark.parametrize("hash_type", [*PASSWORD_HASH_TYPES, None, ""])
@pytest.mark.parametrize("password_hash", [None, ""])
def test_no_hash_is_no_password(hash_type: str | None, password_hash: str | None) -> None:
    require_importable(hash_type, password_hash, None, None)


@pytest.mark.parametrize("password_hash", [BCRYPT, MD5, None])
def test_a_hash_of_an_unknown_type_is_refused(password_hash: str | None) -> None:
    assert refusal("unheard of", password_hash or "") == ("password_hash_type", "is not included in the list")


def test_a_hash_without_a_type_is_refused() -> None:
    assert refusal(None, MD5) == ("password_hash_type", "can't be blank")


@pytest.mark.parametrize(("hash_type", "password_hash", "salt", "config"), WELL_FORMED)
@pytest.mark.parametrize(
    ("start", "end"), [("", "$"), ("a", ""), (" ", ""), ("", "\n"), ("", "\0"), ("\ud800", ""), ("", "é")]
)
def test_a_hash_with_something_around_it_is_refused(
    hash_type: str, password_hash: str, salt: str | None, config: str | None, start: str, end: str
) -> None:
    name, text = refusal(hash_type, start + password_hash + end, salt, config)

    assert name == "password_hash"
    assert text.startswith("is invalid: ")


@pytest.mark.parametrize(("hash_type", "password_hash", "salt", "config"), WELL_FORMED)
def test_no_refusal_holds_the_hash(
    hash_type: str, password_hash: str, salt: str | None, config: str | None
) -> None:
    with pytest.raises(Unimportable) as raised:
        require_importable(hash_type, password_hash + "é", salt, config)

    assert password_hash[8:] not in "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("hash_type", "password_hash"),
    [
        ("bcrypt", BCRYPT.replace("$2b$", "$2x$")),
        ("bcrypt", BCRYPT.replace("$2b$", "$2$")),
        ("bcrypt", BCRYPT.replace("$04$", "$4$")),
        ("bcrypt", BCRYPT.replace("$04$", "$03$")),
        ("bcrypt", BCRYPT.replace("$04$", "$32$")),
        ("bcrypt", BCRYPT[:28] + "A" + BCRYPT[29:]),
        ("bcrypt", BCRYPT[:-1] + "A"),
        ("bcrypt", BCRYPT[:-1]),
        ("phpass", PHPASS.replace("$P$9", "$P$4")),
        ("phpass", PHPASS.replace("$P$9", "$P$z")),
        ("phpass", PHPASS.replace("$P$", "$S$")),
        ("phpass", PHPASS[:-1] + "z"),
        ("phpass", BCRYPT),
        ("phpass", WORDPRESS.replace("$2y$", "$2b$")),
        ("wordpress", WORDPRESS.replace("$wp$2y$", "$2x$")),
        ("wordpress", WORDPRESS[:-1]),
        ("wordpress", MD5),
        ("bcrypt", WORDPRESS),
        ("craftcms", WORDPRESS),
        ("drupal", DRUPAL.replace("$S$", "$P$")),
        ("drupal", DRUPAL[:-1]),
        ("argon2id", ARGON2.replace("argon2id", "argon2i")),
        ("argon2id", ARGON2.replace("v=19", "v=20")),
        ("argon2id", ARGON2.replace("m=65536,t=3", "t=3,m=65536")),
        ("argon2id", ARGON2.replace("t=3", "t=03")),
        ("argon2id", ARGON2.replace("t=3", "t=0")),
        ("argon2id", ARGON2.replace("m=65536", "m=31")),
        ("argon2id", ARGON2[:-1] + "B"),
        ("argon2id", ARGON2 + "="),
        ("argon2id", ARGON2[:-32]),
        ("argon2id", ARGON2.replace("c29tZXNhbHRzb21lc2FsdA", "c29tZXNhbA")),
        ("md5", SHA1),
        ("sha1", MD5),
        ("sha256", "g" * 64),
        ("sha256", "٤" * 64),
        ("md5", BCRYPT),
        ("bcrypt", MD5),
    ],
)
def test_a_hash_that_is_malformed_for_its_type_is_refused(hash_type: str, password_hash: str) -> None:
    name, text = refusal(hash_type, password_hash)

    assert name == "password_hash"
    assert text.startswith("is invalid: ")


@pytest.mark.parametrize(
    ("hash_type", "password_hash", "most"),
    [
        ("bcrypt", BCRYPT.replace("$04$", "$16$"), "a cost of 15"),
        ("craftcms", BCRYPT.replace("$04$", "$31$"), "a cost of 15"),
        ("phpass", PHPASS.replace("$P$9", "$P$H"), "2^18 rounds"),
        ("phpass", PHPASS.replace("$P$9", "$P$S"), "2^18 rounds"),
        ("drupal", DRUPAL.replace("$S$C", "$S$H"), "2^18 rounds"),
        ("wordpress", WORDPRESS.replace("$10$", "$16$"), "a cost of 15"),
        ("phpass", WORDPRESS.replace("$10$", "$16$"), "a cost of 15"),
        ("wordpress", PHPASS.replace("$P$9", "$P$H"), "2^18 rounds"),
        ("wordpress", BCRYPT.replace("$04$", "$16$"), "a cost of 15"),
        ("argon2id", ARGON2.replace("m=65536", "m=262145"), "262144 KiB, 10 passes and 8 lanes"),
        ("argon2id", ARGON2.replace("m=65536", "m=4194304"), "262144 KiB, 10 passes and 8 lanes"),
        ("argon2id", ARGON2.replace("t=3", "t=11"), "262144 KiB, 10 passes and 8 lanes"),
        ("argon2id", ARGON2.replace("p=4", "p=9"), "262144 KiB, 10 passes and 8 lanes"),
    ],
)
def test_a_hash_that_would_be_too_costly_to_verify_is_refused(
    hash_type: str, password_hash: str, most: str
) -> None:
    assert refusal(hash_type, password_hash) == ("password_hash", f"is too costly (maximum is {most})")


@pytest.mark.parametrize(
    ("hash_type", "password_hash"),
    [
        ("bcrypt", BCRYPT.replace("$04$", "$15$")),
        ("phpass", PHPASS.replace("$P$9", "$P$G")),
        ("phpass", PHPASS.replace("$P$9", "$P$5")),
        ("drupal", DRUPAL.replace("$S$C", "$S$G")),
        ("argon2id", ARGON2.replace("m=65536,t=3,p=4", "m=262144,t=10,p=8")),
        ("argon2id", ARGON2.replace("m=65536,t=3,p=4", "m=8,t=1,p=1")),
    ],
)
def test_a_hash_at_the_edge_of_what_is_bearable_is_imported(hash_type: str, password_hash: str) -> None:
    require_importable(hash_type, password_hash, None, None)


@pytest.mark.parametrize(
    "config",
    [
        *(
            None,
            "",
            "1000",
            "1000, 32",
            "1000, 32, md4",
            "1000, 32, SHA256",
            "0, 32, sha256",
            "-1, 32, sha256",
        ),
        *(
            "1000, 0, sha256",
            "1000, 15, sha256",
            "1000, 129, sha256",
            "1000, 32, sha256, 1",
            "1000,  32, sha256",
        ),
        *("١٠٠٠, 32, sha256", "1000, 32, sha256\n", "x, y, z", "9" * 5000 + ", 32, sha256"),
    ],
)
def test_pbkdf2_says_its_iterations_length_and_digest(config: str | None) -> None:
    name, text = refusal("pbkdf2", PBKDF2, "salt", config)

    assert name == "password_hash_config"
    assert text.startswith("is invalid: write iterations, length")


@pytest.mark.parametrize("config", ["2000001, 32, sha256", "999999999, 32, sha512", "1000001, 32, sha1"])
def test_pbkdf2_costs_its_iterations_for_each_digest_of_the_key(config: str) -> None:
    name, text = refusal("pbkdf2", PBKDF2, "salt", config)

    assert name == "password_hash_config"
    assert text.startswith("is too costly (maximum is 2000000 iterations")


@pytest.mark.parametrize(
    "password_hash",
    [PBKDF2[:-1], PBKDF2 + "=", PBKDF2[4:], "=", "====", PBKDF2[:-2] + "==", "-_" * 22, SHA256],
)
def test_pbkdf2s_hash_is_a_key_of_that_length(password_hash: str) -> None:
    said = "password_hash", "is invalid: it should be 32 bytes in base64"

    assert refusal("pbkdf2", password_hash, "salt", "1000, 32, sha256") == said


@pytest.mark.parametrize(
    "hash_type", ["pbkdf2", *(name for name in PASSWORD_HASH_TYPES if "_salted_" in name)]
)
@pytest.mark.parametrize("salt", [None, ""])
def test_a_salted_hash_comes_with_its_salt(hash_type: str, salt: str | None) -> None:
    given_hash, config = next((made, config) for name, made, _, config in WELL_FORMED if name == hash_type)

    assert refusal(hash_type, given_hash, salt, config) == ("password_salt", "can't be blank")


def test_a_hash_of_concrete5_comes_with_the_salt_of_its_site() -> None:
    said = "password_hash_config", "can't be blank: enter the PASSWORD_SALT of the site"

    assert refusal("concrete5", MD5) == said


@pytest.mark.parametrize(
    ("hash_type", "password_hash", "config", "most"),
    [
        ("bcrypt", BCRYPT, "16", 15),
        ("bcrypt", BCRYPT, "twelve", 15),
        ("craftcms", BCRYPT, "0", 15),
        ("phpass", PHPASS, "30", 18),
        ("drupal", DRUPAL, "-1", 18),
        ("sha1_salted_suffix", SHA1, "101", 100),
        ("sha256_salted_prefix", SHA256, "9" * 5000, 100),
    ],
)
def test_a_config_that_is_a_number_is_one_that_makes_sense(
    hash_type: str, password_hash: str, config: str, most: int
) -> None:
    said = "password_hash_config", f"is not a number from 1 to {most}"

    assert refusal(hash_type, password_hash, "salt", config) == said


pieces = st.sampled_from(
    [BCRYPT, PHPASS, DRUPAL, ARGON2, PBKDF2, MD5, SHA1, SHA256, "1000, 32, sha256", "12"]
)
texts = (
    st.none()
    | pieces
    | st.text(max_size=70)
    | st.builds(
        lambda piece, other, at: piece[:at] + other + piece[at:],
        pieces,
        st.text(max_size=2),
        st.integers(0, 60),
    )
)


@given(st.none() | st.sampled_from([*PASSWORD_HASH_TYPES, "", "x"]), texts, texts, texts)
def test_any_import_is_taken_or_refused_for_one_of_its_properties(
    hash_type: str | None, password_hash: str | None, salt: str | None, config: str | None
) -> None:
    try:
        require_importable(hash_type, password_hash, salt, config)
    except Unimportable as error:
        assert error.property in {  # noqa: PT017 - it may be taken, too
            *("password_hash", "password_salt", "password_hash_type", "password_hash_config")
        }


@settings(max_examples=50, deadline=None)
@given(st.text("./ABab09Oeuz", min_size=53, max_size=53), st.sampled_from(["$2a$04$", "$2b$04$", "$2y$04$"]))
def test_a_bcrypt_hash_that_is_imported_can_be_verified(drawn: str, start: str) -> None:
    try:
        require_importable("bcrypt", start + drawn, None, None)
    except Unimportable:
        return
    bcrypt.checkpw(b"secret", (start + drawn).encode())


@pytest.mark.parametrize("hash_type", PASSWORD_HASH_TYPES)
@pytest.mark.parametrize("unit", ["a", "=", "$", "A", "\ud800", "$argon2id$v=19$m=1,t=1,p=1$"])
def test_a_huge_hash_is_refused_quickly(hash_type: str, unit: str) -> None:
    huge = unit * (1_000_000 // len(unit))
    before = time.process_time()
    refusal(hash_type, huge, huge, "1000, 32, sha256")

    assert time.process_time() - before < 1
