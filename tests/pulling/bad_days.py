"""What a server may do in place of an answer."""

import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from tests.pulling.foxy import Fault, Handler


def now_and_then(part: str, do: Callable[[Handler], None], *turns: int) -> Fault:
    """Does it to these requests, counted from 1, of those whose address has this in it."""
    seen = [0]

    def fault(handler: Handler) -> bool:
        if part not in handler.path:
            return False
        seen[0] += 1
        if seen[0] not in turns:
            return False
        do(handler)
        return True

    return fault


def always(part: str, do: Callable[[Handler], None]) -> Fault:
    """Does it to all whose address has this in it."""

    def fault(handler: Handler) -> bool:
        if part in handler.path:
            do(handler)
            return True
        return False

    return fault


def too_many(handler: Handler) -> None:
    """429: leave me alone for a second. Whoever does not is counted."""
    handler.send(429, handler.errors("Too many requests"), Retry_After="1")
    handler.foxy.left_alone_until = time.monotonic() + 0.9


def unavailable(handler: Handler) -> None:
    """503, without a word about when."""
    handler.send(503, b"<html>Sorry</html>")


def reset(handler: Handler) -> None:
    """The connection breaks in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"_links": {')
    handler.wfile.flush()
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """An answer that comes byte by byte and does not end; each of them comes in time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def garbage(handler: Handler) -> None:
    """What is no JSON."""
    handler.send(200, b'{"_links": {"self": ')


def redirect(to: str) -> Callable[[Handler], None]:
    """Sends whoever asks elsewhere."""

    def do(handler: Handler) -> None:
        handler.send(302, {}, Location=to)

    return do


def huge(handler: Handler) -> None:
    """More than anybody wants to read."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(2**40))
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 2**20)


def without(name: str) -> Any:
    """A parameter that the server does not know."""

    def fault(handler: Handler) -> bool:
        if name in handler.query:
            handler.send(400, handler.errors(f"{name} is not known here"))
            return True
        return False

    return fault
