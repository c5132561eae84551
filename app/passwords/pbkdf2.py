"""PBKDF2 (RFC 8018) as MODX Revolution stores it: the key in base64, the rest in columns of its own.

There is no hash without a config: nothing else says how it is to be verified.
"""

import base64
import hashlib
import hmac
import math
import re
import secrets
from dataclasses import dataclass

from app.passwords.hash_type import (
    SALTED,
    BadConfig,
    Hashed,
    HashType,
    Settings,
    Stored,
    Unimportable,
    drawn_salt,
    require_salt,
)

MOST_ITERATIONS = 2_000_000
"""Counted for each of the digests that a key is put together from."""

_EXAMPLE = "1000, 32, sha256"
_FEWEST_CHOSEN = 1000
_KEY_LENGTHS = range(16, 129)
_NEW_SALT = 32
_SIZES = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_STRENGTHS = {"sha1": 1.7, "sha224": 2.9, "sha256": 2.9, "sha384": 4.5, "sha512": 4.5}
_CONFIG = re.compile(rf"([1-9][0-9]{{0,8}}), ?([1-9][0-9]{{0,2}}), ?({'|'.join(_SIZES)})")


@dataclass(frozen=True, slots=True)
class _Parameters:
    iterations: int
    length: int
    digest: str

    @property
    def cost(self) -> int:
        return self.iterations * -(-self.length // _SIZES[self.digest])

    def key(self, password: bytes, salt: str) -> bytes:
        return hashlib.pbkdf2_hmac(self.digest, password, salt.encode(), self.iterations, self.length)


def _read(config: str | None) -> _Parameters:
    found = _CONFIG.fullmatch(config or "")
    if found is None or int(found[2]) not in _KEY_LENGTHS:
        raise BadConfig(
            f"is invalid: write iterations, length ({_KEY_LENGTHS[0]} to {_KEY_LENGTHS[-1]} bytes) and digest"
            f" ({', '.join(_SIZES)}), as in {_EXAMPLE}"
        )
    read = _Parameters(int(found[1]), int(found[2]), found[3])
    if read.cost > MOST_ITERATIONS:
        most = f"{MOST_ITERATIONS} iterations, counted for each digest of the key"
        raise BadConfig(f"is too costly (maximum is {most})")
    return read


def _check_config(config: str | None) -> None:
    if _read(config).iterations < _FEWEST_CHOSEN:
        raise BadConfig(f"has too few iterations (minimum is {_FEWEST_CHOSEN})")


def _check_import(stored: Stored) -> None:
    try:
        read = _read(stored.config)
    except BadConfig as error:
        raise Unimportable("password_hash_config", str(error)) from None
    require_salt(stored)
    if len(_key(stored.hash)) != read.length:
        raise Unimportable("password_hash", f"is invalid: it should be {read.length} bytes in base64")


def _key(text: str) -> bytes:
    """The bytes of base64; none where it is not the text that they are written as."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return decoded if base64.b64encode(decoded).decode() == text else b""


def _make(password: bytes, config: str | None) -> Hashed:
    salt = drawn_salt(_NEW_SALT)
    key = _read(config).key(password, salt)
    return Hashed(base64.b64encode(key).decode(), salt)


def _verify(password: bytes, stored: Stored) -> bool:
    made = _read(stored.config).key(password, stored.salt or "")
    return hmac.compare_digest(made, _key(stored.hash))


def _unguessable(config: str | None) -> Hashed:
    key = secrets.token_bytes(_read(config).length)
    return Hashed(base64.b64encode(key).decode(), drawn_salt(_NEW_SALT))


def _settings(stored: Stored) -> Settings:
    read = _read(stored.config)
    return read.iterations, read.length, read.digest


def _strength(stored: Stored) -> float:
    """An iteration is two blocks of the digest; whoever guesses needs only the first digest of the key."""
    read = _read(stored.config)
    return math.log2(2 * read.iterations) + _STRENGTHS[read.digest] + SALTED


PBKDF2 = HashType(
    name="pbkdf2",
    description="RSA PBKDF2 (for MODX Revolution):"
    " hash = base64(pbkdf2_hmac(digest, password, salt, iterations, length))."
    " The config is iterations, length of the key in bytes and digest"
    f" ({', '.join(_SIZES)}); 1,000 iterations or more for a store. The salt is in password_salt: 32 random"
    f" letters and digits, taken as text. At most {MOST_ITERATIONS:,} iterations, counted for each digest"
    " that the key is put together from.",
    config=_EXAMPLE,
    check_config=_check_config,
    check_import=_check_import,
    make=_make,
    verify=_verify,
    unguessable=_unguessable,
    settings=_settings,
    strength=_strength,
)
