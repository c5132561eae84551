"""What `patron import` does: opens a file, guesses what it holds, loads it or says what that would do."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self

import click
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from app.audit import audit
from app.auth.tokens import new_token
from app.config import Misconfigured, from_environment
from app.encryption import Cipher
from app.moving.files import STANDARD, Format, Source, format_of, lines, opened
from app.moving.garbage import seldom_collected
from app.moving.lines import Line, Loaded, Manner, Reject
from app.moving.loading import Loader
from app.moving.ndjson import documents
from app.moving.progress import progress
from app.moving.rejects import Rejects
from app.moving.tables import Table, table

MOST_TOLD = 10
"""How many faults a dry run tells."""


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
        **manner: Any,
    ) -> Self:
        """Reads what a command line says.

        :raises Misconfigured: where it makes no sense.
        """
        kind = kind or ("ndjson" if file == STANDARD else format_of(file))
        if columns and kind == "ndjson":
            raise Misconfigured("--map is for tables: NDJSON names its properties itself")
        if file != STANDARD and not rejects:
            rejects = f"{file}.rejects.ndjson"
        return cls(
            file=file,
            store_id=store_id,
            kind=kind,
            columns=[_said(each) for each in columns],
            dry_run=dry_run,
            rejects=Path(rejects) if rejects else None,
            encoding=_encoding(encoding),
            manner=Manner(**manner),
        )

    def run(self, engine: Engine) -> Loaded:
        """Loads the file, or tells what that would do."""
        with opened(self.file) as source:
            read, known = self._lines(source)
            if known and self.dry_run:
                _tell_columns(known)
            try:
                return self._dry(engine, read) if self.dry_run else self._wet(engine, source, read)
            except (OperationalError, InterfaceError) as error:
                said = f"the database does not answer: {error.orig}"
                raise Misconfigured(f"{said}: run the same again to go on") from error

    def _lines(self, source: Source) -> tuple[Iterable[Line], Table | None]:
        numbered = lines(source.stream)
        if self.kind == "ndjson":
            return documents(numbered), None
        made = table(numbered, self.columns, "\t" if self.kind == "tsv" else "", self.encoding)
        return made.lines, made

    def _wet(self, engine: Engine, source: Source, read: Iterable[Line]) -> Loaded:
        with Rejects(self.rejects) as rejects, progress("Importing", source.size) as advance:
            loader = Loader(engine, self.store_id, _cipher(), self.manner, rejects.add)
            with seldom_collected():
                for batch in _batches(read, self.manner.batch):
                    loader.load(batch)
                    advance(source.position(), loader.loaded.total)
        _audit(self.store_id, loader.loaded)
        return loader.loaded

    def _dry(self, engine: Engine, read: Iterable[Line]) -> Loaded:
        told = 0

        def tell(reject: Reject) -> None:
            nonlocal told
            told += 1
            if told <= MOST_TOLD:
                click.echo(f"line {reject.line.place}: {'; '.join(reject.reasons.values())}")

        loader = Loader(engine, self.store_id, _cipher(), self.manner, tell)
        for batch in _batches(read, self.manner.batch):
            loader.check(batch)
        return loader.loaded


def _batches(read: Iterable[Line], size: int) -> Iterator[list[Line]]:
    source = iter(read)
    while batch := list(islice(source, size)):
        yield batch


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
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise Misconfigured(f"--encoding {name}: there is no such encoding") from None


def _tell_columns(known: Table) -> None:
    for title, column in zip(known.header, known.columns, strict=True):
        click.echo(f"{title} -> {column.title if column else '(left out)'}")
