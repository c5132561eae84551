"""What stands in for hCaptcha on this machine: it answers as it is told to, and keeps what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

PERSON = "a token that a person was given"


@dataclass
class StandIn:
    """Where it is, how it answers, what it has been asked."""

    url: str = ""
    status: int = 200
    body: bytes | None = None
    delay: float = 0
    asked: list[dict[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """One question."""

    def do_POST(self) -> None:
        told: StandIn = self.server.told  # type: ignore[attr-defined]
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: value for name, (value,) in parse_qs(raw, keep_blank_values=True).items()}
        told.asked.append(asked)
        time.sleep(told.delay)
        body = told.body
        if body is None:
            body = json.dumps({"success": asked.get("response") == PERSON}).encode()
        self.send_response(told.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A server, for as long as it is needed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = StandIn(f"http://127.0.0.1:{server.server_address[1]}/siteverify")
        server.told = told  # type: ignore[attr-defined]
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield told
        server.shutdown()
        serving.join()
