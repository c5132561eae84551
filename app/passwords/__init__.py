"""Passwords: hashing one as a store chose, checking one, and what hashes made elsewhere may be imported.

Each file has a family of hash types; `registry` lists them all. No exception, repr or log holds a password
or a hash; where an exception names no property, its text follows the property's name.
"""

from app.passwords.checking import Outcome, check
from app.passwords.gate import GATE, Overloaded
from app.passwords.hash_type import Hashed, HashType, Stored, Unimportable
from app.passwords.registry import (
    TYPES,
    UnsupportedHashType,
    UnusableChoice,
    UnusablePassword,
    default_config,
    hash_password,
    observers,
    require_choice,
    require_importable,
    require_makeable,
    require_usable,
    timers,
    unguessable,
)

__all__ = [
    "GATE",
    "TYPES",
    "HashType",
    "Hashed",
    "Outcome",
    "Overloaded",
    "Stored",
    "Unimportable",
    "UnsupportedHashType",
    "UnusableChoice",
    "UnusablePassword",
    "check",
    "default_config",
    "hash_password",
    "observers",
    "require_choice",
    "require_importable",
    "require_makeable",
    "require_usable",
    "timers",
    "unguessable",
]
