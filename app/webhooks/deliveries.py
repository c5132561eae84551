"""Serving a store: events become deliveries, what is due is claimed and posted, what came of it is kept."""

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from app.catalogue import Catalogue
from app.db.reader import Reader, Run
from app.errors import Refusal
from app.hypermedia import Registry
from app.payloads import as_told, payload
from app.reading import Caller
from app.webhooks.budgets import Budgets
from app.webhooks.claims import LEASE_SECONDS, Claim, Claims, Delivery, Receiver
from app.webhooks.fan_out import FanOut
from app.webhooks.posts import Posts
from app.webhooks.results import GONE, SPOILT, Outcome, Results
from app.webhooks.seldom import Seldom
from app.webhooks.sending import TOTAL_SECONDS, Answer, Sender
from app.webhooks.signing import Told, headers
from app.zones import zone

UNRENDERED = "unrendered"
"""What is said of an attempt for which no payload could be made."""

SPOILS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a row may raise that nobody can make sense of."""

AGAIN = "the delivery is tried again: tell Patron's makers"
LOST = "the delivery is given up, its payload being none: see webhook_statuses that failed"

LATEST = LEASE_SECONDS - 2 * TOTAL_SECONDS
"""How old a claim may be when the post begins: it has to be over, and written down, before the lease is."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What serving a store needs."""

    reader: Reader
    registry: Registry
    catalogue: Catalogue
    fan_out: FanOut
    claims: Claims
    results: Results
    sender: Sender
    base: str


@dataclass(frozen=True, slots=True)
class _Store:
    """The store that is being served, as its payloads and headers show it."""

    id: int
    domain: str
    caller: Caller


class Deliveries:
    """Tells webhooks what is due, store by store. What came of it waits in `outcomes` to be recorded."""

    def __init__(self, tools: Tools, posts: Posts) -> None:
        self._tools, self._posts = tools, posts
        self._budgets = Budgets()
        self._seldom = Seldom()
        self._is_stopping = False
        self.outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()

    def serve(self, store_id: int) -> bool:
        """Looks once at a store, and begins to tell what is due; tells whether it is worth looking again.

        It waits for no receiver.
        """
        more = self._tools.fan_out(store_id, _now())
        found = self._tools.claims.store(store_id)
        if found is None:
            return False
        domain, timezone = found
        store = _Store(store_id, domain, Caller(store_id, "", zone(timezone)))
        for receiver in self._tools.claims.receivers(store_id):
            free = self._budgets.free((store_id, receiver.id))
            if free > 0:
                self._begin(store, receiver, free)
        return more

    def stop(self) -> None:
        """Lets what is claimed and not yet posted be given back instead."""
        self._is_stopping = True

    def record(self, store_id: int, outcomes: Sequence[Outcome]) -> bool:
        """Writes down what came of attempts in one store; tells whether there is room for more."""
        for lease, unsent in groupby((each for each in outcomes if each.answer is None), key=_lease):
            self._tools.claims.release(store_id, lease, [each.delivery.id for each in unsent])
        made = [each for each in outcomes if each.answer is not None]
        if made:
            self._tools.results.record(store_id, made, _now())
        return self.give_back(store_id, outcomes)

    def give_back(self, store_id: int, outcomes: Sequence[Outcome]) -> bool:
        """Counts attempts as over; tells whether there is room for more."""
        for each in outcomes:
            self._budgets.give((store_id, each.delivery.webhook_id), each.seconds, heard=each.is_success)
        return any(self._budgets.is_low((store_id, each.delivery.webhook_id)) for each in outcomes)

    def _begin(self, store: _Store, receiver: Receiver, free: int) -> None:
        """Claims what a webhook should be told, as much as there is room for, and has it posted."""
        tools = self._tools
        due = tools.claims.due(store.id, receiver.id, free, _now())
        if not due:
            return
        with tools.reader.snapshot() as run:
            bodies = {each.id: self._body(store, receiver, each, run) for each in due}
        frozen = ((each, told if isinstance(told := bodies[each.id], str) else None) for each in due)
        claim = tools.claims.claim(store.id, frozen, _now())
        won = [each for each in due if each.id in claim.ids]
        self._budgets.take((store.id, receiver.id), len(won))
        for each in won:
            body = bodies[each.id]
            if isinstance(body, Answer):
                self.outcomes.put(Outcome(each, claim.lease, body))
            else:
                self._post_soon(store, receiver, each, body, claim)

    def _body(self, store: _Store, receiver: Receiver, due: Delivery, run: Run) -> str | Answer:
        """What was told before, else the resource as it is now; or why there is nothing to tell."""
        tools = self._tools
        try:
            if due.payload is not None:
                return as_told(tools.registry, due.payload, receiver.url)
            resource_type = tools.registry.types[due.resource_type]
            made = payload(
                tools.catalogue,
                tools.registry,
                resource_type,
                store.caller,
                due.resource_id,
                receiver,
                tools.base,
                run,
            )
        except Refusal as refusal:
            return Answer(GONE) if refusal.status == 404 else Answer(UNRENDERED, type(refusal).__name__)
        except SPOILS as error:  # one must not hold up all
            is_frozen = due.payload is not None
            self._seldom.say("payload_unrendered", error, LOST if is_frozen else AGAIN)
            return Answer(SPOILT if is_frozen else UNRENDERED, type(error).__name__)
        return made.decode()

    def _post_soon(self, store: _Store, receiver: Receiver, due: Delivery, body: str, claim: Claim) -> None:
        def post() -> None:
            began = time.monotonic()
            is_late = self._is_stopping or claim.age > LATEST
            answer = None if is_late else self._posted(store, receiver, due, body)
            self.outcomes.put(Outcome(due, claim.lease, answer, time.monotonic() - began))

        self._posts.add(store.id, post)

    def _posted(self, store: _Store, receiver: Receiver, due: Delivery, body: str) -> Answer:
        """What came of a post, whatever that is: a thread that ended by it would be missing for good."""
        try:
            return self._post(store, receiver, due, body.encode())
        except Exception as error:
            self._seldom.say("post_failed", error, AGAIN)
            return Answer(UNRENDERED, type(error).__name__)

    def _post(self, store: _Store, receiver: Receiver, due: Delivery, body: bytes) -> Answer:
        if receiver.key is None:
            return Answer("key_unreadable", "the webhook has no encryption_key, or one that cannot be read")
        told = Told(due.event, due.delivery, due.attempts + 1, store.id, store.domain)
        sent = headers(told, body, receiver.key, _now())
        return self._tools.sender.post(receiver.url, body, sent)


def _now() -> int:
    return int(time.time())


def _lease(outcome: Outcome) -> str:
    return outcome.lease
