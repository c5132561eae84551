"""The client where wrk is not installed: persistent connections, each in a thread, for a few seconds."""

import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import orjson


def main(told: dict[str, Any]) -> dict[str, int]:
    """Sends requests; each connection finishes what it has begun when the time is over."""
    counted = {"finished": 0, "failed": 0}
    lock = threading.Lock()
    deadline = time.monotonic() + told["seconds"]

    def work(first: int) -> None:
        finished, failed = _work(told, first, deadline)
        with lock:
            counted["finished"] += finished
            counted["failed"] += failed

    threads = [threading.Thread(target=work, args=(each,)) for each in range(told["connections"])]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return counted


def _work(told: dict[str, Any], first: int, deadline: float) -> tuple[int, int]:
    paths, headers, finished = told["paths"], told["headers"], 0
    connection = HTTPConnection("127.0.0.1", told["port"], timeout=30)
    try:
        while time.monotonic() < deadline:
            connection.request("GET", paths[(first + finished) % len(paths)], headers=headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                return finished, 1
            finished += 1
    except (OSError, HTTPException):
        return finished, 1
    finally:
        connection.close()
    return finished, 0


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(main(orjson.loads(Path(sys.argv[1]).read_bytes()))))
