"""The Prefer header of OData (Protocol 4.01 §8.2.8): what the answer is to hold, and how much at once."""

import re

from app.odata.exchange import Asked

PAGE = 100
"""How many entities a page holds, as Liftoff's does."""

_MOST = re.compile(
    r"""(?:^|,)\s*(?:odata\.)?maxpagesize\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])""", re.IGNORECASE | re.ASCII
)


def most_listed(asked: Asked) -> int:
    """How many entities each list of an answer has: `odata.maxpagesize` makes that fewer, never more."""
    matched = _MOST.search(asked.headers.get("prefer", "")[:4096])
    return min(int(matched[1]), PAGE) or PAGE if matched else PAGE
