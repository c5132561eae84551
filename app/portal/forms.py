"""What a form of the portal must hold, with faults worded as Foxy's are there (hAPI §7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.codes import is_email
from app.errors import Fault, Refusal
from representations import Field


@dataclass(frozen=True, slots=True)
class Form:
    """Texts by name: the most characters of each, and whether it must be there. Others are ignored."""

    texts: Mapping[str, tuple[int | None, bool]]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The same as the inputs of an action."""
        types = {"email": "email", "password": "password"}
        return tuple(
            Field(name, types.get(name, "text"), required=required, longest=most)
            for name, (most, required) in self.texts.items()
        )

    def read(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The texts that are given.

        :raises Refusal: 400, one entry for each that is not as it must be.
        """
        if faults := tuple(self._faults(given)):
            raise Refusal(400, faults)
        return {name: given[name] for name in self.texts if given.get(name) not in (None, "")}

    def _faults(self, given: Mapping[str, Any]) -> Iterator[Fault]:
        for name, (most, required) in self.texts.items():
            value = given.get(name)
            if value is None or value == "":
                if required:
                    yield Fault(f"data should have required property '{name}'", name, "blank")
            elif not isinstance(value, str):
                yield Fault(f"data.{name} should be string", name, "wrong_type")
            elif most is not None and len(value) > most:
                yield Fault(f"data.{name} should NOT be longer than {most} characters", name, "too_long")
            elif name == "email" and most is not None and not is_email(value):
                yield Fault(f'data.{name} should match format "email"', name, "not_an_email")
