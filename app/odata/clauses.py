"""The query options themselves: $orderby, $select, $expand with its nested options, numbers and flags."""

from collections.abc import Callable, Mapping
from typing import Any

from app.db.ids import LARGEST
from app.odata.faults import shortened, unoffered, wrong
from app.odata.parser import expression, path
from app.odata.stream import Stream
from app.odata.syntax import Expanded, Node, Path, Selected, Term, Written

MOST_ITEMS = 100
"""The most items of one $select, $expand or $orderby."""

UNOFFERED = {
    "$apply", "$compute", "$deltatoken", "$id", "$index", "$levels", "$schemaversion", "$search",
}  # fmt: skip
"""System query options of OData that this face knows and does not offer."""


def written(name: str, text: str) -> Any:
    """What an option says, all of whose text is read.

    :raises Refusal: where it says nothing that can be understood.
    """
    stream = Stream(text, name)
    said = CLAUSES[name](stream)
    stream.expect_end()
    return said


def canonical(name: str) -> str | None:
    """The name of a system query option, however a client wrote it: `$` and case are optional in 4.01."""
    folded = f"${name.removeprefix('$').lower()}"
    return folded if folded in CLAUSES or folded in UNOFFERED or folded in {"$format", "$skiptoken"} else None


def _filter(stream: Stream) -> Node:
    return expression(stream)


def _orderby(stream: Stream) -> tuple[Term, ...]:
    return tuple(_several(stream, _term))


def _term(stream: Stream) -> Term:
    at = stream.next.at
    node, word = expression(stream), stream.next.text.lower()
    if stream.next.kind == "name" and word in {"asc", "desc"}:
        stream.take()
    return Term(node, word == "desc", at)


def _select(stream: Stream) -> tuple[Selected, ...]:
    return tuple(_several(stream, _selected))


def _selected(stream: Stream) -> Selected:
    found = _item(stream)
    if not stream.is_mark("("):
        return Selected(found)
    options = _nested(stream)
    if set(options.texts) - {"$select"}:
        raise unoffered(stream.option, "of nested options, $select alone is supported")
    return Selected(found, options.select)


def _expand(stream: Stream) -> tuple[Expanded, ...]:
    return tuple(_several(stream, _expanded))


def _expanded(stream: Stream) -> Expanded:
    found = _item(stream)
    return Expanded(found, _nested(stream) if stream.is_mark("(") else Written())


def _item(stream: Stream) -> Path:
    if stream.is_mark("*"):
        return Path(("*",), stream.take().at)
    if stream.next.kind == "alias" or stream.next.text == "$value":
        raise unoffered(stream.option, "annotations and streams are not supported")
    if stream.next.kind != "name":
        raise stream.unexpected("a name")
    found = path(stream)
    if any("." in name for name in found.names):
        raise unoffered(
            stream.option, f"'{shortened('/'.join(found.names))}': types in paths are not supported"
        )
    if stream.is_mark("/") and stream.after.kind in {"dollar", "alias"}:
        raise unoffered(stream.option, f"{shortened(stream.after.text)} is not supported")
    if stream.is_mark("/") and stream.after.text == "*":
        stream.take()
        stream.take()
        return Path((*found.names, "*"), found.at)
    return found


def _several(stream: Stream, item: Callable[[Stream], Any]) -> list[Any]:
    items = [item(stream)]
    while stream.took(","):
        items.append(item(stream))
        if len(items) > MOST_ITEMS:
            raise wrong(stream.option, f"at most {MOST_ITEMS} items may be named", stream.next.at)
    return items


def _nested(stream: Stream) -> Written:
    """The options in the brackets of an item; a `;` stands between them."""
    said: dict[str, Any] = {}
    texts: dict[str, str] = {}
    with stream.nested():
        stream.expect("(")
        while True:
            token = stream.take()
            name = (canonical(token.text) if token.kind in {"name", "dollar"} else None) or ""
            if token.kind == "alias":
                raise unoffered(stream.option, "aliases are given beside $expand, not in its brackets")
            if name in UNOFFERED:
                raise unoffered(stream.option, f"{name} is not supported")
            if name not in CLAUSES:
                met = f"not '{shortened(token.text)}'" if token.text else "not the end"
                raise wrong(stream.option, f"an option of an item is expected, {met}", token.at)
            if name in said:
                raise wrong(stream.option, f"{name} stands there twice", token.at)
            stream.expect("=")
            begin = stream.next.at
            said[name] = CLAUSES[name](stream)
            texts[name] = stream.text[begin : stream.next.at]
            if not stream.took(";"):
                break
        stream.expect(")")
    return gathered(said, texts)


def gathered(said: Mapping[str, Any], texts: Mapping[str, str]) -> Written:
    """Options by their names, and how they were written, as one value."""
    return Written(**{name.removeprefix("$"): value for name, value in said.items()}, texts=texts)


def _count(stream: Stream) -> bool:
    token = stream.expect_kind("name", "true or false")
    if token.text.lower() not in {"true", "false"}:
        raise wrong(stream.option, "it is either true or false", token.at)
    return token.text.lower() == "true"


def _number(stream: Stream) -> int:
    token = stream.expect_kind("Edm.Int64", "a whole number")
    if not token.text.isdecimal():
        raise wrong(stream.option, "it is a whole number of 0 or more, without a sign", token.at)
    return min(int(token.value), LARGEST)  # no store has more rows of a type


CLAUSES: Mapping[str, Callable[[Stream], Any]] = {
    "$filter": _filter,
    "$orderby": _orderby,
    "$select": _select,
    "$expand": _expand,
    "$top": _number,
    "$skip": _number,
    "$count": _count,
}
"""What reads each system query option that is offered."""
