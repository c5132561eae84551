"""Who looks at examples without a token: in a sandbox whoever likes, elsewhere nobody."""

from collections.abc import Callable
from dataclasses import replace

from app.auth.bearer import STRANGER
from app.auth.house import House
from app.auth.scopes import Reach
from app.reading import Caller

Strangers = Callable[[Reach], Caller | None]


def strangers(house: House | None) -> Strangers:
    """Who asks for examples of some reach without a token, where there are any for them to see.

    :param house: the sandbox's own store, which is there for everybody to try.
    """

    def stranger(reach: Reach) -> Caller | None:
        if house is None or reach == "user":
            return None
        if reach == "client":
            return STRANGER
        known = house.caller()
        return replace(known, client="") if known else None

    return stranger
