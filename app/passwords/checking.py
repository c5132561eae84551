"""Checking a password against a stored hash, at a cost that does not tell what is stored.

A check computes these hashes, whatever comes of it: the stored one's, and one as the store chose where
that would replace the stored one. An account that is unknown, or has no hash that can be verified, costs
one as the store chose. So a right password costs as much as a wrong one, and a weak hash no less than a
hash of the store's choice; where a hash is replaced, making the new one is that cost.
"""

from dataclasses import dataclass

from app.passwords.gate import GATE
from app.passwords.hash_type import HashType, Stored, Unimportable
from app.passwords.registry import (
    SURROGATE,
    TYPES,
    UnsupportedHashType,
    UnusablePassword,
    make,
    require_importable,
    require_makeable,
    require_usable,
    verify,
)

LONGEST_CHECKED = 512
"""How many bytes a password may have that is checked: a hash that was made elsewhere may be of a long one."""

_NOBODYS = b"?"
"""Hashed in place of what can be nobody's password, so that it costs what others do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check says, and what should be stored instead where the store has chosen anew since."""

    ok: bool
    rehash: Stored | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    """How the store hashes; bcrypt stands in, and replaces nothing, where nothing can be hashed so."""

    type: HashType
    config: str | None
    makes_sense: bool

    def would_replace(self, stored: Stored) -> bool:
        """Whether a hash was made otherwise, and is no stronger than one made now would be."""
        drawn = self.type.unguessable(self.config)
        new = Stored(drawn.hash, drawn.salt, self.type.name, self.config)
        old_type = TYPES[stored.type]
        same = stored.type == new.type and old_type.settings(stored) == self.type.settings(new)
        return not same and self.type.strength(new) >= old_type.strength(stored)


def check(password: str, stored: Stored | None, store_type: str, store_config: str | None) -> Outcome:
    """Whether a password is the one that was stored; any text may be given.

    :param stored: None for an account that there is not, or that has no password.
    :raises Overloaded: where too many passwords are being hashed.
    """
    choice = _choice(store_type, store_config)
    given = _given(password)
    with GATE.passing():
        if stored is None or not _can_be_verified(stored):
            make(choice.type, given or _NOBODYS, choice.config, "dummy")
            return Outcome(False)
        ok = verify(given or _NOBODYS, stored) and given is not None
        if not choice.would_replace(stored):
            return Outcome(ok)
        replaces = ok and choice.makes_sense and _can_be_set(password)
        made = make(choice.type, given or _NOBODYS, choice.config, "make" if replaces else "dummy")
    return Outcome(ok, Stored(made.hash, made.salt, store_type, store_config) if replaces else None)


def _choice(store_type: str, store_config: str | None) -> _Choice:
    try:
        require_makeable(store_type, store_config)
    except UnsupportedHashType:
        return _Choice(TYPES["bcrypt"], None, False)
    return _Choice(TYPES[store_type], store_config, True)


def _given(password: str) -> bytes | None:
    """The bytes of a password; none where nobody can have it."""
    if not password or len(password) > LONGEST_CHECKED or "\0" in password or SURROGATE.search(password):
        return None
    given = password.encode()
    return given if len(given) <= LONGEST_CHECKED else None


def _can_be_verified(stored: Stored) -> bool:
    """Whether it would be taken if it were brought along now: whatever the table has, costs are capped."""
    try:
        require_importable(stored.type, stored.hash, stored.salt, stored.config)
    except Unimportable:
        return False
    return bool(stored.hash)


def _can_be_set(password: str) -> bool:
    try:
        require_usable(password)
    except UnusablePassword:
        return False
    return True
