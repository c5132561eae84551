"""Argon2id in its own string form (RFC 9106, PHC), with what PHP takes where it is told nothing."""

import base64
import math
import re
import secrets

from argon2.exceptions import VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

from app.passwords.hash_type import (
    SALTED,
    Hashed,
    HashType,
    Settings,
    Stored,
    Unimportable,
    any_config,
    matched,
    read,
    too_costly,
)

COSTLIEST = {"memory": 262_144, "passes": 10, "lanes": 8}
MADE = {"memory": 65_536, "passes": 4, "lanes": 1}
"""PHP's default options. One lane: a hash keeps one core busy, not all of them."""
STRENGTH_OF_A_KIBIBYTE = 10.0 + SALTED
"""By hashcat's benchmarks, 64 MiB four times over cost a graphics card what bcrypt does at 13."""

_SALT_BYTES, _KEY_BYTES = 16, 32
_FORM = "Argon2id's string form is $argon2id$v=19$m=…,t=…,p=…$salt$hash"
_PATTERN = re.compile(
    r"\$argon2id\$v=(?P<version>16|19)\$m=(?P<memory>[1-9][0-9]{0,9}),t=(?P<passes>[1-9][0-9]{0,9}),"
    r"p=(?P<lanes>[1-9][0-9]{0,9})\$(?P<salt>[A-Za-z0-9+/]{11,})\$(?P<key>[A-Za-z0-9+/]{22,})"
)


def _check_import(stored: Stored) -> None:
    """Argon2 itself takes no less than 8 KiB of memory for each lane."""
    found = matched(_PATTERN, stored, _FORM)
    costs = {name: int(found[name]) for name in COSTLIEST}
    if any(costs[name] > most for name, most in COSTLIEST.items()):
        raise too_costly(
            "password_hash", "{memory} KiB, {passes} passes and {lanes} lanes".format(**COSTLIEST)
        )
    if not (_is_base64(found["salt"]) and _is_base64(found["key"])) or costs["memory"] < 8 * costs["lanes"]:
        raise Unimportable("password_hash", f"is invalid: {_FORM}")


def _is_base64(text: str) -> bool:
    """Whether a text is what some bytes are written as, without padding."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return False
    return _base64(decoded) == text


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _make(password: bytes, _config: str | None) -> Hashed:
    salt = secrets.token_bytes(_SALT_BYTES)
    made = hash_secret(
        password, salt, MADE["passes"], MADE["memory"], MADE["lanes"], _KEY_BYTES, Type.ID, version=19
    )
    return Hashed(made.decode())


def _verify(password: bytes, stored: Stored) -> bool:
    """The library compares in constant time; what it cannot do for want of memory is no match either."""
    try:
        return verify_secret(stored.hash.encode(), password, Type.ID)
    except VerificationError:
        return False


def _unguessable(_config: str | None) -> Hashed:
    salt, key = (_base64(secrets.token_bytes(count)) for count in (_SALT_BYTES, _KEY_BYTES))
    costs = "m={memory},t={passes},p={lanes}".format(**MADE)
    return Hashed(f"$argon2id$v=19${costs}${salt}${key}")


def _settings(stored: Stored) -> Settings:
    found = read(_PATTERN, stored)
    return tuple(int(found[name]) for name in ("version", "memory", "passes", "lanes"))


def _strength(stored: Stored) -> float:
    """The lanes share the memory: they make it quicker for whoever has the cores, not cheaper."""
    found = read(_PATTERN, stored)
    return math.log2(int(found["memory"]) * int(found["passes"])) + STRENGTH_OF_A_KIBIBYTE


ARGON2ID = HashType(
    name="argon2id",
    description="Argon2id in its own string form (PHC), $argon2id$v=19$m=65536,t=4,p=1$salt$hash."
    " hash = argon2id(password, salt, 64 MiB of memory, 4 passes, 1 lane), PHP's default options; there is no"
    " config. The salt, of 16 bytes, is in the hash. Imported up to 256 MiB, 10 passes and 8 lanes.",
    config=None,
    check_config=any_config,
    check_import=_check_import,
    make=_make,
    verify=_verify,
    unguessable=_unguessable,
    settings=_settings,
    strength=_strength,
)
