"""Passwords: hashing one as a store chose, and what hashes made elsewhere may be imported.

Only bcrypt is made here; of every other type hashes are imported. No exception holds a password or a
hash; where one names no property, its text follows the property's name.
"""

import base64
import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import bcrypt

MAKEABLE = ("bcrypt",)
"""The types that passwords can be hashed with here."""

DEFAULT_COST = 12
CHOSEN_COSTS = range(10, 16)
MADE_COSTS = range(4, 16)

Observer = Callable[[], None]

observers: list[Observer] = []
"""Called each time a password is about to be hashed."""


class UnusablePassword(ValueError):
    """A password that cannot be set."""


class UnsupportedHashType(ValueError):
    """A type, or a config of one, with which nothing can be hashed here."""


@dataclass(eq=False)
class UnusableProperty(ValueError):
    """A property with a value that cannot be taken; the text follows its name."""

    property: str
    text: str

    def __str__(self) -> str:
        return f"{self.property} {self.text}"


class UnusableChoice(UnusableProperty):
    """A store's choice of how passwords are hashed that cannot be met."""


class Unimportable(UnusableProperty):
    """A hash made elsewhere that is malformed for its type, or too costly to verify."""


def hash_password(password: str, hash_type: str, config: str | None) -> str:
    """The hash of a password, as the type writes it.

    :raises UnsupportedHashType: where the type is not made here, or its config makes no sense.
    :raises UnusablePassword: where bcrypt cannot tell this password from others, or it has no text.
    """
    cost = made_cost(hash_type, config)
    require_usable(password)
    for observer in observers:
        observer()
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def unguessable(hash_type: str, config: str | None) -> str:
    """A hash that no password is known to have. It is drawn, not computed, and verifies like any other.

    :raises UnsupportedHashType: where the type is not made here, or its config makes no sense.
    """
    cost = made_cost(hash_type, config)
    salt = _drawn(_BCRYPT_ALPHABET, 21) + _drawn(_LAST_OF_SALT, 1)
    return f"$2b${cost:02d}${salt}{_drawn(_BCRYPT_ALPHABET, 30)}{_drawn(_LAST_OF_DIGEST, 1)}"


def require_choice(hash_type: str, config: str | None) -> None:
    """Refuses a store's choice of type and config that passwords cannot be hashed with.

    :raises UnusableChoice: naming the property of the store.
    """
    if hash_type not in _CHECKS:
        raise UnusableChoice("customer_password_hash_type", "is not included in the list")
    if hash_type not in MAKEABLE:
        text = f"is not supported yet: choose {' or '.join(MAKEABLE)}; hashes of other types can be imported"
        raise UnusableChoice("customer_password_hash_type", text)
    if config and _number(config) not in CHOSEN_COSTS:
        text = f"is not a cost from {CHOSEN_COSTS[0]} to {CHOSEN_COSTS[-1]}"
        raise UnusableChoice("customer_password_hash_config", text)


def made_cost(hash_type: str, config: str | None) -> int:
    """The cost of bcrypt that a type and config stand for.

    :raises UnsupportedHashType: where the type is not made here, or its config makes no sense.
    """
    if hash_type not in MAKEABLE:
        raise UnsupportedHashType(f"is not supported yet: choose {' or '.join(MAKEABLE)}")
    cost = _number(config) if config else DEFAULT_COST
    if cost not in MADE_COSTS:
        raise UnsupportedHashType(f"has a config that is no cost from {MADE_COSTS[0]} to {MADE_COSTS[-1]}")
    return cost


def require_usable(password: str) -> None:
    """Refuses what bcrypt cannot tell from others: it reads 72 bytes, and others (PHP's) stop at NUL too.

    :raises UnusablePassword: saying why.
    """
    if not password:
        raise UnusablePassword("can't be blank")
    # asked first: the error that encoding a surrogate raises would hold the password
    if _SURROGATE.search(password):
        raise UnusablePassword("is not valid Unicode")
    if len(password) > _LONGEST_PASSWORD or len(password.encode()) > _LONGEST_PASSWORD:
        raise UnusablePassword(f"is too long (maximum is {_LONGEST_PASSWORD} bytes in UTF-8)")
    if "\0" in password:
        raise UnusablePassword("can't contain the character NUL")


