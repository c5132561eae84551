"""Configuration: one frozen dataclass, one line per PATRON_… variable."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv

SHORTEST_SECRET = 32
MOST_THREADS = 256
ENGINES = {"sqlite", "postgresql", "postgres", "postgresql+psycopg"}


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


def from_environment(default: Config = DEFAULT) -> Config:
    """The configuration that PATRON_… variables give; each may be read from a file by PATRON_…_FILE.

    :raises Misconfigured: where a value makes no sense.
    """
    env = FileAwareEnv()
    try:
        with env.prefixed("PATRON_"):
            return replace(
                default,
                database_url=_database(env.str("DATABASE_URL", default.database_url)),
                base_url=_url("PATRON_BASE_URL", env.str("BASE_URL", default.base_url), slash=False),
                rels_url=_url("PATRON_RELS_URL", env.str("RELS_URL", default.rels_url), slash=True),
                secret_key=env.str("SECRET_KEY", default.secret_key),
                threads=_threads(env.int("THREADS", default.threads)),
            )
    except (EnvError, ValueError, OSError) as error:
        raise Misconfigured(str(error)) from error


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


def _database(value: str) -> str:
    """Only its beginning is named where it is wrong: the rest may hold a password."""
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ENGINES:
        raise Misconfigured("PATRON_DATABASE_URL must begin with sqlite:/// or postgresql://")
    if scheme == "sqlite" and rest in {"", "/", "/:memory:"}:
        raise Misconfigured("PATRON_DATABASE_URL must name a file: sqlite:///patron.sqlite3")
    return value


def _threads(value: int) -> int:
    if not 1 <= value <= MOST_THREADS:
        raise Misconfigured(f"PATRON_THREADS={value} must be from 1 to {MOST_THREADS}")
    return value


_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-_\[\]:]+(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?", re.IGNORECASE)


def _url(name: str, value: str | None, *, slash: bool) -> str | None:
    if not value:
        return None
    try:
        well_formed = (
            _ADDRESS.fullmatch(value) and urlsplit(value).hostname and (urlsplit(value).port or 1) > 0
        )
    except ValueError:  # a port that is none
        well_formed = False
    if not well_formed:
        raise Misconfigured(f"{name}={value} is no http(s) address of host, port and path alone")
    return value.rstrip("/") + ("/" if slash else "")
