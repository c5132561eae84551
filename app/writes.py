"""The Flask end of writing: from a request to a write, and from what it has done to the response."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from app import respond
from app.bodies import parse_body, read_raw
from app.conditions import Precondition
from app.errors import Refusal
from app.hypermedia import Registry, Relation, ResourceType
from app.idempotency import Answer, Claim, IdempotencyKeys, parse_key
from app.query import parse_one, parse_page
from app.reading import Caller
from app.writing import Place, Request, Writer, Written, write_collection, write_one, write_related
from representations import Offer

Write = Callable[[Caller, int, str, Offer, str, str], Response]
Reply = Callable[[Written], Answer]


class Writes:
    """What the addresses of declared types do with requests that write."""

    def __init__(self, registry: Registry, writer: Writer, keys: IdempotencyKeys) -> None:
        self._registry = registry
        self._writer = writer
        self._keys = keys

    def one(self, target: ResourceType) -> Write:
        """Writes one resource by its id."""

        def write(caller: Caller, row_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_one(raw, self._registry, target)
            asked = _request(read_raw(), offer, base)
            reply = _reply(offer, base, applied)
            return _sent(write_one(self._writer, target, caller, row_id, asked, query, reply))

        return write

    def related(self, owner: ResourceType, relation: Relation) -> Write:
        """Writes the one resource that a relation leads to."""
        target = self._registry.target(relation)

        def write(caller: Caller, owner_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_one(raw, self._registry, target)
            asked = _request(read_raw(), offer, base)
            reply = _reply(offer, base, applied)
            return _sent(write_related(self._writer, owner, relation, caller, owner_id, asked, query, reply))

        return write

    def collection(self, owner: ResourceType, relation: Relation) -> Write:
        """Writes members of a collection; a POST with an Idempotency-Key once."""
        target = self._registry.target(relation)

        def write(caller: Caller, owner_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_page(raw, self._registry, target, caller.zone)
            place = Place(owner=owner, relation=relation, target=target, caller=caller, owner_id=owner_id)
            body, reply = read_raw(), _reply(offer, base, applied)

            def work(reply: Reply) -> Answer:
                asked = _request(body, offer, base, one=False)
                return write_collection(self._writer, place, asked, query, reply)

            key = parse_key(request.environ.get("HTTP_IDEMPOTENCY_KEY")) if request.method == "POST" else None
            if key is None:
                return _sent(work(reply))
            return _sent(self._once(caller, key, body, work, reply))

        return write

    def _once(
        self, caller: Caller, key: str, body: bytes, work: Callable[[Reply], Answer], reply: Reply
    ) -> Answer:
        """Does the work of a key, or answers as the first time."""
        claim = self._keys.claim(caller, key, _content(body))
        if isinstance(claim, Answer):
            return claim
        try:
            return self._kept(claim, work, reply)
        except BaseException:
            self._keys.release(claim)
            raise

    def _kept(self, claim: Claim, work: Callable[[Reply], Answer], reply: Reply) -> Answer:
        """The answer, kept in the transaction of the work; that of a refusal on its own."""

        def keep(written: Written) -> Answer:
            answer = reply(written)
            assert written.session is not None
            self._keys.keep(written.session, claim, answer)
            return answer

        try:
            return work(keep)
        except Refusal as refusal:
            if refusal.status >= 500:
                raise
            answer = respond.refused(refusal)
            self._keys.keep_refusal(claim, answer)
            return answer


def _request(body: bytes, offer: Offer, base: str, *, one: bool = True) -> Request:
    environ: dict[str, Any] = request.environ
    return Request(
        method=request.method,
        body=parse_body(b"" if request.method == "DELETE" else body, one=one),
        lenient=respond.preferences().lenient,
        precondition=Precondition(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH")),
        tag=lambda resource: respond.tag_of(resource, offer, base),
    )


def _reply(offer: Offer, base: str, applied: str) -> Reply:
    return lambda written: respond.answer_written(written, offer, base, applied)


def _sent(answer: Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers))


def _content(body: bytes) -> bytes:
    """All that makes a request the same again; how it wants its answer is no part of that."""
    environ = request.environ
    parts = (request.path, environ.get("QUERY_STRING", ""), environ.get("CONTENT_TYPE", ""))
    return "\n".join((request.method, *parts)).encode() + b"\n" + body
