"""The Flask end of writing: from a request to a write, and from what it has done to the response."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

from app import respond
from app.application import Rendered, request_environ
from app.auth import remote
from app.bodies import parse_body, read_raw
from app.conditions import Precondition
from app.errors import Refusal
from app.hypermedia import Registry, Relation, ResourceType
from app.idempotency import Answer, Claim, IdempotencyKeys, parse_key
from app.query import parse_one, parse_page
from app.reading import Caller
from app.transitions import Affordance
from app.writing import (
    Allow,
    Permit,
    Place,
    Request,
    Writer,
    Written,
    anything,
    require_place,
    take,
    whatever,
    write_collection,
    write_founded,
    write_one,
    write_related,
)
from representations import Offer

Write = Callable[[Caller, int, str, Offer, str, str], Response]
Reply = Callable[[Written], Answer]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a face adds to its writes: what a caller may write and change it to, whether a password is known
    to be theirs, and what else is done in the transaction of a write."""

    permit: Permit = anything
    allow: Allow = whatever
    knows: Callable[[Caller], Callable[[str], bool] | None] = lambda _: None
    also: Callable[[Caller, Written], None] = lambda _caller, _written: None


NO_RULES = Rules()


class Writes:
    """What the addresses of declared types do with requests that write."""

    def __init__(
        self, registry: Registry, writer: Writer, keys: IdempotencyKeys, rules: Rules = NO_RULES
    ) -> None:
        self._registry = registry
        self._writer = writer
        self._keys = keys
        self._rules = rules

    def one(self, target: ResourceType) -> Write:
        """Writes one resource by its id."""

        def write(caller: Caller, row_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_one(raw, self._registry, target)
            asked = self._request(caller, read_raw(), offer, base)
            reply = self._reply(caller, offer, base, applied)
            return _sent(write_one(self._writer, target, caller, row_id, asked, query, reply))

        return write

    def related(self, owner: ResourceType, relation: Relation) -> Write:
        """Writes the one resource that a relation leads to."""
        target = self._registry.target(relation)

        def write(caller: Caller, owner_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_one(raw, self._registry, target)
            asked = self._request(caller, read_raw(), offer, base)
            reply = self._reply(caller, offer, base, applied)
            return _sent(write_related(self._writer, owner, relation, caller, owner_id, asked, query, reply))

        return write

    def collection(self, owner: ResourceType, relation: Relation) -> Write:
        """Writes members of a collection; a POST with an Idempotency-Key once."""
        target = self._registry.target(relation)

        def write(caller: Caller, owner_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_page(raw, self._registry, target, caller.zone)
            place = Place(owner=owner, relation=relation, target=target, caller=caller, owner_id=owner_id)
            body, reply = read_raw(), self._reply(caller, offer, base, applied)

            def work(reply: Reply) -> Answer:
                asked = self._request(caller, body, offer, base, one=False)
                return write_collection(self._writer, place, asked, query, reply)

            return self._perhaps_once(caller, body, work, reply)

        return write

    def affordance(self, owner: ResourceType, affordance: Affordance) -> Write:
        """Takes an affordance of a resource; with an Idempotency-Key once."""

        def write(caller: Caller, row_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query, body = parse_one(raw, self._registry, owner), read_raw()

            def work(reply: Reply) -> Answer:
                asked = self._request(caller, body, offer, base)
                return take(self._writer, owner, affordance, caller, row_id, asked, query, reply)

            return self._perhaps_once(caller, body, work, self._reply(caller, offer, base, applied))

        return write

    def founding(self, target: ResourceType) -> Write:
        """Makes what belongs to nobody yet. The answer holds secrets, so it is kept for no key."""

        def write(caller: Caller, _: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_one(raw, self._registry, target)
            asked = self._request(caller, read_raw(), offer, base, one=False)
            asked.precondition.require_version(0)
            reply = self._reply(caller, offer, base, applied)
            return _sent(write_founded(self._writer, target, caller, asked, query, reply))

        return write

    def founding_in(self, owner: ResourceType, relation: Relation) -> Write:
        """Makes what will be its own owner, and is linked to the one who asks; for no key either."""
        target = self._registry.target(relation)

        def write(caller: Caller, owner_id: int, raw: str, offer: Offer, base: str, applied: str) -> Response:
            query = parse_page(raw, self._registry, target, caller.zone)
            place = Place(owner=owner, relation=relation, target=target, caller=caller, owner_id=owner_id)
            asked = self._request(caller, read_raw(), offer, base, one=False)
            require = require_place(self._writer, place, asked, query)
            reply = self._reply(caller, offer, base, applied)
            return _sent(write_founded(self._writer, target, caller, asked, query, reply, require))

        return write

    def _request(self, caller: Caller, body: bytes, offer: Offer, base: str, *, one: bool = True) -> Request:
        environ = request_environ()
        method = environ["REQUEST_METHOD"]
        return Request(
            method=method,
            body=parse_body(b"" if method == "DELETE" else body, one=one),
            address=remote.address(),
            base=base,
            lenient=respond.preferences().lenient,
            precondition=Precondition(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH")),
            tag=lambda resource: respond.tag_of(resource, offer, base),
            permit=self._rules.permit,
            allow=self._rules.allow,
            knows=self._rules.knows(caller),
        )

    def _reply(self, caller: Caller, offer: Offer, base: str, applied: str) -> Reply:
        def reply(written: Written) -> Answer:
            self._rules.also(caller, written)
            return respond.answer_written(written, offer, base, applied)

        return reply

    def _perhaps_once(
        self, caller: Caller, body: bytes, work: Callable[[Reply], Answer], reply: Reply
    ) -> Response:
        """Does the work; that of a POST with a key once."""
        environ = request_environ()
        is_post = environ["REQUEST_METHOD"] == "POST"
        key = parse_key(environ.get("HTTP_IDEMPOTENCY_KEY")) if is_post else None
        return _sent(work(reply) if key is None else self._once(caller, key, body, work, reply))

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


def _sent(answer: Answer) -> Response:
    return Rendered(answer.status, list(answer.headers), answer.body)


def _content(body: bytes) -> bytes:
    """All that makes a request the same again; how it wants its answer is no part of that."""
    environ = request_environ()
    parts = (request.path, environ.get("QUERY_STRING", ""), environ.get("CONTENT_TYPE", ""))
    return "\n".join((request.method, *parts)).encode() + b"\n" + body
