"""The requests of a batch and their answers, whichever format they came in and go out in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import Refusal
from app.odata.exchange import Answer

MOST_PARTS = 100
"""How many requests a batch may have, those of its change sets among them."""

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request. `id` is what others call it, `group` the change set that it belongs to.

    The names of `headers` are in lower case. `needs` are ids and groups that must have succeeded before,
    unless there is a `condition`. `fault` is what is wrong with it where it cannot be made at all.
    """

    id: str | None = None
    method: str = "GET"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    group: str | None = None
    needs: tuple[str, ...] = ()
    condition: str | None = None
    fault: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests of a batch, in their order; those of a group stand together.

    `stops` says whether the first failure ends it where the client does not say. `nests` says whether
    answers to a group stand together where the format can have that.
    """

    parts: Sequence[Part]
    stops: bool
    nests: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of one request, or of a group: the answers to all of it.

    `failure` is the answer for which nothing of a group was done.
    """

    group: str | None
    answers: tuple[tuple[Part, Answer], ...]
    failure: Answer | None = None

    @property
    def has_failed(self) -> bool:
        """Whether anything that it was about failed."""
        return self.failure is not None or any(not succeeded(answer) for _, answer in self.answers)


def succeeded(answer: Answer) -> bool:
    """Whether an answer is none of a failure; what has not changed since is none."""
    return answer.status < 400


def malformed(message: str, *properties: str) -> Refusal:
    """What is wrong with a batch as a whole, or with one of its requests."""
    return Refusal.of(400, message, properties=properties, code="malformed_batch")


def require_few(count: int) -> None:
    """Holds a batch to what one may ask for at once.

    :raises Refusal: 400 where there are more.
    """
    if count > MOST_PARTS:
        message = f"the batch has {count} requests, at most {MOST_PARTS} are taken at once"
        raise Refusal.of(400, message, code="too_many")
