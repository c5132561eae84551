"""The command `patron`. What a command needs is imported when it runs, so that --help is quick."""

import sys
from pathlib import Path
from typing import Any

import click

STATE = Path(".patron")
SANDBOX_DATABASE = f"sqlite:///{STATE}/sandbox.sqlite3"


class OneLine(click.Group):
    """A group whose commands say what is wrong in one line instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        from app.config import Misconfigured

        try:
            return super().invoke(ctx)
        except Misconfigured as error:
            click.echo(f"patron: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            click.echo(f"patron: {error.strerror or error}: {error.filename or ''}", err=True)
            sys.exit(1)


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="patron")
def main() -> None:
    """Patron: a self-hosted customer service with a hypermedia API."""


_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_port = click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))


@main.command()
@_host
@_port
def serve(host: str, port: int) -> None:
    """Serve in production. Needs PATRON_SECRET_KEY, PATRON_BASE_URL and a migrated database."""
    from app import create_app
    from app import server as servers
    from app.config import from_environment, require_production

    config = from_environment()
    require_production(config)
    server, taken = servers.listen(create_app(config), config, host, port)
    click.echo(f"Patron serves {config.base_url} on {_at(host, taken)}")
    servers.serve(server)


@main.command()
@_host
@_port
def sandbox(host: str, port: int) -> None:
    """Serve two demo stores, made on the first run; prints requests to try."""
    from dataclasses import replace

    from app import create_app
    from app import server as servers
    from app.config import Config, from_environment
    from app.sandbox import prepare
    from app.sandbox.credentials import alone, mint, secret_key

    with alone(STATE):
        given = from_environment(Config(database_url=SANDBOX_DATABASE))
        config = replace(given, secret_key=secret_key(STATE), sandbox=True)
        prepare(config)
        app = create_app(config)
        server, taken = servers.listen(app, config, host, port)
        base = config.base_url or f"http://{_at(host, taken)}"
        credentials = mint(app.extensions["patron"].engine, STATE, base)
    click.echo(_greeting(base, str(credentials["token"])))
    servers.serve(server)


@main.command()
def credentials() -> None:
    """Print the sandbox's credentials as JSON, for scripts."""
    import json

    from app.sandbox.credentials import read_credentials

    click.echo(json.dumps(read_credentials(STATE), indent=2))


@main.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to a REVISION, the newest where none is given."""
    from app.config import from_environment
    from app.db.migrate import upgrade as bring

    _say_revision(bring, from_environment().database_url, revision)


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to a REVISION; `base` empties it."""
    from app.config import from_environment
    from app.db.migrate import downgrade as take_back

    _say_revision(take_back, from_environment().database_url, revision)


@db.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write a new migration: what the models have and the database has not. For developers."""
    from app.config import from_environment
    from app.db.migrate import write_revision

    write_revision(from_environment().database_url, message)


def _say_revision(change: Any, url: str, revision: str) -> None:
    from app.db.migrate import current

    change(url, revision)
    click.echo(f"the database is at revision {current(url) or 'none'}")


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _greeting(base: str, token: str) -> str:
    formats = ("application/hal+json", "application/hal+xml", "application/vnd.siren+json")
    lines = [
        f"curl -H 'Authorization: Bearer {token}' -H 'Accept: {each}' {base}/customers/115"
        for each in formats
    ]
    return "\n".join([f"Patron's sandbox is at {base} (Ctrl-C stops it). Try:", "", *lines, ""])
