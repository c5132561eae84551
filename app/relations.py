"""How resources lead to one another: a relation is a link that may also be embedded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

READ = ("GET", "HEAD", "OPTIONS")
REPLACE = ("GET", "HEAD", "PUT", "PATCH", "OPTIONS")
WRITE = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
ADD = ("GET", "HEAD", "POST", "OPTIONS")
COLLECT = ("GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relation:
    """A link that may also be embedded.

    `meaning` is for the documentation; of relations with one name, one has it.
    `href` is a template over the owner's columns. Where rows of the target name their owner,
    `child_key` is the column that does, and an href without a query is served: as a collection where
    `many`, else as the one row, with `blank` values until it is first written; of several such rows, the one
    with the `flag`, which is a default for a `use`. Where the owner names the target,
    `own_key` is the column that does, and the href is the target's own. Where a table of its own links
    the two, `child_key` is that table's column, with its name: `user_store.user_id`.
    """

    name: str
    title: str
    href: str
    target: str
    meaning: str = ""
    many: bool = False
    embed: Literal["always", "zoom", "never"] = "never"
    child_key: str | None = None
    own_key: str | None = None
    flag: str | None = None
    use: str | None = None
    blank: Mapping[str, Any] | None = None
    methods: tuple[str, ...] = READ

    @property
    def linked(self) -> bool:
        """Whether a table of its own links the owner with resources that are their own owners."""
        return "." in (self.child_key or "")

    @property
    def unwritten(self) -> dict[str, Any]:
        """What the one row shows before it is first written, where that is not nothing."""
        return {**(self.blank or {}), **{name: True for name in (self.flag, self.use) if name}}


TO_STORE = Relation(
    name="store",
    title="This Store",
    href="/stores/{store_id}",
    meaning="The store to which a resource belongs.",
    target="store",
)


def _to(noun: str, meaning: str) -> Relation:
    """The relation of what names its owner in a column."""
    href, title = f"/{noun}s/{{{noun}_id}}", f"This {noun.capitalize()}"
    return Relation(name=noun, title=title, href=href, meaning=meaning, target=noun, own_key=f"{noun}_id")


TO_CUSTOMER = _to("customer", "The customer to whom a resource belongs.")
TO_TRANSACTION = _to("transaction", "The purchase to which a resource belongs.")
TO_SUBSCRIPTION = _to("subscription", "The repeating purchase to which a resource belongs.")
TO_WEBHOOK = replace(_to("webhook", ""), embed="zoom")

FACE = "face"
"""The slot of hrefs for the path under which the caller reached the portal: no column, but the caller's."""
