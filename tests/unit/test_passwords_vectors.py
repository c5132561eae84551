"""Hashes that others made are verified: those that were published, those of PHP, those of libpass."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passlib import hash as libpass

from app.passwords import TYPES, Stored, check, hash_password, require_importable

Vector = tuple[str, str, str, str | None, str | None]


def key(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


PUBLISHED: list[Vector] = [
    # phpass's own test.php
    ("phpass", "test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", None, None),
    # hashcat's example hashes: 400, 7900, 3200, 10900, 10, 20, 110, 120, 1410, 1420
    ("phpass", "hashcat", "$P$984478476IagS59wHZvyQMArzfx58u.", None, None),
    ("phpass", "hashcat", "$H$984478476IagS59wHZvyQMArzfx58u.", None, None),
    ("drupal", "hashcat", "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", None, None),
    ("bcrypt", "hashcat", "$2a$05$LhayLxezLhK1LhWvKxCyLOj0j1u.Kj0jZ0pEmm134uzrQlFvQJLF6", None, None),
    ("pbkdf2", "hashcat", "PYjCU215Mi57AYPKva9j7mvF4Rc5bCnt", "17710414024176", "1000, 24, sha256"),
    ("md5_salted_suffix", "hashcat", "01dfae6e5d4d90d9892622325959afbe", "7050461", None),
    ("md5_salted_prefix", "hashcat", "f0fda58630310a6dd91a7d8f0a4ceda2", "4225637426", None),
    ("sha1_salted_suffix", "hashcat", "2fc5a684737ce1bf7b3b239df432416e0dd07357", "2014", None),
    ("sha1_salted_prefix", "hashcat", "cac35ec206d868b7d7cb0b55f31d9425b075082b", "5363620024", None),
    (
        *("sha256_salted_suffix", "hashcat"),
        *("c73d08de890479518ed60cf670d17faa26a4a71f995c1dcc978165399401a6c4", "53743528", None),
    ),
    (
        *("sha256_salted_prefix", "hashcat"),
        *("eb368a2dfd38b405f014118c7d9747fcc97f4f0ee75c05963cd9da6ee65ef498", "560407001617", None),
    ),
    # the administrator that an installer of WordPress 7.1 sets
    ("wordpress", "admin", "$wp$2y$10$Q1xinFjrZeLWJBvxviIL6u834Fu.evIEFHAUVisQ5O.w9Dm0sMdES", None, None),
    ("phpass", "admin", "$wp$2y$10$Q1xinFjrZeLWJBvxviIL6u834Fu.evIEFHAUVisQ5O.w9Dm0sMdES", None, None),
    # crypt_blowfish's own
    ("bcrypt", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", None, None),
    ("bcrypt", "U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", None, None),
    ("bcrypt", "U*U*U", "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", None, None),
    (
        "bcrypt",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
        "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
        *(None, None),
    ),
    # the reference implementation of Argon2's test.c
    (
        *("argon2id", "password"),
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        *(None, None),
    ),
    (
        *("argon2id", "password"),
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        *(None, None),
    ),
    # RFC 6070
    ("pbkdf2", "password", key("0c60c80f961f0e71f3a9b524af6012062fe037a6"), "salt", "1, 20, sha1"),
    ("pbkdf2", "password", key("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"), "salt", "2, 20, sha1"),
    ("pbkdf2", "password", key("4b007901b765489abead49d926f721d065a429c1"), "salt", "4096, 20, sha1"),
    (
        *("pbkdf2", "passwordPASSWORDpassword"),
        key("3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"),
        *("saltSALTsaltSALTsaltSALTsaltSALTsalt", "4096, 25, sha1"),
    ),
    # RFC 7914
    (
        *("pbkdf2", "passwd"),
        key(
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        ),
        *("salt", "1, 64, sha256"),
    ),
    # RFC 1321, FIPS 180
    ("md5", "message digest", "f96b697d7cb7938d525a2f31aaf161d0", None, None),
    ("sha1", "abc", "A9993E364706816ABA3E25717850C26C9CD0D89D", None, None),
    ("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", None, None),
]

OF_PHP: list[Vector] = [
    tuple(row[name] for name in ("type", "password", "hash", "salt", "config"))  # type: ignore[misc]
    for row in json.loads(Path(__file__).with_name("password_vectors.json").read_text())
]

CHEAP = {"bcrypt": "4", "craftcms": "4", "wordpress": "4", "phpass": "2", "drupal": "7"}
CHEAP |= {"pbkdf2": "10, 32, sha256", "concrete5": "site"}


def verified(password: str, stored: Stored) -> bool:
    return check(password, stored, "bcrypt", "4").ok


@pytest.mark.parametrize(
    ("hash_type", "password", "made", "salt", "config"),
    PUBLISHED + OF_PHP,
    ids=lambda it: ascii(it)[:24],
)
def test_a_hash_that_others_made_is_imported_and_verified(
    hash_type: str, password: str, made: str, salt: str | None, config: str | None
) -> None:
    stored = Stored(made, salt, hash_type, config)

    require_importable(hash_type, made, salt, config)
    assert verified(password, stored)
    assert not verified("x" + password, stored)
    assert not verified("?" + password[1:], stored)
    if salt:
        assert not verified(password, Stored(made, salt + "x", hash_type, config))
    if hash_type == "concrete5":
        assert not verified(password, Stored(made, salt, hash_type, "another site"))


def test_php_and_the_public_have_hashes_of_every_type() -> None:
    assert {vector[0] for vector in PUBLISHED} == set(TYPES) - {"concrete5", "craftcms"}
    assert {vector[0] for vector in OF_PHP} == set(TYPES)


usable = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=18)

ORACLES = {
    "bcrypt": libpass.bcrypt.using(rounds=4),
    "craftcms": libpass.bcrypt.using(rounds=4, ident="2y"),
    "md5": libpass.hex_md5,
    "phpass": libpass.phpass.using(rounds=7),
    "sha1": libpass.hex_sha1,
    "sha256": libpass.hex_sha256,
}


@pytest.mark.parametrize("hash_type", ORACLES)
@settings(max_examples=25)
@given(password=usable, other=usable)
def test_libpass_and_patron_verify_one_anothers_hashes(hash_type: str, password: str, other: str) -> None:
    oracle = ORACLES[hash_type]
    theirs = Stored(oracle.hash(password), None, hash_type, None)
    ours = hash_password(password, hash_type, CHEAP.get(hash_type)).hash

    assert verified(password, theirs)
    assert verified(other, theirs) == (other == password)
    assert oracle.verify(password, ours)
    assert oracle.verify(other, ours) == (other == password)


def test_libpass_and_patron_verify_one_anothers_argon2id() -> None:
    oracle = libpass.argon2.using(type="ID", memory_cost=64, rounds=1, parallelism=2)
    password = "Zoë Ñandú"

    assert oracle.verify(password, hash_password(password, "argon2id", None).hash)
    for other in (password, "Zoë", "x" + password, ""):
        stored = Stored(oracle.hash(password), None, "argon2id", None)
        assert verified(other, stored) == (other == password)


@settings(max_examples=25)
@given(usable, usable)
def test_libpass_and_patron_derive_the_same_keys(password: str, salt: str) -> None:
    oracle = libpass.pbkdf2_sha256.using(rounds=10, salt=salt.encode()).hash(password)
    derived = base64.b64encode(base64.b64decode(oracle.rsplit("$")[-1].replace(".", "+") + "=")).decode()

    assert verified(password, Stored(derived, salt, "pbkdf2", "10, 32, sha256"))
    assert not verified(password, Stored(derived, salt, "pbkdf2", "11, 32, sha256"))
