"""The client where wrk is not installed, or a burst is too short for it: a thread for each connection."""

import itertools
import os
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from tests.benchmarks.asking import NUMBER, Asked

_number = itertools.count()


def send(
    port: int, asked: Asked, seconds: float, connections: int, cores: frozenset[int]
) -> list[float] | None:
    """Sends requests for so many seconds; each connection finishes what it has begun when they are over.

    :returns: what each request took, in seconds; None where one failed.
    """
    took: list[list[float] | None] = [None] * connections
    deadline = time.monotonic() + seconds

    def work(first: int) -> None:
        if cores:
            os.sched_setaffinity(0, cores)  # of this thread
        took[first] = _work(port, asked, first, deadline)

    threads = [threading.Thread(target=work, args=(each,)) for each in range(connections)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if any(each is None for each in took):
        return None
    return [seconds for each in took for seconds in each or ()]


def _work(port: int, asked: Asked, first: int, deadline: float) -> list[float] | None:
    took: list[float] = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        try:
            while time.monotonic() < deadline or not took:
                began = time.perf_counter()
                _send(connection, asked, (first + len(took)) % len(asked.paths))
                response = connection.getresponse()
                response.read()
                took.append(time.perf_counter() - began)
                if response.status != asked.status:
                    return None
        except (OSError, HTTPException):
            return None
    return took


def _send(connection: HTTPConnection, asked: Asked, position: int) -> None:
    headers = dict(asked.headers)
    if asked.tags:
        headers["If-None-Match"] = asked.tags[position]
    body = asked.body
    if body is not None:
        body = body.replace(NUMBER.encode(), f"{time.time_ns():x}-{next(_number)}".encode())
    connection.request(asked.method, asked.paths[position], body, headers)
