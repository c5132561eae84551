"""Configuration: one frozen dataclass, one line per PATRON_… variable."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv

SHORTEST_SECRET = 32


class Misconfigured(Exception):
    """A setting is missing or makes no sense; the text names the variable and the remedy."""


@dataclass(frozen=True, slots=True)
class Config:
    """What an operator may set. `sandbox` is set by the command, never by the environment."""

    database_url: str = "sqlite:///.patron/patron.sqlite3"
    base_url: str | None = None
    rels_url: str | None = None
    secret_key: str | None = None
    threads: int = 8
    sandbox: bool = False

    @property
    def rels_href(self) -> str:
        """The prefix of all link relations, relative to the base unless the operator set one."""
        return self.rels_url or "/rels/"


DEFAULT = Config()


def from_environment(**overrides: Any) -> Config:
    """The configuration that PATRON_… variables give; each may be read from a file by PATRON_…_FILE.

    :raises Misconfigured: where a value makes no sense.
    """
    env = FileAwareEnv()
    try:
        with env.prefixed("PATRON_"):
            config = Config(
                database_url=env.str("DATABASE_URL", DEFAULT.database_url),
                base_url=_url("PATRON_BASE_URL", env.str("BASE_URL", None), slash=False),
                rels_url=_url("PATRON_RELS_URL", env.str("RELS_URL", None), slash=True),
                secret_key=env.str("SECRET_KEY", None),
                threads=env.int("THREADS", DEFAULT.threads),
            )
    except (EnvError, ValueError) as error:
        raise Misconfigured(str(error)) from error
    return replace(config, **overrides)


def require_production(config: Config) -> None:
    """What a server that strangers reach must be given.

    :raises Misconfigured: naming what is missing.
    """
    if not config.secret_key:
        raise Misconfigured("PATRON_SECRET_KEY is not set: give `patron serve` 32 random characters or more")
    if len(config.secret_key) < SHORTEST_SECRET:
        raise Misconfigured(f"PATRON_SECRET_KEY is too short: {SHORTEST_SECRET} random characters or more")
    if not config.base_url:
        raise Misconfigured("PATRON_BASE_URL is not set: links need the address that clients use")


def _url(name: str, value: str | None, *, slash: bool) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise Misconfigured(f"{name}={value} is no http(s) address without query and fragment")
    return value.rstrip("/") + ("/" if slash else "")
