"""Mail to customers: by SMTP, or into a folder where the sandbox keeps it for whoever looks."""

import smtplib
import ssl
import time
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from app.config import Config
from app.emails import parts_of_email

log = structlog.get_logger()

SMTP_SECONDS = 10


@dataclass(frozen=True, slots=True, repr=False)
class Mail:
    """One message of plain text. It has no repr: it may hold a temporary password."""

    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str

    @property
    def message(self) -> EmailMessage:
        """The same as it is sent; no line break gets into a header.

        Domains are in ASCII. What stands before an @ and is not needs a server that takes it (RFC 6531).
        """
        sender, recipient = _address(self.sender, _line(self.sender_name)), _address(self.recipient)
        plain = sender.username.isascii() and recipient.username.isascii()
        made = EmailMessage(policy.default if plain else policy.default.clone(utf8=True))
        made["From"], made["To"] = sender, recipient
        made["Subject"] = _line(self.subject)
        made["Date"] = formatdate()
        made["Message-ID"] = make_msgid(domain=sender.domain or "localhost")
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(self.text)
        return made


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Sends it.

        :raises OSError: where it cannot be sent; so are smtplib's errors.
        """


class Smtp:
    """Sends by a server: `smtp://user:password@host:587/?tls`, or `smtps://` for TLS from the beginning."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._is_secure = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_secure else 25)
        self._starts_tls = "tls" in parse_qs(parts.query, keep_blank_values=True)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")

    def send(self, mail: Mail) -> None:
        """Sends it, each on a connection of its own."""
        with self._connected() as server:
            if self._starts_tls:
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
            server.send_message(mail.message)

    def _connected(self) -> smtplib.SMTP:
        if self._is_secure:
            trusted = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=SMTP_SECONDS, context=trusted)
        return smtplib.SMTP(self._host, self._port, timeout=SMTP_SECONDS)


class Outbox:
    """Writes each message to a file of its own, which only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> None:
        """Writes it; the names of the files order them by time."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns()}.eml"
        path.touch(mode=0o600)
        path.write_bytes(mail.message.as_bytes())


class Nowhere:
    """Sends nothing, and says so."""

    def send(self, mail: Mail) -> None:  # noqa: ARG002
        """Tells the operator what is missing."""
        log.warning("mail_not_sent", remedy="set PATRON_SMTP_URL")


def mailer(config: Config) -> Mailer:
    """By SMTP where that is configured; in the sandbox else into its outbox."""
    if config.smtp_url:
        return Smtp(config.smtp_url)
    return Outbox(Path(config.outbox)) if config.outbox else Nowhere()


def try_to_send(mailer: Mailer, mail: Mail) -> None:
    """Sends it; where that fails the log is told, and nobody else."""
    try:
        mailer.send(mail)
    except (OSError, ValueError) as error:  # smtplib's are OSErrors; an unusual address is a ValueError
        log.error("mail_failed", error=type(error).__name__)  # noqa: TRY400 - a trace might show the mail


def _address(email: str, name: str = "") -> Address:
    local, domain = parts_of_email(email)
    return Address(name, local, domain)


def _line(text: str) -> str:
    return " ".join(text.split())
