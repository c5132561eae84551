"""What an expression of $filter and $orderby means, once it is understood: typed, of columns and values.

Names that clients send have become columns here, so that nothing else can be reached. Values stand outside
of comparison: expressions that are equal have the same SQL.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Type = Literal[
    "Edm.Boolean",
    "Edm.Int64",
    "Edm.Decimal",
    "Edm.String",
    "Edm.DateTimeOffset",
    "Edm.Date",
    "Edm.TimeOfDay",
    "null",
]
"""Whole numbers are all Edm.Int64 here, whatever width they are stored with."""

Operator = Literal["eq", "ne", "gt", "ge", "lt", "le"]

ITSELF = ""
"""The variable that stands for the row which is asked about."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal. It is the parameter `o{at}` of its statement.

    `value` is a bool, an int, a Decimal, a str, or of a DateTimeOffset an aware datetime, of a Date a date
    and of a TimeOfDay a time. Null has no value and no parameter.
    """

    type: Type
    at: int
    value: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A property of the row that a variable stands for, or of the one row that `through` leads to from it.

    `through` are navigations to one entity each, by their names, in order: `Customer/Account/Code` has two.
    """

    type: Type
    column: str
    nullable: bool
    variable: str = ITSELF
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function of OData (`contains`, `tolower`, `year`, …; `now` has no arguments) of its arguments."""

    type: Type
    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers made one: add, sub, mul, div, divby, mod; or one number's negative: neg."""

    type: Type
    operator: Literal["add", "sub", "mul", "div", "divby", "mod", "neg"]
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values of comparable types compared, as OData compares null."""

    operator: Operator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a value is in a list of literals, among which null may be."""

    operand: "Expression"
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """not."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Junction:
    """and, or: of two or more, in three-valued logic."""

    operator: Literal["and", "or"]
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Quantified:
    """any, all: of the rows of a navigation of the entity that `outer` stands for. any() has no body.

    `through` leads from that entity to the one that has the navigation, as a column's does. Variables are
    named once in an expression, and `variable` stands for the navigation's rows in the body.
    """

    kind: Literal["any", "all"]
    navigation: str
    outer: str
    variable: str
    body: "Expression | None"
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a navigation of the entity that `outer` stands for has: `Nav/$count`."""

    navigation: str
    outer: str
    through: tuple[str, ...] = ()
    type: Type = "Edm.Int64"


Expression = (
    Value
    | Column
    | Function
    | Arithmetic
    | Comparison
    | Membership
    | Negation
    | Junction
    | Quantified
    | Counted
)


def type_of(expression: Expression) -> Type:
    """The type of what an expression gives."""
    if isinstance(expression, Comparison | Membership | Negation | Junction | Quantified):
        return "Edm.Boolean"
    return expression.type


@dataclass(frozen=True, slots=True)
class Ordering:
    """One term of $orderby."""

    expression: Expression
    descends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The query options of one entity set, of one entity or of one expanded navigation, understood.

    `select` are paths of properties (`("Id",)`, `("Address", "City")`; a complex one stands for all of it),
    in the order of the model, without those that are written only, and navigations, of which a link is shown;
    None where nothing was selected, or `*`.
    `expand` are navigations by name. `token` is what a $skiptoken says. `top`, `skip` are None where they
    were not sent; `count` is $count=true. `carried` is the query that asks for the same again, written as in
    an address, without $skip, $skiptoken and what is no system option; `$top` stands in it as it was sent.
    `format` is what $format asks for.
    Values are numbered through all of them, those of expanded navigations too. `most` is no option, but
    what a client prefers: how many entities each list has at most that is expanded of one entity.
    """

    filter: Expression | None = None
    order: tuple[Ordering, ...] = ()
    select: tuple[tuple[str, ...], ...] | None = None
    expand: tuple[tuple[str, "Options"], ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    token: str | None = None
    most: int | None = None
    carried: str = field(default="", compare=False)
    format: str | None = field(default=None, compare=False)
