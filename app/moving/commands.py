"""The commands `patron import` and `patron export`. What they need is imported when they run."""

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from app.operating import Id, database

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.moving.importing import Import
    from app.moving.lines import Loaded

FORMATS = click.Choice(["ndjson", "csv", "tsv"])

_store = click.option("--store", "store_id", type=Id(), required=True, help="The id of the store.")
_format = click.option("--format", "kind", type=FORMATS, help="The format; else the file's name tells.")
_client = click.option(
    "--client", default="", help="The name in OAuth of the client whose restricted attributes go along."
)


@click.command("import")
@click.argument("file", type=click.Path(allow_dash=True))
@_store
@_format
@_client
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="COLUMN=PROPERTY",
    help="What a table's column holds; nothing behind the = leaves it out. Else its name tells.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--rejects", type=click.Path(), help="Where rejects go; FILE.rejects.ndjson unless named.")
@click.option("--trusted", is_flag=True, help="Look at types, lengths and lists only.")
@click.option("--lenient", is_flag=True, help="Pass over properties that Patron does not know.")
@click.option(
    "--on-duplicate",
    type=click.Choice(["update", "skip"]),
    default="update",
    show_default=True,
    help="Bring a customer who is there already in line, or leave them alone.",
)
@click.option("--batch", type=click.IntRange(1, 10_000), default=1000, show_default=True, help="At once.")
@click.option("--separator", help="What stands between a table's cells, or tab; else its header tells.")
@click.option("--encoding", default="utf-8", show_default=True, help="How a table's text is encoded.")
def import_customers(**options: Any) -> None:
    """Load customers from FILE into a store; - is standard input.

    NDJSON has the HAL document of a customer on each line, as `patron export` writes it. CSV and TSV have a
    header. Whoever is there already is found by id, and those who are registered by email.
    """
    from app.logs import configure_logs
    from app.moving.importing import Import

    configure_logs()
    began = time.monotonic()
    asked = Import.of(**options)
    with database() as engine:
        loaded = asked.run(engine)
    _tell(asked, loaded, began)
    if loaded.rejected:
        sys.exit(1)


@click.command("export")
@click.argument("file", type=click.Path(allow_dash=True), default="-")
@_store
@_format
@_client
@click.option("--customer", help="A person's id or email: write, as JSON, what is held on them alone.")
def export_customers(file: str, store_id: int, kind: Any, client: str, customer: str | None) -> None:
    """Write all customers of a store to FILE, or to standard output.

    It is one snapshot. It holds hashes of passwords: FILE can be read by its owner alone. With --customer it
    is what a person may ask for, and holds none.
    """
    from app.logs import configure_logs

    configure_logs()
    if customer is not None:
        from app.keeping.commands import write_personal_data
        from app.moving.files import created

        with created(file) as stream:
            write_personal_data(store_id, customer, stream)
        return
    with database() as engine:
        _export(engine, file, store_id, kind, client)


def _export(engine: "Engine", file: str, store_id: int, kind: Any, client: str) -> None:
    from sqlalchemy import select

    from app.audit import audit
    from app.config import Misconfigured, from_environment
    from app.db.reader import Unavailable
    from app.db.tally import Tally
    from app.moving.exporting import Exporting
    from app.moving.files import STANDARD, created, format_of
    from app.moving.progress import progress, summary

    config, began = from_environment(), time.monotonic()
    kind = kind or ("ndjson" if file == STANDARD else format_of(file))
    exporting = Exporting(engine, store_id, config.rels_href, config.base_url or "http://localhost", client)
    counted = select(Tally.rows).where(Tally.store_id == store_id, Tally.name.startswith("customer:"))
    with engine.connect() as connection:
        whole = sum(connection.scalars(counted))
    try:
        with created(file) as stream, progress("Exporting", whole) as advance:
            written = exporting.write(stream, kind, lambda done: advance(done, done))
    except Unavailable as error:
        raise Misconfigured(f"the database does not answer: {error}") from error
    audit("customers_exported", store_id=store_id, client=client or None, exported=written)
    click.echo(summary({"exported": written}, began), err=True)


def _tell(asked: "Import", loaded: "Loaded", began: float) -> None:
    from app.moving.progress import summary

    counts = asdict(loaded)
    if asked.dry_run:
        counts = {"good": loaded.created, "faulty": loaded.rejected}
    click.echo(summary(counts, began))
    if loaded.rejected and not asked.dry_run and asked.rejects:
        click.echo(f"what was rejected, and why, is in {asked.rejects}", err=True)
