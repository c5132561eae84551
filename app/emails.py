"""Email addresses: when two spellings are one."""

from contextlib import suppress
from functools import lru_cache

LONGEST_DOMAIN = 255
"""Names of hosts are no longer, and a long text takes its time to be read as one."""


def fold_email(email: str) -> str:
    """The key by which two spellings of an email are one: case and the domain's script do not count."""
    return "@".join(parts_of_email(email)).casefold()


def parts_of_email(email: str) -> tuple[str, str]:
    """What stands before the @, and the domain in ASCII, as mail names it; what is none stays as it is."""
    local, _, domain = email.strip().rpartition("@")
    return local, _in_ascii(domain) if len(domain) <= LONGEST_DOMAIN else domain


@lru_cache(maxsize=4096)
def _in_ascii(domain: str) -> str:
    """A domain as mail names it; many people share one."""
    with suppress(UnicodeError):
        return domain.encode("idna").decode()
    return domain


def fold_sought_email(sought: str) -> str:
    """The key of an email that is sought, perhaps with wildcards; a query turns its `+` into a space."""
    sought = sought.rstrip().replace(" ", "+")
    return sought.casefold() if "*" in sought.rpartition("@")[2] else fold_email(sought)
