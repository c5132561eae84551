"""The two files that a page asks for: its style, and its script, which is written in several parts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent
PARTS = ("wire", "paint", "curl", "panel", "visit", "fields", "actions", "start")
"""The script's parts, in the order in which they build on one another."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file; `version` is another for any other content, so that what was fetched once can be kept."""

    media_type: str
    content: bytes
    version: str


def _asset(media_type: str, content: str) -> Asset:
    whole = content.encode()
    return Asset(media_type, whole, hashlib.sha256(whole).hexdigest()[:16])


def _script() -> str:
    """All parts, without what is there only for who reads them."""
    parts = [(FOLDER / "script" / f"{name}.js").read_text() for name in PARTS]
    lines = (line.strip() for part in parts for line in part.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*", "*")))


ASSETS: Mapping[str, Asset] = MappingProxyType(
    {
        "style.css": _asset("text/css; charset=utf-8", (FOLDER / "style.css").read_text()),
        "script.js": _asset("text/javascript; charset=utf-8", _script()),
    }
)
