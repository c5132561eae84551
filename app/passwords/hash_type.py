"""What a type of hash is and the values that go in and out of it; it knows none of the types."""

import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SALTED = 8.0
"""What a salt of its own adds to a hash's strength: no table made beforehand, no work shared by accounts."""


class BadConfig(ValueError):
    """A config that makes no sense for its type; the text follows the name of the property that holds it."""


@dataclass(eq=False)
class UnusableProperty(ValueError):
    """A property with a value that cannot be taken; the text follows its name."""

    property: str
    text: str

    def __str__(self) -> str:
        return f"{self.property} {self.text}"


class Unimportable(UnusableProperty):
    """A hash made elsewhere that is malformed for its type, or too costly to verify."""


@dataclass(frozen=True, slots=True, repr=False)
class Hashed:
    """What was made of a password. It has no repr, which would show the hash."""

    hash: str
    salt: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """What an account has in its columns. It has no repr, which would show the hash."""

    hash: str
    salt: str | None
    type: str
    config: str | None


Settings = tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HashType:
    """One way to hash passwords; these come as bytes, already held to what can be hashed.

    `config` is the one that hashes are made with where none is chosen, or, where the type `asks` for one,
    what to enter.
    `check_config` holds what a store chooses, `check_import` a hash made elsewhere (`Unimportable`);
    `verify`, `settings` and `strength` take only what passed that. `make` and `unguessable` raise
    `BadConfig`; the latter draws a digest, whose preimage nobody knows. `settings` says what a hash was
    made with, so that two can be compared; `strength` is log2 of how many MD5s it costs to try one
    password.
    """

    name: str
    description: str
    config: str | None
    asks: bool = False
    weak: bool = False
    check_config: Callable[[str | None], object]
    check_import: Callable[[Stored], object]
    make: Callable[[bytes, str | None], Hashed]
    verify: Callable[[bytes, Stored], bool]
    unguessable: Callable[[str | None], Hashed]
    settings: Callable[[Stored], Settings]
    strength: Callable[[Stored], float]


@dataclass(frozen=True, slots=True)
class Number:
    """A config that is one number: its default, and which are chosen, made and taken with a hash."""

    what: str
    default: int
    chosen: range
    made: range
    most: int

    def check(self, config: str | None) -> None:
        """Holds what a store chooses.

        :raises BadConfig: where it is too small to be safe, too large to be borne or no number.
        """
        self._read(config, self.chosen)

    def read(self, config: str | None) -> int:
        """What hashes are made with; the default where nothing is said.

        :raises BadConfig: where there is no such hash.
        """
        return self._read(config, self.made)

    def check_import(self, stored: Stored) -> None:
        """Holds the config that comes with a hash; what the hash itself says counts, so it may differ.

        :raises Unimportable: where it is no number.
        """
        if stored.config and not 1 <= number(stored.config) <= self.most:
            raise Unimportable("password_hash_config", f"is not a number from 1 to {self.most}")

    def _read(self, config: str | None, allowed: range) -> int:
        value = number(config) if config else self.default
        if value not in allowed:
            raise BadConfig(f"is not a {self.what} from {allowed[0]} to {allowed[-1]}")
        return value


def any_config(_config: str | None) -> None:
    """Takes any config, for a type that reads none."""


def number(text: str) -> int:
    """A decimal number as people write it; -1 where the text is none."""
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,8}", text) else -1


def drawn(alphabet: str, count: int) -> str:
    """Characters that nobody can foresee."""
    return "".join(secrets.choice(alphabet) for _ in range(count))


def drawn_salt(length: int) -> str:
    """A salt as Foxy makes them: random letters and digits."""
    return drawn(string.ascii_letters + string.digits, length)


def matched(pattern: re.Pattern[str], stored: Stored, form: str) -> re.Match[str]:
    """The parts of a hash.

    :param form: how one looks, for whoever brings one that does not.
    :raises Unimportable: where it does not look so.
    """
    found = pattern.fullmatch(stored.hash)
    if found is None:
        raise Unimportable("password_hash", f"is invalid: {form}")
    return found


def read(pattern: re.Pattern[str], stored: Stored) -> Mapping[str, str]:
    """The parts of a hash that is known to be well-formed."""
    found = pattern.fullmatch(stored.hash)
    assert found is not None
    return found.groupdict()


def too_costly(name: str, most: str) -> Unimportable:
    """The refusal of a hash that would cost too much to verify."""
    return Unimportable(name, f"is too costly (maximum is {most})")


def require_salt(stored: Stored) -> None:
    """Refuses a hash without the salt that it was made with.

    :raises Unimportable: naming the salt.
    """
    if not stored.salt:
        raise Unimportable("password_salt", "can't be blank")
