"""What the actions of resources and of collections are called, and how their titles are worded."""

from collections.abc import Iterable, Iterator, Mapping

from representations import Method

_NAMES: Mapping[Method, str] = {"POST": "create", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}
_TITLES = {
    "PATCH": "Update {one} (send only the properties you want to modify)",
    "PUT": "Replace {one} (send the entire representation)",
    "DELETE": "Delete {one}",
}
_TITLES_OF_MANY = {
    "POST": "Create {one}",
    "PATCH": "Create and update {all} (send an array)",
    "PUT": "Replace all {all} (send an array)",
}


def worded(named: str, methods: Iterable[str], *, many: bool) -> Iterator[tuple[Method, str, str]]:
    """Those of the methods that write a noun of ours: each with the name and the title of its action.

    :param many: at the address of a collection.
    """
    titles = _TITLES_OF_MANY if many else _TITLES
    words = {"one": f"{'an' if named[0] in 'aeio' else 'a'} {named}", "all": many_of(named)}
    for method, name in _NAMES.items():
        if method in methods:
            yield method, name, titles[method].format_map(words)


def many_of(named: str) -> str:
    """The plural of a noun of ours."""
    return f"{named}es" if named.endswith("s") else f"{named}s"
