"""Where a request of a batch goes: its URL in each of its forms, and what refers to requests before it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.errors import Refusal, shortened
from app.odata.batch.parts import Part, malformed
from app.odata.exchange import ROOT, Answer, Asked

SYSTEM = {"$all", "$batch", "$crossjoin", "$entity", "$id", "$metadata", "$root", "$count", "$filter"}
"""What begins with $ and is no reference (Protocol 4.01 §11.7.4)."""

_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was answered: how, and where what it is about is, if it is one entity."""

    answer: Answer
    path: str | None
    tag: str | None


def done(asked: Asked, answer: Answer) -> Done:
    """What later requests may refer to of an answered one."""
    headers = {name.lower(): value for name, value in answer.headers}
    address = headers.get("location") or headers.get("odata-entityid")
    path = None
    if answer.status < 300:
        if address is not None:
            path = _below(asked, address)
        elif asked.method in {"GET", "PATCH", "PUT"}:
            path = asked.path
    return Done(answer, path, headers.get("etag"))


def referred(url: str) -> str | None:
    """The id of the request that a URL begins with, if it does."""
    first = re.split(r"[/?]", url, maxsplit=1)[0]
    return first[1:] if len(first) > 1 and first[0] == "$" and first.lower() not in SYSTEM else None


def located(part: Part, asked: Asked, known: Mapping[str, Done]) -> tuple[str, str]:
    """The path below the service root, decoded, and the query of a request.

    It is absolute, or has an absolute path, or is relative to the service root; or it begins with what
    a request before it has made or read.

    :raises Refusal: 400 for a URL that makes no sense or leads elsewhere.
    """
    if "#" in part.url:
        raise malformed("the url of a request has no fragment", "url")
    path, mark, query = part.url.partition("?")
    name = referred(path)
    if name is None:
        return _path(part, asked, path), query if mark else ""
    found = known.get(name)
    if found is None or found.path is None:
        message = f"${shortened(name)} is no entity that a request before this one has made or read"
        raise malformed(message, "url")
    return found.path + _decoded(path[len(name) + 1 :]), query


def tagged(headers: Mapping[str, str], known: Mapping[str, Done]) -> dict[str, str]:
    """The headers of a request: in If-Match and If-None-Match `$1` is the tag that request 1 was told.

    :raises Refusal: 400 where there is none.
    """
    named = dict(headers)
    for condition in ("if-match", "if-none-match"):
        value = headers.get(condition, "").strip()
        if not value.startswith("$"):
            continue
        found = known.get(value[1:])
        if found is None or found.tag is None:
            message = f"{shortened(value)} is no request before this one that was told an ETag"
            raise malformed(message, condition)
        named[condition] = found.tag
    return named


def _path(part: Part, asked: Asked, path: str) -> str:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
        return _of_absolute(asked, path)
    if not path.startswith("/"):
        return _decoded(path)
    host = part.headers.get("host")
    if host is not None and host.strip().lower() not in _hosts(asked):
        raise _elsewhere(asked)
    below = _below_root(asked, path)
    if below is None:
        raise _elsewhere(asked)
    return below


def _of_absolute(asked: Asked, url: str) -> str:
    found = _below(asked, url)
    if found is None:
        raise _elsewhere(asked)
    return found


def _below(asked: Asked, url: str) -> str | None:
    """What an absolute URL has below the service root; None where it leads elsewhere."""
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    if split.scheme.lower() not in {"http", "https"} or split.netloc.lower() not in _hosts(asked):
        return None
    return _below_root(asked, split.path)


def _below_root(asked: Asked, path: str) -> str | None:
    root = urlsplit(asked.base).path + ROOT
    decoded = _decoded(path)
    if decoded == root.rstrip("/"):
        return ""
    return decoded.removeprefix(root) if decoded.startswith(root) else None


def _hosts(asked: Asked) -> set[str]:
    """The hosts that are this service: as it calls itself, and as it was called."""
    return {urlsplit(asked.base).netloc.lower(), asked.headers.get("host", "").strip().lower()} - {""}


def _decoded(path: str) -> str:
    try:
        decoded = unquote(path, errors="strict")
    except ValueError:
        decoded = None
    if decoded is None or _PERCENT.search(path):
        raise malformed("the url of a request is percent-encoded UTF-8", "url")
    return decoded


def _elsewhere(asked: Asked) -> Refusal:
    return malformed(f"the url of a request must lead to something below {asked.root}", "url")
