"""The command `patron`. What a command needs is imported when it runs, so that --help is quick."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from app.api_key_commands import apikey
from app.keeping.commands import COMMANDS as KEEPING
from app.moving.commands import export_customers, import_customers
from app.operating import Id, database, piped_line, said_of
from app.pulling.commands import pull
from app.serving import STATE, sandbox, serve, worker

Command = TypeVar("Command", bound=Callable[..., Any])


class OneLine(click.Group):
    """A group whose commands say what is wrong in one line instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        from app.config import Misconfigured

        try:
            return super().invoke(ctx)
        except Misconfigured as error:
            text = str(error)
        except OSError as error:
            text = f"{error.strerror or error}: {error.filename or ''}"
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if not (text := said_of(error) or ""):
                raise
        for line in text.splitlines():
            click.echo(f"patron: {line}", err=True)
        sys.exit(1)


@click.group(cls=OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="patron")
def main() -> None:
    """Patron: a self-hosted customer service with a hypermedia API."""


def _property(flag: str, said: str, name: str | None = None) -> Callable[[Command], Command]:
    """An option that gives a property of what is made; whether it must is for the schema to say."""
    return click.option(flag, name or flag.lstrip("-").replace("-", "_"), help=said)


_for_client = click.option("--client", help="The client_id of the client whose token it is to be.")


main.add_command(serve)
main.add_command(sandbox)
main.add_command(worker)
main.add_command(apikey)
main.add_command(import_customers)
main.add_command(pull)
main.add_command(export_customers)
for keeping in KEEPING:
    main.add_command(keeping)


@main.command()
def credentials() -> None:
    """Print the sandbox's credentials as JSON, for scripts."""
    import json

    from app.sandbox.credentials import read_credentials

    click.echo(json.dumps(read_credentials(STATE), indent=2))


@main.group()
def token() -> None:
    """Access and refresh tokens. None is ever shown: they are stored as hashes."""


@token.command("list")
@click.option("--all", "ended", is_flag=True, help="Also those that have expired or been revoked.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, help="So many of the newest.")
def list_tokens(ended: bool, limit: int) -> None:
    """List the newest tokens: a line each, tabs between the columns, the newest last."""
    from app.auth.administration import COLUMNS, tokens

    click.echo("\t".join(COLUMNS))
    with database() as engine:
        for line in tokens(engine, ended=ended, most=limit):
            click.echo("\t".join(line))


@token.command("revoke", context_settings={"ignore_unknown_options": True})  # a token may begin with a dash
@click.argument("grant_or_token", required=False)
def revoke_tokens(grant_or_token: str | None) -> None:
    """Revoke a grant, by the name that `patron token list` gives it, or a token.

    A token is better read from standard input: others may see the arguments of a command.
    """
    from app.auth.administration import revoke
    from app.config import Misconfigured
    from app.logs import configure_logs

    configure_logs()
    named = grant_or_token or piped_line().strip()
    with database() as engine:
        ended = revoke(engine, named) if named.isascii() else 0  # as all names of tokens and grants are
    if not ended:
        raise Misconfigured("no token that has not ended already is called so")
    click.echo(f"{ended} token{'s' if ended > 1 else ''} revoked")


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


@main.group()
def client() -> None:
    """OAuth clients: programs that ask on behalf of users and their stores."""


@client.command("create")
@_property("--redirect-uri", "Where browsers are sent with a code: https, or http on localhost.")
@_property("--project-name", "The name of the project.")
@_property("--company-name", "The name of the company.")
@_property("--contact-name", "Who answers questions about the project.")
@_property("--contact-email", "That person's email address.")
@_property("--contact-phone", "That person's telephone number.")
@_property("--project-description", "What the project does.")
@_property("--company-url", "The address of the company's website.")
@_property("--company-logo", "The address of the company's logo.")
@_property("--javascript-origin-uri", "Where its scripts in browsers come from.")
@_property("--client-id", "How the client's id begins; the rest is drawn.")
@click.option("--is-public", is_flag=True, help="It can keep no secret, so it gets none.")
def create_client(**properties: Any) -> None:
    """Create a client; print its id, its name in OAuth (client_id), its secret and a token, this once."""
    _create("client", properties)


@main.group()
def user() -> None:
    """Users: people who run stores, and let clients reach them."""


@user.command("create")
@_property("--email", "The email address, under which the user signs in.")
@_property("--first-name", "The given name.")
@_property("--last-name", "The surname.")
@_property("--phone", "The telephone number.")
@click.option("--password", is_flag=True, help="Ask for a password; or read one line from standard input.")
@click.option("--store", "stores", type=Id(), multiple=True, help="The id of a store of theirs.")
@_for_client
def create_user(client: str | None, stores: tuple[int, ...], password: bool, **properties: Any) -> None:
    """Create a user; print the user's id and a token. The token is shown this once."""
    if password:
        properties["password"] = _read_password()
    _create("user", properties, client=client, stores=stores)


@main.group()
def store() -> None:
    """Stores: the shops that customers belong to."""


@store.command("create")
@_property("--name", "The name of the store.", "store_name")
@_property("--domain", "The domain of the store, unique among all stores.", "store_domain")
@_property("--email", "Where the store's mail goes.", "store_email")
@_property("--timezone", "The IANA timezone in which its dates are shown.")
@click.option("--user", "user_id", type=Id(), help="The id of the user whose store it is.")
@_for_client
def create_store(client: str | None, user_id: int | None, **properties: Any) -> None:
    """Create a store; print the store's id and a token. The token is shown this once."""
    _create("store", properties, client=client, user_id=user_id)


def _create(kind: str, properties: dict[str, Any], **options: Any) -> None:
    import json

    from app.bootstrap import create
    from app.config import from_environment

    click.echo(json.dumps(create(from_environment(), kind, properties, **options), indent=2))


def _read_password() -> str:
    """From who sits there, else from what is piped in."""
    if not sys.stdin.isatty():
        return piped_line()
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _say_revision(change: Any, url: str, revision: str) -> None:
    from app.db.migrate import current

    change(url, revision)
    click.echo(f"the database is at revision {current(url) or 'none'}")
