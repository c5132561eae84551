"""The requests that each document is asked for with: of many customers, so that no row stays at hand."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPResponse
from json import loads
from urllib.parse import quote

from tests.benchmarks.content import email
from tests.benchmarks.documents import BASE, HAL_JSON, STORE_ID, ZOOMS, Document
from tests.benchmarks.servers import Server, Unmeasurable

NUMBER = "@"
"""What stands in a body for another number each time."""

PAGE = f"/stores/{STORE_ID}/customers"
ZOOM = f"zoom={','.join(ZOOMS)}"
LIMIT = 20
DEEP_PAGES = 10
UNCHANGED = 60
CHANGED = b'{"tax_id":"%s"}' % NUMBER.encode()

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the requests of a burst ask for, in turn, and the status that all of them are answered with.

    `tags`, where there are any, has an `If-None-Match` for each of the paths.
    """

    paths: tuple[str, ...]
    headers: Headers = ()
    method: str = "GET"
    body: bytes | None = None
    tags: tuple[str, ...] = ()
    status: int = 200


def ask(server: Server, document: Document, size: int, headers: Headers) -> Asked:
    """The requests for a document of a server that serves so many customers.

    :raises Unmeasurable: where the server does not answer what leads to them.
    """
    paths = list(_paths(server, document.name, size, headers))
    asked = Asked(tuple(paths), headers)
    if document.name == "unchanged":
        return replace(asked, tags=tuple(_tags(server, asked)), status=304)
    if document.name == "patch":
        return replace(
            asked, method="PATCH", body=CHANGED, headers=(*headers, ("Content-Type", "application/json"))
        )
    return asked


def answers(
    server: Server, asked: Asked, paths: tuple[str, ...] | None = None
) -> Iterator[tuple[HTTPResponse, bytes]]:
    """Each answer, of all paths or of these, with its body.

    :raises Unmeasurable: where one has another status or format than was asked for.
    """
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        for position, path in enumerate(asked.paths if paths is None else paths):
            headers = dict(asked.headers)
            if asked.tags:
                headers["If-None-Match"] = asked.tags[position]
            body = asked.body.replace(NUMBER.encode(), b"first") if asked.body else None
            connection.request(asked.method, path, body, headers)
            response = connection.getresponse()
            read = response.read()
            kind = response.headers.get_content_type()
            if response.status != asked.status or (read and kind != headers.get("Accept", kind)):
                told = f"{response.status} {kind}: {read[:300]!r}"
                raise Unmeasurable(f"{server.name} answers {asked.method} {path} with {told}")
            yield response, read


def fetch(server: Server, path: str, asked: Asked) -> bytes:
    """One answer, where it is as asked for."""
    return next(answers(server, replace(asked, tags=asked.tags[:1]), (path,)))[1]


def _paths(server: Server, name: str, size: int, headers: Headers) -> Iterator[str]:
    customers = [1 + 7919 * step % size for step in range(499)]
    match name:
        case "one":
            yield from (f"/customers/{each}" for each in customers)
        case "zoomed":
            yield from (f"/customers/{each}?{ZOOM}" for each in customers)
        case "page":
            yield f"{PAGE}?limit={LIMIT}"
        case "pages":
            yield f"{PAGE}?{ZOOM}&limit=300"
        case "email":
            yield from (f"{PAGE}?email={quote(email(each), safe='')}&limit={LIMIT}" for each in customers)
        case "unchanged":
            yield from (f"/customers/{each}" for each in customers[:UNCHANGED])
        case "deep":
            yield from _deep(server, size, headers)
        case "patch":
            yield from (f"/customers/{each}" for each in customers[UNCHANGED:])


def _deep(server: Server, size: int, headers: Headers) -> Iterator[str]:
    """Pages at 90 % of the way, and some before, as the `next` links of those before them lead there.

    A server by hand, which needs no token, is asked for the same: it goes by their offset.
    """
    plain = Asked((), (*(each for each in headers if each[0] != "Accept"), ("Accept", HAL_JSON.media_type)))
    path = f"{PAGE}?limit={LIMIT}&offset={size * 9 // 10 - LIMIT * DEEP_PAGES}"
    for _ in range(DEEP_PAGES):
        path = loads(fetch(server, path, plain))["_links"]["next"]["href"].removeprefix(BASE)
        yield path


def _tags(server: Server, asked: Asked) -> Iterator[str]:
    """The tags of what is there now; who tags only on demand is asked on a condition."""
    for response, _ in answers(server, replace(asked, headers=(*asked.headers, ("If-None-Match", '"none"')))):
        yield response.headers["ETag"]
