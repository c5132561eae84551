"""Any resource that could be declared: odd names, hostile text, slots, variants, embedded ones."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from representations import Action, Curie, Embedded, Field, Link, Rel, Resource, Shape, Value
from representations.model import Method

BOUNDED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(BOUNDED, max_examples=20)

FX = Curie("fx", "/rels/{rel}")

_NASTY = (
    *("", "'", '"', "<", ">", "&", "\\", "%", "%s %(x)s", "{", "}", "{0}{id}{{", "]]>", "<!-- & -->"),
    *("\x00", "\x0b\x1f", "\x7f\x85", "a\rb", "\n", "\r\n", "\t", " a  b ", "\u2028", "\ufffe", "\uffff"),
    *("\U0001d4b3", "\U0001f469\u200d\U0001f680", "e\u0301", "\u202e", "\ufeff", "é", "名", "café, \\o/"),
    *("<script>alert(1)</script>", "</style>", "&amp;", "&#0;", '" onload="', "javascript:1", "\r\nX: 1"),
)
texts = st.sampled_from(_NASTY) | st.text(max_size=6)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
values = scalars | st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
bases = st.sampled_from(
    ["https://patron.example", "http://[::1]:8000/shop%20one", "https://x.example/a&b'c", ""]
)

_SLOTS = dict.fromkeys(
    ("id", "store.id", "größe"),
    st.integers(0, 2**31)
    | texts.map(lambda text: quote(text, safe=""))
    | st.sampled_from(["customers?zoom=fx%3Aattributes&limit=2", "a%2Fb?x=%25&y=%26amp;&z='"]),
)
_TITLES = dict.fromkeys(("title", "name"), texts)
_OTHERS = dict.fromkeys(
    ("rel", "href", "self", "class", "value", "items", "_x", "X-1", "名", "key", "properties", "curies"),
    values,
)
_BY_NAME: dict[str, st.SearchStrategy[Any]] = {**_SLOTS, **_TITLES, **_OTHERS}
_others = st.lists(st.sampled_from(sorted(_OTHERS)), max_size=4, unique=True)

_rels = st.sampled_from(
    [
        *(
            Rel(name)
            for name in ("first", "alternate", "help", "https://rels.example/one?a=1&b='2'", "/rels")
        ),
        *(Rel(name, FX) for name in ("store", "send_webhooks", "self_service")),
    ]
)
_starts = st.sampled_from(["/", "/customers/", "https://shop.example/"])
_literals = ("/a%20b/", "/100%25/", "/x'y/", "/%s/", "?q=1&amp=2&r=", "&state=", ";v=1/", "#top")
_rests = st.lists(st.sampled_from([*_literals, *(f"{{{name}}}" for name in _SLOTS)]), max_size=3)
_hrefs = st.builds(lambda start, rest: start + "".join(rest), _starts, _rests)
_templates = st.sampled_from(
    ["/customers{?limit,offset}", "/x/{id}{&more*}", "https://x.example/{+path}{#rest:3}", "/{100%}"]
)
_own_titles = st.none() | texts | st.sampled_from([Value(name) for name in _TITLES])
_types = st.sampled_from([None, "text/html", "application/json; charset=utf-8"])
_inputs = st.sampled_from(
    [
        "hidden",
        "text",
        "search",
        "tel",
        "url",
        "email",
        "password",
        "datetime",
        "date",
        "month",
        "week",
        "time",
        "datetime-local",
        "number",
        "range",
        "color",
        "checkbox",
        "radio",
        "file",
    ]
)
_methods: st.SearchStrategy[Method] = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"])

_own_links = st.builds(Link, st.just(Rel("self")), _hrefs, _own_titles)
_links = st.lists(
    st.builds(Link, _rels, _hrefs, _own_titles, _types)
    | st.builds(Link, _rels, _templates, _own_titles, _types, st.just(True)),
    max_size=4,
)
_fields = st.builds(
    Field,
    *(texts, _inputs, st.none() | texts, scalars, st.booleans(), st.none() | st.integers(0, 9)),
    st.lists(texts, max_size=2).map(tuple),
    st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
_several_fields = st.lists(_fields, max_size=2, unique_by=lambda field: field.name).map(tuple)
_actions = st.lists(
    st.builds(Action, texts, _methods, _hrefs, texts, _several_fields),
    max_size=2,
    unique_by=lambda action: action.name,
).map(tuple)
_relations = st.sampled_from(["thing", "things", "other", "others"])
_deepest = 3
_some_relations = {
    depth: st.lists(_relations, max_size=2 if depth == _deepest else 1, unique=True)
    for depth in range(1, _deepest + 1)
}


@dataclass(frozen=True)
class Declared:
    """A shape, the names of its values in their order, and what its resources embed."""

    shape: Shape
    names: tuple[str, ...]
    parts: tuple[tuple[Embedded, "Declared"], ...]


@st.composite
def declarations(draw: st.DrawFn, depth: int) -> Declared:
    """A declared shape, perhaps showing only some of its properties, embedding up to `depth` deep."""
    names = tuple(draw(st.permutations([*_SLOTS, *_TITLES, *draw(_others)])))
    shown = draw(st.integers(0, len(names)))
    own = draw(st.booleans() | st.just(True))
    shape = Shape(
        kind=draw(st.sampled_from([None, Rel("thing", FX)])),
        properties=names[:shown],
        links=(*((draw(_own_links),) if own else ()), *draw(_links)),
        actions=draw(_actions),
        hidden=names[shown:],
        curie=FX,
    )
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        shape = shape.only(frozenset(draw(st.sets(st.sampled_from(names)))))
    return Declared(shape, names, draw(_parts(depth)) if depth else ())


@st.composite
def _parts(draw: st.DrawFn, depth: int) -> tuple[tuple[Embedded, Declared], ...]:
    """Relations to embed; one of many `things` is `a_thing`, which is all that readers need to know."""
    parts = []
    for name in draw(_some_relations[depth]):
        many = name.endswith("s")
        single = f"a_{name.removesuffix('s')}" if many else name
        parts.append((Embedded(Rel(name, FX), Rel(single, FX), many), draw(declarations(depth - 1))))
    return tuple(parts)


@st.composite
def resources(draw: st.DrawFn, depth: int = _deepest) -> Resource:
    """Any resource, embedding up to `depth` deep."""
    return draw(_as_declared(draw(declarations(depth))))


@st.composite
def _as_declared(draw: st.DrawFn, declared: Declared) -> Resource:
    embedded = []
    for part, inner in declared.parts:
        count = draw(st.integers(0, 2)) if part.many else 1
        embedded.append((part, [draw(_as_declared(inner)) for _ in range(count)]))
    return Resource(declared.shape, tuple(draw(_BY_NAME[name]) for name in declared.names), embedded)
