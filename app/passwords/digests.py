"""Plain digests in hexadecimal, with a salt or without: weak, each is made in less than a microsecond."""

import hashlib
import hmac
import re
import secrets
from functools import partial

from app.passwords.hash_type import (
    SALTED,
    BadConfig,
    Hashed,
    HashType,
    Number,
    Settings,
    Stored,
    Unimportable,
    any_config,
    drawn_salt,
    matched,
    require_salt,
)

LONGEST_SALT = 100

_SIZES = {"md5": 16, "sha1": 20, "sha256": 32}
_STRENGTHS = {"md5": 0.0, "sha1": 1.7, "sha256": 2.9}
"""log2 of how many MD5s one of them costs a graphics card, by hashcat's benchmarks."""
_TITLES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
_SALT_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 48}


def plain(digest: str) -> HashType:
    """The digest of the password alone."""
    digits = 2 * _SIZES[digest]
    return HashType(
        name=digest,
        description=f"{_TITLES[digest]} in {digits} hexadecimal digits, without a salt."
        f" hash = {digest}(password). There is no config. {_WEAK}",
        config=None,
        weak=True,
        check_config=any_config,
        check_import=partial(_check_hexadecimal, digits),
        make=partial(_make_plain, digest),
        verify=partial(_verify_plain, digest),
        unguessable=partial(_unguessable_plain, digest),
        settings=_no_settings,
        strength=partial(_strength, _STRENGTHS[digest]),
    )


def salted(digest: str, where: str) -> HashType:
    """The digest of password and salt, which stands before it (`prefix`) or behind it (`suffix`)."""
    lengths = Number("length", _SALT_LENGTHS[digest], range(8, 101), range(1, 101), most=LONGEST_SALT)
    together = "salt . password" if where == "prefix" else "password . salt"
    digits = 2 * _SIZES[digest]
    return HashType(
        name=f"{digest}_salted_{where}",
        description=f"{_TITLES[digest]} in {digits} hexadecimal digits, of {together}."
        f" hash = {digest}({together}). The config is the length of a new salt, 8 to 100 for a store; the"
        f" salt is in password_salt: random letters and digits. {_WEAK}",
        config=str(lengths.default),
        weak=True,
        check_config=lengths.check,
        check_import=partial(_check_salted, digits, lengths),
        make=partial(_make_salted, digest, where, lengths),
        verify=partial(_verify_salted, digest, where),
        unguessable=partial(_unguessable_salted, digest, lengths),
        settings=_salt_length,
        strength=partial(_strength, _STRENGTHS[digest] + SALTED),
    )


_WEAK = "Weak: imported, but a store chooses it only where the operator has set PATRON_ALLOW_WEAK_HASHES."


def _hexadecimal(digest: str, data: bytes) -> str:
    return hashlib.new(digest, data, usedforsecurity=False).hexdigest()


def _same(made: str, stored: Stored) -> bool:
    """Whether two hashes are one, in either case."""
    return hmac.compare_digest(made.encode(), stored.hash.lower().encode())


def _make_plain(digest: str, password: bytes, _config: str | None) -> Hashed:
    return Hashed(_hexadecimal(digest, password))


def _verify_plain(digest: str, password: bytes, stored: Stored) -> bool:
    return _same(_hexadecimal(digest, password), stored)


def _unguessable_plain(digest: str, _config: str | None) -> Hashed:
    return Hashed(secrets.token_hex(_SIZES[digest]))


def _check_hexadecimal(digits: int, stored: Stored) -> None:
    matched(re.compile(f"[0-9A-Fa-f]{{{digits}}}"), stored, f"it should be {digits} hexadecimal digits")


def _no_settings(_stored: Stored) -> Settings:
    return ()


def _strength(value: float, _stored: Stored) -> float:
    return value


def _together(where: str, password: bytes, salt: str) -> bytes:
    return salt.encode() + password if where == "prefix" else password + salt.encode()


def _make_salted(digest: str, where: str, lengths: Number, password: bytes, config: str | None) -> Hashed:
    salt = drawn_salt(lengths.read(config))
    return Hashed(_hexadecimal(digest, _together(where, password, salt)), salt)


def _verify_salted(digest: str, where: str, password: bytes, stored: Stored) -> bool:
    return _same(_hexadecimal(digest, _together(where, password, stored.salt or "")), stored)


def _unguessable_salted(digest: str, lengths: Number, config: str | None) -> Hashed:
    return Hashed(secrets.token_hex(_SIZES[digest]), drawn_salt(lengths.read(config)))


def _check_salted(digits: int, lengths: Number, stored: Stored) -> None:
    _check_hexadecimal(digits, stored)
    require_salt(stored)
    lengths.check_import(stored)


def _salt_length(stored: Stored) -> Settings:
    return (len(stored.salt or ""),)


def _check_site(config: str | None) -> str:
    """The salt of a concrete5 site, which is the config."""
    if not config:
        raise BadConfig("can't be blank: enter the PASSWORD_SALT of the site")
    if len(config) > LONGEST_SALT:
        raise BadConfig(f"is too long (maximum is {LONGEST_SALT} characters)")
    return config


def _of_site(password: bytes, config: str | None) -> str:
    return _hexadecimal("md5", password + b":" + _check_site(config).encode())


def _make_concrete5(password: bytes, config: str | None) -> Hashed:
    return Hashed(_of_site(password, config))


def _verify_concrete5(password: bytes, stored: Stored) -> bool:
    return _same(_of_site(password, stored.config), stored)


def _unguessable_concrete5(config: str | None) -> Hashed:
    _check_site(config)
    return _unguessable_plain("md5", config)


def _check_concrete5(stored: Stored) -> None:
    _check_hexadecimal(_SIZES["md5"] * 2, stored)
    try:
        _check_site(stored.config)
    except BadConfig as error:
        raise Unimportable("password_hash_config", str(error)) from None


def _site(stored: Stored) -> Settings:
    return (stored.config or "",)


CONCRETE5 = HashType(
    name="concrete5",
    description="concrete5 up to 5.6: MD5 in 32 hexadecimal digits, with one salt for the whole site, which"
    f" is the config. hash = md5(password . ':' . PASSWORD_SALT). {_WEAK}",
    config="Enter the PASSWORD_SALT from your site.php",
    asks=True,
    weak=True,
    check_config=_check_site,
    check_import=_check_concrete5,
    make=_make_concrete5,
    verify=_verify_concrete5,
    unguessable=_unguessable_concrete5,
    settings=_site,
    strength=partial(_strength, _STRENGTHS["md5"]),
)
