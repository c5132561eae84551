"""Bodies to try parsers with: any bytes, valid documents that were tampered with, hostile ones."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st

from representations import Body, Malformed, Resource

Parse = Callable[[bytes], Body]
Read = TypeVar("Read")

NOT_CARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def refused(parse: Callable[[bytes], object], body: bytes) -> Malformed:
    """The refusal of a body, which came at a bounded price."""
    started = time.thread_time()
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert time.thread_time() - started < 0.5
    return _presentable(caught.value)


def read_or_refused(parse: Callable[[bytes], Read], body: bytes) -> Read | None:
    """What a parser reads, or None where it refuses; whatever else it raises is the test's."""
    try:
        return parse(body)
    except Malformed as error:
        _presentable(error)
        return None


def _presentable(error: Malformed) -> Malformed:
    assert error.message == str(error)
    assert error.message.isprintable()
    assert len(error.message) < 200
    return error


def carried(value: Any) -> Any:
    """The value with U+FFFD for every character that no body may hold."""
    if isinstance(value, str):
        return NOT_CARRIED.sub("\ufffd", value)
    if isinstance(value, dict):
        return {carried(key): carried(each) for key, each in value.items()}
    return [carried(each) for each in value] if isinstance(value, list) else value


def carried_resource(resource: Resource) -> Resource:
    """The resource, and all that it embeds, with values that may come in again."""
    embedded = [(part, [carried_resource(each) for each in inner]) for part, inner in resource.embedded]
    return Resource(resource.shape, tuple(carried(each) for each in resource.values), embedded)


def texts_in(value: Any) -> Iterator[str]:
    """Every text and every name that a value holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)


_scraps = st.sampled_from(
    [
        *(
            b"",
            b"\x00",
            b"\xff",
            b"\xef\xbb\xbf",
            b'"',
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"null",
            b"-1e999",
        ),
        *(
            b"<",
            b">",
            b"</",
            b"/>",
            b"&amp;",
            b"&x;",
            b"<!DOCTYPE a>",
            b"<![CDATA[",
            b"]]>",
            b"<!--",
            b"<?a?>",
        ),
        *(b"%", b"%00", b"%C3", b"+", b"&", b"=", b"0[a]=", b"\\ud800", b"\\u0001", b'"_embedded":[],', b" "),
    ]
)


@st.composite
def tampered(draw: st.DrawFn, documents: st.SearchStrategy[bytes]) -> bytes:
    """One of the documents, with a few pieces cut out, put in, or repeated."""
    document = draw(documents)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(document)))
        end = draw(st.integers(start, min(len(document), start + 40)))
        piece = draw(st.one_of(_scraps, st.binary(max_size=4), st.just(document[start:end] * 2)))
        document = document[:start] + piece + document[end:]
    return document
