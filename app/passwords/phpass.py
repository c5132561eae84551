"""phpass's portable hashes, Drupal 7's, and what WordPress has of both its ages: phpass's and bcrypt's."""

import hashlib
import hmac
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.passwords import bcrypt
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

MOST_ROUNDS = 18
"""log2 of how often a hash made elsewhere may have been hashed again."""

_ALPHABET = "./" + string.digits + string.ascii_uppercase + string.ascii_lowercase
_SALT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """What phpass's scheme is filled in with: how often is in the hash, as one character."""

    digest: Callable[[bytes], "hashlib._Hash"]
    prefix: str
    length: int
    last: str
    pattern: re.Pattern[str]
    form: str
    config: Number
    more_rounds: int
    strength: float
    """log2 of how many MD5s one round costs."""


_PORTABLE = _Family(
    digest=partial(hashlib.md5, usedforsecurity=False),
    prefix="$P$",
    length=22,
    last="./01",  # 16 bytes leave two bits for the last of their characters
    pattern=re.compile(r"(?P<setting>\$[PH]\$(?P<rounds>[5-9A-S])[./0-9A-Za-z]{8})[./0-9A-Za-z]{21}[./01]"),
    form="phpass's 34 characters begin with $P$ or $H$ and the rounds",
    config=Number("number", 8, range(8, 14), range(2, 14), most=MOST_ROUNDS),
    more_rounds=5,
    strength=SALTED,
)
_DRUPAL = _Family(
    digest=hashlib.sha512,
    prefix="$S$",
    length=43,
    last=_ALPHABET,
    pattern=re.compile(r"(?P<setting>\$S\$(?P<rounds>[5-9A-S])[./0-9A-Za-z]{8})[./0-9A-Za-z]{43}"),
    form="Drupal's 55 characters begin with $S$ and the rounds",
    config=Number("number", 15, range(15, 19), range(7, 19), most=MOST_ROUNDS),
    more_rounds=0,
    strength=4.5 + SALTED,
)


def _make(family: _Family, password: bytes, config: str | None) -> Hashed:
    return Hashed(_hashed(family, password, _setting(family, config)))


def _verify(family: _Family, password: bytes, stored: Stored) -> bool:
    made = _hashed(family, password, read(family.pattern, stored)["setting"])
    return hmac.compare_digest(made.encode(), stored.hash.encode())


def _unguessable(family: _Family, config: str | None) -> Hashed:
    digest = drawn(_ALPHABET, family.length - 1) + drawn(family.last, 1)
    return Hashed(_setting(family, config) + digest)


def _setting(family: _Family, config: str | None) -> str:
    rounds = family.config.read(config) + family.more_rounds
    return family.prefix + _ALPHABET[rounds] + drawn(_ALPHABET, _SALT)


def _hashed(family: _Family, password: bytes, setting: str) -> str:
    """Hashes again and again; the loop holds the interpreter's lock, of which other threads get turns."""
    digest = family.digest
    made = digest(setting[-_SALT:].encode() + password).digest()
    for _ in range(1 << _ALPHABET.index(setting[3])):
        made = digest(made + password).digest()
    return setting + _encoded(made)[: family.length]


def _encoded(digest: bytes) -> str:
    """base64 with phpass's alphabet, the lowest bits first."""
    text = ""
    for start in range(0, len(digest), 3):
        part = digest[start : start + 3]
        bits = int.from_bytes(part, "little")
        text += "".join(_ALPHABET[bits >> 6 * at & 63] for at in range(len(part) + 1))
    return text


def _rounds(family: _Family, stored: Stored) -> int:
    return _ALPHABET.index(read(family.pattern, stored)["rounds"])


def _settings(family: _Family, stored: Stored) -> Settings:
    return (_rounds(family, stored),)


def _strength(family: _Family, stored: Stored) -> float:
    return family.strength + _rounds(family, stored)


def _check_rounds(family: _Family, stored: Stored) -> None:
    if _ALPHABET.index(matched(family.pattern, stored, family.form)["rounds"]) > MOST_ROUNDS:
        raise too_costly("password_hash", f"2^{MOST_ROUNDS} rounds")


def _check_drupal(stored: Stored) -> None:
    _check_rounds(_DRUPAL, stored)
    _DRUPAL.config.check_import(stored)


@dataclass(frozen=True, slots=True)
class _Form:
    """One of the forms that a site's hashes may have, told by how they begin."""

    name: str
    begins: tuple[str, ...]
    check: Callable[[Stored], object]
    verify: Callable[[bytes, Stored], bool]
    strength: Callable[[Stored], float]


