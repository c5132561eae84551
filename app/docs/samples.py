"""Bodies that can be sent as they are, made from a schema's examples, and the curl lines that send them."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from app.schema import declared

Sample = dict[str, Any]

AUTHORIZED = '-H "Authorization: Bearer $TOKEN"'


def sample(
    schema: type[Schema], method: str, *, many: bool = False, seen: Mapping[str, Any] | None = None
) -> Any:
    """A small body for a method; None where nothing needs to be said.

    A PUT says what there is (`seen`) again, a PATCH what is of most use alone; a collection takes a list.
    """
    known = declared(schema)
    chosen = {
        name: field.metadata["example"]
        for name, field in known.items()
        if field.metadata.get("example") is not None
        and not field.dump_only
        and (many or method == "POST" or not field.metadata.get("once"))
    }
    if method == "PATCH" and not many:
        chosen = _least(schema, chosen)
    if method == "PUT" and seen:
        now = {name: seen[name] for name in chosen if seen.get(name) is not None}
        chosen |= now
    return [chosen] if many and method in {"PUT", "PATCH"} else chosen or None


def _least(schema: type[Schema], chosen: Sample) -> Sample:
    """The first of the properties that may be left out, else the last of the others, with its group."""
    known = declared(schema)
    optional = [name for name in chosen if not known[name].required]
    first = (optional or list(chosen)[-1:])[0]
    group = known[first].metadata.get("group")
    return {
        name: value
        for name, value in chosen.items()
        if name == first or (group and known[name].metadata.get("group") == group)
    }


def curl(method: str, url: str, *, token: bool = True, body: Any = None, accept: str = "") -> str:
    """The line that makes a request; the token is taken from the shell's variable TOKEN."""
    verb = {"GET": "", "HEAD": "-I"}.get(method, f"-X {method}")
    accepting = f"-H {shlex.quote(f'Accept: {accept}')}" if accept else ""
    parts = ["curl", verb, accepting, AUTHORIZED if token else ""]
    if body is not None:
        parts += [
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
        ]
    return " ".join(each for each in (*parts, shlex.quote(url)) if each)


REFRESH = (
    'curl -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=refresh_token -d "refresh_token=$REFRESH_TOKEN" {url}'
)
"""How a client asks for another token (RFC 6749 §6)."""
