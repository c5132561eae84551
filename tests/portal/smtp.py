"""A mail server on this machine that takes everything and keeps it: a few commands of RFC 5321."""

import base64
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Sent:
    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Kept:
    """What has come to a server."""

    port: int = 0
    delay: float = 0
    mails: list[Sent] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)


class Session(socketserver.StreamRequestHandler):
    """One client."""

    sender = ""

    def handle(self) -> None:
        self.kept: Kept = self.server.kept  # type: ignore[attr-defined]
        self.recipients: list[str] = []
        time.sleep(self.kept.delay)
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            answer = getattr(self, f"do_{line[:4].lower()}", lambda _: "502 no")(line)
            self.say(answer)
            if answer.startswith("221"):
                return

    def do_ehlo(self, _line: str) -> str:
        return "250-here\r\n250 AUTH PLAIN"

    def do_auth(self, line: str) -> str:
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        self.kept.logins.append((user, password))
        return "235 welcome"

    def do_mail(self, line: str) -> str:
        self.sender = line.partition("<")[2].partition(">")[0]
        return "250 ok"

    def do_rcpt(self, line: str) -> str:
        self.recipients.append(line.partition("<")[2].partition(">")[0])
        return "250 ok"

    def do_data(self, _line: str) -> str:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.kept.mails.append(Sent(self.sender, self.recipients, b"".join(lines)))
        return "250 kept"

    def do_quit(self, _line: str) -> str:
        return "221 bye"

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def smtp_server(delay: float = 0) -> Iterator[Kept]:
    """A server, for as long as it is needed."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        kept = Kept(server.server_address[1], delay)
        server.kept = kept  # type: ignore[attr-defined]
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield kept
        server.shutdown()
        serving.join()
