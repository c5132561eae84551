"""One pull from its beginning, or from where the last one was, to its table: what `patron pull` does."""

from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.config import Config, Misconfigured, from_environment
from app.encryption import Cipher
from app.logs import configure_logs
from app.operating import database
from app.pulling.client import Client, Refused, Unread
from app.pulling.commands import STATE
from app.pulling.credentials import Credentials
from app.pulling.following import Reader
from app.pulling.resuming import Rejects, State
from app.pulling.store import StorePull
from app.pulling.verifying import Compared, Comparing, table_of
from app.resources.store import Store

MOST_NAMED = 20
SERVERS_FAULT = 500
"""Statuses from here on may be others another time (RFC 9110 §15.6)."""
LOCAL = {"localhost", "127.0.0.1", "::1"}


def run(url: str, store_id: int, credentials: Credentials, options: dict[str, Any]) -> int:
    """Pulls, and says what it has come to.

    :returns: the status that the command ends with: 1 where something is missing.
    :raises Misconfigured: where it cannot begin, or the server gives up.
    """
    configure_logs()
    config = from_environment()
    if not config.secret_key:
        raise Misconfigured(
            "PATRON_SECRET_KEY is not set: with it secrets are encrypted, as `patron serve` reads them"
        )
    try:
        client = Client(url, credentials, concurrency=options["concurrency"], seconds=options["timeout"])
    except Unread as error:
        raise Misconfigured(f"{url}: {error}") from None
    _warn_of_open_ways(url)
    state = State.of(options["state"] or STATE / f"pull-{store_id}.json", url, store_id)
    rejects = Rejects(options["rejects"] or STATE / f"pull-{store_id}.rejects.ndjson", goes_on=state.is_begun)
    try:
        with database() as engine:
            _require_store(engine, store_id)
            compared = _pulled(engine, config, url, client, state, rejects, options)
    except Unread as error:
        raise Misconfigured(f"{error}\nwhat is here is kept: {_advice(error)}") from None
    finally:
        client.close()
    return _told(compared, state, rejects)


def _pulled(
    engine: Engine,
    config: Config,
    url: str,
    client: Client,
    state: State,
    rejects: Rejects,
    options: dict[str, Any],
) -> list[Compared]:
    assert config.secret_key
    cipher, reader = Cipher(config.secret_key, *config.other_secret_keys), Reader(client)
    concurrency = options["concurrency"]
    if options["odata"]:
        from app.pulling.odata import ODataPull

        comparing = Comparing(engine, state.store, reader, state, rejects)
        whole = ODataPull(
            engine, state.store, cipher, client, state, rejects, comparing, concurrency=concurrency
        )
        return whole.run(url)
    pulling = StorePull(
        engine,
        state.store,
        cipher,
        reader,
        state,
        rejects,
        concurrency=concurrency,
        client=options["restricted_to"],
        allow_weak_hashes=config.allow_weak_hashes,
    )
    return pulling.run(url)


def _advice(error: Unread) -> str:
    """What somebody may do about it: who answered that it has no such thing will answer so again."""
    if isinstance(error, Refused) and error.status < SERVERS_FAULT:
        return "running it again will not help before URL, or what the token may see, is another"
    return "run it again to go on"


def _told(compared: list[Compared], state: State, rejects: Rejects) -> int:
    """Says what it has come to, and forgets how far it was."""
    for line in table_of(compared):
        click.echo(line)
    for kind, ends in state.counts.items():
        if ends:
            click.echo(f"{kind}: " + ", ".join(f"{number} {end}" for end, number in ends.items()))
    if len(rejects):
        click.echo(f"{len(rejects)} notes of what could not be taken: {rejects.file}")
    state.end()
    missing = [each for each in compared if each.missing]
    for each in missing:
        named = ", ".join(map(str, each.named[:MOST_NAMED])) + (", …" if len(each.named) > MOST_NAMED else "")
        click.echo(
            f"patron: {each.missing} of {each.kind} missing" + (f": {named}" if named else ""), err=True
        )
    return 1 if missing else 0


def _require_store(engine: Engine, store_id: int) -> None:
    with Session(engine) as session:
        if session.scalar(select(Store.id).where(Store.id == store_id)) is None:
            raise Misconfigured(f"store {store_id} does not exist: make it with `patron store create`")


def _warn_of_open_ways(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        click.echo("patron: over http the token, and all customers, can be read on the way", err=True)
