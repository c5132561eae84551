"""Email addresses: when two spellings are one."""

from contextlib import suppress


def fold_email(email: str) -> str:
    """The key by which two spellings of an email are one: case and the domain's script do not count."""
    local, _, domain = email.strip().rpartition("@")
    with suppress(UnicodeError):  # what is no domain name is compared as it stands
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}".casefold()


def fold_sought_email(sought: str) -> str:
    """The key of an email that is sought, perhaps with wildcards; a query turns its `+` into a space."""
    sought = sought.rstrip().replace(" ", "+")
    return sought.casefold() if "*" in sought.rpartition("@")[2] else fold_email(sought)
