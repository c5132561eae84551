"""JSONata, the language of portal rules: whether a text is a query of it."""

import sys
from functools import cache
from typing import Any

ALL = "*"
"""The query that all satisfy."""


def is_query(text: str) -> bool:
    """Whether a text can be read as a query. Nothing is evaluated."""
    if text == ALL:
        return True
    try:
        _library()(text)
    except Exception:  # its parser raises many kinds
        return False
    return True


@cache
def _library() -> Any:
    """The library, loaded by who needs it: it takes its time, and raises the limit of recursion for all."""
    limit = sys.getrecursionlimit()
    from jsonata import Jsonata

    sys.setrecursionlimit(limit)
    return Jsonata
