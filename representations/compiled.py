"""Functions made of what is declared: text with slots, objects with members, values that are read.

They are put together as syntax trees, never as source text: what is declared stands in them as constants,
and what must be called by a name of its own. No text of a request is ever part of one.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Expression = ast.expr


class Named:
    """The names by which an expression calls functions; each function has one, however often it is called."""

    def __init__(self) -> None:
        self._names: dict[Any, str] = {}

    def call(self, function: Callable[..., Any], *arguments: Expression) -> Expression:
        """A call."""
        return called(self._names.setdefault(function, f"f{len(self._names)}"), *arguments)

    def function(self, parameters: Sequence[str], body: Expression) -> Callable[..., Any]:
        """The function of these parameters that gives the value of an expression."""
        taken = ast.arguments([], [ast.arg(each) for each in parameters], None, [], [], None, [])
        tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(taken, body)))
        names: dict[str, Any] = {name: function for function, name in self._names.items()}
        made: Callable[..., Any] = eval(compile(tree, "<compiled>", "eval"), names | {"__builtins__": {}})  # noqa: S307 - a tree of ours
        return made


def variable(name: str) -> Expression:
    """The value of a parameter, or of what was named before."""
    return ast.Name(name, ast.Load())


def called(name: str, *arguments: Expression) -> Expression:
    """A call of a parameter that is a function."""
    return ast.Call(variable(name), list(arguments), [])


def item(of: str, position: int) -> Expression:
    """An item of a sequence that is a parameter."""
    return ast.Subscript(variable(of), ast.Constant(position), ast.Load())


def named(name: str, value: Expression) -> Expression:
    """A value that can be called by its name from here on."""
    return ast.NamedExpr(ast.Name(name, ast.Store()), value)


def text(pieces: Iterable[str | Expression]) -> Expression:
    """Text of pieces that are known, or are values: those are written as `str` writes them."""
    return ast.JoinedStr(
        [
            ast.Constant(each) if isinstance(each, str) else ast.FormattedValue(each, _AS_IT_IS, None)
            for each in pieces
        ]
    )


def mapping(members: Mapping[str, Expression]) -> Expression:
    """A dictionary."""
    return ast.Dict([ast.Constant(each) for each in members], list(members.values()))


def listing(values: Iterable[Expression]) -> Expression:
    """A list."""
    return ast.List(list(values), ast.Load())


def fixed(values: Iterable[Expression]) -> Expression:
    """A tuple."""
    return ast.Tuple(list(values), ast.Load())


def is_there(value: Expression) -> Expression:
    """Whether a value is not None."""
    return ast.Compare(value, [ast.IsNot()], [ast.Constant(None)])


def truth(value: Expression) -> Expression:
    """True for what counts as true, else False."""
    return ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), value))


def unless_none(value: Expression, otherwise: Expression) -> Expression:
    """None where a value is None."""
    is_none = ast.Compare(value, [ast.Is()], [ast.Constant(None)])
    return ast.IfExp(is_none, ast.Constant(None), otherwise)


def is_one(value: Expression) -> Expression:
    """Whether a value is 1."""
    return ast.Compare(value, [ast.Eq()], [ast.Constant(1)])


_AS_IT_IS = -1
