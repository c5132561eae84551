"""The commands that keep the data. What they need is imported when they run, so that --help is quick."""

from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO

import click

from app.operating import Id, database

if TYPE_CHECKING:
    from app.encryption import Cipher
    from app.keeping.backup import Contents
    from app.keeping.erasing import Outcome

_store = click.option("--store", "store_id", required=True, type=Id(), help="The store's id.")
_customer = click.option(
    "--customer", required=True, help="The customer's id, or the email of all that they are."
)

_unreadable = click.option(
    "--forget-unreadable",
    "unreadable",
    is_flag=True,
    help="Go on where no key can read what is stored: such kept answers are forgotten, whoever they tell of.",
)


def write_personal_data(store_id: int, customer: str, stream: IO[bytes]) -> None:
    """Writes all that is held on a person, as JSON.

    :raises Misconfigured: where that is nothing.
    """
    from app.audit import audit
    from app.config import Misconfigured
    from app.keeping.personal_data import encoded, personal_data

    with database() as engine:
        document = personal_data(engine, _cipher(), store_id, customer)
    if document is None:
        raise Misconfigured(
            f"customer {customer} does not exist in store {store_id}, and nothing tells of them"
        )
    for each in document["customers"]:
        audit("customer_exported", store_id=store_id, customer_id=each)
    stream.write(encoded(document))


@click.command()
@_store
@_customer
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only say what is held.")
@click.option("--cancel-subscriptions", "cancel", is_flag=True, help="Cancel those that are active.")
@click.option("--vacuum", is_flag=True, help="Write the database anew, too. On SQLite others wait who write.")
@_unreadable
def erase(
    store_id: int, customer: str, yes: bool, dry_run: bool, cancel: bool, vacuum: bool, unreadable: bool
) -> None:
    """Erase a person: for ever, and everywhere in the database.

    Purchases stay, and no longer tell whose they were. The store's webhooks are told that the customer is
    deleted, by id. Backups from before forget the customer when `patron restore` restores them.
    """
    from app.keeping.erasing import erase as do_erase
    from app.keeping.erasing import held
    from app.keeping.key_rotation import require_readable
    from app.keeping.scouring import scour

    with database() as engine:
        cipher = _cipher()
        if not unreadable:
            require_readable(engine, cipher, [store_id])
        if dry_run or not yes:
            found = held(engine, cipher, store_id, customer)
            _say(found, "would be erased")
            if dry_run:
                return
            if found.rows:
                click.confirm("Erase all of it?", abort=True)
        _say(do_erase(engine, cipher, store_id, customer, cancel=cancel), "erased")
        if not scour(engine, vacuum=vacuum):
            click.echo("patron: others are reading: SQLite's log is emptied when they have done", err=True)


@click.command()
def erasures() -> None:
    """List who was erased: store, customer and time, as ids and numbers. Keep the list apart from backups."""
    from app.keeping.erasure import noted

    with database() as engine, engine.connect() as connection:
        for each in noted(connection):
            click.echo(str(each))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Back the database up into FILE, while servers go on. The secret key is not in it: keep that apart."""
    from app.config import from_environment
    from app.keeping.backup import back_up

    click.echo(_table(back_up(from_environment().database_url, file)))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help="Replace what is in the database.")
@click.option(
    "--erasures",
    "lists",
    type=click.File(errors="replace"),
    multiple=True,
    help="A list of who was erased: `patron erasures`.",
)
@click.option("--even-in-use", "in_use", is_flag=True, help="Do not mind who has the database open.")
@_unreadable
def restore(file: Path, force: bool, lists: tuple[TextIO, ...], in_use: bool, unreadable: bool) -> None:
    """Restore the backup in FILE into an empty database. No server or worker may run meanwhile."""
    from app.config import from_environment
    from app.keeping.erasure import read_list
    from app.keeping.restoring import restore as do_restore

    cipher = _cipher()
    erased = [each for lines in lists for each in read_list(lines)]
    url = from_environment().database_url
    done = do_restore(url, file, cipher, force=force, in_use=in_use, unreadable=unreadable, erasures=erased)
    click.echo(_table(done.contents))
    click.echo(f"restored, now at revision {done.revision}; erased again: {done.erased}")


@click.command()
def purge() -> None:
    """Delete what has ended and is needed no more, as workers do every hour. Servers may go on."""
    from app.config import from_environment
    from app.keeping.purging import purge as do_purge

    with database() as engine:
        counted = do_purge(engine, from_environment().delivery_days)
    for name, count in counted.items():
        click.echo(f"{count}\t{name}")
    click.echo("purged" if counted else "nothing has ended")


@click.group()
def keys() -> None:
    """The secret key of the servers, with which secrets in the database are encrypted."""


@keys.command()
@click.option("--dry-run", is_flag=True, help="Only count what other keys have encrypted.")
def rotate(dry_run: bool) -> None:
    """Encrypt with PATRON_SECRET_KEY what PATRON_OTHER_SECRET_KEYS have encrypted. Servers may go on."""
    from app.config import from_environment, require_keys
    from app.keeping.key_rotation import rotate as do_rotate

    require_keys(from_environment())
    with database() as engine:
        done = do_rotate(engine, _cipher(), dry=dry_run)
    for column, count in sorted(done.anew.items()):
        click.echo(f"{count}\t{column}")
    if dry_run:
        click.echo("counted")
    elif done.anew:
        click.echo("encrypted with PATRON_SECRET_KEY")
    elif not done.unreadable:
        click.echo("nothing is left")
    done.require_readable()


COMMANDS: tuple[click.Command, ...] = (erase, erasures, backup, restore, purge, keys)


def _table(contents: "Contents") -> str:
    rows = [f"{count}\t{table}" for table, count in contents.rows.items()]
    return "\n".join((f"{contents.engine}, revision {contents.revision}", *rows))


def _say(outcome: "Outcome", done: str) -> None:
    customers = ", ".join(map(str, outcome.person.customers)) or "none"
    click.echo(f"store {outcome.person.store_id}, customers: {customers}")
    for table, count in sorted(outcome.rows.items()):
        click.echo(f"{count}\t{table}")
    click.echo(done if outcome.rows else "nothing is held")


def _cipher() -> "Cipher":
    """With the operator's secret keys: what they encrypt belongs to people, too.

    :raises Misconfigured: where there is none.
    """
    from app.config import Misconfigured, from_environment
    from app.encryption import Cipher
    from app.logs import configure_logs

    configure_logs()
    config = from_environment()
    if not config.secret_key:
        raise Misconfigured("PATRON_SECRET_KEY is not set: part of what is held can be read with it alone")
    return Cipher(config.secret_key, *config.other_secret_keys)
