"""A batch is answered: its requests one after the other, each group of them in one transaction."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from app.errors import Refusal, shortened
from app.odata.batch import json_format, multipart
from app.odata.batch.conditions import NotUnderstood, holds
from app.odata.batch.parts import Batch, Outcome, Part, malformed, succeeded
from app.odata.batch.passwords import Passwords
from app.odata.batch.references import Done, done, located, referred, tagged
from app.odata.exchange import Answer, Asked
from app.odata.failures import failure
from app.odata.negotiation import VERSION, require_version
from representations.negotiation import LONGEST, parse_accept, weight

Serve = Callable[[Asked], Answer]
Together = Callable[[Callable[[], list[Answer]]], list[Answer]]

MOST_BYTES = 16 * 1024 * 1024
"""How large the answers may become before the requests that are left are not answered any more."""

_INHERITED = ("authorization", "host", "odata-version", "odata-maxversion")
_FORBIDDEN = (
    "authorization",
    "proxy-authorization",
    "cookie",
    "expect",
    "from",
    "max-forwards",
    "range",
    "te",
)
_CONTINUES = re.compile(
    r'(?:^|,)\s*(?:odata\.)?continue-on-error\s*(?:=\s*"?(true|false)"?\s*)?(?:;[^,]*)?(?=,|$)', re.IGNORECASE
)
_FORMATS = (json_format.MEDIA_TYPE, multipart.MEDIA_TYPE)


@dataclass(frozen=True, slots=True)
class Batches:
    """The address of batches.

    `serve` answers a request as if it had come alone.
    """

    serve: Serve

    def answer(self, asked: Asked, together: Together) -> Answer:
        """The answers to the requests of a batch.

        :param together: does some work in one transaction of the store of whoever asks, or not at all,
            however often it must try.
        :raises Refusal: 400 where the batch cannot be understood as a whole, 406 and 415 for other formats.
        """
        require_version(asked)
        batch, wanted = _parsed(asked), _wanted(asked)
        continues, applied = _preference(asked.headers.get("prefer", ""), batch)
        run = _Run(replace(asked, hash=Passwords().hash), self.serve, together)
        outcomes = list[Outcome]()
        for unit in _units(batch.parts):
            outcomes.append(run.outcome(unit))
            if outcomes[-1].has_failed and not continues:
                break
        content_type, body = _rendered(outcomes, wanted, batch)
        headers = (("OData-Version", VERSION), ("Content-Type", content_type), ("Cache-Control", "no-store"))
        return Answer(status=200, headers=(*headers, *applied), body=body)


def _kind(asked: Asked) -> str:
    """The media type of a batch."""
    return asked.headers.get("content-type", "").partition(";")[0].strip().lower()


def _parsed(asked: Asked) -> Batch:
    kind, body = _kind(asked), asked.body
    if (coding := asked.headers.get("content-encoding", "identity").strip().lower()) not in {"", "identity"}:
        message = f"Content-Encoding {shortened(coding)} is not taken: send the batch as it is"
        accepted = {"Accept-Encoding": "identity"}
        raise Refusal.of(415, message, properties=["Content-Encoding"], headers=accepted)
    if kind == json_format.MEDIA_TYPE:
        return json_format.parse(body)
    if kind == multipart.MEDIA_TYPE:
        return multipart.parse(asked.headers["content-type"], body)
    message = f"a batch is one of {', '.join(_FORMATS)}: say so in its Content-Type"
    raise Refusal.of(415, message, properties=["Content-Type"], headers={"Accept-Post": ", ".join(_FORMATS)})


def _wanted(asked: Asked) -> str:
    """The format of the answers; that of the batch, where the client would as soon have it (§11.7.1).

    Clients of OData 4.0, which has no batches in JSON, accept JSON and mean the parts: a multipart batch of
    theirs is answered by one.
    """
    own = _kind(asked)
    ranges = list(parse_accept(asked.headers.get("accept", "")[:LONGEST]))
    if not ranges:
        return own

    best = max(_FORMATS, key=lambda each: (weight(ranges, each), each == own))
    if not weight(ranges, best):
        message = f"Accept allows nothing that is offered: {', '.join(_FORMATS)}"
        raise Refusal.of(406, message, properties=["Accept"])
    return best if _knows_json(asked) else own


def _knows_json(asked: Asked) -> bool:
    """Whether a client speaks a version that has batches in JSON."""
    spoken = {asked.headers.get(name, "").strip() for name in ("odata-version", "odata-maxversion")}
    return bool(spoken - {"", "4.0"}) or _kind(asked) == json_format.MEDIA_TYPE


def _preference(prefer: str, batch: Batch) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Whether a failure is no reason to stop, and the header that says so where the client has."""
    found = _CONTINUES.search(prefer[:LONGEST])
    if found is None:
        return not batch.stops, ()
    continues = (found[1] or "true").lower() == "true"
    return continues, (("Preference-Applied", f"odata.continue-on-error={str(continues).lower()}"),)


