"""What a client wrote in its query options, as trees of names and literals: nothing is looked up yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.odata.literals import LiteralType


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, or null."""

    type: LiteralType | Literal["null"]
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """Names joined by slashes; the first may be a variable, or `$it`."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Alias:
    """`@name`: what stands in the query option of that name."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of arguments."""

    name: str
    arguments: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """not, or - (`neg`)."""

    operator: Literal["not", "neg"]
    operand: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands of a comparison or of arithmetic."""

    operator: str
    left: "Node"
    right: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Two or more operands of `and`, or of `or`."""

    operator: Literal["and", "or"]
    operands: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Listed:
    """in."""

    operand: "Node"
    items: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Lambda:
    """any, all: of what a path leads to."""

    kind: Literal["any", "all"]
    path: Path
    variable: str | None
    body: "Node | None"
    at: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of what a path leads to."""

    path: Path
    at: int


Node = Constant | Path | Alias | Call | Unary | Binary | Joined | Listed | Lambda | Count


@dataclass(frozen=True, slots=True)
class Term:
    """One term of $orderby."""

    node: Node
    descends: bool
    at: int


@dataclass(frozen=True, slots=True)
class Selected:
    """One item of $select: a path, or `*`; `below` are the items selected of a complex property."""

    path: Path
    below: tuple["Selected", ...] | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    """One item of $expand: a path, or `*`, and the options within its brackets."""

    path: Path
    options: "Written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The query options of a request, or of an expanded navigation. `texts` is how each was written."""

    filter: Node | None = None
    orderby: tuple[Term, ...] = ()
    select: tuple[Selected, ...] = ()
    expand: tuple[Expanded, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