def require_importable(
    hash_type: str | None, password_hash: str | None, salt: str | None, config: str | None
) -> None:
    """Refuses a hash that could not be verified later, or only at a cost; no hash at all is no password.

    Hexadecimal may be in either case. A salt may be longer or shorter than the config says, which is only
    how long a new one would be.

    :raises Unimportable: naming the property of the customer.
    """
    if hash_type and hash_type not in _CHECKS:
        raise Unimportable("password_hash_type", "is not included in the list")
    if not password_hash:
        return
    if not hash_type:
        raise Unimportable("password_hash_type", "can't be blank")
    _CHECKS[hash_type](_Imported(password_hash, salt or "", config or ""))


_BCRYPT_ALPHABET = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits
_LAST_OF_SALT = _BCRYPT_ALPHABET[::16]
"""16 bytes of salt leave two bits for the last of their characters."""
_LAST_OF_DIGEST = _BCRYPT_ALPHABET[::4]
"""23 bytes of digest leave four."""
_LONGEST_PASSWORD = 72
_SURROGATE = re.compile("[\ud800-\udfff]")


def _drawn(alphabet: str, count: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))


def _number(text: str) -> int:
    """A decimal number as people write it; -1 where the text is none."""
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,8}", text) else -1


@dataclass(frozen=True, slots=True, repr=False)
class _Imported:
    """What a customer moves in with. It has no repr, which would show the hash."""

    hash: str
    salt: str
    config: str


_COSTLIEST_BCRYPT = 15
_COSTLIEST_ROUNDS = 18
_COSTLIEST_ARGON2 = {"memory": 262_144, "passes": 10, "lanes": 8}
_MOST_ITERATIONS = 2_000_000
_KEY_LENGTHS = range(16, 129)
_LONGEST_SALT = 100
_DIGEST_SIZES = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}

_ROUNDS = "./" + string.digits + string.ascii_uppercase + string.ascii_lowercase
_BCRYPT = re.compile(
    r"\$2[aby]\$(?P<cost>0[4-9]|[12][0-9]|3[01])\$"
    rf"[./A-Za-z0-9]{{21}}[{_LAST_OF_SALT}][./A-Za-z0-9]{{30}}[{_LAST_OF_DIGEST}]"
)
_PHPASS = re.compile(r"\$[PH]\$(?P<rounds>[5-9A-S])[./0-9A-Za-z]{29}[./01]")
_DRUPAL = re.compile(r"\$S\$(?P<rounds>[5-9A-S])[./0-9A-Za-z]{51}")
_ARGON2 = re.compile(
    r"\$argon2id\$v=(?:16|19)\$m=(?P<memory>[1-9][0-9]{0,9}),t=(?P<passes>[1-9][0-9]{0,9}),"
    r"p=(?P<lanes>[1-9][0-9]{0,9})\$(?P<salt>[A-Za-z0-9+/]{11,})\$(?P<key>[A-Za-z0-9+/]{22,})"
)
_PBKDF2_CONFIG = re.compile(rf"([1-9][0-9]{{0,8}}), ?([1-9][0-9]{{0,2}}), ?({'|'.join(_DIGEST_SIZES)})")


def _check_bcrypt(imported: _Imported) -> None:
    found = _matched(_BCRYPT, imported, "bcrypt's 60 characters begin with $2a$, $2b$ or $2y$ and the cost")
    if int(found["cost"]) > _COSTLIEST_BCRYPT:
        raise Unimportable("password_hash", f"is too costly (maximum is a cost of {_COSTLIEST_BCRYPT})")
    _require_config(imported, _COSTLIEST_BCRYPT)


def _check_rounds(pattern: re.Pattern[str], form: str, imported: _Imported) -> None:
    found = _matched(pattern, imported, form)
    if _ROUNDS.index(found["rounds"]) > _COSTLIEST_ROUNDS:
        raise Unimportable("password_hash", f"is too costly (maximum is 2^{_COSTLIEST_ROUNDS} rounds)")
    _require_config(imported, _COSTLIEST_ROUNDS)


