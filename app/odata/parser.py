"""Expressions of $filter and $orderby: from tokens to trees, by binding powers (Pratt).

The precedence is that of OData URL Conventions §5.1.1.17; the names of operators and functions may be
written in any case, as OData 4.01 wants it.
"""

from typing import Literal

from app.odata.faults import shortened, unoffered, wrong
from app.odata.functions import check_function
from app.odata.lexer import Token
from app.odata.stream import Stream
from app.odata.syntax import (
    Alias,
    Binary,
    Call,
    Constant,
    Count,
    Joined,
    Lambda,
    Listed,
    Node,
    Path,
    Unary,
)

_POWERS = {
    "or": 1, "and": 2, "eq": 3, "ne": 3, "gt": 4, "ge": 4, "lt": 4, "le": 4,
    "add": 5, "sub": 5, "mul": 6, "div": 6, "divby": 6, "mod": 6, "in": 8, "has": 8,
}  # fmt: skip
_UNARY = 7
_SYMBOLS = {"=": "eq", "*": "mul", "-": "sub"}
_VALUES = {"true": True, "false": False}
_UNOFFERED_SEGMENTS = {"$filter", "$ref", "$value", "$each"}


def expression(stream: Stream, power: int = 0) -> Node:
    """The longest expression that comes next whose operators bind more tightly than `power`.

    :raises Refusal: where none comes.
    """
    with stream.nested():
        left = _prefix(stream)
        while (operator := _operator(stream)) and _POWERS[operator] > power:
            left = _infix(stream, operator, left)
    return left


def path(stream: Stream) -> Path:
    """The names that come next, joined by slashes, without looking behind a `$count` or a lambda."""
    first = stream.take()
    names = [first.text]
    while stream.is_mark("/") and stream.after.kind == "name" and not _is_lambda(stream):
        stream.take()
        names.append(_simple(stream, stream.take()))
    return Path(tuple(names), first.at)


def _operator(stream: Stream) -> str | None:
    token = stream.next
    if token.kind == "name" and token.text.lower() in _POWERS:
        return token.text.lower()
    if token.kind == "mark" and token.text in _SYMBOLS:
        raise wrong(stream.option, f"'{token.text}' is no operator: write {_SYMBOLS[token.text]}", token.at)
    return None


def _infix(stream: Stream, operator: str, left: Node) -> Node:
    at = stream.take().at
    stream.count_term()
    if operator == "has":
        raise unoffered(stream.option, "no property has an enumeration: has is not supported")
    if operator == "in":
        return Listed(left, _items(stream), at)
    right = expression(stream, _POWERS[operator])
    if operator not in {"and", "or"}:
        return Binary(operator, left, right, at)
    joined: Literal["and", "or"] = "and" if operator == "and" else "or"
    if isinstance(left, Joined) and left.operator == joined:
        return Joined(joined, (*left.operands, right), left.at)
    return Joined(joined, (left, right), at)


def _items(stream: Stream) -> tuple[Node, ...]:
    if stream.next.kind == "alias" or stream.is_mark("["):
        raise unoffered(stream.option, "in takes a list in brackets here: in (1,2)")
    stream.expect("(")
    if stream.took(")"):
        return ()
    items = [expression(stream)]
    while stream.took(","):
        items.append(expression(stream))
    stream.expect(")")
    return tuple(items)


def _prefix(stream: Stream) -> Node:
    token = stream.next
    if token.kind in {"name", "dollar"}:
        return _named(stream)
    stream.count_term()
    if token.kind == "alias":
        return _alias(stream)
    if token.kind == "mark":
        return _marked(stream)
    if token.kind == "end":
        raise stream.unexpected("an expression")
    stream.take()
    assert token.kind != "name" and token.kind != "dollar"  # noqa: PT018
    return Constant(token.kind, token.value, token.at)