def _units(parts: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    """What is done at once: a request of its own, or all of a group."""
    for group, members in groupby(parts, key=lambda each: each.group):
        if group is None:
            yield from ((each,) for each in members)
        else:
            yield tuple(members)


def _rendered(outcomes: Sequence[Outcome], wanted: str, batch: Batch) -> tuple[str, bytes]:
    if wanted == json_format.MEDIA_TYPE:
        return wanted, json_format.render(outcomes)
    return multipart.render(outcomes, nests=batch.nests)


class _Undone(Exception):
    """A request of a group that failed: nothing of the group is done."""

    def __init__(self, at: int, answer: Answer) -> None:
        self.at, self.answer = at, answer


@dataclass(slots=True)
class _Run:
    """A batch that is being answered: what has been so far."""

    asked: Asked
    serve: Serve
    together: Together
    known: dict[str, Done] = field(default_factory=dict)
    has_succeeded: dict[str, bool] = field(default_factory=dict)
    size: int = 0

    def outcome(self, unit: Sequence[Part]) -> Outcome:
        """What becomes of a request, or of a group."""
        group = unit[0].group
        if self.size > MOST_BYTES:
            message = "the answers to this batch have become too large: ask for the rest in another one"
            outcome = _failed(unit, failure(Refusal.of(400, message, code="batch_too_large")))
        elif group is None:
            outcome = Outcome(None, ((unit[0], self._answer(unit[0], self.known)),))
        else:
            outcome = self._group(group, unit)
        self._note(outcome)
        return outcome

    def _group(self, group: str, unit: Sequence[Part]) -> Outcome:
        known = self.known

        def work() -> list[Answer]:
            nonlocal known
            answers = list[Answer]()
            known = dict(self.known)
            for part in unit:
                answer = self._answer(part, known)
                if not succeeded(answer):
                    raise _Undone(len(answers), answer)
                answers.append(answer)
            return answers

        try:
            answers = self.together(work)
        except _Undone as undone:
            return _failed(unit, undone.answer, undone.at)
        except Exception as error:  # which ends the group and not the batch, as it would end a request alone
            return _failed(unit, failure(error))
        self.known = known
        return Outcome(group, tuple(zip(unit, answers, strict=True)))

    def _answer(self, part: Part, known: dict[str, Done]) -> Answer:
        """The answer to one request; what may be referred to of it is noted in `known`."""
        try:
            self._require_wanted(part, known)
            asked = self._asked(part, known)
        except Refusal as refusal:
            return failure(refusal)
        answer = self.serve(asked)
        if part.id is not None:
            known[part.id] = done(asked, answer)
        return answer

    def _asked(self, part: Part, known: Mapping[str, Done]) -> Asked:
        """A request of a batch as if it had come alone, with what the batch says for all of them.

        :raises Refusal: 400 where it is none that may stand in a batch.
        """
        if part.fault is not None:
            raise part.fault
        if forbidden := [name for name in _FORBIDDEN if name in part.headers]:
            raise malformed(f"a request in a batch has no header {forbidden[0]}", forbidden[0])
        if part.group is not None and part.method == "GET":
            raise malformed("a change set only writes: a GET stands by itself", "method")
        path, query = located(part, self.asked, known)
        if path.strip("/").lower() == "$batch":
            raise malformed("a batch is no request of a batch", "url")
        inherited = {name: self.asked.headers[name] for name in _INHERITED if name in self.asked.headers}
        headers = inherited | tagged(part.headers, known)
        return replace(
            self.asked, method=part.method, path=path, query=query, headers=headers, body=part.body
        )

    def _require_wanted(self, part: Part, known: Mapping[str, Done]) -> None:
        """Holds a request to what it depends on (JSON Format 4.01 §19.1); what it refers to is among that.

        :raises Refusal: 424 where that is not so.
        """
        of_known = {name: succeeded(each.answer) for name, each in known.items()}
        has_succeeded = self.has_succeeded | of_known
        if part.condition is not None:
            try:
                if holds(part.condition, has_succeeded.get):
                    return
            except NotUnderstood as error:
                raise _failed_dependency(f"`if` is not understood: {error}") from error
            raise _failed_dependency("`if` does not hold")
        needs = [*part.needs, *([name] if (name := referred(part.url)) is not None else [])]
        if failed := [each for each in needs if has_succeeded.get(each) is False]:
            raise _failed_dependency(f"{failed[0]}, which this depends on, has failed")

    def _note(self, outcome: Outcome) -> None:
        for part, answer in outcome.answers:
            self.size += len(answer.body)
            if part.id is None:
                continue
            self.has_succeeded[part.id] = outcome.failure is None and succeeded(answer)
            if outcome.failure is not None:
                self.known.pop(part.id, None)
        if outcome.group is not None:
            self.has_succeeded[outcome.group] = not outcome.has_failed


def _failed(unit: Sequence[Part], answer: Answer, at: int | None = None) -> Outcome:
    """A group of which nothing was done: for what happened at one request, or to all of it."""
    if unit[0].group is None:
        return Outcome(None, ((unit[0], answer),))
    others = failure(_failed_dependency("another request of the same group has failed, so this was undone"))
    answers = ((part, answer if at is None or at == index else others) for index, part in enumerate(unit))
    return Outcome(unit[0].group, tuple(answers), failure=answer)


def _failed_dependency(message: str) -> Refusal:
    return Refusal.of(424, message, code="failed_dependency")
