"""Load: one short burst of requests from a process of its own, by wrk where it is installed."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import orjson

from tests.benchmarks.servers import Process, Server, Unmeasurable, end, start

CONNECTIONS = 2
"""One request is worked on while the next waits: the server is busy, and little is cut off at the end."""

GRACE_SECONDS = 60

_LUA = """
local requests, at = {}, 0
init = function()
    for position, path in ipairs({%s}) do requests[position] = wrk.format("GET", path) end
end
request = function() at = at %% #requests + 1; return requests[at] end
done = function(summary)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    io.write(string.format('\\n{"finished":%%d,"failed":%%d}', summary.requests, failed))
end
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the requests of a burst ask for, in turn."""

    paths: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of a burst: how many requests were finished, and what they cost the server."""

    finished: int
    cpu_seconds: float

    @property
    def per_cpu_second(self) -> float:
        """Requests per CPU second of the server."""
        return self.finished / self.cpu_seconds


def client_name() -> str:
    """What makes the requests."""
    return "wrk" if shutil.which("wrk") else "a Python client (install wrk for less noise)"


def burst(server: Server, asked: Asked, seconds: float, cores: frozenset[int]) -> Burst:
    """Sends requests for so many seconds.

    :raises Unmeasurable: where one of them failed.
    """
    with _client(server, asked, seconds, cores) as process:
        before = server.cpu_seconds()
        output, _ = process.communicate(timeout=seconds + GRACE_SECONDS)
        used = server.cpu_seconds() - before
    told = orjson.loads(output.splitlines()[-1]) if process.returncode == 0 and output else None
    if told is None or told["failed"] or not told["finished"]:
        raise Unmeasurable(f"requests to {server.name} failed: {asked.paths[0]} {told}")
    return Burst(told["finished"], max(used, 0.01))


@contextmanager
def _client(server: Server, asked: Asked, seconds: float, cores: frozenset[int]) -> Iterator[Process]:
    with tempfile.NamedTemporaryFile("wb", suffix=".bench") as script:
        if shutil.which("wrk"):
            command = _wrk(server, asked, seconds, script.name)
            script.write((_LUA % ",".join(f'"{path}"' for path in asked.paths)).encode())
        else:
            command = [sys.executable, "-m", "tests.benchmarks.client", script.name]
            script.write(_told(server, asked, seconds))
        script.flush()
        process = start(command, cores)
        try:
            yield process
        except subprocess.TimeoutExpired:
            raise Unmeasurable(f"the client of {server.name} did not end") from None
        finally:
            end(process)


def _wrk(server: Server, asked: Asked, seconds: float, script: str) -> list[str]:
    named = [each for name, value in asked.headers for each in ("-H", f"{name}: {value}")]
    limits = ["-t1", f"-c{CONNECTIONS}", f"-d{ceil(seconds)}s", "--timeout", f"{GRACE_SECONDS}s"]
    return ["wrk", *limits, "-s", script, *named, f"http://127.0.0.1:{server.port}"]


def _told(server: Server, asked: Asked, seconds: float) -> bytes:
    told = {"port": server.port, "seconds": seconds, "connections": CONNECTIONS}
    return orjson.dumps(told | {"paths": asked.paths, "headers": dict(asked.headers)})
