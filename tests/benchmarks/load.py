"""Load: one short burst of requests, by wrk where it is installed."""

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from statistics import quantiles

import orjson

from tests.benchmarks import client
from tests.benchmarks.asking import NUMBER, Asked
from tests.benchmarks.servers import Server, Unmeasurable, end, start

CONNECTIONS = 2
"""One request is worked on while the next waits: the server is busy, and little is cut off at the end."""

GRACE_SECONDS = 60

_LUA = """
local method, status, body, mark = %s, %d, %s, %s
local paths, tags, headers = {%s}, {%s}, {%s}
local threads, requests, at, sent = {}, {}, 0, 0
unexpected = 0

setup = function(thread) table.insert(threads, thread) end

init = function()
    for position, path in ipairs(paths) do
        local each = {}
        for name, value in pairs(headers) do each[name] = value end
        if tags[position] then each["If-None-Match"] = tags[position] end
        requests[position] = wrk.format(method, path, each)
    end
end

request = function()
    at = at %% #requests + 1
    if not body then return requests[at] end
    sent = sent + 1
    return wrk.format(method, paths[at], headers, (body:gsub(mark, "%x-" .. sent)))
end

if status ~= 200 then
    response = function(answered) if answered ~= status then unexpected = unexpected + 1 end end
end

done = function(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    for _, thread in ipairs(threads) do failed = failed + thread:get("unexpected") end
    io.write(string.format('\\n{"finished":%%d,"failed":%%d,"p50":%%d,"p99":%%d}',
        summary.requests, failed, latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of a burst: how many requests were finished, what they cost the server, what each took.

    The milliseconds are those of the clock on the wall, for the client.
    """

    finished: int
    cpu_seconds: float
    p50: float
    p99: float

    @property
    def per_cpu_second(self) -> float:
        """Requests per CPU second of the server."""
        return self.finished / self.cpu_seconds


def client_name() -> str:
    """What makes the requests."""
    return "wrk" if shutil.which("wrk") else "a Python client (install wrk for less noise)"


def burst(server: Server, asked: Asked, seconds: float, cores: frozenset[int]) -> Burst:
    """Sends requests for so many seconds: wrk knows whole ones alone.

    :raises Unmeasurable: where one of them failed.
    """
    by_wrk = seconds >= 1 and shutil.which("wrk") is not None
    before = server.cpu_seconds()
    sent = (_wrk if by_wrk else _python)(server, asked, seconds, cores)
    used = server.cpu_seconds() - before
    if sent is None or not sent[0]:
        raise Unmeasurable(f"requests to {server.name} failed: {asked.method} {asked.paths[0]}")
    return Burst(sent[0], max(used, 0.01), *sent[1:])


def _python(
    server: Server, asked: Asked, seconds: float, cores: frozenset[int]
) -> tuple[int, float, float] | None:
    took = client.send(server.port, asked, seconds, CONNECTIONS, cores)
    if took is None:
        return None
    cut = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    return len(took), 1000 * cut[49], 1000 * cut[98]


def _wrk(
    server: Server, asked: Asked, seconds: float, cores: frozenset[int]
) -> tuple[int, float, float] | None:
    limits = ["-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "--timeout", f"{GRACE_SECONDS}s"]
    with tempfile.NamedTemporaryFile("wb", suffix=".lua") as script:
        script.write(_script(asked).encode())
        script.flush()
        process = start(["wrk", *limits, "-s", script.name, f"http://127.0.0.1:{server.port}"], cores)
        try:
            output, _ = process.communicate(timeout=seconds + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            raise Unmeasurable(f"the client of {server.name} did not end") from None
        finally:
            end(process)
    told = orjson.loads(output.splitlines()[-1]) if process.returncode == 0 and output else None
    if told is None or told["failed"]:
        return None
    return told["finished"], told["p50"] / 1000, told["p99"] / 1000


def _script(asked: Asked) -> str:
    headers = ",".join(f"[{_lua(name)}]={_lua(value)}" for name, value in asked.headers)
    lists = (",".join(map(_lua, each)) for each in (asked.paths, asked.tags))
    body = _lua(asked.body.decode()) if asked.body is not None else "nil"
    parts = (_lua(asked.method), asked.status, body, _lua(NUMBER), *lists, headers, time.time_ns())
    return _LUA % parts


def _lua(text: str) -> str:
    """A string as Lua reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
