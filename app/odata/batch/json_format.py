"""A batch as JSON, and the answers to one (JSON Format 4.01 §19)."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from app.errors import Refusal, shortened
from app.odata.batch.parts import METHODS, Batch, Outcome, Part, malformed, require_few
from app.odata.exchange import Answer
from representations import Malformed
from representations.strict_json import load

MEDIA_TYPE = "application/json"

_NAME = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
_MEMBERS = {"id", "method", "url", "atomicityGroup", "dependsOn", "if", "headers", "body"}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_TEXT = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


def parse(body: bytes) -> Batch:
    """The requests of a batch.

    :raises Refusal: 400 where they cannot be told from one another.
    """
    try:
        document = load(body)
    except Malformed as error:
        raise malformed(error.message, *([error.property] if error.property else [])) from error
    items = document.get("requests") if isinstance(document, dict) else None
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise malformed("a batch is an object with `requests`, a list of objects", "requests")
    require_few(len(items))
    parts = [_part(item) for item in items]
    _require_order(parts)
    return Batch(parts, stops=False, nests=False)


def render(outcomes: Sequence[Outcome]) -> bytes:
    """The answers to a batch."""
    return orjson.dumps({"responses": [_response(*each) for each in _flat(outcomes)]})


def _part(item: Mapping[str, Any]) -> Part:
    """One request; what is wrong with it alone is told in its own answer."""
    name, group, needs = item.get("id"), item.get("atomicityGroup"), item.get("dependsOn") or []
    if not _is_name(name):
        raise malformed("each request has an `id`, a text of 1 to 100 visible ASCII characters", "id")
    if group is not None and not _is_name(group):
        raise malformed("`atomicityGroup` is a text of 1 to 100 visible ASCII characters", "atomicityGroup")
    if not isinstance(needs, list) or not all(isinstance(each, str) for each in needs):
        raise malformed("`dependsOn` is a list of ids", "dependsOn")
    named = Part(id=name, group=group, needs=tuple(needs))
    try:
        return _filled(named, item)
    except Refusal as refusal:
        return replace(named, fault=refusal)


def _filled(named: Part, item: Mapping[str, Any]) -> Part:
    method, url, condition = item.get("method"), item.get("url"), item.get("if")
    if unknown := [each for each in item if each not in _MEMBERS and "@" not in each]:
        raise malformed(f"{shortened(unknown[0])} is no member of a request", shortened(unknown[0]))
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise malformed(f"`method` is one of {', '.join(METHODS)}", "method")
    if not isinstance(url, str):
        raise malformed("`url` is a text", "url")
    if condition is not None and not isinstance(condition, str):
        raise malformed("`if` is an expression, as text", "if")
    headers = _headers(item.get("headers"))
    body = _body(method.upper(), headers, item.get("body"))
    return replace(named, method=method.upper(), url=url, headers=headers, body=body, condition=condition)


def _headers(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise malformed("`headers` is an object", "headers")
    headers = dict[str, str]()
    for name, value in given.items():
        if not _HEADER.fullmatch(name) or not isinstance(value, str) or not _TEXT.fullmatch(value):
            raise malformed("`headers` are names of headers with their values, as texts", "headers")
        if name.lower() in headers:
            raise malformed(f"the header {shortened(name)} stands twice in one request", "headers")
        headers[name.lower()] = value
    return headers


def _body(method: str, headers: dict[str, str], given: Any) -> bytes:
    """The bytes of a body (§19.1). A Content-Type that is left out is that of JSON."""
    if given is None:
        return b""
    if method in {"GET", "DELETE"}:
        raise malformed(f"a {method} has no `body`", "body")
    kind = headers.setdefault("content-type", MEDIA_TYPE).partition(";")[0].strip().lower()
    if _is_json(kind):
        return json.dumps(given).encode()
    if not isinstance(given, str):
        raise malformed(f"`body` is a text where the content-type is {shortened(kind)}", "body")
    if kind.startswith("text/"):
        return given.encode(errors="replace")
    try:
        return base64.b64decode(given.encode() + b"=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise malformed(f"`body` is base64url where the content-type is {shortened(kind)}", "body") from None


def _is_json(kind: str) -> bool:
    return kind == MEDIA_TYPE or (kind.startswith("application/") and kind.endswith("+json"))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _require_order(parts: Sequence[Part]) -> None:
    """Holds requests to have names of their own, to depend on earlier ones and to stand by their group.

    :raises Refusal: 400.
    """
    ids, groups = [each.id for each in parts], {each.group for each in parts}
    known, last = set[str](), None
    for part in parts:
        assert part.id is not None
        if ids.count(part.id) > 1 or part.id in groups:
            raise malformed(f"the id {part.id} is given more than once", "id")
        if part.group != last and part.group in known:
            raise malformed(
                f"the requests of the group {part.group} must follow each other", "atomicityGroup"
            )
        for need in part.needs:
            if need not in known or need == part.group:
                message = f"{part.id} depends on {shortened(need)}, which is no request before it"
                raise malformed(message, "dependsOn")
        last = part.group
        known |= {part.id} | ({part.group} if part.group else set())


def _flat(outcomes: Sequence[Outcome]) -> Iterator[tuple[str | None, Part, Answer]]:
    for outcome in outcomes:
        for part, answer in outcome.answers:
            yield outcome.group, part, answer


def _response(group: str | None, part: Part, answer: Answer) -> dict[str, Any]:
    headers = dict[str, str]()
    for name, value in answer.headers:
        known = headers.get(name.lower())
        headers[name.lower()] = f"{known}, {value}" if known else value
    response: dict[str, Any] = {} if part.id is None else {"id": part.id}
    if group is not None:
        response["atomicityGroup"] = group
    response |= {"status": answer.status, "headers": headers}
    if answer.body:
        response["body"] = _shown(headers.get("content-type", ""), answer.body)
    return response


def _shown(content_type: str, body: bytes) -> Any:
    kind = content_type.partition(";")[0].strip().lower()
    if _is_json(kind):
        return orjson.Fragment(body)
    if kind.startswith("text/"):
        return body.decode(errors="replace")
    return base64.urlsafe_b64encode(body).decode().rstrip("=")
