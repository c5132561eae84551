"""The Flask end of a request's body: how much of it is read, as what, and what it says."""

import re
from collections.abc import Iterator

from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from app.application import request_environ
from app.errors import Refusal, shortened
from representations import PARSERS, Body, JsonPatch, Malformed, form, json_patch

LARGEST = 1024 * 1024
MOST_PARTS = 1000
MULTIPART = "multipart/form-data"
MERGE_PATCH = "application/merge-patch+json"
PATCHES = (MERGE_PATCH, json_patch.MEDIA_TYPE)

_CONTENT_TYPE = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)\s*(;.*)?", re.ASCII | re.DOTALL)
_PARAMETER = re.compile(r';\s*([\w!#$&^.+-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]+)', re.ASCII)


def offered(method: str, *, one: bool = True) -> tuple[str, ...]:
    """The media types that a method takes; a JSON Patch (RFC 6902) is one of a single resource."""
    always = tuple(each for each in PARSERS if each not in PATCHES)
    patches = (PATCHES if one else PATCHES[:1]) if method == "PATCH" else ()
    return (*always, MULTIPART, *patches)


def read_raw() -> bytes:
    """The bytes of the body, whether its length was announced or it came in chunks.

    :raises Refusal: 413 where there are more than `LARGEST`, and no more than that is read; 400 where
        fewer came than were announced: what a form says may change where it breaks off.
    """
    environ = request_environ()
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced.isdigit() and announced.isascii():
        length = int(announced) if len(announced) < 12 else LARGEST + 1
        raw = _read(length) if 0 < length <= LARGEST else b""
    else:
        raw = _read(LARGEST + 1) if environ.get("wsgi.input_terminated") else b""
        length = len(raw)
    if length > LARGEST:
        raise Refusal.of(413, f"the body is too large: at most {LARGEST} bytes are read")
    if len(raw) < length:
        message = f"the body has {len(raw)} bytes, its Content-Length is {length}"
        raise Refusal.of(400, message, properties=["Content-Length"], code="malformed_body")
    return raw


def _read(most: int) -> bytes:
    try:
        read: bytes = request_environ()["wsgi.input"].read(most)
    except Exception as error:  # servers have their own, for broken chunks and for clients that went away
        message = "the body could not be read to its end: it broke off, or its chunks are malformed"
        raise Refusal.of(400, message, code="malformed_body") from error
    return read


def parse_body(raw: bytes, *, one: bool = True) -> Body | JsonPatch:
    """What the body of this request says. A Content-Type without a body is no error.

    :param one: it is about a single resource.
    :raises Refusal: 415 for a media type that is not taken here, 400 for a body that is none of it.
    """
    if not raw:
        return Body({})
    _refuse_coded()
    media_type, parameters = _content_type(one=one)
    try:
        if media_type == MULTIPART:
            return _about(form.body_of(_parts(raw, parameters.get("boundary", ""))), one=one)
        if media_type == json_patch.MEDIA_TYPE:
            return json_patch.parse(raw)
        return _about(PARSERS[media_type](raw), one=one)
    except Malformed as error:
        properties = [error.property] if error.property else []
        raise Refusal.of(400, error.message, properties=properties, code="malformed_body") from error


def _about(body: Body, *, one: bool) -> Body:
    """The body, unless it lists others where it should say something of one resource."""
    if one and body.items is not None and not body.properties:
        raise Malformed("the body is a list: send the properties of one resource")
    return body


def _refuse_coded() -> None:
    coding = request_environ().get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in {"", "identity"}:
        message = f"Content-Encoding {shortened(coding)} is not taken: send the body as it is"
        raise Refusal.of(
            415, message, properties=["Content-Encoding"], headers={"Accept-Encoding": "identity"}
        )


def _content_type(*, one: bool) -> tuple[str, dict[str, str]]:
    header = request_environ().get("CONTENT_TYPE", "")
    matched = _CONTENT_TYPE.fullmatch(header)
    taken = offered(request_environ()["REQUEST_METHOD"], one=one)
    if not matched or matched[1].lower() not in taken:
        said = f"Content-Type {shortened(header)} is not taken here" if header else "Content-Type is missing"
        raise _unsupported(f"{said}: send one of {', '.join(taken)}", taken)
    parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(matched[2] or "")}
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8"}:
        raise _unsupported(f"the charset {shortened(charset)} is not taken: send UTF-8", taken)
    return matched[1].lower(), parameters


def _unsupported(message: str, taken: tuple[str, ...]) -> Refusal:
    name = {"PATCH": "Accept-Patch", "POST": "Accept-Post"}.get(request_environ()["REQUEST_METHOD"], "Accept")
    return Refusal.of(415, message, properties=["Content-Type"], headers={name: ", ".join(taken)})


def _parts(raw: bytes, boundary: str) -> Iterator[tuple[str, str]]:
    """The fields of a multipart body, each as text."""
    if not boundary:
        raise Malformed("a multipart body needs the boundary that its Content-Type names")
    try:
        yield from _decoded(MultipartDecoder(boundary.encode(), LARGEST, max_parts=MOST_PARTS), raw)
    except UnicodeDecodeError as error:
        raise Malformed("a part of the multipart body is not UTF-8") from error
    except (HTTPException, ValueError, LookupError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed("the multipart body is malformed, or has too many parts") from error


def _decoded(decoder: MultipartDecoder, raw: bytes) -> Iterator[tuple[str, str]]:
    decoder.receive_data(raw)
    decoder.receive_data(None)
    name, content = "", b""
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, File):
            sent = shortened(event.name or "")
            raise Malformed(f"{sent} is a file: send text" if sent else "a part is a file: send text", sent)
        if isinstance(event, Field):
            name, content = event.name or "", b""  # None where the part has no name, whatever its type says
        elif isinstance(event, Data):
            content += event.data
            if not event.more_data:
                yield name, content.decode()
