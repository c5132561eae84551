"""How an OData client wants its answer (Protocol 4.01 §8): versions, JSON with how much metadata, or CSDL."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.errors import Refusal
from app.odata.exchange import Asked
from representations.negotiation import LONGEST, parse_accept, weight

Level = Literal["minimal", "full", "none"]

VERSION = "4.0"
VARY = "Accept, Authorization, Prefer"
"""What an answer to one address varies by."""

_VERSIONS = ("4.0", "4.01")
LEVELS: Mapping[str, Level] = {"minimal": "minimal", "full": "full", "none": "none"}
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_MAX_VERSION = re.compile(r"\s*(\d{1,3})(?:\.(\d{1,3}))?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """JSON, with how much control information, and whether large numbers are to be texts."""

    level: Level = "minimal"
    textual_numbers: bool = False

    @property
    def content_type(self) -> str:
        """What the answer is (JSON Format 4.01 §3)."""
        textual = ";IEEE754Compatible=true" if self.textual_numbers else ""
        return f"application/json;odata.metadata={self.level}{textual}"


MINIMAL = Wanted()


def require_version(asked: Asked) -> None:
    """Holds a request to the versions that are spoken here (Protocol 4.01 §8.1.5, §8.2.6).

    :raises Refusal: 400 for others.
    """
    version = asked.headers.get("odata-version")
    if version is not None and version.strip() not in _VERSIONS:
        message = f"OData-Version must be {' or '.join(_VERSIONS)} where it is sent"
        raise Refusal.of(400, message, properties=["OData-Version"])
    highest = asked.headers.get("odata-maxversion")
    if highest is None:
        return
    matched = _MAX_VERSION.fullmatch(highest)
    if not matched or int(matched[1]) < 4:
        message = f"OData-MaxVersion must be {VERSION} or higher: what is spoken here is {VERSION}"
        raise Refusal.of(400, message, properties=["OData-MaxVersion"])


def require_no_isolation(asked: Asked) -> None:
    """Refuses to read what follows as of this moment: that is not offered (Protocol 4.01 §8.2.5).

    :raises Refusal: 412.
    """
    for name in ("isolation", "odata-isolation"):
        if asked.headers.get(name, "").strip().lower() == "snapshot":
            message = "snapshot isolation is not offered: ask without it"
            raise Refusal.of(412, message, properties=["OData-Isolation"], code="not_implemented")


def wanted_json(asked: Asked, format_option: str | None) -> Wanted:
    """How the JSON of an answer is to be, from $format, which comes first, or from Accept.

    :raises Refusal: 406 where that is no JSON.
    """
    if format_option is not None:
        return _of_format(format_option)
    ranges = [each for each in _ranges(asked) if each[1] > 0]
    best = max(ranges, key=lambda each: each[1], default=None)
    if best is not None:
        return best[0]
    if not asked.headers.get("accept", "").strip():
        return MINIMAL
    raise _not_acceptable("application/json, perhaps with odata.metadata=minimal, full or none")


def wanted_csdl(asked: Asked, format_option: str | None) -> Literal["xml", "json"]:
    """Whether $metadata is to be XML, which it is by default, or JSON.

    :raises Refusal: 406 where it is to be neither.
    """
    if format_option is not None:
        kind = format_option.partition(";")[0].strip().lower()
        found = {"xml": "xml", "application/xml": "xml", "json": "json", "application/json": "json"}.get(kind)
        if found is None:
            raise _not_acceptable("xml, json", "$format")
        return "json" if found == "json" else "xml"
    accept = asked.headers.get("accept", "")
    ranges = list(parse_accept(accept[:LONGEST]))
    if not ranges:
        return "xml"

    xml = max(weight(ranges, each) for each in ("application/xml", "text/xml"))
    json = weight(ranges, "application/json")
    if not max(xml, json):
        raise _not_acceptable("application/xml, application/json")
    return "xml" if xml >= json or (xml and _reads_no_more_than(asked)) else "json"


def _reads_no_more_than(asked: Asked) -> bool:
    """Whether the client reads 4.0 at most, in which CSDL is XML alone: JSON came with 4.01."""
    matched = _MAX_VERSION.fullmatch(asked.headers.get("odata-maxversion", ""))
    return bool(matched) and (int(matched[1]), int(matched[2] or 0)) == (4, 0)  # type: ignore[index] # it matched


def _of_format(text: str) -> Wanted:
    """What $format says; `json` stands for the media type."""
    name, _, parameters = text.partition(";")
    if name.strip().lower() not in {"json", "application/json"}:
        raise _not_acceptable("json", "$format")
    wanted = _parameters(parameters)
    if wanted is None:
        raise _not_acceptable("json, perhaps with odata.metadata=minimal, full or none", "$format")
    return wanted


def _ranges(asked: Asked) -> Iterator[tuple[Wanted, float]]:
    """The members of Accept that JSON fits, with their weights. A closer fit is listed with a little more."""
    for member in _MEMBER.findall(asked.headers.get("accept", "")[:LONGEST]):
        for each in parse_accept(member):
            fit = each.specificity("application/json", named_only=False)
            wanted = _parameters(member.partition(";")[2]) if fit else None
            if wanted is not None:
                yield wanted, each.weight and each.weight + min(fit, 9) / 10_000


def _parameters(text: str) -> Wanted | None:
    """What the parameters of a media type ask for; None where JSON is not offered so."""
    level: Level = "minimal"
    textual = False
    for parameter in text.split(";"):
        name, _, value = parameter.partition("=")
        name, value = name.strip().lower(), value.strip().strip('"').lower()
        if name.removeprefix("odata.") == "metadata":
            if value not in LEVELS:
                return None
            level = LEVELS[value]
        elif name == "ieee754compatible":
            if value not in {"true", "false"}:
                return None
            textual = value == "true"
        elif name == "charset" and value not in {"utf-8", "utf8", "us-ascii"}:
            return None
    return Wanted(level, textual)


def _not_acceptable(offered: str, about: str = "Accept") -> Refusal:
    message = f"{about} allows nothing that is offered: {offered}"
    return Refusal.of(406, message, properties=[about])
