"""The commands `patron apikey …`. What they need is imported when they run, so that --help is quick."""

import json

import click

from app.operating import database, piped_line


@click.group()
def apikey() -> None:
    """API keys: with a store's account code, what OData clients sign in with. Each is shown once."""


@apikey.command("create")
@click.option("--store", required=True, help="The id of the store, or its account code; a number is an id.")
@click.option("--label", required=True, help="Whose it is to be, and for what: for your own memory.")
@click.option(
    "--permissions",
    default="view",
    show_default=True,
    help="What it may do with customers, commas between: view, add, edit, delete.",
)
def create_api_key(store: str, label: str, permissions: str) -> None:
    """Create an API key; print it with the account code, this once."""
    from app.auth.key_administration import create_key
    from app.logs import configure_logs

    configure_logs()
    wanted = [each.strip() for each in permissions.split(",") if each.strip()]
    with database() as engine:
        click.echo(json.dumps(create_key(engine, store, label, wanted), indent=2))


@apikey.command("list")
@click.option("--all", "ended", is_flag=True, help="Also those that have been revoked.")
def list_api_keys(ended: bool) -> None:
    """List API keys by name: a line each, tabs between the columns, the newest last."""
    from app.auth.key_administration import COLUMNS, keys

    click.echo("\t".join(COLUMNS))
    with database() as engine:
        for line in keys(engine, ended=ended):
            click.echo("\t".join(line))


@apikey.command("revoke")
@click.argument("name_or_key", required=False)
def revoke_api_key(name_or_key: str | None) -> None:
    """Revoke an API key, by the name that `patron apikey list` gives it, or the key itself.

    A key is better read from standard input: others may see the arguments of a command.
    """
    from app.auth.key_administration import revoke_key
    from app.config import Misconfigured
    from app.logs import configure_logs

    configure_logs()
    named = name_or_key or piped_line().strip()
    with database() as engine:
        ended = named.isascii() and revoke_key(engine, named)
    if not ended:
        raise Misconfigured("no API key that has not ended already is called so")
    click.echo("1 API key revoked")
