"""Wire properties that hold others: objects, lists, and what may be one thing or another.

They are written whole, but a PATCH merges objects, where null is a value; faults name the way to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields

from app.amounts import written
from app.fields import BLANK, Amount, Boolean, Check, Integer, String, longest, no_card_number
from representations import Malformed, strict_json
from representations.body import fault_in

FLAGS = {"true": True, "1": True, "false": False, "0": False}
MOST_DIGITS = 19


class Structure(Schema):
    """What an object holds."""

    error_messages = {"unknown": "is not known here"}  # noqa: RUF012 - as marshmallow declares it


class Object(fields.Nested):
    """An object with properties of its own."""

    default_error_messages = {"null": BLANK, "required": BLANK}  # noqa: RUF012

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, partial: Any = None, **options: Any
    ) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("is not an object")
        return super()._deserialize(value, attr, data, partial, **options)

    @property
    def parts(self) -> Mapping[str, fields.Field[Any]]:
        """Its properties."""
        found: Mapping[str, fields.Field[Any]] = self.schema.fields
        return found


class List(fields.List[Any]):
    """A list of things of one kind."""

    default_error_messages = {"invalid": "is not a list", "null": BLANK, "required": BLANK}  # noqa: RUF012

    def __init__(self, inner: fields.Field[Any], most: int, **options: Any) -> None:
        self.most = most
        super().__init__(inner, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"holds too many (maximum is {self.most})")
        return super()._deserialize(value, attr, data, **options)


class Member(fields.Field[Any]):
    """An object with the properties of another type of resource, to which the write holds it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Mapping[str, Any]:  # noqa: ARG002 - so named
        if not isinstance(value, Mapping):
            raise ValidationError("is not an object")
        return value


class Members(List):
    """Resources that are made together with the one that they belong to."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(Member(), most, **options)


class Either(fields.Field[Any]):
    """A flag, or a list of rules that say when."""

    default_error_messages = {"null": BLANK, "required": BLANK}  # noqa: RUF012

    def __init__(self, rules: List, **options: Any) -> None:
        super().__init__(**options)
        self.rules = rules

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, bool):
            return value
        if not isinstance(value, list):
            raise ValidationError("is neither true or false nor a list")
        return self.rules.deserialize(value, attr, data, **options)


def text(most: int, *checks: Check, required: bool = False, **options: Any) -> String:
    """A text inside a structure; where it is not required, null stands for none."""
    if not required:
        options = {"load_default": None, "allow_none": True} | options
    return String(required=required, validate=[longest(most), no_card_number, *checks], **options)


def structured(field: fields.Field[Any]) -> bool:
    """Whether a property holds others."""
    return isinstance(field, Object | List | Either)


def typed(field: fields.Field[Any], value: Any) -> Any:
    """Text, as forms and XML have it, as the property has it; what cannot be read so stays as it is."""
    if isinstance(field, Object | List | Either):
        return _typed_structure(field, value)
    if not isinstance(value, str):
        return value
    if value == "" and field.allow_none:
        return None
    if isinstance(field, Boolean):
        return FLAGS.get(value.strip().lower(), value)
    if isinstance(field, Amount):
        amount = written(value)
        return value if amount is None else int(amount) if amount == int(amount) else float(amount)
    if isinstance(field, Integer):
        text = value.strip()
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else value
    return value


def _typed_structure(field: Object | List | Either, value: Any) -> Any:
    if isinstance(value, str):
        value = _read(field, value.strip())
    if isinstance(field, Either):
        return typed(field.rules, value) if isinstance(value, list) else FLAGS.get(str(value).lower(), value)
    if isinstance(field, List) and isinstance(value, list):
        return [typed(field.inner, each) for each in value]
    if isinstance(field, Object) and isinstance(value, Mapping):
        parts = field.parts
        return {name: typed(parts[name], each) if name in parts else each for name, each in value.items()}
    return value


def _read(field: fields.Field[Any], text: str) -> Any:
    """What a form says in one field, or XML in an empty element; JSON is held to what a body is held to.

    What is no such JSON stays text, which no structure takes.
    """
    if text == "":
        return [] if isinstance(field, List | Either) else None
    if text[0] not in "[{":
        return text
    try:
        value = strict_json.load(text.encode())
    except (Malformed, UnicodeEncodeError):
        return text
    return value if fault_in(value) is None else text


def merged(field: fields.Field[Any], current: Any, value: Any) -> Any:
    """What a PATCH makes of an object: what it names is set, what it leaves out stays."""
    if not (isinstance(field, Object) and isinstance(value, Mapping) and isinstance(current, Mapping)):
        return value
    parts = field.parts
    return {
        **current,
        **{name: merged(parts[name], current.get(name), each) if name in parts else each
           for name, each in value.items()},
    }  # fmt: skip


def identical(one: Any, other: Any) -> bool:
    """Whether two values are the same all the way down; 1 is not true."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(identical(each, other[name]) for name, each in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(identical, one, other))
    return bool(one == other)


def faults_in(name: str, messages: Any) -> Iterator[tuple[str, list[str]]]:
    """The texts about a property and about what it holds, each with the way to it."""
    if isinstance(messages, Mapping):
        for inner, each in messages.items():
            way = f"{name}[{inner}]" if isinstance(inner, int) else f"{name}.{inner}"
            yield from faults_in(way, each)
    else:
        texts: Sequence[Any] = messages if isinstance(messages, list) else [messages]
        yield name, [str(each) for each in texts]