def _check_argon2(imported: _Imported) -> None:
    """Argon2 itself takes no less than 8 KiB of memory for each lane."""
    form = "Argon2id's string form is $argon2id$v=19$m=…,t=…,p=…$salt$hash"
    found = _matched(_ARGON2, imported, form)
    costs = {name: int(found[name]) for name in _COSTLIEST_ARGON2}
    if any(costs[name] > most for name, most in _COSTLIEST_ARGON2.items()):
        most = "{memory} KiB, {passes} passes and {lanes} lanes".format(**_COSTLIEST_ARGON2)
        raise Unimportable("password_hash", f"is too costly (maximum is {most})")
    whole = _decoded(found["salt"]) and _decoded(found["key"])
    if not whole or costs["memory"] < 8 * costs["lanes"]:
        raise Unimportable("password_hash", f"is invalid: {form}")


def _check_pbkdf2(imported: _Imported) -> None:
    """What it costs is the iterations of each of the digests that the key is put together from."""
    found = _PBKDF2_CONFIG.fullmatch(imported.config)
    if found is None or int(found[2]) not in _KEY_LENGTHS:
        text = (
            f"is invalid: write iterations, length ({_KEY_LENGTHS[0]} to {_KEY_LENGTHS[-1]} bytes) and digest"
            f" ({', '.join(_DIGEST_SIZES)}), as in 1000, 32, sha256"
        )
        raise Unimportable("password_hash_config", text)
    iterations, length = int(found[1]), int(found[2])
    if iterations * -(-length // _DIGEST_SIZES[found[3]]) > _MOST_ITERATIONS:
        text = f"is too costly (maximum is {_MOST_ITERATIONS} iterations, counted for each digest of the key)"
        raise Unimportable("password_hash_config", text)
    _require_salt(imported)
    key = imported.hash.rstrip("=")
    if len(_decoded(key)) != length or imported.hash != key + "=" * (-len(key) % 4):
        raise Unimportable("password_hash", f"is invalid: it should be {length} bytes in base64")


def _check_hexadecimal(length: int, imported: _Imported) -> None:
    _matched(re.compile(f"[0-9A-Fa-f]{{{length}}}"), imported, f"it should be {length} hexadecimal digits")


def _check_salted(length: int, imported: _Imported) -> None:
    _check_hexadecimal(length, imported)
    _require_salt(imported)
    _require_config(imported, _LONGEST_SALT)


def _check_concrete5(imported: _Imported) -> None:
    _check_hexadecimal(32, imported)
    if not imported.config:
        raise Unimportable("password_hash_config", "can't be blank: enter the PASSWORD_SALT of the site")


def _matched(pattern: re.Pattern[str], imported: _Imported, form: str) -> re.Match[str]:
    found = pattern.fullmatch(imported.hash)
    if found is None:
        raise Unimportable("password_hash", f"is invalid: {form}")
    return found


def _require_salt(imported: _Imported) -> None:
    if not imported.salt:
        raise Unimportable("password_salt", "can't be blank")


def _require_config(imported: _Imported, most: int) -> None:
    if imported.config and not 1 <= _number(imported.config) <= most:
        raise Unimportable("password_hash_config", f"is not a number from 1 to {most}")


def _decoded(text: str) -> bytes:
    """The bytes of base64 without its padding; none where it is not the text that they are written as."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""
    return decoded if base64.b64encode(decoded).decode().rstrip("=") == text else b""


_PHPASS_FORM = "phpass's 34 characters begin with $P$ or $H$ and the rounds"
_DRUPAL_FORM = "Drupal's 55 characters begin with $S$ and the rounds"

_CHECKS: Mapping[str, Callable[[_Imported], None]] = {
    "argon2id": _check_argon2,
    "bcrypt": _check_bcrypt,
    "concrete5": _check_concrete5,
    "craftcms": _check_bcrypt,
    "drupal": partial(_check_rounds, _DRUPAL, _DRUPAL_FORM),
    "md5": partial(_check_hexadecimal, 32),
    "pbkdf2": _check_pbkdf2,
    "phpass": partial(_check_rounds, _PHPASS, _PHPASS_FORM),
    "sha1": partial(_check_hexadecimal, 40),
    "sha1_salted_prefix": partial(_check_salted, 40),
    "sha1_salted_suffix": partial(_check_salted, 40),
    "sha256": partial(_check_hexadecimal, 64),
    "sha256_salted_prefix": partial(_check_salted, 64),
    "sha256_salted_suffix": partial(_check_salted, 64),
}
"""What each type's hashes must be; the types are those of `property_helper.PASSWORD_HASH_TYPES`."""