def _marked(stream: Stream) -> Node:
    at = stream.next.at
    if stream.took("("):
        inner = expression(stream)
        stream.expect(")")
        return inner
    if stream.took("-"):
        return Unary("neg", expression(stream, _UNARY), at)
    if stream.is_mark("[") or stream.is_mark("{"):
        raise unoffered(stream.option, "collections and objects in JSON are not supported")
    raise stream.unexpected("an expression")


def _alias(stream: Stream) -> Node:
    token = stream.take()
    if "." in token.text:
        raise unoffered(stream.option, "annotations are not supported")
    return Alias(token.text, token.at)


def _named(stream: Stream) -> Node:
    token, word = stream.next, stream.next.text.lower()
    stream.count_term()
    is_call = stream.after.kind == "mark" and stream.after.text == "("
    if word == "not":
        stream.take()
        return Unary("not", expression(stream, _UNARY), token.at)
    if is_call and token.kind == "name":
        return _call(stream)
    if word in _VALUES:
        stream.take()
        return Constant("Edm.Boolean", _VALUES[word], token.at)
    if word == "null":
        stream.take()
        return Constant("null", None, token.at)
    if word in {"inf", "nan"}:
        raise unoffered(stream.option, f"there are no numbers such as {shortened(token.text)} here")
    if token.kind == "dollar" and word != "$it":
        raise _dollar(stream, token)
    return _member(stream)


def _call(stream: Stream) -> Node:
    token = stream.take()
    check_function(token.text, stream.option, token.at)
    stream.expect("(")
    arguments: list[Node] = []
    if not stream.is_mark(")"):
        arguments.append(expression(stream))
        while stream.took(","):
            arguments.append(expression(stream))
    stream.expect(")")
    if stream.is_mark("/"):
        raise wrong(
            stream.option, f"{token.text.lower()}() gives a value that has no properties", stream.next.at
        )
    return Call(token.text.lower(), tuple(arguments), token.at)


def _member(stream: Stream) -> Node:
    found = path(stream)
    _simple(stream, Token("name", found.names[0], found.at))
    if not stream.took("/"):
        return found
    token = stream.next
    if token.kind == "dollar" and token.text.lower() == "$count":
        stream.take()
        if stream.is_mark("("):
            raise unoffered(stream.option, "$count with options of its own is not supported")
        return Count(found, token.at)
    if token.kind == "dollar":
        raise _dollar(stream, token)
    if token.kind == "alias":
        raise unoffered(stream.option, "annotations are not supported")
    if token.kind != "name":
        raise stream.unexpected("a name")
    return _lambda(stream, found)


def _is_lambda(stream: Stream) -> bool:
    """Whether `/any(` or `/all(` comes next."""
    if stream.after.text.lower() not in {"any", "all"}:
        return False
    return stream.beyond.kind == "mark" and stream.beyond.text == "("


def _lambda(stream: Stream, over: Path) -> Node:
    token = stream.take()
    kind: Literal["any", "all"] = "any" if token.text.lower() == "any" else "all"
    stream.expect("(")
    if stream.took(")"):
        if kind == "all":
            raise wrong(stream.option, "all() needs a variable and a condition: all(a:…)", token.at)
        return Lambda(kind, over, None, None, token.at)
    variable = stream.expect_kind("name", "a variable")
    if "." in variable.text or variable.text.lower() in {*_POWERS, *_VALUES, "not", "null", "inf", "nan"}:
        raise wrong(stream.option, f"'{shortened(variable.text)}' cannot be a variable", variable.at)
    stream.expect(":")
    body = expression(stream)
    stream.expect(")")
    return Lambda(kind, over, variable.text, body, token.at)


def _simple(stream: Stream, token: Token) -> str:
    if "." in token.text:
        raise unoffered(stream.option, f"'{shortened(token.text)}': types in paths are not supported")
    return token.text


def _dollar(stream: Stream, token: Token) -> Exception:
    name = token.text.lower()
    if name in {"$root", "$this"} or name in _UNOFFERED_SEGMENTS:
        return unoffered(stream.option, f"{name} in expressions is not supported")
    return wrong(stream.option, f"'{shortened(token.text)}' is not known here", token.at)
