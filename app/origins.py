"""Origins as browsers write them (RFC 6454 §6.2), where somebody lists those whose pages are let in."""

import re

_ORIGIN = re.compile(
    r"https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"
)

EXPECTED = "must be an origin, as https://www.example.com; http is for localhost alone"


def is_origin(value: str) -> bool:
    """Whether a value may stand in such a list: it has no path, and is https but for this machine."""
    return bool(_ORIGIN.fullmatch(value))


def normal_origin(origin: str) -> str:
    """An origin as browsers write it: in lower case, without the port that its scheme has anyway."""
    origin = origin.lower()
    default = ":443" if origin.startswith("https:") else ":80"
    return origin.removesuffix(default)
