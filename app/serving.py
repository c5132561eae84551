"""The commands that go on until they are stopped: `patron serve`, `patron sandbox` and `patron worker`."""

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.config import Config
    from app.webhooks.worker import Worker

STATE = Path(".patron")
SANDBOX_DATABASE = f"sqlite:///{STATE}/sandbox.sqlite3"
SANDBOX_GRACE = 2.0
"""For how many seconds a sandbox that stops waits for a webhook's receiver."""

SWITCH_SECONDS = 0.0005
"""How soon a thread of a worker makes way for others: most of them have little to do, again and again."""

_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
_port = click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))


@click.command()
@_host
@_port
def serve(host: str, port: int) -> None:
    """Serve in production. Needs PATRON_SECRET_KEY, PATRON_BASE_URL and a migrated database."""
    from app import create_app
    from app import server as servers
    from app.config import from_environment, require_production
    from app.db.migrate import await_current
    from app.logs import configure_logs, warn_of_unknown_variables

    configure_logs()
    warn_of_unknown_variables()
    config = from_environment()
    require_production(config)
    await_current(config.database_url)
    server, taken = servers.listen(create_app(config), config, host, port)
    click.echo(f"Patron serves {config.base_url} on {_at(host, taken)}")
    servers.serve(server)


@click.command()
@_host
@_port
def sandbox(host: str, port: int) -> None:
    """Serve two demo stores, made on the first run; prints requests to try."""
    from app import create_app
    from app import server as servers
    from app.sandbox import prepare
    from app.sandbox.credentials import alone, mint
    from app.webhooks.worker import assemble

    with alone(STATE):
        config = _for_sandbox()
        prepare(config)
        app = create_app(config)
        server, taken = servers.listen(app, config, host, port)
        base = config.base_url or f"http://{_at(host, taken)}"
        credentials = mint(app.extensions["patron"].engine, STATE, base)
    click.echo(_greeting(base, str(credentials["token"])))
    worker = assemble(config, base)
    worker.start()
    try:
        servers.serve(server)
    finally:
        worker.stop(SANDBOX_GRACE)


@click.command()
@_host
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Also serve /healthz, /readyz and /metrics there."
)
def worker(host: str, port: int | None) -> None:
    """Tell webhooks what has happened, until SIGTERM or Ctrl-C. Needs what `patron serve` needs."""
    from app.config import from_environment, require_production
    from app.db.migrate import await_current
    from app.logs import configure_logs, warn_of_unknown_variables
    from app.webhooks.worker import assemble

    configure_logs()
    warn_of_unknown_variables()
    config = from_environment()
    require_production(config)
    await_current(config.database_url)
    sys.setswitchinterval(SWITCH_SECONDS)
    made = assemble(config, str(config.base_url))
    if port is not None:
        from app.operations.aside import serve_aside

        taken = serve_aside(config, made, host, port)
        click.echo(f"It tells how it is doing on {_at(host, taken)}")
    made.start()
    click.echo("Patron's worker delivers webhooks (Ctrl-C stops it)")
    _until_told(made)


def _for_sandbox() -> "Config":
    from dataclasses import replace
    from ipaddress import ip_network

    from app.config import Config, from_environment
    from app.sandbox.credentials import secret_key

    loopback = (ip_network("127.0.0.0/8"), ip_network("::1"))
    given = from_environment(Config(database_url=SANDBOX_DATABASE, webhook_networks=loopback))
    return replace(given, secret_key=secret_key(STATE), sandbox=True, outbox=str(STATE / "outbox"))


def _until_told(worker: "Worker") -> None:
    """Waits for a signal; a second one does not wait for receivers any more."""
    told = threading.Event()

    def stop(_signal: int, _frame: object) -> None:
        if told.is_set():
            raise SystemExit(1)
        told.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    told.wait()
    worker.stop()


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _greeting(base: str, token: str) -> str:
    formats = ("application/hal+json", "application/hal+xml", "application/vnd.siren+json")
    lines = [
        f"curl -H 'Authorization: Bearer {token}' -H 'Accept: {each}' {base}/customers/115"
        for each in formats
    ]
    return "\n".join([f"Patron's sandbox is at {base} (Ctrl-C stops it). Try:", "", *lines, ""])
