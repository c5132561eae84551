"""Ports for the servers that tests start, and how long they are waited for."""

import os
import socket
import time
from itertools import count

PATIENCE = 60
"""For how many seconds a server that starts is waited for: other tests run beside, on few processors."""

_FIRST, _MANY = 15_000, 17_000
"""Below the ports that the system gives to clients: such a one could be taken before the server has it."""
_from = count(os.getpid() * 97)


def free_port() -> int:
    """A port on which nobody listens now."""
    for number in _from:
        port = _FIRST + number % _MANY
        with socket.socket() as listening:
            try:
                listening.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("numbers do not end")


def wait_for(port: int) -> None:
    """Waits until somebody listens there."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")
