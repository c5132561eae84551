"""A batch as multipart/mixed, and the answers to one (Protocol 4.01 §11.7.7, RFC 2046 §5.1)."""

import http.client
import io
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from email import errors
from email.message import Message
from http import HTTPStatus

from app.errors import Refusal, shortened
from app.odata.batch.parts import METHODS, Batch, Outcome, Part, malformed, require_few
from app.odata.exchange import Answer

MEDIA_TYPE = "multipart/mixed"

_REQUEST = re.compile(r"([A-Za-z]{1,20}) +(\S.*?)(?: +HTTP/\d\.\d)? *", re.ASCII)
_NAME = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
_DEFECTS = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.MalformedHeaderDefect,
    errors.MisplacedEnvelopeHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)
"""What may be wrong with headers. Others are of bodies, which are not there when these are read."""


def parse(content_type: str, body: bytes) -> Batch:
    """The requests of a batch, as they follow each other.

    :raises Refusal: 400 where they cannot be told from one another.
    """
    parts, groups = list[Part](), 0
    for headers, content in _split(content_type, body):
        kind = _kind(headers)
        if kind == MEDIA_TYPE:
            groups += 1
            parts += _change_set(f"changeset_{groups}", headers["content-type"], content)
        else:
            parts.append(_part(headers, content, None))
        require_few(len(parts))
    return Batch(parts, stops=True, nests=True)


def render(outcomes: Sequence[Outcome], *, nests: bool) -> tuple[str, bytes]:
    """The Content-Type and the answers to a batch.

    :param nests: a group is answered by parts in a part; where it failed, by one answer to all of it.
    """
    entities = list[bytes]()
    for outcome in outcomes:
        if outcome.group is None or not nests:
            entities += [_entity(part.id, answer) for part, answer in outcome.answers]
        elif outcome.failure is not None:
            entities.append(_entity(None, outcome.failure))
        else:
            content_type, body = _joined([_entity(part.id, answer) for part, answer in outcome.answers])
            entities.append(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    return _joined(entities)


def _change_set(group: str, content_type: str, body: bytes) -> list[Part]:
    parts, ids = list[Part](), set[str]()
    for headers, content in _split(content_type, body):
        if _kind(headers) == MEDIA_TYPE:
            raise malformed("a change set has no change sets in it")
        part = _part(headers, content, group)
        if part.id is not None and part.id in ids:
            raise malformed(f"the Content-ID {part.id} stands twice in one change set", "Content-ID")
        ids |= {part.id} if part.id is not None else set()
        parts.append(part)
        require_few(len(parts))
    if not parts:
        raise malformed("a change set has no requests")
    return parts


def _split(content_type: str, body: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """The parts of a body: the headers of each, and what follows them.

    What stands before the first boundary and behind the last is passed over (RFC 2046 §5.1.1).

    :raises Refusal: 400 for a body that does not end as it must: something of it may be missing.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary() or ""
    if not _BOUNDARY.fullmatch(boundary):
        raise malformed("a multipart body needs the boundary that its Content-Type names", "Content-Type")
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    began = None
    for found in delimiter.finditer(body):
        if began is not None:
            yield _headed(body[began : found.start()])
        if found[1]:
            return
        began = found.end()
    raise malformed(f"the multipart body does not end with --{boundary}--")


def _headed(entity: bytes) -> tuple[Mapping[str, str], bytes]:
    """The headers of an entity and its content; behind its boundary a new line begins."""
    stream = io.BytesIO(entity)
    stream.readline()
    return _headers(stream), stream.read()


def _headers(stream: io.BytesIO) -> dict[str, str]:
    """The headers that a stream is at, by their names in lower case."""
    try:
        read = http.client.parse_headers(stream)
    except http.client.HTTPException:
        raise malformed("a part has headers that are too long, or too many") from None
    if read.get_payload() or any(isinstance(defect, _DEFECTS) for defect in read.defects):
        raise malformed("a part has headers that are malformed: a blank line ends them")
    headers = dict[str, str]()
    for name, value in read.items():
        text = " ".join(line.strip() for line in value.splitlines()).strip()
        known = headers.get(name.lower())
        headers[name.lower()] = f"{known}, {text}" if known else text
    return headers


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _part(headers: Mapping[str, str], content: bytes, group: str | None) -> Part:
    """One request; what is wrong with it alone is told in its own answer."""
    name = headers.get("content-id")
    if name is not None and not _NAME.fullmatch(name):
        raise malformed("Content-ID must be 1 to 100 visible ASCII characters", "Content-ID")
    named = Part(id=name, group=group)
    try:
        if _kind(headers) != "application/http":
            raise malformed("a part is application/http, or a change set that is multipart/mixed")
        if headers.get("content-transfer-encoding", "binary").lower() not in {"binary", "8bit", "7bit"}:
            raise malformed("Content-Transfer-Encoding must be binary", "Content-Transfer-Encoding")
        return _request(named, io.BytesIO(content.lstrip(b"\r\n")))
    except Refusal as refusal:
        return replace(named, fault=refusal)


def _request(named: Part, stream: io.BytesIO) -> Part:
    line = stream.readline().decode("latin-1").rstrip("\r\n")
    matched = _REQUEST.fullmatch(line)
    if not matched:
        raise malformed(f"a request begins with its method and its URL, not {shortened(line)}")
    method, url = matched[1].upper(), matched[2]
    if method not in METHODS:
        raise malformed(f"the method of a request in a batch is one of {', '.join(METHODS)}")
    headers = _headers(stream)
    if "transfer-encoding" in headers:
        raise malformed("a request in a batch is not sent in chunks", "Transfer-Encoding")
    return replace(named, method=method, url=url, headers=headers, body=_body(headers, stream.read()))


def _body(headers: Mapping[str, str], content: bytes) -> bytes:
    """A body; what a Content-Length leaves out is the line's end that some send before a boundary."""
    announced = headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and len(announced) < 12:
        length = int(announced)
        if length <= len(content) and not content[length:].strip(b"\r\n"):
            return content[:length]
    return content.rstrip(b"\r\n")


def _joined(entities: Sequence[bytes]) -> tuple[str, bytes]:
    boundary = f"batch_{secrets.token_hex(16)}"
    delimited = b"".join(f"--{boundary}\r\n".encode() + entity + b"\r\n" for entity in entities)
    return f"{MEDIA_TYPE}; boundary={boundary}", delimited + f"--{boundary}--\r\n".encode()


def _entity(name: str | None, answer: Answer) -> bytes:
    about = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    about += [] if name is None else [f"Content-ID: {name}"]
    phrase = HTTPStatus(answer.status).phrase
    head = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{key}: {value}" for key, value in answer.headers)]
    if answer.body or answer.status not in {204, 304}:
        head.append(f"Content-Length: {len(answer.body)}")
    lines = [*about, "", *head, "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + answer.body