_OF_PHPASS = _Form(
    "phpass",
    ("$P$", "$H$"),
    partial(_check_rounds, _PORTABLE),
    partial(_verify, _PORTABLE),
    partial(_strength, _PORTABLE),
)
_OF_BCRYPT = _Form(
    "bcrypt",
    ("$2",),
    partial(bcrypt.check_cost, bcrypt.PLAIN, bcrypt.FORM),
    bcrypt.verify_plain,
    partial(bcrypt.strength, partial(bcrypt.cost_of, bcrypt.PLAIN)),
)
_OF_WORDPRESS = _Form(
    "wordpress",
    ("$wp$",),
    partial(bcrypt.check_cost, bcrypt.PREHASHED, bcrypt.PREHASHED_FORM),
    bcrypt.verify_prehashed,
    partial(bcrypt.strength, partial(bcrypt.cost_of, bcrypt.PREHASHED)),
)
_Forms = tuple[_Form, ...]


def _form(forms: _Forms, stored: Stored) -> _Form:
    """The form that a hash begins like; where there is none, the first, which says what is wrong."""
    return next((form for form in forms if stored.hash.startswith(form.begins)), forms[0])


def _check_forms(forms: _Forms, config: Number, stored: Stored) -> None:
    _form(forms, stored).check(stored)
    config.check_import(stored)


def _verify_forms(forms: _Forms, password: bytes, stored: Stored) -> bool:
    return _form(forms, stored).verify(password, stored)


def _settings_forms(forms: _Forms, stored: Stored) -> Settings:
    """Two forms of one strength have one cost, so the strength says all but the form."""
    form = _form(forms, stored)
    return form.name, str(form.strength(stored))


def _strength_forms(forms: _Forms, stored: Stored) -> float:
    return _form(forms, stored).strength(stored)


def _of_forms(
    name: str,
    description: str,
    forms: _Forms,
    config: Number,
    make: Callable[[bytes, str | None], Hashed],
    unguessable: Callable[[str | None], Hashed],
) -> HashType:
    return HashType(
        name=name,
        description=description,
        config=str(config.default),
        check_config=config.check,
        check_import=partial(_check_forms, forms, config),
        make=make,
        verify=partial(_verify_forms, forms),
        unguessable=unguessable,
        settings=partial(_settings_forms, forms),
        strength=partial(_strength_forms, forms),
    )


PHPASS = _of_forms(
    "phpass",
    "phpass, portable mode (Wordpress, osCommerce 2.3+, etc.): $P$ (phpBB: $H$), one character for n, 8 of"
    " salt and 22 of hash. hash = md5(salt . password), then 2^n times hash = md5(hash . password), raw;"
    " n is the config + 5, as of PHP 5: 8 stands for 2^13, $P$B. 8 to 13 for a store. Imported up to 2^18;"
    " also WordPress 6.8's $wp$2y$, see wordpress.",
    (_OF_PHPASS, _OF_WORDPRESS),
    _PORTABLE.config,
    partial(_make, _PORTABLE),
    partial(_unguessable, _PORTABLE),
)

WORDPRESS = _of_forms(
    "wordpress",
    "WordPress 6.8 and later: $wp and a bcrypt hash, $wp$2y$cost$salt+digest. hash = '$wp' ."
    " bcrypt(base64(hmac_sha384(key: 'wp-sha384', trim(password))), cost, salt). The config is the cost, 10"
    " to 15 for a store; the salt is in the hash. Imported up to a cost of 15; also what such a site still"
    " has beside it: phpass's $P$ and $H$ up to 2^18 rounds, and bcrypt's $2a$, $2b$ and $2y$.",
    (_OF_WORDPRESS, _OF_PHPASS, _OF_BCRYPT),
    bcrypt.COST,
    bcrypt.make_prehashed,
    bcrypt.unguessable_prehashed,
)

DRUPAL = HashType(
    name="drupal",
    description="Drupal 7: $S$, one character for n, 8 of salt and 43 of hash."
    " hash = sha512(salt . password), then 2^n times hash = sha512(hash . password), raw."
    " The config is n, 15 to 18 for a store. Imported up to 2^18.",
    config=str(_DRUPAL.config.default),
    check_config=_DRUPAL.config.check,
    check_import=_check_drupal,
    make=partial(_make, _DRUPAL),
    verify=partial(_verify, _DRUPAL),
    unguessable=partial(_unguessable, _DRUPAL),
    settings=partial(_settings, _DRUPAL),
    strength=partial(_strength, _DRUPAL),
)
