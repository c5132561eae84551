"""An affordance in its neutral form: what may be done next, and with which inputs."""

from dataclasses import dataclass
from typing import Any, Literal

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Field:
    """One input of an action; `type` is one of HTML's input types, as Siren demands.

    `longest` is the most characters it takes, `within` the least and the greatest number, `choices`
    are all the values. The value of a `structured` one is an object or an array.
    """

    name: str
    type: str = "text"
    title: str | None = None
    value: Any = None
    required: bool = False
    longest: int | None = None
    choices: tuple[str, ...] = ()
    within: tuple[int, int] | None = None
    structured: bool = False

    @property
    def members(self) -> dict[str, Any]:
        """What a JSON document says of it; limits by the names that HAL-FORMS has for them."""
        said = {
            "name": self.name,
            "type": self.type,
            "title": self.title,
            "value": self.value,
            "required": self.required or None,
            "maxLength": self.longest,
            "min": self.within and self.within[0],
            "max": self.within and self.within[1],
            "options": list(self.choices) or None,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Action:
    """What may be done next: an affordance in its neutral form."""

    name: str
    method: Method
    href: str
    title: str
    fields: tuple[Field, ...] = ()
    type: str = "application/json"
