"""The types of hashes there are; making a hash as a store chose, and what may be chosen or brought along."""

import re
from collections.abc import Callable, Mapping
from time import perf_counter

from app.passwords import argon2, bcrypt, digests, pbkdf2, phpass
from app.passwords.gate import GATE
from app.passwords.hash_type import BadConfig, Hashed, HashType, Stored, Unimportable, UnusableProperty

TYPES: Mapping[str, HashType] = {
    each.name: each
    for each in (
        argon2.ARGON2ID,
        bcrypt.BCRYPT,
        digests.CONCRETE5,
        bcrypt.CRAFTCMS,
        phpass.DRUPAL,
        digests.plain("md5"),
        digests.salted("md5", "prefix"),
        digests.salted("md5", "suffix"),
        pbkdf2.PBKDF2,
        phpass.PHPASS,
        digests.plain("sha1"),
        digests.salted("sha1", "prefix"),
        digests.salted("sha1", "suffix"),
        digests.plain("sha256"),
        digests.salted("sha256", "prefix"),
        digests.salted("sha256", "suffix"),
        phpass.WORDPRESS,
    )
}
"""Every type by its name, in order of the alphabet."""

Observer = Callable[[str, str], None]

observers: list[Observer] = []
"""Called each time a password is about to be hashed, with the type and what for: make, verify or dummy."""


Timer = Callable[[str, float, float], None]

timers: list[Timer] = []
"""Called each time a password has been hashed, with the type, its strength and the seconds it took."""


class UnusablePassword(ValueError):
    """A password that cannot be set."""


class UnsupportedHashType(ValueError):
    """A store's choice, made where nobody checked it, with which nothing can be hashed."""


class UnusableChoice(UnusableProperty):
    """A store's choice of how passwords are hashed that cannot be met."""


def hash_password(password: str, hash_type: str, config: str | None) -> Hashed:
    """What is stored of a password.

    :raises UnsupportedHashType: where there is no such type, or its config makes no sense.
    :raises UnusablePassword: where it could not be told from others, or has no text.
    :raises Overloaded: where too many passwords are being hashed.
    """
    require_makeable(hash_type, config)
    require_usable(password)
    with GATE.passing():
        return make(TYPES[hash_type], password.encode(), config, "make")


def make(hash_type: HashType, password: bytes, config: str | None, purpose: str) -> Hashed:
    """Hashes once, and says so. To be called behind the gate."""
    observe(hash_type.name, purpose)
    began = perf_counter()
    made = hash_type.make(password, config)
    time(hash_type, Stored(made.hash, made.salt, hash_type.name, config), perf_counter() - began)
    return made


def observe(hash_type: str, purpose: str) -> None:
    """Tells whoever observes that a password is about to be hashed."""
    for observer in observers:
        observer(hash_type, purpose)


def verify(password: bytes, stored: Stored) -> bool:
    """Whether a password is the one that was stored, and says so. To be called behind the gate."""
    observe(stored.type, "verify")
    began = perf_counter()
    is_it = TYPES[stored.type].verify(password, stored)
    time(TYPES[stored.type], stored, perf_counter() - began)
    return is_it


def time(hash_type: HashType, stored: Stored, seconds: float) -> None:
    """Tells whoever keeps the time how long a hash took."""
    for timer in timers:
        timer(hash_type.name, hash_type.strength(stored), seconds)


def unguessable(hash_type: str, config: str | None) -> Hashed:
    """A hash that no password is known to have. It is drawn, not computed, and verifies like any other.

    :raises UnsupportedHashType: where there is no such type, or its config makes no sense.
    """
    if hash_type not in TYPES:
        raise UnsupportedHashType("cannot be hashed: the store's customer_password_hash_type is unknown")
    try:
        return TYPES[hash_type].unguessable(config)
    except BadConfig as error:
        text = f"cannot be hashed: the store's customer_password_hash_config {error}"
        raise UnsupportedHashType(text) from None


def require_makeable(hash_type: str, config: str | None) -> None:
    """Refuses a type and config with which nothing can be hashed; the text follows the name `password`.

    :raises UnsupportedHashType: saying which of the store's settings to change.
    """
    unguessable(hash_type, config)


def require_choice(hash_type: str, config: str | None, allow_weak: bool) -> None:
    """Refuses a store's choice of type and config that is unsafe, unbearable or none.

    :param allow_weak: whether the operator lets stores choose types that are weak.
    :raises UnusableChoice: naming the property of the store.
    """
    chosen = TYPES.get(hash_type)
    if chosen is None:
        raise UnusableChoice("customer_password_hash_type", "is not included in the list")
    if chosen.weak and not allow_weak:
        text = "is weak: choose bcrypt or argon2id, or have the operator set PATRON_ALLOW_WEAK_HASHES=true"
        raise UnusableChoice("customer_password_hash_type", text)
    try:
        chosen.check_config(config)
    except BadConfig as error:
        raise UnusableChoice("customer_password_hash_config", str(error)) from None


def default_config(hash_type: str) -> str | None:
    """The config of a type for which nobody has chosen one; None where it has none, or asks for one."""
    known = TYPES.get(hash_type)
    return None if known is None or known.asks else known.config


def require_usable(password: str) -> None:
    """Refuses what bcrypt cannot tell from others: it reads 72 bytes, and others (PHP's) stop at NUL too.

    One rule for all types, so that a store may choose another at any time.

    :raises UnusablePassword: saying why.
    """
    if not password:
        raise UnusablePassword("can't be blank")
    # asked first: the error that encoding a surrogate raises would hold the password
    if SURROGATE.search(password):
        raise UnusablePassword("is not valid Unicode")
    if len(password) > bcrypt.LONGEST or len(password.encode()) > bcrypt.LONGEST:
        raise UnusablePassword(f"is too long (maximum is {bcrypt.LONGEST} bytes in UTF-8)")
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
    if hash_type and hash_type not in TYPES:
        raise Unimportable("password_hash_type", "is not included in the list")
    if not password_hash:
        return
    if not hash_type:
        raise Unimportable("password_hash_type", "can't be blank")
    TYPES[hash_type].check_import(Stored(password_hash, salt, hash_type, config))


SURROGATE = re.compile("[\ud800-\udfff]")
