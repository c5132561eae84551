"""What a write of a password sets: the hash and how it was made, whether it is made here or brought along."""

from collections.abc import Mapping
from typing import Any

from app import passwords
from app.db.tables import Author
from app.schema import Invalid

Values = Mapping[str, Any]

BESIDE = ("password_salt", "password_hash_type", "password_hash_config")
"""What says how a hash was made; alone it would change what the stored hash means."""


def check_passwords(given: Values, current: Values | None, author: Author) -> None:
    """Refuses a password that the store cannot hash, and a hash that makes no sense or is only half there.

    :param current: the customer's values, None for one who is being created.
    :raises Invalid: naming each property.
    """
    if given.get("password"):
        try:
            passwords.made_cost(author.hash_type, author.hash_config)
        except passwords.UnsupportedHashType as error:
            raise Invalid(("password", str(error))) from None
    elif _brings_a_hash(given, current):
        brought = _imported(given, current, author.hash_type)
        try:
            passwords.require_importable(
                brought["password_hash_type"],
                brought["password_hash"],
                brought["password_salt"],
                brought["password_hash_config"],
            )
        except passwords.Unimportable as error:
            raise Invalid((error.property, error.text)) from None
    elif alone := [name for name in BESIDE if given.get(name)]:
        raise Invalid(*((name, "must be sent together with password_hash") for name in alone))


def password_columns(given: Values, current: Values | None, author: Author) -> dict[str, Any]:
    """The columns that `password`, `password_hash` and their kin set; `password` wins over a hash.

    The store's type and config are copied. A customer who is being created without either gets a hash
    that no password is known to have.
    """
    hash_type, hash_config = author.hash_type, author.hash_config
    if given.get("password"):
        return _stored(author.hash(given["password"], hash_type, hash_config), hash_type, hash_config)
    if _brings_a_hash(given, current):
        return _imported(given, current, hash_type)
    if current is None:
        return _stored(passwords.unguessable(hash_type, hash_config), hash_type, hash_config)
    return dict.fromkeys(name for name in BESIDE if name in given)


def check_choice(hash_type: str, hash_config: str | None) -> None:
    """Refuses a store's choice of what cannot be made here.

    :raises Invalid: naming the setting.
    """
    try:
        passwords.require_choice(hash_type, hash_config)
    except passwords.UnusableChoice as error:
        raise Invalid((error.property, error.text)) from None


def _brings_a_hash(given: Values, current: Values | None) -> bool:
    return "password_hash" in given and bool(given["password_hash"] or current is not None)


def _stored(made: str, hash_type: str, hash_config: str | None) -> dict[str, Any]:
    return {
        "password_hash": made,
        "password_salt": None,
        "password_hash_type": hash_type,
        "password_hash_config": hash_config,
    }


def _imported(given: Values, current: Values | None, hash_type: str) -> dict[str, Any]:
    """A hash from elsewhere: of the type that is named, else the customer's own, else the store's."""
    known = current or {}
    named = given.get("password_hash_type") or known.get("password_hash_type") or hash_type
    another = named != known.get("password_hash_type")
    return {
        "password_hash": given["password_hash"],
        "password_salt": given.get("password_salt", None if another else known.get("password_salt")),
        "password_hash_type": named,
        "password_hash_config": given.get(
            "password_hash_config", None if another else known.get("password_hash_config")
        ),
    }
