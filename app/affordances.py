"""What OPTIONS says in its body: the methods of an address, and the affordances behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from app.hypermedia import READ
from representations import SELF, Action, Curie, Link, Resource, Shape

PATH = "/{path}"


class Affordances:
    """What may be done at one kind of address; made once, from what is declared."""

    def __init__(self, curie: Curie, methods: Sequence[str], actions: Iterable[Action] = ()) -> None:
        here = tuple(replace(action, href=PATH) for action in actions)
        self._curie, self._actions = curie, here
        properties = ("message", "allow", "actions")
        self.methods = tuple(methods)
        self._shape = Shape(None, properties, (Link(SELF, PATH),), here, hidden=("path",), curie=curie)
        described = {action.name: _described(action) for action in here}
        self._values = (f"Supported here: {', '.join(methods)}.", list(methods), described)

    def reading(self) -> "Affordances":
        """What is left of it for who only reads."""
        methods = [method for method in self.methods if method in READ]
        return Affordances(self._curie, methods, [each for each in self._actions if each.method in READ])

    def resource(self, path: str) -> Resource:
        """The same as a resource.

        :param path: of the address, percent-encoded, without the slash at its beginning.
        """
        return Resource(self._shape, (*self._values, path))


def _described(action: Action) -> dict[str, Any]:
    fields = {}
    for each in action.fields:
        said = each.members
        fields[said.pop("name")] = said
    return {"method": action.method, "title": action.title, "type": action.type, "fields": fields}
