"""Configuration: one frozen dataclass, one line per PATRON_… variable."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv

from app.origins import EXPECTED, is_origin, normal_origin

SHORTEST_SECRET = 32
SHORTEST_TOKEN = 16
MOST_THREADS = 256
MOST_DRAIN_SECONDS = 60
MOST_PROXIES = 10
MOST_MILLISECONDS = 60_000
LEAST_DAYS, MOST_DAYS = 4, 3650
"""What is told is tried for three days, and must not be forgotten before."""
ENGINES = {"sqlite", "postgresql", "postgres", "postgresql+psycopg"}


Network = IPv4Network | IPv6Network


LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1"))


class Misconfigured(Exception):
    """A setting is missing or makes no sense; the text names the variable and the remedy."""


@dataclass(frozen=True, slots=True)
class Config:
    """What an operator may set. `sandbox` and `outbox`, the folder that takes its mail, are set by the
    command, never by the environment."""

    database_url: str = "sqlite:///.patron/patron.sqlite3"
    base_url: str | None = None
    rels_url: str | None = None
    secret_key: str | None = None
    other_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    threads: int = 8
    allow_weak_hashes: bool = False
    proxies: int = 0
    rate_limits: str = ""
    redis_url: str | None = None
    smtp_url: str | None = None
    hcaptcha_url: str = "https://api.hcaptcha.com/siteverify"
    webhook_networks: tuple[Network, ...] = ()
    cors_origins: frozenset[str] = frozenset()
    odata_milliseconds: int = 200
    access_log: bool = False
    metrics_networks: tuple[Network, ...] = LOOPBACK
    metrics_token: str | None = field(default=None, repr=False)
    drain_seconds: int = 0
    delivery_days: int = 30
    sandbox: bool = False
    outbox: str | None = None

    @property
    def rels_href(self) -> str:
        """The prefix of all link relations, relative to the base unless the operator set one."""
        return self.rels_url or "/rels/"


DEFAULT = Config(access_log=True)
"""What a production server has where nothing is said."""

VARIABLES = tuple(
    f"PATRON_{each.name.upper()}" for each in fields(Config) if each.name not in {"sandbox", "outbox"}
)
"""The names of all variables."""

OF_PULL = ("PATRON_PULL_TOKEN", "PATRON_PULL_CLIENT_SECRET", "PATRON_PULL_ACCOUNT", "PATRON_PULL_API_KEY")
"""Those that `patron pull` reads: secrets of another server."""


def unknown_variables(given: Iterable[str]) -> dict[str, str]:
    """Those names that begin as ours and are none, each with the one that was probably meant, or ""."""
    known = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES), *OF_PULL}
    wrong = (name for name in given if name.startswith("PATRON_") and name not in known)
    return {name: next(iter(get_close_matches(name, known, 1)), "") for name in wrong}


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
                other_secret_keys=_lines(env.str("OTHER_SECRET_KEYS", "")) or default.other_secret_keys,
                threads=_threads(env.int("THREADS", default.threads)),
                allow_weak_hashes=env.bool("ALLOW_WEAK_HASHES", default.allow_weak_hashes),
                proxies=_proxies(env.int("PROXIES", default.proxies)),
                rate_limits=env.str("RATE_LIMITS", default.rate_limits),
                redis_url=_redis(env.str("REDIS_URL", default.redis_url)),
                smtp_url=_smtp(env.str("SMTP_URL", default.smtp_url)),
                webhook_networks=_networks(env, "WEBHOOK_NETWORKS", default.webhook_networks),
                cors_origins=_origins(env.str("CORS_ORIGINS", ""), default.cors_origins),
                delivery_days=_days(env.int("DELIVERY_DAYS", default.delivery_days)),
                odata_milliseconds=_milliseconds(env.int("ODATA_MILLISECONDS", default.odata_milliseconds)),
                access_log=env.bool("ACCESS_LOG", default.access_log),
                metrics_networks=_networks(env, "METRICS_NETWORKS", default.metrics_networks),
                metrics_token=_metrics_token(env.str("METRICS_TOKEN", default.metrics_token)),
                drain_seconds=_drain_seconds(env.int("DRAIN_SECONDS", default.drain_seconds)),
                hcaptcha_url=_url("PATRON_HCAPTCHA_URL", env.str("HCAPTCHA_URL", None), slash=False)
                or default.hcaptcha_url,
            )
    except (EnvError, ValueError, OSError) as error:
        raise Misconfigured(str(error)) from error


def require_production(config: Config) -> None:
    """What a server that strangers reach must be given.

    :raises Misconfigured: naming what is missing.
    """
    require_keys(config)
    if not config.base_url:
        raise Misconfigured("PATRON_BASE_URL is not set: links need the address that clients use")


def require_keys(config: Config) -> None:
    """Secret keys that a server takes.

    :raises Misconfigured: naming what is missing.
    """
    if not config.secret_key:
        raise Misconfigured("PATRON_SECRET_KEY is not set: give `patron serve` 32 random characters or more")
    if len(config.secret_key) < SHORTEST_SECRET:
        raise Misconfigured(f"PATRON_SECRET_KEY is too short: {SHORTEST_SECRET} random characters or more")
    if any(len(each) < SHORTEST_SECRET for each in config.other_secret_keys):
        raise Misconfigured("PATRON_OTHER_SECRET_KEYS must be whole secret keys, one a line")


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


def _milliseconds(value: int) -> int:
    if not 1 <= value <= MOST_MILLISECONDS:
        raise Misconfigured(f"PATRON_ODATA_MILLISECONDS={value} must be from 1 to {MOST_MILLISECONDS}")
    return value


def _days(value: int) -> int:
    if not LEAST_DAYS <= value <= MOST_DAYS:
        raise Misconfigured(f"PATRON_DELIVERY_DAYS={value} must be from {LEAST_DAYS} to {MOST_DAYS}")
    return value


def _lines(value: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in value.splitlines() if each.strip())


def _proxies(value: int) -> int:
    if not 0 <= value <= MOST_PROXIES:
        raise Misconfigured(f"PATRON_PROXIES={value} must be from 0 to {MOST_PROXIES}")
    return value


def _redis(value: str | None) -> str | None:
    """Only its beginning is looked at: the rest may hold a password."""
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise Misconfigured("PATRON_REDIS_URL must begin with redis://, rediss:// or unix://")
    return value or None


def _networks(env: FileAwareEnv, name: str, default: tuple[Network, ...]) -> tuple[Network, ...]:
    value = env.str(name, None)
    if value is None:
        return default
    try:
        return tuple(ip_network(each) for each in value.replace(",", " ").split())
    except ValueError as error:
        raise Misconfigured(f"PATRON_{name}: {error}; it is a list as 10.1.0.0/16,fd00::/8") from error


def _metrics_token(value: str | None) -> str | None:
    if value and (len(value) < SHORTEST_TOKEN or not value.isascii() or not value.isprintable()):
        text = f"PATRON_METRICS_TOKEN must have {SHORTEST_TOKEN} printable ASCII characters or more"
        raise Misconfigured(text)
    return value or None


def _drain_seconds(value: int) -> int:
    if not 0 <= value <= MOST_DRAIN_SECONDS:
        raise Misconfigured(f"PATRON_DRAIN_SECONDS={value} must be from 0 to {MOST_DRAIN_SECONDS}")
    return value


def _origins(value: str, default: frozenset[str]) -> frozenset[str]:
    named = value.replace(",", " ").split()
    for each in named:
        if each != "*" and not is_origin(each):
            raise Misconfigured(f"PATRON_CORS_ORIGINS: {each} {EXPECTED}, or * for all")
    return frozenset(map(normal_origin, named)) or default


def _smtp(value: str | None) -> str | None:
    """Nothing of it is repeated: it may hold a password."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        well_formed = parts.scheme in {"smtp", "smtps"} and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        well_formed = False
    if not well_formed:
        raise Misconfigured("PATRON_SMTP_URL must be as smtp://user:password@host:587/?tls or smtps://host")
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
