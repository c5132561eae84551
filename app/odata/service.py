"""The OData face, a function from a request to its answer, whatever comes. $batch calls it for its parts."""

from collections.abc import Callable, Mapping

from app.errors import Refusal
from app.odata import csdl_json, csdl_xml
from app.odata.credentials import Credentials, require_permission
from app.odata.exchange import Answer, Asked, Visitor
from app.odata.failures import failure
from app.odata.negotiation import VERSION, require_no_isolation, require_version, wanted_csdl, wanted_json
from app.odata.options import format_alone
from app.odata.paths import Document, ResourcePath, parse_path
from app.odata.payloads import service_document
from app.odata.preferences import most_listed
from app.odata.reading import Reading
from app.writing.attempts import Raced

READ = ("GET", "HEAD")

Write = Callable[[Asked, ResourcePath, Visitor], Answer]
Batch = Callable[[Asked, Visitor], Answer]


class Service:
    """Answers requests. `batch` and `write` are for what its name says; `credentials` find out who asks."""

    def __init__(self, credentials: Credentials, reading: Reading, write: Write, batch: Batch) -> None:
        self._credentials, self._reading = credentials, reading
        self._write, self._batch = write, batch

    def serve(self, asked: Asked) -> Answer:
        """The answer, in OData's words also where it is a failure.

        :raises Raced: in a change set that has lost a race; all of it is done again.
        """
        try:
            return self.answer(asked)
        except Raced:
            raise
        except Exception as error:  # whatever it is, the client reads OData's error, and the log the rest
            return failure(error)

    def answer(self, asked: Asked) -> Answer:
        """The answer to what can be answered.

        :raises Refusal: what is wrong with the request.
        """
        require_version(asked)
        require_no_isolation(asked)
        header = asked.headers.get("authorization")
        path = parse_path(asked.path)
        is_public = path in ("service", "$metadata")
        visitor = None if is_public and header is None else self._credentials.visitor(header)
        methods = allowed(path)
        if asked.method not in methods:
            raise _not_allowed(asked, methods)
        if asked.method == "OPTIONS":
            return Answer(status=204, headers=(("OData-Version", VERSION), ("Allow", ", ".join(methods))))
        if is_public or visitor is None:
            return _documented(asked, path)
        if not isinstance(path, ResourcePath):
            format_alone(asked.query)
            return self._batch(asked, visitor)
        require_permission(visitor, "PATCH" if path.names and asked.method not in READ else asked.method)
        if asked.method in READ:
            return self._reading.answer(asked, path, visitor, most_listed(asked))
        return self._write(asked, path, visitor)


def allowed(path: Document | ResourcePath) -> tuple[str, ...]:
    """The methods that an address has."""
    if not isinstance(path, ResourcePath):
        return ("POST", "OPTIONS") if path == "$batch" else (*READ, "OPTIONS")
    offered = path.entity.methods
    if path.suffix == "$count" or "POST" not in offered:
        return (*READ, "OPTIONS")
    if path.many:
        return (*READ, "POST", "OPTIONS")
    member = path.member
    if member is None:
        return (*READ, "PATCH", "PUT", "DELETE", "OPTIONS")
    return (*READ, *_writing(path), "OPTIONS")


def _writing(path: ResourcePath) -> tuple[str, ...]:
    """What can be done to a property: one that the service alone sets is read."""
    each = path.entity.primitives.get(path.names)
    if each is None:
        return ("PATCH", "PUT")
    if each.computed or each.immutable:
        return ()
    return ("PUT", "PATCH", "DELETE") if each.nullable else ("PUT", "PATCH")


_CSDL: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "xml": ("application/xml", csdl_xml.document),
    "json": ("application/json", csdl_json.document),
}


def _documented(asked: Asked, path: Document | ResourcePath) -> Answer:
    """What anybody may know of the service."""
    if path == "service":
        wanted = wanted_json(asked, format_alone(asked.query))
        body, content_type = service_document(asked.root, wanted), wanted.content_type
    else:
        content_type, made = _CSDL[wanted_csdl(asked, format_alone(asked.query))]
        body = made()
    headers = (("OData-Version", VERSION), ("Content-Type", content_type), ("Vary", "Accept"))
    return Answer(status=200, headers=headers, body=body)


def _not_allowed(asked: Asked, methods: tuple[str, ...]) -> Refusal:
    allow = ", ".join(methods)
    message = f"{asked.method[:20]} is not offered here: {allow}"
    return Refusal.of(405, message, headers={"Allow": allow})
