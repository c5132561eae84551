"""What `patron import` does: opens a file, guesses what it holds, loads it or says what that would do."""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import click
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from app.audit import audit
from app.auth.tokens import new_token
from app.config import Misconfigured, from_environment
from app.encryption import Cipher
from app.moving.files import (
    LONGEST_DOCUMENT,
    LONGEST_LINE,
    STANDARD,
    Format,
    Source,
    format_of,
    lines,
    opened,
)
from app.moving.lines import Line, Loaded, Manner, Reject
from app.moving.loading import Loader, load
from app.moving.ndjson import documents
from app.moving.progress import progress
from app.moving.rejects import Rejects
from app.moving.tables import Table, table

MOST_TOLD = 10
"""How many faults are told where no file takes them."""

_PLAIN = "\t\n\r \"',;+ABCabc012@."


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import as it was asked for."""

    file: str
    store_id: int
    kind: Format
    columns: Sequence[tuple[str, str]]
    dry_run: bool
    rejects: Path | None
    encoding: str
    separator: str
    manner: Manner

    @classmethod
    def of(
        cls,
        *,
        file: str,
        store_id: int,
        kind: Format | None,
        columns: Sequence[str],
        dry_run: bool,
        rejects: str | None,
        encoding: str,
        separator: str | None,
        **manner: Any,
    ) -> Self:
        """Reads what a command line says.

        :raises Misconfigured: where it makes no sense.
        """
        kind = kind or ("ndjson" if file == STANDARD else format_of(file))
        if kind == "ndjson" and (columns or separator):
            name = "--map" if columns else "--separator"
            raise Misconfigured(f"{name} is for tables: NDJSON names its properties itself")
        if not rejects and Path(file).is_file():  # beside a pipe, as /dev/fd/63, there is no place for one
            rejects = f"{file}.rejects.ndjson"
        return cls(
            file=file,
            store_id=store_id,
            kind=kind,
            columns=[_said(each) for each in columns],
            dry_run=dry_run,
            rejects=Path(rejects) if rejects else None,
            encoding=_encoding(encoding),
            separator=_separator(separator, kind),
            manner=Manner(**manner),
        )

    def run(self, engine: Engine) -> Loaded:
        """Loads the file, or tells what that would do."""
        with opened(self.file) as source:
            read, known = self._lines(source)
            if known:
                self._tell_columns(known)
            try:
                return self._dry(engine, read) if self.dry_run else self._wet(engine, source, read)
            except (OperationalError, InterfaceError) as error:
                said = f"the database does not answer: {error.orig}"
                raise Misconfigured(f"{said}: run the same again to go on") from error

    def _lines(self, source: Source) -> tuple[Iterable[Line], Table | None]:
        if self.kind == "ndjson":
            return documents(lines(source.stream, LONGEST_DOCUMENT)), None
        made = table(lines(source.stream, LONGEST_LINE), self.columns, self.separator, self.encoding)
        return made.lines, made

    def _tell_columns(self, known: Table) -> None:
        """What the columns are taken for; in every run, which of them are not understood."""
        titled = list(zip(known.header, known.columns, strict=True))
        if self.dry_run:
            for title, column in titled:
                click.echo(f"{title} -> {column.title if column else '(left out)'}")
        said = {title for title, _ in self.columns}
        if unknown := [title for title, column in titled if not column and title not in said]:
            what = f"not understood, so left out: {', '.join(unknown)}"
            click.echo(f"patron: {what} (--map COLUMN=PROPERTY says what a column holds)", err=True)

    def _wet(self, engine: Engine, source: Source, read: Iterable[Line]) -> Loaded:
        telling = _Telling()
        with (
            Rejects(self.rejects, source.known_as) as rejects,
            progress("Importing", source.size) as advance,
        ):
            loaded = load(
                engine,
                self.store_id,
                read,
                _cipher(),
                self.manner,
                reject=rejects.add if self.rejects else telling.on_stderr,
                advance=lambda so_far: advance(source.position(), so_far.total),
            )
        if telling.told > MOST_TOLD:
            more = telling.told - MOST_TOLD
            click.echo(f"and {more} more: --rejects FILE keeps all, to be mended", err=True)
        _audit(self.store_id, loaded)
        return loaded

    def _dry(self, engine: Engine, read: Iterable[Line]) -> Loaded:
        loader = Loader(engine, self.store_id, _cipher(), self.manner, _Telling().on_stdout)
        loader.check(read)
        return loader.loaded


@dataclass(slots=True)
class _Telling:
    """Tells the first faults to who sits there."""

    told: int = 0

    def on_stdout(self, reject: Reject) -> None:
        self._tell(reject, to_stderr=False)

    def on_stderr(self, reject: Reject) -> None:
        self._tell(reject, to_stderr=True)

    def _tell(self, reject: Reject, *, to_stderr: bool) -> None:
        self.told += 1
        if self.told <= MOST_TOLD:
            click.echo(f"line {reject.line.place}: {'; '.join(reject.reasons.values())}", err=to_stderr)


def _cipher() -> Cipher:
    """Nothing that is moved in is encrypted, so any key does where there is none."""
    return Cipher(from_environment().secret_key or new_token())


def _audit(store_id: int, loaded: Loaded) -> None:
    audit(
        "customers_imported",
        store_id=store_id,
        created=loaded.created,
        updated=loaded.updated,
        unchanged=loaded.unchanged,
        rejected=loaded.rejected,
    )


def _said(text: str) -> tuple[str, str]:
    column, separator, about = text.rpartition("=")
    if not separator or not column:
        raise Misconfigured(f"--map {text}: say COLUMN=PROPERTY")
    return column, about


def _encoding(name: str) -> str:
    """An encoding whose texts are read by lines: all but UTF-16 and the like, and what encodes no text."""
    try:
        known = codecs.lookup(name)
    except LookupError:
        raise Misconfigured(f"--encoding {name}: there is no such encoding") from None
    try:
        is_plain = _PLAIN.encode().decode(name, "surrogateescape") == _PLAIN
        is_plain = is_plain and isinstance(b"\xff".decode(name, "surrogateescape"), str)
    except (LookupError, ValueError):  # of those that are no encodings of text, and of UTF-16
        is_plain = False
    if not is_plain:
        raise Misconfigured(f"--encoding {name}: no table is read in that: save it as UTF-8")
    return known.name


def _separator(said: str | None, kind: Format) -> str:
    """What stands between cells; "" where that is to be guessed."""
    if said is None:
        return "\t" if kind == "tsv" else ""
    separator = {"tab": "\t", "\\t": "\t"}.get(said, said)
    if len(separator) != 1 or separator in '"\r\n':
        raise Misconfigured(f"--separator {said}: say one character, or tab")
    return separator
