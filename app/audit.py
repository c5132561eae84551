"""The audit trail: who signed in, was given a token or changed a secret; one line of the log each.

Events and facts are closed sets, so that no secret and no email can get in by a slip. Some ids look like
secrets; they are told as they are where they are facts of the trail and have an id's shape.
"""

import re
from collections.abc import Mapping
from typing import Literal, TypedDict, Unpack, get_args

import structlog

log = structlog.get_logger()

Event = Literal[
    "signed_in",
    "sign_in_failed",
    "signed_out",
    "password_changed",
    "password_reset_asked",
    "signed_up",
    "token_granted",
    "token_refused",
    "token_revoked",
    "api_key_created",
    "api_key_revoked",
    "secret_changed",
    "account_changed",
    "client_created",
    "user_created",
    "store_created",
    "customers_imported",
    "customers_exported",
    "customer_exported",
    "customer_erased",
    "throttled",
]


class Facts(TypedDict, total=False):
    """What may be said of an event: ids, names of things, addresses of machines."""

    store_id: int
    customer_id: int | None
    user_id: int | None
    account: str
    client: str | None
    grant: str
    scope: str
    address: str
    reason: str
    path: str
    resource: str
    resource_id: int
    properties: str
    created: int
    updated: int
    unchanged: int
    rejected: int
    exported: int


EVENTS = frozenset(get_args(Event))
FACTS = frozenset(Facts.__annotations__)

LINE = "audit"
"""What lines of the trail are called."""

_IDS: Mapping[str, re.Pattern[str]] = {
    "grant": re.compile("[0-9a-f]{32}"),
    "account": re.compile("[0-9a-f]{32}"),
    "client": re.compile("[A-Za-z0-9_-]{1,100}"),
}
"""Facts that are ids of ours, though they look like secrets; `account` is a keyed pseudonym."""


def ids(line: Mapping[str, object]) -> dict[str, str]:
    """Those facts of a line that are told unmasked: none of another line, nor of another shape."""
    if line.get("event") != LINE:
        return {}
    return {
        name: value
        for name, shape in _IDS.items()
        if isinstance(value := line.get(name), str) and shape.fullmatch(value)
    }


def audit(event: Event, **facts: Unpack[Facts]) -> None:
    """Writes one line, `{"event": "audit", "what": …}`, of something that has happened.

    :raises ValueError: for an event or a fact that is not among those above, whose name alone it says.
    """
    if event not in EVENTS:
        raise ValueError(f"no event of the audit trail: {event}")
    if unknown := facts.keys() - FACTS:
        raise ValueError(f"no fact of the audit trail: {', '.join(sorted(unknown))}")
    log.info(LINE, what=event, **{name: value for name, value in facts.items() if value is not None})
