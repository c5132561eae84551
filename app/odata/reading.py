"""What a GET finds: a set or a part of it, one entity, what navigations lead to, a property, a number."""

from collections.abc import Callable
from dataclasses import replace

from app.conditions import Precondition, tags
from app.errors import Refusal
from app.odata import contexts
from app.odata.bound import Options
from app.odata.edm import CUSTOMER, MODEL, EntityType, Property
from app.odata.exchange import Answer, Asked, Visitor
from app.odata.found import Found, Question
from app.odata.negotiation import MINIMAL, VARY, VERSION, wanted_json
from app.odata.options import parse_options
from app.odata.pages import Entities
from app.odata.paths import ResourcePath, Step
from app.odata.payloads import Payload, shown

_Read = Callable[[Asked, ResourcePath, Visitor, int], Answer]


class Reading:
    """Answers what is read."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    def answer(self, asked: Asked, path: ResourcePath, visitor: Visitor, most: int) -> Answer:
        """The answer to a GET.

        :param most: how many entities are listed at once.
        :raises Refusal: what cannot be read, and why.
        """
        read: _Read = self._list if path.many else self._one
        if path.names or path.suffix:
            read = self._property if path.names else self._number
        return read(asked, path, visitor, most)

    def _list(self, asked: Asked, path: ResourcePath, visitor: Visitor, most: int) -> Answer:
        options = parse_options(asked.query, path.entity, "set")
        payload = Payload(wanted_json(asked, options.format), asked.root)
        question = self._question(path, visitor, options)
        listed = self._entities.page(visitor.caller, question, most)
        own = f"{asked.root}{_own(path, question)}"
        body = payload.collection(path.entity, listed, options, own)
        return Answer(status=200, headers=_headers(payload.wanted.content_type), body=body)

    def _one(self, asked: Asked, path: ResourcePath, visitor: Visitor, most: int) -> Answer:
        options = replace(parse_options(asked.query, path.entity, "entity"), most=most)
        payload = Payload(wanted_json(asked, options.format), asked.root)
        found = self.entity(path, visitor, options)
        content_type = payload.wanted.content_type
        return _conditional(asked, found, content_type, lambda: payload.entity(found, options))

    def _property(self, asked: Asked, path: ResourcePath, visitor: Visitor, _most: int) -> Answer:
        """A property; a raw value is text, whatever the client accepts, and null has no representation."""
        options = parse_options(asked.query, path.entity, "property")
        raw, member = path.suffix == "$value", path.member
        wanted = MINIMAL if raw else wanted_json(asked, options.format)
        found = self.entity(path, visitor, Options())
        tag = contexts.tag(found.version)
        if isinstance(member, Property) and found.values[member.of] is None:
            return Answer(status=204, headers=(("OData-Version", VERSION), ("ETag", tag), _PRIVATE))
        if raw:
            assert isinstance(member, Property)
            text = shown(member, found.values[member.of])
            return _conditional(asked, found, f"{_TEXT}; charset=utf-8", lambda: _spelled(text))
        payload = Payload(wanted, asked.root)
        return _conditional(asked, found, wanted.content_type, lambda: payload.property(found, path.names))

    def _number(self, asked: Asked, path: ResourcePath, visitor: Visitor, _most: int) -> Answer:
        """How many there are, as text: clients ask for it as JSON, and read text (Protocol 4.01 §11.2.10)."""
        options = parse_options(asked.query, path.entity, "count")
        number = self._entities.count(visitor.caller, self._question(path, visitor, options))
        return Answer(status=200, headers=_headers(_TEXT), body=str(number).encode())

    def entity(self, path: ResourcePath, visitor: Visitor, options: Options) -> Found:
        """The one entity that a path leads to, or whose property it names.

        :raises Refusal: 404 where one of those on the way is not there.
        """
        assert path.key is not None
        entity, key = path.set, path.key
        for step in path.steps:
            entity, key = self._stepped(visitor, entity, key, step)
        return self._entities.one(visitor.caller, entity, key, options)

    def key(self, path: ResourcePath, visitor: Visitor) -> int:
        """The key of the one entity that a path leads to.

        :raises Refusal: as of `entity`.
        """
        return int(self.entity(path, visitor, Options()).values["id"])

    def _question(self, path: ResourcePath, visitor: Visitor, options: Options) -> Question:
        """What is asked of the set, or of the navigation, that a path ends in."""
        if not path.steps:
            return Question(path.entity, options)
        return Question(path.entity, options, path.steps[-1].navigation.name, self._owner(path, visitor))

    def _owner(self, path: ResourcePath, visitor: Visitor) -> int:
        """The key of the entity before the last step of a path."""
        assert path.key is not None
        entity, key = path.set, path.key
        for step in path.steps[:-1]:
            entity, key = self._stepped(visitor, entity, key, step)
        return key

    def _stepped(self, visitor: Visitor, entity: EntityType, key: int, step: Step) -> tuple[EntityType, int]:
        """Where a navigation leads from an entity: to what is there, or to what the step names."""
        target = MODEL[step.navigation.target]
        found = self._entities.one(visitor.caller, entity, key, Options())
        if not step.navigation.many:
            relation = entity.resource.embeddable[step.navigation.relation]
            return target, found.values[str(relation.own_key)]
        assert step.key is not None
        self._require_owned(self._entities.one(visitor.caller, target, step.key, Options()), key)
        return target, step.key

    def _require_owned(self, found: Found, owner: int) -> None:
        if found.values["customer_id"] != owner:
            key = found.values["id"]
            raise Refusal.of(404, f"there is no {found.type.name}({key}) of Customer({owner})")


_TEXT = "text/plain"
_PRIVATE = ("Cache-Control", "private, must-revalidate")


def _headers(content_type: str, tag: str = "") -> tuple[tuple[str, str], ...]:
    tagged = (("ETag", tag),) if tag else ()
    return (("OData-Version", VERSION), ("Content-Type", content_type), *tagged, ("Vary", VARY), _PRIVATE)


def _conditional(asked: Asked, found: Found, content_type: str, body: Callable[[], bytes]) -> Answer:
    """A 200, or a 304 where the client has the entity as it is (RFC 9110 §13.1.2).

    The tag says nothing of what is expanded, which may have changed: with that there is no 304.

    :raises Refusal: 412 where If-Match does not hold.
    """
    Precondition(asked.headers.get("if-match"), None).require_version(found.version)
    seen, headers = asked.headers.get("if-none-match"), _headers(content_type, contexts.tag(found.version))
    if seen is not None and not found.expanded and (seen.strip() == "*" or str(found.version) in tags(seen)):
        return Answer(status=304, headers=headers)
    return Answer(status=200, headers=headers, body=body())


def _spelled(value: object) -> bytes:
    """A primitive value as text."""
    return (str(value).lower() if isinstance(value, bool) else str(value)).encode()


def _own(path: ResourcePath, question: Question) -> str:
    """The address of what is listed, below the service root."""
    if question.owner is None:
        return path.entity.name
    return f"{contexts.address(CUSTOMER, question.owner)}/{question.navigation}"
