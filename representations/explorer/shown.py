"""A resource as a page goes through it: what formats derive once, a template asks for again and again."""

from functools import cached_property
from typing import Any

from representations.model import Action, Link, Resource


class Shown(Resource):
    """The same resource, and what it embeds, which remembers what it has been asked."""

    def __init__(self, resource: Resource) -> None:
        embedded = [(part, [Shown(each) for each in resources]) for part, resources in resource.embedded]
        super().__init__(resource.shape, resource.values, embedded)

    @cached_property
    def properties(self) -> dict[str, Any]:
        """What is shown, by name and in order."""
        return super().properties

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links with their hrefs and titles filled in."""
        return super().links

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """The actions with their hrefs filled in."""
        return super().actions
