"""The Prefer header (RFC 7240): what a client would rather have; what is not known is ignored."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from app.hypermedia import Registry, ResourceType

LONGEST = 4096

_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Preferences:
    """`return=minimal` or `representation`, `handling=lenient`, and the relations of `transclude`, as they
    were named."""

    minimal: bool = False
    representation: bool = False
    lenient: bool = False
    transclude: tuple[str, ...] = ()


NONE = Preferences()


def parse_prefer(header: str) -> Preferences:
    """What a Prefer header asks for; of one preference that is named twice, the first holds (§2)."""
    return _parse(header[:LONGEST]) if header else NONE


@lru_cache(maxsize=256)
def _parse(header: str) -> Preferences:
    found: dict[str, str] = {}
    for member in _MEMBER.findall(header):
        name, _, value = member.partition("=")
        found.setdefault(name.strip().lower(), value.strip())
    return Preferences(
        minimal=_token(found.get("return", "")) == "minimal",
        representation=_token(found.get("return", "")) == "representation",
        lenient=_token(found.get("handling", "")) == "lenient",
        transclude=tuple(name for name in _SEPARATORS.split(found.get("transclude", "").strip('"')) if name),
    )


def transcluded(
    raw: str, preferences: Preferences, registry: Registry, resource_type: ResourceType
) -> tuple[str, str]:
    """A query string that zooms into what `transclude` names, and the preference as it was honoured.

    Relations may be named bare, with the curie or by their URI; one that cannot be embedded is passed over.
    """
    uri = registry.curie.href.replace("{rel}", "")
    names = [
        name.rpartition(uri)[2].removeprefix(f"{registry.curie.prefix}:") for name in preferences.transclude
    ]
    known = [name for name in names if name in resource_type.embeddable]
    if not known:
        return raw, ""
    zoom = f"zoom={quote(','.join(known), safe=',:')}"
    return f"{raw}&{zoom}" if raw else zoom, f'transclude="{";".join(known)}"'


def _token(value: str) -> str:
    """A value without the parameters that may follow it."""
    return value.partition(";")[0].strip().strip('"').lower()
