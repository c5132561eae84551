"""Searching the pages: by words that stand in a name, a title, a meaning or the name of a property."""

from collections.abc import Iterable
from functools import lru_cache

from app.docs.pages import Page

MOST_WORDS = 20


def found(pages: Iterable[Page], asked: str) -> list[Page]:
    """The pages in which all the words stand: first those that are called so, and by name."""
    words = asked.casefold().split()[:MOST_WORDS]
    matching = [page for page in pages if all(word in _text(page) for word in words)]
    return sorted(matching, key=lambda page: (not _is_called(page, words), page.rel))


def _is_called(page: Page, words: list[str]) -> bool:
    name = page.rel.replace("_", " ")
    return bool(words) and all(word.replace("_", " ") in name for word in words)


@lru_cache(maxsize=512)
def _text(page: Page) -> str:
    names = " ".join(page.told["properties"])
    return f"{page.rel} {page.rel.replace('_', ' ')} {page.title} {page.meaning} {names}".casefold()
