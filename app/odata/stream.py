"""The tokens of one query option, read in order; it also counts what is made of them, so that it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.odata.faults import shortened, wrong
from app.odata.lexer import Kind, Token, tokens

MOST_NESTED = 25
MOST_TERMS = 1000


class Stream:
    """Tokens, and a place in them.

    :raises Refusal: from each method, where what is there is not what has to be there.
    """

    def __init__(self, text: str, option: str) -> None:
        self.option = option
        self.text = text
        self._tokens = list(tokens(text, option))
        self._next = 0
        self._depth = 0
        self._terms = 0

    @property
    def next(self) -> Token:
        """The token that is next."""
        return self._tokens[self._next]

    @property
    def after(self) -> Token:
        """The token behind the next one."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    @property
    def beyond(self) -> Token:
        """The token behind that one."""
        return self._tokens[min(self._next + 2, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, which is read by this."""
        token = self.next
        if token.kind != "end":
            self._next += 1
        return token

    def is_mark(self, piece: str) -> bool:
        """Whether a mark is next."""
        return self.next.kind == "mark" and self.next.text == piece

    def took(self, piece: str) -> bool:
        """Whether a mark was next; it is read then."""
        if not self.is_mark(piece):
            return False
        self.take()
        return True

    def expect(self, piece: str) -> Token:
        """A mark that has to be there."""
        if not self.is_mark(piece):
            raise self.unexpected(f"'{piece}'")
        return self.take()

    def expect_kind(self, kind: Kind, wanted: str) -> Token:
        """A token of a kind that has to be there."""
        if self.next.kind != kind:
            raise self.unexpected(wanted)
        return self.take()

    def expect_end(self) -> None:
        """Nothing more has to be there."""
        if self.next.kind != "end":
            raise self.unexpected("the end")

    def unexpected(self, wanted: str) -> Exception:
        """The refusal of what is next."""
        there = "the end" if self.next.kind == "end" else f"'{shortened(self.next.text, 40)}'"
        return wrong(self.option, f"{wanted} is expected, not {there}", self.next.at)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """What is read within is nested one level deeper."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise wrong(self.option, f"at most {MOST_NESTED} levels may be nested", self.next.at)
        yield
        self._depth -= 1

    def count_term(self) -> None:
        """One term more was read."""
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise wrong(self.option, f"at most {MOST_TERMS} terms may be combined", self.next.at)
