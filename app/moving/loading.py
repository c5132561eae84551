"""Loads customers into a store: found again by id or email, created or brought in line, in batches."""

from collections.abc import Callable, Iterable

from sqlalchemy import Engine

from app.encryption import Cipher
from app.moving.lines import Line, Loaded, Manner, Reject

DEFAULT = Manner()


def load(
    engine: Engine,
    store_id: int,
    lines: Iterable[Line],
    cipher: Cipher,
    manner: Manner = DEFAULT,
    *,
    reject: Callable[[Reject], None] = lambda _: None,
    advance: Callable[[Loaded], None] = lambda _: None,
) -> Loaded:
    """Loads the customers of a source.

    :param reject: is told of each that is not taken, and why.
    :param advance: is told after each batch how far it is.
    """
    raise NotImplementedError
