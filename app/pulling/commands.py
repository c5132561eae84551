"""The command `patron pull`. What it needs is imported when it runs, so that --help is quick."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.operating import Id

if TYPE_CHECKING:
    from app.pulling.credentials import Credentials

STATE = Path(".patron")


@click.command()
@click.argument("url")
@click.option("--store", "store_id", type=Id(), required=True, help="The id of the store here that takes it.")
@click.option("--odata", is_flag=True, help="URL is the root of an OData service, as Liftoff's.")
@click.option(
    "--token-file", type=click.Path(path_type=Path), help="Holds an access token; else PATRON_PULL_TOKEN."
)
@click.option("--client-id", help="The client whose refresh token it is.")
@click.option("--client-secret-file", type=click.Path(path_type=Path), help="Holds that client's secret.")
@click.option("--refresh-token-file", type=click.Path(path_type=Path), help="Holds a refresh token.")
@click.option("--account", help="With --odata: the account's code; else PATRON_PULL_ACCOUNT.")
@click.option(
    "--api-key-file", type=click.Path(path_type=Path), help="Holds its API key; else PATRON_PULL_API_KEY."
)
@click.option(
    "--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="Requests at once."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 600),
    default=60,
    show_default=True,
    help="Seconds an answer may take.",
)
@click.option("--state", type=click.Path(path_type=Path), help="Where it notes how far it is.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where it notes what it could not take.")
@click.option(
    "--restricted-to", default="", help="The client_id of the client here that may see restricted attributes."
)
def pull(url: str, store_id: int, **options: Any) -> None:
    """Copy a whole store from another server at URL: its home, or the store itself.

    After an interruption it goes on where it was when it is run again; once done, it takes what is new.
    """
    from app.pulling.pull import run

    credentials = _basic(options) if options["odata"] else _oauth(options)
    raise SystemExit(run(url, store_id, credentials, options))


def _oauth(options: dict[str, Any]) -> "Credentials":
    from app.config import Misconfigured
    from app.pulling.credentials import Refreshed, Token

    token = _secret(options["token_file"], "PATRON_PULL_TOKEN")
    if options["refresh_token_file"]:
        secret = _secret(options["client_secret_file"], "PATRON_PULL_CLIENT_SECRET")
        if not options["client_id"]:
            raise Misconfigured("--refresh-token-file needs --client-id, and mostly --client-secret-file")
        return Refreshed(options["client_id"], secret, _secret(options["refresh_token_file"], ""), token)
    if not token:
        raise Misconfigured("no token: set PATRON_PULL_TOKEN, or give --token-file or --refresh-token-file")
    return Token(token)


def _basic(options: dict[str, Any]) -> "Credentials":
    from app.config import Misconfigured
    from app.pulling.credentials import Basic

    account = options["account"] or os.environ.get("PATRON_PULL_ACCOUNT", "")
    key = _secret(options["api_key_file"], "PATRON_PULL_API_KEY")
    if not (account and key):
        raise Misconfigured("no credentials: give --account, and --api-key-file or PATRON_PULL_API_KEY")
    return Basic(account, key)


def _secret(file: Path | None, variable: str) -> str:
    """What a file holds, else a variable: secrets are no arguments, for those others can see."""
    from app.config import Misconfigured
    from app.pulling.credentials import is_token

    said = file.read_text(errors="replace") if file else os.environ.get(variable, "")
    secret = said.strip()
    if not is_token(secret):
        raise Misconfigured(f"{file or variable} holds no token: such are printable ASCII, in one line")
    return secret
