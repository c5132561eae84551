"""What a write of a password sets: the hash and how it was made, whether it is made here or brought along."""

from collections.abc import Mapping
from typing import Any

from app import passwords
from app.db.tables import Author, now
from app.schema import Invalid

Values = Mapping[str, Any]

CHOICE = ("customer_password_hash_type", "customer_password_hash_config")
"""How a store hashes: the type, and what its description says."""

BESIDE = ("password_salt", "password_hash_type", "password_hash_config")
"""What says how a hash was made; alone it would change what the stored hash means."""


def check_passwords(given: Values, current: Values | None, author: Author) -> None:
    """Refuses a password that the store cannot hash, and a hash that makes no sense or is only half there.

    :param current: the customer's values, None for one who is being created.
    :raises Invalid: naming each property.
    """
    brings_a_hash = _brings_a_hash(given, current)
    if given.get("password") or (current is None and not brings_a_hash):
        try:
            passwords.require_makeable(*author.chosen())
        except passwords.UnsupportedHashType as error:
            raise Invalid(("password", str(error))) from None
    if given.get("password"):
        _require_known(given, author)
    elif brings_a_hash:
        brought = _imported(given, current, author)
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
    if given.get("password"):
        hash_type, hash_config = author.chosen()
        made = _stored(author.hash(given["password"], hash_type, hash_config), hash_type, hash_config)
        return made | ({"force_password_reset": False} if author.knows else {})
    if _brings_a_hash(given, current):
        return _imported(given, current, author)
    if current is None:
        hash_type, hash_config = author.chosen()
        return _stored(passwords.unguessable(hash_type, hash_config), hash_type, hash_config)
    return dict.fromkeys(name for name in BESIDE if name in given)


WAYS_IN = frozenset({"password_hash", "email"})


def temporary_columns(given: Values, current: Values | None, author: Author) -> dict[str, Any]:
    """The columns of the temporary password: a new one, or none once another way in has changed.

    Whoever had the password or the mailbox until then may have asked for it.

    :param given: what changes; what is sent back as it is shown is no part of it.
    """
    temporary = given.get("forgot_password")
    if "forgot_password" in given:
        return {
            "forgot_password": author.encrypt(temporary) if temporary else None,
            "forgot_password_timestamp": now() if temporary else None,
        }
    if current is not None and (given.get("password") or WAYS_IN & given.keys()):
        return {"forgot_password": None, "forgot_password_timestamp": None}
    return {}


def _require_known(given: Values, author: Author) -> None:
    """Customers who set their own password say what it is until then."""
    if author.knows is None:
        return
    so_far = given.get("password_old") or ""
    if not author.knows(so_far):
        raise Invalid(("password_old", "Provided password is incorrect."))
    if given["password"] == so_far:
        raise Invalid(("password", "must be another than so far"))


def check_choice(hash_type: str, hash_config: str | None, author: Author) -> None:
    """Refuses a store's choice of what is unsafe or makes no sense.

    :raises Invalid: naming the setting.
    """
    try:
        passwords.require_choice(hash_type, hash_config, author.allow_weak_hashes)
    except passwords.UnusableChoice as error:
        raise Invalid((error.property, error.text)) from None


def chosen(given: Values, known: Values) -> tuple[str, str | None]:
    """How a store hashes once this is written: a config belongs to its type, and goes with it.

    :param known: what the store has so far.
    """
    type_name, config_name = CHOICE
    hash_type = given.get(type_name, known[type_name])
    if config_name in given or type_name not in given:
        return hash_type, given.get(config_name, known[config_name])
    return hash_type, passwords.default_config(hash_type)


def _brings_a_hash(given: Values, current: Values | None) -> bool:
    return "password_hash" in given and bool(given["password_hash"] or current is not None)


def _stored(made: passwords.Hashed, hash_type: str, hash_config: str | None) -> dict[str, Any]:
    return {
        "password_hash": made.hash,
        "password_salt": made.salt,
        "password_hash_type": hash_type,
        "password_hash_config": hash_config,
    }


def _imported(given: Values, current: Values | None, author: Author) -> dict[str, Any]:
    """A hash from elsewhere: of the type that is named, else the customer's own, else the store's."""
    known = current or {}
    named = given.get("password_hash_type") or known.get("password_hash_type") or author.chosen()[0]
    another = named != known.get("password_hash_type")
    return {
        "password_hash": given["password_hash"],
        "password_salt": given.get("password_salt", None if another else known.get("password_salt")),
        "password_hash_type": named,
        "password_hash_config": given.get(
            "password_hash_config", None if another else known.get("password_hash_config")
        ),
    }
