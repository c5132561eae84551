"""bcrypt and what is made of it: Craft CMS's, and WordPress's since 6.8."""

import base64
import hmac
import re
import string
from collections.abc import Callable
from functools import partial

import bcrypt

from app.passwords.hash_type import (
    SALTED,
    Hashed,
    HashType,
    Number,
    Settings,
    Stored,
    drawn,
    matched,
    read,
    too_costly,
)

LONGEST = 72
"""How many bytes of a password bcrypt reads: PHP leaves out the others, so they are left out here."""

COSTS = range(4, 16)
STRENGTH_AT_0 = 14.8 + SALTED
"""At cost 5 a graphics card tries one password in the time of some 890,000 MD5s (hashcat's benchmarks)."""

_ALPHABET = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits
_LAST_OF_SALT = _ALPHABET[::16]
"""16 bytes of salt leave two bits for the last of their characters."""
_LAST_OF_DIGEST = _ALPHABET[::4]
"""23 bytes of digest leave four."""
_BODY = (
    r"\$(?P<cost>0[4-9]|[12][0-9]|3[01])\$"
    rf"[./A-Za-z0-9]{{21}}[{_LAST_OF_SALT}][./A-Za-z0-9]{{30}}[{_LAST_OF_DIGEST}]"
)
PLAIN = re.compile(r"\$2[aby]" + _BODY)
PREHASHED = re.compile(r"\$wp\$2y" + _BODY)
FORM = "bcrypt's 60 characters begin with $2a$, $2b$ or $2y$ and the cost"
PREHASHED_FORM = "WordPress's 63 characters begin with $wp$2y$ and the cost"

COST = Number("cost", 12, range(10, 16), COSTS, most=COSTS[-1])
_CRAFT_COST = Number("cost", 13, range(10, 16), COSTS, most=COSTS[-1])


def check_cost(pattern: re.Pattern[str], form: str, stored: Stored) -> None:
    """Holds a hash to its form and to what can be borne.

    :raises Unimportable: saying which.
    """
    if int(matched(pattern, stored, form)["cost"]) > COSTS[-1]:
        raise too_costly("password_hash", f"a cost of {COSTS[-1]}")


def verify_prehashed(password: bytes, stored: Stored) -> bool:
    """Whether a password is that of a hash that begins with $wp$2y$."""
    plain = Stored(stored.hash.removeprefix("$wp"), None, stored.type, None)
    return verify_plain(_prehashed(password), plain)


def verify_plain(password: bytes, stored: Stored) -> bool:
    """Whether a password is that of a hash as bcrypt writes it."""
    made = bcrypt.hashpw(password[:LONGEST], stored.hash[:29].encode())
    return hmac.compare_digest(made, stored.hash.encode())


def make_prehashed(password: bytes, config: str | None) -> Hashed:
    """A hash as WordPress 6.8 makes it.

    :raises BadConfig: where there is no such cost.
    """
    return Hashed("$wp" + _make("2y", COST, _prehashed(password), config).hash)


def unguessable_prehashed(config: str | None) -> Hashed:
    """A drawn hash in WordPress's form.

    :raises BadConfig: where there is no such cost.
    """
    return Hashed("$wp" + _unguessable("2y", COST, config).hash)


def cost_of(pattern: re.Pattern[str], stored: Stored) -> int:
    """The cost that a hash was made at."""
    return int(read(pattern, stored)["cost"])


def strength(cost_in: Callable[[Stored], int], stored: Stored) -> float:
    """Each step of the cost doubles the work."""
    return STRENGTH_AT_0 + cost_in(stored)


def _prehashed(password: bytes) -> bytes:
    """What WordPress gives bcrypt to read: 64 characters, however long the password.

    WordPress trims passwords; one of blanks alone, which it does not have, is taken as it is.
    """
    trimmed = password.strip(b" \n\r\t\v\0") or password
    return base64.b64encode(hmac.digest(b"wp-sha384", trimmed, "sha384"))


def _make(version: str, costs: Number, password: bytes, config: str | None) -> Hashed:
    salt = f"${version}$" + bcrypt.gensalt(costs.read(config)).decode()[4:]
    return Hashed(bcrypt.hashpw(password[:LONGEST], salt.encode()).decode())


def _unguessable(version: str, costs: Number, config: str | None) -> Hashed:
    salt = drawn(_ALPHABET, 21) + drawn(_LAST_OF_SALT, 1)
    digest = drawn(_ALPHABET, 30) + drawn(_LAST_OF_DIGEST, 1)
    return Hashed(f"${version}${costs.read(config):02d}${salt}{digest}")


def _settings(stored: Stored) -> Settings:
    return (cost_of(PLAIN, stored),)


def _check_import(stored: Stored) -> None:
    check_cost(PLAIN, FORM, stored)
    COST.check_import(stored)


def _of(name: str, version: str, costs: Number, description: str) -> HashType:
    return HashType(
        name=name,
        description=description,
        config=str(costs.default),
        check_config=costs.check,
        check_import=_check_import,
        make=partial(_make, version, costs),
        verify=verify_plain,
        unguessable=partial(_unguessable, version, costs),
        settings=_settings,
        strength=partial(strength, partial(cost_of, PLAIN)),
    )


_MEANING = (
    "The config is the cost: 2^cost rounds, 10 to 15 for a store. The salt, of 16 bytes, is in the hash."
    " It reads the first 72 bytes of a password. Imported up to a cost of 15"
)

BCRYPT = _of(
    "bcrypt",
    "2b",
    COST,
    "bcrypt in its own string form, $2b$cost$salt+digest; recommended."
    f" hash = bcrypt(password, cost, salt). {_MEANING}, as $2a$, $2b$ or $2y$.",
)
CRAFTCMS = _of(
    "craftcms",
    "2y",
    _CRAFT_COST,
    "Craft CMS: bcrypt in its own string form, $2y$cost$salt+digest."
    f" hash = bcrypt(password, blowfishHashCost, salt). {_MEANING}, as $2a$, $2b$ or $2y$.",
)
