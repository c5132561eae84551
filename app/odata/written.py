"""Answers what is written: from a path to a write, and from what that has left to the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.odata import contexts
from app.odata.bound import Options
from app.odata.creating import Creating
from app.odata.edm import Property
from app.odata.exchange import Answer, Asked, Visitor
from app.odata.negotiation import VARY, VERSION, Wanted, wanted_json
from app.odata.options import parse_options
from app.odata.paths import ResourcePath
from app.odata.payloads import Payload
from app.odata.preferences import most_listed
from app.odata.property_bodies import said_of_property
from app.odata.writing import Kept, Writing
from app.preferences import parse_prefer

KeyOf = Callable[[ResourcePath, Visitor], int]
"""Finds the key of the one entity that a path leads to, or refuses: 404."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the answer to a write is wanted: as what, and whether with the entity."""

    wanted: Wanted
    whole: bool
    applied: tuple[tuple[str, str], ...]


class Writes:
    """Writes what a path leads to."""

    def __init__(self, writing: Writing, creating: Creating, key_of: KeyOf) -> None:
        self._writing, self._creating, self._key_of = writing, creating, key_of

    def answer(self, asked: Asked, path: ResourcePath, visitor: Visitor) -> Answer:
        """The answer to a POST, PATCH, PUT or DELETE.

        :raises Refusal: what cannot be written, and why.
        """
        if path.names:
            return self._set_property(asked, path, visitor)
        if asked.method == "POST":
            return self._create(asked, path, visitor)
        if asked.method == "DELETE":
            return self._delete(asked, path, visitor)
        return self._update(asked, path, visitor)

    def _create(self, asked: Asked, path: ResourcePath, visitor: Visitor) -> Answer:
        options = _options(asked, path)
        wish = _wish(asked, options)
        owner_id = self._key(path.owner, visitor) if path.steps else None
        read = options if wish.whole else None
        kept = self._creating.create(asked, visitor, path.entity, read, owner_id)
        place = f"{asked.root}{contexts.address(path.entity, kept.key)}"
        answer = _answer(asked, wish, kept, 201)
        named = (("Location", place), *((("OData-EntityId", place),) if kept.found is None else ()))
        return Answer(status=answer.status, headers=(*answer.headers, *named), body=answer.body)

    def _update(self, asked: Asked, path: ResourcePath, visitor: Visitor) -> Answer:
        options = _options(asked, path)
        wish = _wish(asked, options)
        key = self._key(path, visitor)
        kept = self._writing.update(asked, visitor, path.entity, key, options if wish.whole else None)
        return _answer(asked, wish, kept)

    def _delete(self, asked: Asked, path: ResourcePath, visitor: Visitor) -> Answer:
        parse_options(asked.query, path.entity, "property")
        self._writing.delete(asked, visitor, path.entity, self._key(path, visitor))
        return Answer(status=204, headers=(("OData-Version", VERSION), _NO_STORE))

    def _set_property(self, asked: Asked, path: ResourcePath, visitor: Visitor) -> Answer:
        """Sets a property; the answer is brief unless another is preferred (Protocol 4.01 §11.4.9)."""
        wish = _wish(asked, parse_options(asked.query, path.entity, "property"), whole=False)
        said = said_of_property(asked, path)
        key = self._key(path, visitor)
        kept = self._writing.change(asked, visitor, said, key, Options() if wish.whole else None)
        member = path.member
        if kept.found is None or (isinstance(member, Property) and kept.found.values[member.of] is None):
            return _brief(wish, kept)  # null has no representation (§11.2.4)
        body = Payload(wish.wanted, asked.root).property(kept.found, path.names)
        return _whole(wish, kept, body, 200)

    def _key(self, path: ResourcePath, visitor: Visitor) -> int:
        """The key of what a path leads to; whether that is there, the write itself sees."""
        if not path.steps and path.key is not None:
            return path.key
        return self._key_of(path, visitor)


def _options(asked: Asked, path: ResourcePath) -> Options:
    """What the entity is shown with."""
    return replace(parse_options(asked.query, path.entity, "entity"), most=most_listed(asked))


def _wish(asked: Asked, options: Options, *, whole: bool = True) -> _Wish:
    """How an answer is wanted.

    :param whole: with the entity, unless another is preferred.
    :raises Refusal: 406 where it cannot be JSON, though it need not be brief.
    """
    preferences = parse_prefer(asked.headers.get("prefer", ""))
    wanted = wanted_json(asked, options.format)
    if preferences.minimal:
        return _Wish(wanted, False, (("Preference-Applied", "return=minimal"),))
    if preferences.representation:
        return _Wish(wanted, True, (("Preference-Applied", "return=representation"),))
    return _Wish(wanted, whole, ())


_NO_STORE = ("Cache-Control", "no-store")
_VARY = ("Vary", VARY)


def _answer(asked: Asked, wish: _Wish, kept: Kept, status: int = 200) -> Answer:
    if kept.found is None:
        return _brief(wish, kept)
    return _whole(wish, kept, Payload(wish.wanted, asked.root).entity(kept.found, kept.options), status)


def _whole(wish: _Wish, kept: Kept, body: bytes, status: int) -> Answer:
    content_type = ("Content-Type", wish.wanted.content_type)
    return Answer(status=status, headers=(content_type, *_headers(wish, kept)), body=body)


def _brief(wish: _Wish, kept: Kept) -> Answer:
    return Answer(status=204, headers=_headers(wish, kept))


def _headers(wish: _Wish, kept: Kept) -> tuple[tuple[str, str], ...]:
    tag = ("ETag", contexts.tag(kept.version))
    return ("OData-Version", VERSION), tag, *wish.applied, _VARY, _NO_STORE
