"""`if` of a request in a batch: on which requests before it having succeeded it depends (JSON 4.01 §19.1).

Understood are `$<id>/$succeeded`, true and false, with `not`, `and`, `or` and brackets.
"""

import re
from collections.abc import Callable, Iterator

from app.errors import shortened

MOST_WORDS = 60

_WORD = re.compile(r"\s*(?:([()])|(\$[^\s()]+?)/\$succeeded(?![^\s()])|([a-z]+)(?![^\s()]))\s*")


class NotUnderstood(ValueError):
    """A condition that asks for something else."""


def holds(condition: str, has_succeeded: Callable[[str], bool | None]) -> bool:
    """Whether a condition holds.

    :param has_succeeded: whether a request has, by its id; None where there is none before.
    :raises NotUnderstood: where it is none of those that are.
    """
    words = list(_words(condition))
    if len(words) > MOST_WORDS:
        raise NotUnderstood(f"it is longer than {MOST_WORDS} words")
    reader = _Reader(words, has_succeeded)
    found = reader.either()
    if reader.words:
        raise NotUnderstood(f"{shortened(reader.words[0])} is not expected there")
    return found


def _words(condition: str) -> Iterator[str]:
    at = 0
    while at < len(condition):
        found = _WORD.match(condition, at)
        if found is None:
            raise NotUnderstood(f"{shortened(condition[at:])} is not understood")
        yield found[1] or found[2] or found[3]
        at = found.end()


class _Reader:
    """Reads a condition from its words; each method takes what it reads away from them."""

    def __init__(self, words: list[str], has_succeeded: Callable[[str], bool | None]) -> None:
        self.words = words
        self._has_succeeded = has_succeeded

    def either(self) -> bool:
        """Conditions of which one must hold."""
        found = self._all()
        while self.words[:1] == ["or"]:
            self.words.pop(0)
            found = self._all() or found
        return found

    def _all(self) -> bool:
        found = self._one()
        while self.words[:1] == ["and"]:
            self.words.pop(0)
            found = self._one() and found
        return found

    def _one(self) -> bool:
        if not self.words:
            raise NotUnderstood("it ends too early")
        word = self.words.pop(0)
        if word == "not":
            return not self._one()
        if word == "(":
            found = self.either()
            if self.words[:1] != [")"]:
                raise NotUnderstood("a bracket is not closed")
            self.words.pop(0)
            return found
        if word in {"true", "false"}:
            return word == "true"
        return self._succeeded(word)

    def _succeeded(self, word: str) -> bool:
        known = self._has_succeeded(word[1:]) if word.startswith("$") else None
        if known is None:
            raise NotUnderstood(f"{shortened(word)} is no request before this one")
        return known
