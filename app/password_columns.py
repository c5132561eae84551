"""What a write of a password sets: the hash and how it was made, whether it is made here or brought along."""

from collections.abc import Mapping
from typing import Any

from app import passwords
from app.schema import Invalid

Values = Mapping[str, Any]

BESIDE = ("password_salt", "password_hash_type", "password_hash_config")
"""What says how a hash was made; alone it would change what the stored hash means."""


def password_columns(
    given: Values, current: Values | None, hash_type: str, hash_config: str | None
) -> dict[str, Any]:
    """The columns that `password`, `password_hash` and their kin set; `password` wins over a hash.

    :param current: the customer's values, None for one who is being created and who gets a hash
        that no password fits unless one was given.
    :param hash_type: the store's choice, and `hash_config` its setting: both are copied.
    :raises Invalid: where the password cannot be hashed, or the hash makes no sense.
    """
    if given.get("password"):
        try:
            made = passwords.hash_password(given["password"], hash_type, hash_config)
        except (passwords.UnusablePassword, passwords.UnsupportedHashType) as error:
            raise Invalid(("password", str(error))) from None
        return _stored(made, hash_type, hash_config)
    if "password_hash" in given and (given["password_hash"] or current is not None):
        return _imported(given, current, hash_type)
    if alone := [name for name in BESIDE if given.get(name)]:
        raise Invalid(*((name, "must be sent together with password_hash") for name in alone))
    if current is None:
        return _stored(passwords.unguessable(hash_type, hash_config), hash_type, hash_config)
    return dict.fromkeys(name for name in BESIDE if name in given)


def require_choice(hash_type: str, hash_config: str | None) -> None:
    """Refuses a store's choice of what cannot be made here.

    :raises Invalid: naming the setting.
    """
    try:
        passwords.require_choice(hash_type, hash_config)
    except passwords.UnusableChoice as error:
        raise Invalid((error.property, error.text)) from None


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
    config = given.get("password_hash_config", None if another else known.get("password_hash_config"))
    salt = given.get("password_salt", None if another else known.get("password_salt"))
    try:
        passwords.require_importable(named, given["password_hash"], salt, config)
    except passwords.Unimportable as error:
        raise Invalid((error.property, error.text)) from None
    return {
        "password_hash": given["password_hash"],
        "password_salt": salt,
        "password_hash_type": named,
        "password_hash_config": config,
    }
