"""Bodies that no address takes, in every media type, each with what its refusal must say."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.site import HAL, SIREN, XML
from tests.wire.encodings import BOUNDARY, FORM, MERGE, MULTIPART, PATCH


@dataclass(frozen=True, slots=True)
class Bad:
    """A body, and the entry of the error document that it is refused with."""

    what: str
    body: bytes
    property: str | None = None
    code: str = "malformed_body"
    status: int = 400


Members = Callable[[str], bytes]
"""A document around members of a resource, which are written as the media type has them."""

Make = Callable[[str, Members], Iterator[Bad]]
"""Bad bodies, of which those that spoil a value spoil the one of this property."""


def of_json(name: str, within: Members) -> Iterator[Bad]:
    member = f'"{name}":'
    for text in (
        "{",
        "[",
        "}",
        "nonsense",
        '"text"',
        "12",
        "null",
        "{'a':1}",
        "{} {}",
        '{"a":1,}',
        "\x00{}",
        "[1]",
    ):
        yield Bad(text, text.encode())
    yield Bad("not UTF-8", within(f'{member}"').replace(b'"}', b'\xff"}', 1) + b"\xff")
    yield Bad("UTF-16", within(f'{member}"x"').decode().encode("utf-16"))
    yield Bad("a byte order mark", b"\xef\xbb\xbf" + within(f'{member}"x"'))
    for constant in ("NaN", "Infinity", "-Infinity"):
        yield Bad(constant, within(member + constant))
    yield Bad("a duplicate", within(f'{member}"x",{member}"y"'), name)
    for said in ("\\u0000", "\\u0001", "\\u001f", "\\ud800", "\\udfff", "\\ufffe", "a\\u000bb"):
        yield Bad(said, within(f'{member}"{said}"'), name)
        yield Bad(f"{said}, nested", within(f'{member}[{{"a":["{said}"]}}]'), name)
    yield Bad("a raw control character", within(f'{member}"\x01"'))
    for number in (2**63, -(2**63) - 1, 2**64, "9" * 5000, "1e400", "-1e999"):
        yield Bad(str(number)[:30], within(f"{member}{number}"), name)
    yield Bad("10,000 arrays deep", within(member + "[" * 10_000 + "]" * 10_000))
    yield Bad("10,000 objects deep", within(member + '{"a":' * 10_000 + "1" + "}" * 10_000))
    yield Bad("10,000 deep without an end", b"[" * 10_000)
    yield Bad("10,001 values", within(f"{member}[{','.join(['0'] * 10_001)}]"))


def of_xml(name: str, within: Members) -> Iterator[Bad]:
    for text in (
        "<a",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "text",
        "{}",
        "<a>text</a>",
        "<a>&nothing;</a>",
        " ",
        "<a b=c/>",
    ):
        yield Bad(text, text.encode())
    for inner in ("&#0;", "&#1;", "&#xD800;", "&#xFFFE;", "\x00", "\x01", "]]>"):
        yield Bad(inner, within(f"<{name}>{inner}</{name}>"))
    yield Bad("not UTF-8", within(f"<{name}>x</{name}>").replace(b"x</", b"\xff</"))
    yield Bad("UTF-16", within(f"<{name}>x</{name}>").decode().encode("utf-16"))
    yield Bad(
        "UTF-16 by its own account",
        b'<?xml version="1.0" encoding="UTF-16"?>' + within(f"<{name}>x</{name}>"),
    )
    yield Bad("Latin-1", b'<?xml version="1.0" encoding="ISO-8859-1"?>' + within(f"<{name}>x</{name}>"))
    yield Bad("a duplicate", within(f"<{name}>x</{name}><{name}>y</{name}>"), name)
    yield Bad("text among elements", within(f"<{name}>x<value>y</value></{name}>"), name)
    yield Bad("10,000 deep", b"<a>" * 10_000 + b"</a>" * 10_000)
    yield Bad("10,000 deep without an end", b"<a>" * 10_000)
    yield Bad("10,001 elements", within(f"<{name}>{'<value/>' * 10_001}</{name}>"))
    yield Bad("60,000 attributes", within(f"<{name} {MANY_ATTRIBUTES}/>"))
    for what, doctype in DOCTYPES.items():
        yield Bad(what, f'<?xml version="1.0"?>{doctype}'.encode() + within(f"<{name}>&b;</{name}>"))


MANY_ATTRIBUTES = " ".join(f'a{number}=""' for number in range(60_000))
BOMB = "".join(f'<!ENTITY {to} "{f"&{of};" * 10}">' for of, to in zip("abcdefgh", "bcdefghi", strict=True))
DOCTYPES = {
    "a DOCTYPE": "<!DOCTYPE a>",
    "a bomb": f'<!DOCTYPE a [<!ENTITY a "ha">{BOMB}]>',
    "a quadratic blow-up": f'<!DOCTYPE a [<!ENTITY b "{"x" * 100_000}">]>',
    "an external entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    "an entity from elsewhere": '<!DOCTYPE a [<!ENTITY b SYSTEM "http://127.0.0.1:9/">]>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>',
    "an external subset": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
}


def of_form(name: str, within: Members) -> Iterator[Bad]:
    yield Bad("a broken escape", within(f"{name}=%zz"))
    yield Bad("half an escape", within(f"{name}=100%"))
    for escape in ("%ff", "%c3%28", "%ed%a0%80", "%c0%80"):
        yield Bad(escape, within(f"{name}={escape}"))
    yield Bad("raw bytes", within(f"{name}=") + b"\xff\xfe")
    for escape in ("%00", "%01", "a%0bb", "%ef%bf%be"):
        yield Bad(escape, within(f"{name}={escape}"), name)
    yield Bad("a duplicate", within(f"{name}=x") + b"&" + within(f"{name}=y"), name)
    yield Bad("no name", b"=x")
    yield Bad("1,001 fields", within("&".join(f"a{number}=" for number in range(1_001))))
    yield Bad("items and none", b"0[name]=x&name=y")


def of_multipart(name: str, within: Members) -> Iterator[Bad]:
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n'
    yield Bad("no multipart", b"nonsense")
    yield Bad("another boundary", within(head.format(name) + "x").replace(BOUNDARY.encode(), b"another"))
    yield Bad("no end", within(head.format(name) + "x").partition(b"\r\n--")[0])
    yield Bad("no name", within("Content-Disposition: form-data\r\n\r\nx"))
    yield Bad("not UTF-8", within(head.format(name) + "\xff").decode().encode("latin-1"))
    yield Bad("NUL", within(head.format(name) + "\x00"), name)
    file = f'Content-Disposition: form-data; name="{name}"; filename="a.txt"\r\n\r\nx'
    yield Bad("a file", within(file), name)
    yield Bad("a nameless file", within(file.replace(f' name="{name}";', "")))
    part = f"\r\n--{BOUNDARY}\r\n"
    yield Bad("1,001 parts", within(part.join(f"{head.format(f'a{number}')}x" for number in range(1_001))))
    yield Bad("a duplicate", within(f"{head.format(name)}x{part}{head.format(name)}y"), name)


def of_patch(name: str, _: Members) -> Iterator[Bad]:
    def operation(**members: Any) -> bytes:
        return json.dumps([{key.rstrip("_"): value for key, value in members.items()}]).encode()

    for text in ("{}", "null", "[1]", "[[]]", "[{}]", "[", '[{"op":"add"}]', '[{"op":"add","path":"/a"}]'):
        yield Bad(text, text.encode())
    yield Bad("no such operation", operation(op="rename", path=f"/{name}", value="x"))
    yield Bad("no pointer", operation(op="replace", path=name, value="x"))
    yield Bad("a pointer that is none", operation(op="replace", path="/a~2", value="x"))
    yield Bad("a path of a wrong type", operation(op="replace", path=[name], value="x"))
    yield Bad("NUL", operation(op="replace", path=f"/{name}", value="\x00"), name)
    yield Bad("a lone surrogate", operation(op="add", path=f"/{name}", value=["\ud800"]), name)
    yield Bad("too large a number", operation(op="replace", path=f"/{name}", value=2**63), name)
    yield Bad("10,000 deep", b'[{"op":"add","path":"/a","value":' + b"[" * 10_000 + b"]" * 10_000 + b"}]")
    yield Bad("201 operations", json.dumps([{"op": "test", "path": "/x", "value": 1}] * 201).encode())
    yield Bad("no object left", operation(op="replace", path="", value=[]))
    doubling = [{"op": "add", "path": "/x", "value": ["x" * 100] * 10}]
    doubling += [{"op": "copy", "from": "/x", "path": f"/x/{number}"} for number in range(30)]
    yield Bad("a document that doubles", json.dumps(doubling).encode())
    for what, members in MISFITS.items():
        misfit = operation(**{key: value.format(name) for key, value in members.items()})
        yield Bad(what, misfit, code="patch_conflict", status=409)


MISFITS = {
    "a test that fails": {"op": "test", "path": "/{}", "value": "something else"},
    "a path to nowhere": {"op": "remove", "path": "/nothing/here"},
    "a path into a text": {"op": "add", "path": "/{}/0", "value": "x"},
    "a source that is not there": {"op": "copy", "from_": "/nothing", "path": "/{}"},
    "a move into itself": {"op": "move", "from_": "/{}", "path": "/{}/x"},
}


def _multipart(parts: str) -> bytes:
    return f"--{BOUNDARY}\r\n{parts}\r\n--{BOUNDARY}--\r\n".encode()


FAMILIES: dict[str, tuple[Make, Members, Members]] = {
    "application/json": (
        of_json,
        lambda inner: f"{{{inner}}}".encode(),
        lambda inner: f"[{{{inner}}}]".encode(),
    ),
    SIREN: (
        of_json,
        lambda inner: f'{{"properties":{{{inner}}}}}'.encode(),
        lambda inner: f'[{{"properties":{{{inner}}}}}]'.encode(),
    ),
    XML: (
        of_xml,
        lambda inner: f"<r>{inner}</r>".encode(),
        lambda inner: f"<r><item>{inner}</item></r>".encode(),
    ),
    FORM: (of_form, str.encode, str.encode),
    MULTIPART: (of_multipart, _multipart, _multipart),
    PATCH: (of_patch, str.encode, str.encode),
}
"""How bad bodies of a media type are made: around the properties of one resource, or of a list of them."""

SPOKEN = {
    HAL: "application/json",
    "text/plain": "application/json",
    MERGE: "application/json",
    "application/xml": XML,
}
"""Media types that are read as another is."""
