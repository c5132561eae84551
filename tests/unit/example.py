"""A small store of books, written by hand: one resource that has a bit of everything, and a refusal."""

from pathlib import Path

from representations import Action, Curie, Embedded, Field, Link, Rel, Resource, Shape, Value

BASE = "https://patron.example"
FX = Curie("fx", "/rels/{rel}")
GOLDEN = Path(__file__).parents[1] / "golden" / "representations"


def rel(name: str) -> Rel:
    """A link relation of the example's own."""
    return Rel(name, FX)


def shape(*properties: str, links: tuple[Link, ...] = (), kind: str = "thing") -> Shape:
    """A shape for a test that needs no more than this."""
    return Shape(rel(kind), properties, links, curie=FX)


NOTE = Shape(
    rel("note"),
    ("name", "value"),
    (Link(Rel("self"), "/notes/{id}", Value("name")),),
    hidden=("id",),
    curie=FX,
)
SHELF = Shape(rel("shelf"), ("label",), (Link(Rel("self"), "/shelves/{label}"),), curie=FX)
BOOK = Shape(
    rel("book"),
    ("id", "title", "price", "in_print", "subtitle", "tags", "sizes"),
    (
        Link(Rel("self"), "/books/{id}", "This Book"),
        Link(rel("notes"), "/books/{id}/notes", 'Notes on "this" <Book>'),
        Link(rel("shop"), "/shops/{shop_id}?book={id}&view=all"),
        Link(Rel("alternate"), "https://books.example/{id}.pdf", "As a file", "application/pdf"),
        Link(Rel("alternate"), "https://books.example/{id}.epub", type="application/epub+zip"),
        Link(Rel("search"), "/books{?title,limit}", "Find books", templated=True),
    ),
    (
        Action(
            "change",
            "PATCH",
            "/books/{id}",
            "Change this Book",
            (
                Field("title", title="Its title", value="New"),
                Field("price", "number", value=0),
                Field("in_print", "checkbox", value=False),
            ),
        ),
        Action("delete", "DELETE", "/books/{id}", "Delete this Book"),
    ),
    hidden=("shop_id",),
    curie=FX,
)

NOTES = Embedded(rel("notes"), rel("note"), many=True)
LOANS = Embedded(rel("loans"), rel("loan"), many=True)
ON_SHELF = Embedded(rel("shelf"), rel("shelf"), many=False)

BOOK_OF_TEA = Resource(
    BOOK,
    (
        7,
        'Tea & "Crumbs" <100%>',
        12.5,
        True,
        None,
        ["hot", "wet"],
        {"small": 1, "large": None},
        66,
    ),
    (
        (NOTES, [Resource(NOTE, ("Größe", "über 20 cm", 1)), Resource(NOTE, ("owner", "", 2))]),
        (LOANS, []),
        (ON_SHELF, [Resource(SHELF, ("a%20b",))]),
    ),
)

ERROR = Shape(rel("error"), ("logref", "message", "property", "code"), curie=FX)
ERRORS = Shape(rel("errors"), ("total",), hidden=("status",), curie=FX)
FAULTS = Embedded(rel("errors"), rel("error"), many=True)


def refusal(status: int, *faults: tuple[str, str | None, str]) -> Resource:
    """An error resource: for each fault its message, the property it is about, and its code."""
    entries = [Resource(ERROR, ("id-1", message, about, code)) for message, about, code in faults]
    return Resource(ERRORS, (len(entries), status), ((FAULTS, entries),))
