"""A store whose entities are read, and known to the oracle: what both say of the same condition."""

from app.errors import Refusal
from tests.odata.asking import filtered
from tests.odata.finding import Finder
from tests.odata.world import World


class Asked:
    """The entities of a store as they are read, and as the oracle has them."""

    def __init__(self, finder: Finder, world: World) -> None:
        self.finder, self.world = finder, world

    def found(self, name: str, condition: str) -> list[int]:
        """The ids of those that SQL finds, which it also counts."""
        listed = self.finder.page(name, filter=condition, count="true")
        assert listed.total == len(listed.found)
        return [each.values["id"] for each in listed.found]

    def meant(self, name: str, condition: str) -> list[int]:
        """The ids of those of which it is true."""
        return self.world.passing(name, filtered(condition, name))

    def holds(self, name: str, condition: str) -> None:
        """Both say the same, or the condition makes no sense."""
        try:
            meant = self.meant(name, condition)
        except Refusal as refusal:
            assert refusal.status in {400, 501}  # noqa: PT017
            return
        assert self.found(name, condition) == meant
