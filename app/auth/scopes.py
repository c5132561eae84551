"""Scopes: what a token reaches, and whether it may write there and see secrets (hAPI §2.1)."""

from dataclasses import dataclass
from typing import Literal

Reach = Literal["store", "client", "user"]
"""Whose resources: those of a store, or the client or user itself."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token with this scope may do. One that may not write sees no secrets either.

    Examples in documentation are read `without_secrets`, whoever reads them.
    """

    name: str
    reach: Reach
    writes: bool = True
    without_secrets: bool = False


CLIENT_FULL_ACCESS = Scope("client_full_access", "client")
USER_FULL_ACCESS = Scope("user_full_access", "user")
STORE_FULL_ACCESS = Scope("store_full_access", "store")
STORE_READ_ACCESS = Scope("store_read_access", "store", writes=False)

SCOPES = {
    each.name: each for each in (CLIENT_FULL_ACCESS, USER_FULL_ACCESS, STORE_FULL_ACCESS, STORE_READ_ACCESS)
}


def reaching(reach: Reach) -> list[str]:
    """The names of the scopes with which something is reached."""
    return [each.name for each in SCOPES.values() if each.reach == reach]
